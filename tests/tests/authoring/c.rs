//! Plugins in C.

use std::fs;

use crate::guide::{Shell, follow};

/// Most bytes of the component that a new project becomes.
const SMALL: u64 = 100_000;

pub(crate) fn shell() -> Shell {
    Shell::new(Vec::new())
}

#[test]
fn the_guide_works_as_it_is_written() {
    follow("docs/plugins/c.md", shell());
}

/// The template is itself a valid project: with its own name, nothing of it changes.
#[test]
fn a_new_project_builds_without_a_warning_and_is_small() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new my-plugin --lang c && cd my-plugin");
    let printed = shell.succeed("wellhead plugin build");
    assert!(!printed.contains("warning"), "{printed}");
    let size = fs::metadata(shell.path("my-plugin.wasm")).expect("it was built").len();
    assert!(size < SMALL, "it has {size} bytes");
    shell.succeed("sh ci.sh");
    // With debug information, which names the folder of each source.
    shell.succeed(
        "mkdir -p ../deep/two && cp -r . ../deep/two/my-plugin && export CFLAGS=-g && wellhead plugin build && \
         (cd ../deep/two/my-plugin && wellhead plugin build) && cmp my-plugin.wasm ../deep/two/my-plugin/my-plugin.wasm && \
         grep -q /plugin my-plugin.wasm",
    );
    assert_eq!(shell.succeed("git init -q . && git status --short | grep -c wasm || true"), "0\n");
}

/// As `tests/kubernetes.c` says it, on this machine; the sanitizers end it where it does what C does not define.
#[test]
fn the_sdk_holds_to_kubernetes() {
    let mut shell = shell();
    let sdk = crate::guide::root().join("plugins/sdk-c");
    shell.succeed(&format!(
        "mkdir it && cd {} && gcc -std=c11 -Wall -Wextra -Werror -fsanitize=undefined -fno-sanitize-recover=all \
         -Iinclude -o \"$OLDPWD/it/kubernetes\" tests/kubernetes.c src/text.c src/json.c src/json_write.c \
         src/quantity.c src/selector.c src/kubernetes.c third_party/yyjson/yyjson.c && \
         \"$OLDPWD/it/kubernetes\" ../kubernetes.json",
        sdk.display()
    ));
}

const VALIDATOR: &str = r#"#include <wellhead/transformer.h>
#include <wellhead/validator.h>

const wh_info wh_plugin = {
    .name = "careful",
    .version = "0.1.0",
    .description = "Judges claims",
    .config_schema = "{}",
};

wh_error *transform(wh_pipeline pipeline, wh_json config) {
  int64_t deep;
  WH_TRY(wh_read_int(wh_get(wh_json_at(wh_get(config, "list"), 1), "n"), &deep));
  wh_log_warn(wh_cat(wh_pipeline_name(pipeline), " ", wh_from_int(deep)));
  return NULL;
}

wh_error *validate(wh_pipeline pipeline, wh_json config, wh_findings *findings) {
  (void)config;
  wh_strs names = wh_pipeline_claim_names(pipeline);
  for (size_t i = 0; i < names.len; i++) {
    wh_find(findings, WH_SEVERITY_WARNING, wh_cat("claim ", names.items[i]), "claims", "less");
  }
  wh_find_with(findings, WH_SEVERITY_WARNING, WH("no path"), NULL, NULL);
  return NULL;
}
"#;

#[test]
fn one_plugin_edits_and_judges() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new careful --lang c && cd careful && rm -r cases/refuses*");
    fs::write(shell.path("plugin.c"), VALIDATOR).expect("our own file");
    shell.succeed(
        "wellhead plugin build && echo 'list: [0, {n: -12.0}]' > cases/labels-the-pods/config.yaml && \
         echo '  claims: [{name: data, size: 1Gi}, {name: \"log\", size: 1Gi}]' >> cases/labels-the-pods/pipeline.yaml && \
         rm cases/*/expected.yaml && wellhead plugin test --bless",
    );
    assert_eq!(
        shell.succeed("cat cases/*/expected-warnings.txt"),
        "WH0524: search-index -12\n\
         WH0523: claims: claim data\nhelp: less\n\
         WH0523: claims: claim log\nhelp: less\n\
         WH0523: no path\n"
    );
    let told = shell.run(
        "echo 'list: [0, {n: 1.5}]' > cases/labels-the-pods/config.yaml && wellhead plugin test",
    );
    assert!(told.0.contains("of `config.list[1].n`: \"it is a number"), "{}", told.0);
}

#[test]
fn a_stack_that_is_used_up_is_a_crash_and_no_wrong_result() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new deep --lang c && cd deep");
    shell.succeed(
        "sed -i 's/^wh_error \\*transform/static int sink(int n) { volatile char a[999]; a[0] = n; \
         return n > 0 ? sink(n - 1) + a[0] : a[0]; }\\n&/; s/^  wh_because/  team.len += sink(99);\\n&/' plugin.c",
    );
    shell.succeed("wellhead plugin build");
    let (told, passed) = shell.run("wellhead plugin test . labels");
    assert!(!passed && told.contains("WH0511"), "{told}");
}
