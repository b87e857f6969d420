//! Plugins in Python.

use std::fs;

use crate::guide::{Shell, follow};
use crate::misbehaviour::{Misbehaviour, refused};

/// The package of the SDK, from the repository's root.
const SDK: &str = "plugins/sdk-python";
const SOURCE: &str = include_str!("projects/misbehaviour.py");

fn shell() -> Shell {
    Shell::new(Vec::new())
}

#[test]
fn the_sdk_holds_to_the_contract() {
    let folder = crate::guide::root().join(SDK);
    shell().succeed(&format!(
        "cd {} && python3 -B -m unittest discover -s tests -t .",
        folder.display()
    ));
}

#[test]
fn the_guide_works_as_it_is_written() {
    follow("docs/plugins/python.md", shell());
}

#[test]
fn what_goes_wrong_is_told_with_its_line() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new my-plugin --lang python && cd my-plugin");
    // A package of another folder, which is imported last: the lines above stay where they are.
    shell.succeed(
        "mkdir ../shared && printf 'TEAM = \"search\"\\n' > ../shared/shared_names.py && \
         printf '[build-system]\\nrequires = [\"flit_core\"]\\nbuild-backend = \"flit_core.buildapi\"\\n[project]\\n\
         name = \"shared_names\"\\nversion = \"1.0.0\"\\ndescription = \"names\"\\n' > ../shared/pyproject.toml && \
         echo ../shared >> requirements.txt",
    );
    let source =
        format!("{SOURCE}\nimport shared_names\n\nassert shared_names.TEAM == \"search\"\n");
    fs::write(shell.path("plugin.py"), source).expect("the project can be changed");
    shell.succeed("wellhead plugin build");

    let mut it = Misbehaviour::new(shell);
    let wrong =
        ["large", "text", "none", "nan", "half", "clock", "random", "files", "import", "exit"];
    for what in wrong {
        let said = it.run(what);
        assert!(said.contains("this is a defect of the plugin"), "{what}: {said}");
    }
    let line = |text: &str| refused(SOURCE, text, "plugin.py");
    assert!(it.run("property").contains(&line("return owner.name")));
    assert!(it.run("large").contains(&line("pipeline.set_replicas(4000000000)")));
    assert!(it.run("recursion").contains("RecursionError"));
    let edit = it.run("edit");
    assert!(
        edit.contains("of `replicas`: \"replicas must be") && !edit.contains("defect"),
        "{edit}"
    );
    // The host's budget of handles is less than that.
    assert!(it.run("handles").contains("1 edit"));
    assert!(it.run("print").contains("look at this"));
}
