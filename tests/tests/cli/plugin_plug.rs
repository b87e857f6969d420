//! `wellhead plugin build --plug`: libraries that become a part of a plugin, and those that do not fit.
#![cfg(unix)]

use std::fs;

use insta::assert_snapshot;
use wellhead_tests::guest::{Guest, World};
use wellhead_tests::nest::nested;

use crate::context::{Context, PIPELINE, output};
use crate::plugin_build::{build, install_rust, project};

/// Where cargo leaves the plugin's module.
const MODULE: &str = "team-label/target/wasm32-unknown-unknown/release/team_label.wasm";

/// The library's package in a version, with the parameters and results of its function.
fn wit(version: &str, function: &str) -> String {
    format!("package acme:text@{version}; interface size {{ count: func{function}; }}")
}

const COUNT: &str = "(text: string) -> s32";

/// A plugin that sets replicas to what the library counts in `three`.
fn plugin() -> Guest {
    let wit = wit("1.2.0", COUNT);
    let items = "include wellhead:plugin/transformer@0.1.0; import acme:text/size@1.2.0;";
    Guest::new()
        .name("team-label")
        .version("0.1.0")
        .writes(&["replicas"])
        .world(World::of(&[&wit], items))
        .imports(
            r#"(import "acme:text/size@1.2.0" "count" (func $count (param i32 i32) (result i32)))"#,
        )
        .imports_method("pipeline.set-replicas", "(param i32 i32 i32)")
        .data(8_192, "three")
        .transform(
            "(call $pipeline_set_replicas (local.get $target) \
             (call $count (i32.const 8192) (i32.const 5)) (i32.const 512)) (i32.const 256)",
        )
}

/// A library of the interface in a version, whose function does this; `world` has what else it imports or exports.
fn library(version: &str, function: &str, world: &str, fields: &str) -> Vec<u8> {
    let wit = wit(version, function);
    let other = "package acme:other@0.1.0; interface twice { twice: func(it: s32) -> s32; }";
    let clock = "package wasi:clocks@0.2.0; interface clock { now: func() -> s32; }";
    World::of(&[&wit, other, clock], world).encode(fields)
}

/// The core module of a library.
fn core(version: &str, imports: &str, body: &str) -> String {
    format!(
        r#"(module {imports}
          (memory (export "memory") 1)
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
          (func (export "acme:text/size@{version}#count") (param i32 i32) (result i32) {body}))"#
    )
}

/// A library that counts bytes.
fn counts(version: &str) -> Vec<u8> {
    let exports = format!("export acme:text/size@{version};");
    library(version, COUNT, &exports, &core(version, "", "(local.get 1)"))
}

/// A project whose compiler makes [`plugin`].
fn context() -> Context {
    let context = project("rust", &[]);
    install_rust(&context, "exit 0");
    context.write(MODULE, plugin().module());
    context
}

/// What a build with libraries prints, from the first error on.
fn told(context: &Context, files: &[(&str, Vec<u8>)]) -> String {
    let mut arguments = Vec::new();
    for (name, bytes) in files {
        context.write(name, bytes);
        arguments.extend(["--plug", name]);
    }
    let told = build(context, &arguments);
    told.split_once("----- stderr -----\n").expect("it has both streams").1.to_owned()
}

/// Replicas of what the plugin leaves.
fn replicas(context: &Context) -> String {
    context.write("p.yaml", PIPELINE);
    let told = context.run(&["plugin", "run", "team-label/team-label.wasm", "-f", "p.yaml"]);
    told.lines().find(|it| it.contains("replicas")).unwrap_or(&told).trim().to_owned()
}

#[test]
fn a_text_crosses_from_a_plugin_to_its_library() {
    let context = context();
    assert_eq!(told(&context, &[("size.wasm", counts("1.2.0"))]), "");
    assert_snapshot!(replicas(&context), @"replicas: 3 -> 5");
    let built = fs::read(context.path("team-label/team-label.wasm")).expect("it was built");
    assert_eq!(told(&context, &[("again.wasm", counts("1.2.0"))]), "");
    let again = fs::read(context.path("team-label/team-label.wasm")).expect("it was built");
    assert_eq!(built, again, "the same parts are composed to the same bytes");
}

/// A compiler's module is wrapped, and a later version of the interface has all of the one that is imported.
#[test]
fn a_module_and_a_later_version_fit() {
    let context = context();
    let world = World::of(&[&wit("1.3.0", COUNT)], "export acme:text/size@1.3.0;");
    let module = world.module(&core("1.3.0", "", "(i32.const 7)"));
    assert_eq!(told(&context, &[("size.wasm", module)]), "");
    assert_snapshot!(replicas(&context), @"replicas: 3 -> 7");
}

/// A library that uses another one.
fn chain() -> [(&'static str, Vec<u8>); 2] {
    let imports =
        r#"(import "acme:other/twice@0.1.0" "twice" (func $twice (param i32) (result i32)))"#;
    let exports = "import acme:other/twice@0.1.0; export acme:text/size@1.2.0;";
    let first =
        library("1.2.0", COUNT, exports, &core("1.2.0", imports, "(call $twice (local.get 1))"));
    let second = r#"(module (memory (export "memory") 1)
        (func (export "acme:other/twice@0.1.0#twice") (param i32) (result i32)
          (i32.mul (local.get 0) (i32.const 2))))"#;
    let second = library("1.2.0", COUNT, "export acme:other/twice@0.1.0;", second);
    [("size.wasm", first), ("twice.wasm", second)]
}

#[test]
fn a_library_uses_another_one() {
    let context = context();
    let [size, twice] = chain();
    assert_eq!(told(&context, &[size.clone(), twice.clone()]), "");
    assert_snapshot!(replicas(&context), @"replicas: 3 -> 10");
    assert_eq!(told(&context, &[twice, size.clone()]), "", "their order does not matter");
    assert_snapshot!(told(&context, &[size]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      it imports `acme:other/twice@0.1.0`
    help: plug in the library that exports it: `wellhead plugin build --plug FILE`, or `plugs: [FILE]` in plugin.yaml
    ");
}

/// `plugin test` builds what `plugin build` builds, and again when a library changed.
#[test]
fn a_project_names_its_libraries() {
    let context = context();
    let head =
        "apiVersion: wellhead.dev/v1alpha1\nkind: PluginProject\ncomponent: team-label.wasm\n";
    context.write("team-label/plugin.yaml", format!("{head}plugs: [../libraries/size.wasm]\n"));
    fs::remove_dir_all(context.path("team-label/cases")).expect("there are cases");
    context.write("team-label/cases/counts/pipeline.yaml", PIPELINE);
    context.write("libraries/size.wasm", counts("1.2.0"));
    let test = |bless: &[&str]| {
        let mut command = context.command(&[&["plugin", "test", "team-label"], bless].concat());
        context.show(&output(command.env("PATH", context.path("bin"))))
    };
    assert_snapshot!(test(&["--bless"]), @r"
    exit code: 0
    ----- stdout -----
    team-label 0.1.0 (team-label/team-label.wasm)

    ok    counts  100 fuel, 129 KiB, 1 edit
    added     team-label/cases/counts/expected.yaml

    1 case: 1 passed, 0 failed
    ----- stderr -----
    ");
    assert!(test(&[]).starts_with("exit code: 0"));
    let check = || context.run(&["plugin", "check", "team-label"]);
    assert!(!check().contains("WH0530"), "it was just built");
    let exports = "export acme:text/size@1.2.0;";
    let other = library("1.2.0", COUNT, exports, &core("1.2.0", "", "(i32.const 4)"));
    context.write("libraries/size.wasm", other);
    assert_snapshot!(check(), @r"
    exit code: 0
    ----- stdout -----
    warning  component      3880 bytes
    ok       budgets        within all of them; 18 % of the nearest, `nesting`
    ok       compilation    within its limits of time and memory
    ok       contract       wellhead:plugin@0.1.0, transform
    ok       description    team-label 0.1.0
    ok       config schema  configs can be checked against it
    ok       writes         it asks to write replicas
    ok       cases          1 pass, each twice with the same result

    A host would accept team-label/team-label.wasm.
    ----- stderr -----
    warning[WH0530]: files of the project changed since the component was built
    help: run `wellhead plugin build` in the project's folder, and check again
    ");
    assert_snapshot!(test(&[]), @r"
    exit code: 1
    ----- stdout -----
    team-label 0.1.0 (team-label/team-label.wasm)

    FAIL  counts  100 fuel, 129 KiB, 1 edit
          error[WH0823]: the result differs from expected.yaml
            metadata:
              name: db
            spec:
          -   replicas: 5
          +   replicas: 4
              containers:
              - name: db
                image: postgres:17

    1 case: 0 passed, 1 failed
    ----- stderr -----
    ");
    fs::remove_file(context.path("libraries/size.wasm")).expect("it is there");
    assert_snapshot!(test(&[]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0810]: the library `team-label/../libraries/size.wasm` cannot be plugged into the plugin
      No such file or directory (os error 2)
    help: build the library first, or name its file
    ");
}

#[test]
fn an_import_that_nothing_answers() {
    let context = context();
    assert_snapshot!(told(&context, &[]), @r"
    error[WH0807]: team-label does not become a plugin
      it imports `acme:text/size@1.2.0`
    help: plug in the library that exports it: `wellhead plugin build --plug FILE`, or `plugs: [FILE]` in plugin.yaml
    ");
    assert_snapshot!(told(&context, &[("size.wasm", counts("1.1.0"))]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      it exports `acme:text/size@1.1.0`, and `acme:text/size@1.2.0` is imported
    help: build both with the same version of the interface, or plug in a library with this one
    ");
    assert_snapshot!(told(&context, &[("size.wasm", counts("2.0.0"))]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      it exports `acme:text/size@2.0.0`, and `acme:text/size@1.2.0` is imported
    help: build both with the same version of the interface, or plug in a library with this one
    ");
}

#[test]
fn libraries_of_one_interface() {
    let (one, other) = (("one.wasm", counts("1.2.0")), ("other.wasm", counts("1.2.1")));
    assert_snapshot!(told(&context(), &[one, other]), @r"
    error[WH0810]: the library `other.wasm` cannot be plugged into the plugin
      `one.wasm` exports `acme:text/size@1.2.0`, too
    help: name one of them
    ");
}

#[test]
fn a_library_that_the_plugin_does_not_use() {
    let [_, twice] = chain();
    assert_snapshot!(told(&context(), &[("size.wasm", counts("1.2.0")), twice]), @r"
    error[WH0810]: the library `twice.wasm` cannot be plugged into the plugin
      it exports `acme:other/twice@0.1.0`, which the plugin does not import
    help: call it in the plugin's code, or do not plug it in
    ");
}

#[test]
fn a_function_of_another_type() {
    let exports = "export acme:text/size@1.2.0;";
    let body = core("1.2.0", "", "(local.get 1)");
    let other = library("1.2.0", "(text: string) -> u32", exports, &body);
    assert_snapshot!(told(&context(), &[("size.wasm", other)]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      its `acme:text/size@1.2.0` has other functions or types than the plugin expects
    help: build both with the same WIT file of the interface
    ");
}

#[test]
fn what_is_not_a_component() {
    let context = context();
    assert_snapshot!(told(&context, &[("size.wasm", b"(component)".to_vec())]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      it is not WebAssembly
    help: name the file that the library's build makes
    ");
    assert_snapshot!(told(&context, &[("size.wasm", wat("(module)"))]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      it exports nothing
    help: build it with bindings of the interface that it exports, e.g. by wit-bindgen
    ");
    let mut half = counts("1.2.0");
    half.truncate(half.len() / 2);
    assert_snapshot!(told(&context, &[("size.wasm", half)]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      unexpected end-of-file (at offset 0x153)
    help: a library may be and have what a plugin may: `wellhead explain WH0504`
    ");
    assert_snapshot!(build(&context, &["--plug", "no.wasm"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0810]: the library `no.wasm` cannot be plugged into the plugin
      No such file or directory (os error 2)
    help: build the library first, or name its file
    ");
}

/// What the plugin must not do, its libraries must not do either.
#[test]
fn a_library_that_needs_a_clock() {
    let imports = r#"(import "wasi:clocks/clock@0.2.0" "now" (func $now (result i32)))"#;
    let exports = "import wasi:clocks/clock@0.2.0; export acme:text/size@1.2.0;";
    let late = library("1.2.0", COUNT, exports, &core("1.2.0", imports, "(call $now)"));
    assert_snapshot!(told(&context(), &[("size.wasm", late)]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      it imports `wasi:clocks/clock@0.2.0`
    help: remove what needs files, clocks, randomness or the network: a plugin imports wellhead:plugin only
    ");
}

#[test]
fn libraries_that_need_each_other() {
    let [size, _] = chain();
    let imports =
        r#"(import "acme:text/size@1.2.0" "count" (func $count (param i32 i32) (result i32)))"#;
    let twice = format!(
        r#"(module {imports} (memory (export "memory") 1)
        (func (export "acme:other/twice@0.1.0#twice") (param i32) (result i32)
          (call $count (i32.const 0) (local.get 0))))"#
    );
    let exports = "import acme:text/size@1.2.0; export acme:other/twice@0.1.0;";
    let twice = library("1.2.0", COUNT, exports, &twice);
    assert_snapshot!(told(&context(), &[size, ("twice.wasm", twice)]), @r"
    error[WH0810]: the library `size.wasm` cannot be plugged into the plugin
      it needs a library that needs it
    help: move what both use into a third library
    ");
}

/// A stranger's library: it is counted before it is validated, and it is within the limits of the plugin that it is in.
#[test]
fn a_hostile_library() {
    let context = context();
    let none = wat("(component)");
    let deep = (0..200).fold(none.clone(), |inner, _| nested(&none, &inner));
    assert_snapshot!(told(&context, &[("deep.wasm", deep)]), @r"
    error[WH0810]: the library `deep.wasm` cannot be plugged into the plugin
      17 levels of components in components and more; the budget `nesting` is 16
      more core instances when all components are instantiated than can be counted; the budget `coreInstances` is 256
      more component instances when all components are instantiated than can be counted; the budget `componentInstances` is 256
      more memories when all components are instantiated than can be counted; the budget `memories` is 16
      more tables when all components are instantiated than can be counted; the budget `tables` is 16
      more definitions when all components are instantiated than can be counted; the budget `definitions` is 50000
      more parts of core instances when all components are instantiated than can be counted; the budget `instanceParts` is 400000
    help: a library may be and have what a plugin may: `wellhead explain WH0508`
    ");
    let names = wat(r#"(component (import "a" (func)) (export "b" (func 0)))"#);
    let both = [("size.wasm", counts("1.2.0")), ("a`\u{1b}[31mb.wasm", names)];
    assert_snapshot!(told(&context, &both), @r"
    error[WH0810]: the library `a\u{60}\u{1b}[31mb.wasm` cannot be plugged into the plugin
      it imports `a`
    help: plug in the library that exports it: `wellhead plugin build --plug FILE`, or `plugs: [FILE]` in plugin.yaml
    ");
    let exports = "export acme:text/size@1.2.0;";
    let forever = core("1.2.0", "", "(loop $l (br $l)) (i32.const 1)");
    let forever = library("1.2.0", COUNT, exports, &forever);
    assert_eq!(told(&context, &[("size.wasm", forever)]), "");
    assert_snapshot!(replicas(&context), @r"
    exit code: 15
    ----- stdout -----
    team-label 0.1.0 on pipeline db

    edits:
      none

    used:
      500000000 fuel, 129 KiB, 0 edits
    ----- stderr -----
    error[WH0512]: plugin `team-label` was stopped: it used up its 500000000 units of fuel
    help: an operator may raise `limits.fuel` of the chain entry
    help: `-v` shows where in the plugin
    ");
}

/// A library may use the contract as the plugin does; what it logs are the plugin's words.
#[test]
fn a_library_that_logs() {
    let context = context();
    let imports = r#"(import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))"#;
    let exports = "import wellhead:plugin/log@0.1.0; export acme:text/size@1.2.0;";
    let body = "(call $log (i32.const 0) (local.get 0) (local.get 1)) (local.get 1)";
    let logs = library("1.2.0", COUNT, exports, &core("1.2.0", imports, body));
    assert_eq!(told(&context, &[("size.wasm", logs)]), "");
    context.write("p.yaml", PIPELINE);
    let told = context.run(&["plugin", "run", "team-label/team-label.wasm", "-f", "p.yaml"]);
    assert!(told.contains("\"three\"") && told.contains("replicas: 3 -> 5"), "{told}");
}

/// The contract is always the host's: a library cannot stand between.
#[test]
fn a_library_that_poses_as_the_host() {
    let module = r#"(module (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "wellhead:plugin/log@0.1.0#log") (param i32 i32 i32)))"#;
    let poser = World::of(&[], "export wellhead:plugin/log@0.1.0;").encode(module);
    assert_snapshot!(told(&context(), &[("size.wasm", counts("1.2.0")), ("log.wasm", poser)]), @r"
    error[WH0810]: the library `log.wasm` cannot be plugged into the plugin
      it exports `wellhead:plugin/log@0.1.0`, which the plugin does not import
    help: call it in the plugin's code, or do not plug it in
    ");
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is a component")
}
