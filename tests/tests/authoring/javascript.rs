//! Plugins in JavaScript and TypeScript.

use std::fs;

use crate::guide::{Shell, follow};
use crate::misbehaviour::{Misbehaviour, refused};

/// The package of which the SDK is one, from the repository's root.
const SDK: &str = "plugins/sdk-javascript";
const SOURCE: &str = include_str!("projects/misbehaviour.ts");

fn shell() -> Shell {
    Shell::new(Vec::new())
}

#[test]
fn the_sdk_holds_to_the_contract() {
    let folder = crate::guide::root().join(SDK);
    shell().succeed(&format!("cd {} && node --test tests/*.test.js", folder.display()));
}

#[test]
fn the_guide_works_as_it_is_written() {
    follow("docs/plugins/javascript.md", shell());
}

/// In TypeScript, so that the types of the SDK and the lines of its sources are held to, too.
#[test]
fn what_goes_wrong_in_typescript_is_told_with_its_line() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new my-plugin --lang javascript && cd my-plugin");
    shell.succeed("rm src/plugin.js && sed -i 's/plugin.js/plugin.ts/' package.json");
    fs::write(shell.path("src/plugin.ts"), SOURCE).expect("the project can be changed");
    shell.succeed("wellhead plugin build");
    shell.succeed("npm run check");

    let mut it = Misbehaviour::new(shell);
    for what in ["large", "text", "nan", "half", "protocol", "clock", "date", "random", "async"] {
        let said = it.run(what);
        assert!(said.contains("this is a defect of the plugin"), "{what}: {said}");
    }
    let line = |text: &str| refused(SOURCE, text, "src/plugin.ts");
    assert!(it.run("property").contains(&line("return owner.name.length;")));
    assert!(it.run("large").contains(&line("pipeline.setReplicas(4000000000);")));
    assert!(it.run("recursion").contains("InternalError: too much recursion"));
    let edit = it.run("edit");
    assert!(
        edit.contains("of `replicas`: \"replicas must be") && !edit.contains("defect"),
        "{edit}"
    );
    // The host's budget of handles is less than that.
    assert!(it.run("handles").contains("1 edit"));
    assert!(it.run("console").contains("look at this"));
}
