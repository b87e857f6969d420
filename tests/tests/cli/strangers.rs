//! Files that are not what they are given for: of other programs, in other encodings, given twice.

use insta::assert_snapshot;

use crate::context::{Context, PIPELINE, output};

/// A folder with what else lies in it: each is named with the program that it belongs to.
#[test]
fn files_of_other_programs_are_left_to_them() {
    let context = Context::with_pipeline();
    context.write("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n");
    context.write("sts.yaml", "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\n");
    context.write("kustomization.yaml", "resources: [cm.yaml]\n");
    context.write("package.json", "{\"name\": \"x\"}\n");
    context.write(".#db.yaml", PIPELINE);
    context.write("._db.yaml", b"\0\x05\x16\x07");
    assert_snapshot!(context.run(&["render", "-f", "."]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0104]: `ConfigMap` of `v1` is not a document of Wellhead
     --> ./cm.yaml:2:7
      |
    2 | kind: ConfigMap
      |       ^^^^^^^^^
    help: leave it to kubectl: name the files of Wellhead one by one, not their folder
    error[WH0104]: this is not a document of Wellhead
     --> ./kustomization.yaml:1:1
      |
    1 | resources: [cm.yaml]
      | ^
    help: leave it to kustomize: name the files of Wellhead one by one, not their folder
    error[WH0104]: this is not a document of Wellhead
     --> ./package.json:1:1
      |
    1 | {"name": "x"}
      | ^
    help: leave it to its own program: name the files of Wellhead one by one, not their folder
    error[WH0104]: `StatefulSet` of `apps/v1` is not a document of Wellhead
     --> ./sts.yaml:2:7
      |
    2 | kind: StatefulSet
      |       ^^^^^^^^^^^
    help: `wellhead import -f ./sts.yaml` makes a pipeline of it
    "#);
    // What the hint says.
    let shown = context.run(&["render", "-q", "-f", "db.yaml"]);
    assert!(shown.starts_with("exit code: 0"), "{shown}");
}

/// A file that is given twice is told as that, and not as two pipelines of one name.
#[test]
fn a_file_that_is_given_twice_is_told_as_that() {
    let context = Context::with_pipeline();
    assert_snapshot!(context.run(&["render", "-f", "db.yaml", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0114]: `db.yaml` is given twice
     --> db.yaml:1:1
      |
    1 | apiVersion: wellhead.dev/v1alpha1
      | ^
    help: name it once: the file, its folder or its link
    "#);
    let shown = context.run(&["render", "-f", ".", "-f", "./db.yaml"]);
    assert!(shown.contains("error[WH0114]"), "{shown}");
}

/// A folder that holds a customization, which is named once more, would run its plugins twice.
#[test]
fn a_customization_is_given_once() {
    let context = Context::with_pipeline();
    let plugins = "spec: {plugins: [{name: p, source: p.wasm}]}";
    let team = format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: t}}\n{plugins}\n"
    );
    context.write("team.yaml", team);
    assert_snapshot!(context.run(&["render", "-f", ".", "-c", "team.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0114]: customization `t` is given by `-f` and by `-c`
     --> team.yaml:3:18
      |
    3 | metadata: {name: t}
      |                  ^
    help: leave out the `-c`: `-f` reads customizations, too
    "#);
}

/// Windows PowerShell's `>` writes UTF-16.
#[test]
fn a_text_in_another_encoding_is_told_as_that() {
    let context = Context::new();
    let wide: Vec<u8> = PIPELINE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    context.write("db.yaml", [b"\xff\xfe".to_vec(), wide].concat());
    assert_snapshot!(context.run(&["render", "-f", "db.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0101]: `db.yaml` is text in UTF-16 (little-endian), and not in UTF-8
      --> db.yaml
    help: save it as UTF-8; in PowerShell, `... | Out-File -Encoding utf8 FILE` writes that, and `>` may not
    "#);
}

/// A plugin that is no plugin says what the file is, and how one gets to a plugin.
#[test]
fn a_source_that_is_no_plugin_is_told_as_what_it_is() {
    let context = Context::with_pipeline();
    let module =
        b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x1e\x01\x0fextism:host/env\x0ainput_offs\0\0";
    context.write("extism.wasm", module);
    context.write(
        "lfs.wasm",
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
    );
    let told = |source: &str| {
        let entry = format!("plugins: [{{name: p, source: '{source}'}}]");
        context.write(
            "team.yaml",
            format!("apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: t}}\nspec: {{{entry}}}\n"),
        );
        let shown =
            output(&mut context.command(&["render", "-q", "-f", "db.yaml", "-c", "team.yaml"]));
        let said = String::from_utf8_lossy(&shown.stderr).into_owned();
        let lines = said.lines().filter(|it| it.starts_with("error") || it.starts_with("help"));
        format!("{:?} {}", shown.status.code(), lines.collect::<Vec<_>>().join("\n"))
    };
    let all = [
        "extism.wasm",
        "lfs.wasm",
        "oci://ghcr.io/acme/p:1.0",
        "https://example.com/p.wasm",
        "p.wasm",
    ];
    assert_snapshot!(all.map(told).join("\n"), @r#"
    Some(12) error[WH0503]: plugin `p` is a core module that is made for another host: Extism, as the plugins of Helm 4 are
    help: no tool makes a plugin of it: build one against the contract; `wellhead plugin new NAME` begins it
    Some(11) error[WH0502]: plugin `p` is not WebAssembly: the file is a pointer of Git LFS
    help: fetch what it points to: `git lfs pull`
    Some(4) error[WH0842]: oci://ghcr.io/acme/p:1.0 is not in wellhead.lock
    help: run `wellhead lock -c team.yaml`
    Some(10) error[WH0501]: plugin `p`: there is no file https://example.com/p.wasm
    help: a `source` is a file: fetch it first, e.g. `curl -fLO 'https://example.com/p.wasm'`, and name the file
    Some(10) error[WH0501]: plugin `p`: there is no file p.wasm
    help: a `source` is a path relative to the customization's file
    "#);
}

/// A config written with floats, as Helm's `toYaml` writes numbers, reaches the plugin in whole numbers.
#[test]
fn a_whole_float_in_a_config_is_an_integer_to_the_plugin() {
    let context = Context::with_pipeline();
    let guest =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/guests/replicas.wasm");
    let entry = format!(
        "{{name: p, source: '{}', grants: [replicas], config: {{default: {{replicas: 5.0}}}}}}",
        guest.display()
    );
    let text = format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: t}}\nspec: {{plugins: [{entry}]}}\n"
    );
    context.write("team.yaml", &text);
    let arguments = ["render", "-q", "-f", "db.yaml", "-c", "team.yaml"];
    let shown = context.run(&arguments);
    assert!(shown.contains("replicas: 5\n"), "{shown}");
    context.write("team.yaml", text.replace("5.0", "5e-1"));
    let shown = context.run(&arguments);
    assert!(shown.contains("error[WH0507]"), "{shown}");
}
