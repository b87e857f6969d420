//! The walk of an author whose plugin appends to a list beside another one that does, in the languages whose components can be
//! built again: the template's one edit becomes another one, as the guides write it.

use std::fs;

use crate::guide::Shell;

/// A pipeline that tolerates something already.
const PIPELINE: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata: {name: db}
spec:
  containers: [{name: db, image: \"postgres:17\"}]
  tolerations: [{key: base, operator: Exists}]
";

/// What a plugin makes of its config `{team: gpu}`.
const LEFT: &str =
    "  tolerations:\n  - key: base\n    operator: Exists\n  - key: gpu\n    operator: Exists\n";

/// Two entries of one plugin, each with a key of its own.
const TEAM: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Customization
metadata: {name: team}
spec:
  plugins:
    - {name: gpu, source: tolerates.wasm, grants: [\"tolerations[+]\"], config: {team: gpu}}
    - {name: spot, source: tolerates.wasm, grants: [\"tolerations[+]\"], config: {team: spot}}
";

/// Writes the plugin into a new project, tests it, uses it twice in a chain, and builds it again elsewhere.
fn walk(mut shell: Shell, language: &str, file: &str, edits: &[(&str, &str)]) {
    shell.succeed(&format!("wellhead plugin new tolerates --lang {language} && cd tolerates"));
    let source = shell.path(file);
    let mut code = fs::read_to_string(&source).expect("the template's code");
    for (from, to) in edits {
        assert!(code.contains(from), "{file} has {from}");
        code = code.replace(from, to);
    }
    fs::write(source, code).expect("it can be written");
    shell.succeed("rm -r cases/* && mkdir cases/beside-another");
    let write = |name: &str, text: &str| {
        fs::write(shell.path(name), text).expect("a file can be written");
    };
    write("cases/beside-another/pipeline.yaml", PIPELINE);
    write("cases/beside-another/config.yaml", "team: gpu\n");
    write("db.yaml", PIPELINE);
    write("team.yaml", TEAM);
    let blessed = shell.succeed("wellhead plugin test --bless");
    assert!(blessed.contains("1 passed"), "{blessed}");
    let expected = shell.succeed("cat cases/beside-another/expected.yaml");
    assert!(expected.contains(LEFT), "{expected}");
    shell.succeed("wellhead plugin test && wellhead plugin check");
    let keys = "wellhead render -q -f db.yaml -c team.yaml | grep -o 'key: .*' | tr '\\n' ' '";
    assert_eq!(shell.succeed(keys), "key: base key: gpu key: spot ");
    let explained = shell.succeed("wellhead explain -q 'tolerations[2]' -f db.yaml -c team.yaml");
    assert!(explained.contains("plugin spot of team"), "{explained}");
    shell.succeed(
        "mkdir -p ../deep/two && cp -r . ../deep/two/tolerates && (cd ../deep/two/tolerates && \
         rm tolerates.wasm && wellhead plugin build) && cmp tolerates.wasm ../deep/two/tolerates/tolerates.wasm",
    );
}

#[test]
fn a_plugin_in_rust_appends_beside_another_one() {
    let edits = [
        (r#"&["podLabels.team"]"#, r#"&["tolerations[+]"]"#),
        (
            r#"pipeline.set_pod_label("team", &config.team)?;"#,
            r#"pipeline.append_as("tolerations", &wellhead_plugin::Toleration::exists(&config.team))?;"#,
        ),
    ];
    walk(crate::rust::shell(), "rust", "src/lib.rs", &edits);
}

#[test]
fn a_plugin_in_go_appends_beside_another_one() {
    let edits = [
        (r#"[]string{"podLabels.team"}"#, r#"[]string{"tolerations[+]"}"#),
        (
            r#"return pipeline.SetPodLabel("team", config.Team)"#,
            "_, err := wellhead.Append(pipeline, \"tolerations\", \
             wellhead.Toleration{Key: config.Team, Operator: \"Exists\"})\n\treturn err",
        ),
    ];
    walk(crate::go::shell(), "go", "main.go", &edits);
}

#[test]
fn a_plugin_in_c_appends_beside_another_one() {
    let edits = [
        (
            "#include <wellhead/transformer.h>",
            "#include <wellhead/transformer.h>\n#include <wellhead/json_write.h>",
        ),
        (r#"{"podLabels.team", NULL}"#, r#"{"tolerations[+]", NULL}"#),
        (
            r#"return wh_pipeline_set_pod_label(pipeline, WH("team"), team);"#,
            "wh_str item = wh_json_object(wh_member(\"key\", wh_json_quoted(team)), \
             wh_member(\"operator\", wh_json_str(\"Exists\")));\n  wh_str added;\n  \
             return wh_pipeline_append(pipeline, WH(\"tolerations\"), item, &added);",
        ),
    ];
    walk(crate::c::shell(), "c", "plugin.c", &edits);
}
