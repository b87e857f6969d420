//! `wellhead plugin build` where it cannot: each toolchain that is missing, too old or broken is one
//! message. What it builds is the matter of the test `authoring`.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use crate::context::{Context, json, output};
use wellhead_tests::guest::Guest;

fn context(programs: &[(&str, &str)]) -> Context {
    project("rust", programs)
}

/// A project, and a machine with no program but these shell scripts.
pub(crate) fn project(language: &str, programs: &[(&str, &str)]) -> Context {
    let context = Context::new();
    context.run(&["plugin", "new", "team-label", "--lang", language]);
    context.write("bin/.keep", "");
    for (name, script) in programs {
        install(&context, name, script);
    }
    context
}

fn install(context: &Context, name: &str, script: &str) {
    let file = format!("bin/{name}");
    context.write(&file, format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(context.path(&file), fs::Permissions::from_mode(0o755))
        .expect("a file of ours can be made executable");
}

pub(crate) fn build(context: &Context, more: &[&str]) -> String {
    let arguments = [&["plugin", "build", "team-label"], more].concat();
    let mut command = context.command(&arguments);
    context.show(&output(command.env("PATH", context.path("bin"))))
}

const CARGO: (&str, &str) = ("cargo", "echo 'cargo 1.95.0 (f2d3ce0bd 2026-03-21)'");

#[test]
fn a_machine_without_rust() {
    assert_snapshot!(build(&context(&[]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Rust's cargo is not installed
      there is no program `cargo`
    help: https://rustup.rs installs Rust, and `rustup update stable` brings it up to date
    "#);
}

#[test]
fn a_compiler_that_is_too_old() {
    let rustc = ("rustc", "echo 'rustc 1.70.0 (90c541806 2023-05-31)'");
    assert_snapshot!(build(&context(&[CARGO, rustc]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Rust 1.70 is too old
      at least 1.95 is needed
    help: https://rustup.rs installs Rust, and `rustup update stable` brings it up to date
    "#);
}

#[test]
fn a_compiler_that_does_not_work() {
    let rustc = (
        "rustc",
        "echo 'error: rustup could not choose a version of rustc to run' >&2\n\
         echo \"help: run 'rustup default stable' to set a default\" >&2; exit 1",
    );
    assert_snapshot!(build(&context(&[CARGO, rustc]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0805]: Rust is installed and does not work
      `rustc --version` says:
        error: rustup could not choose a version of rustc to run
        help: run 'rustup default stable' to set a default
    help: https://rustup.rs installs Rust, and `rustup update stable` brings it up to date
    "#);
}

#[test]
fn a_compiler_without_the_target() {
    let rustc = ("rustc", "case $1 in --version) echo 'rustc 1.95.0';; *) exit 1;; esac");
    let context = context(&[CARGO, rustc]);
    assert_snapshot!(build(&context, &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Rust's standard library for WebAssembly is not installed
      the compiler has no target wasm32-unknown-unknown
    help: type `rustup target add wasm32-unknown-unknown`
    "#);
    let mut command = context.command(&["plugin", "build", "team-label", "-o", "json"]);
    let told = json(command.env("PATH", context.path("bin")));
    assert_eq!(told["diagnostics"][0]["code"], "WH0804");
}

/// Installs a cargo that builds by a script.
pub(crate) fn install_rust(context: &Context, script: &str) {
    let cargo = format!(
        "case $1 in --version) echo 'cargo 1.95.0';;\n\
         metadata) echo '{{\"packages\": [{{\"name\": \"team-label\", \"version\": \"0.1.0\", \"manifest_path\": \
         \"{0}/Cargo.toml\", \"targets\": [{{\"name\": \"team_label\", \
         \"crate_types\": [\"cdylib\"]}}]}}], \"target_directory\": \"{0}/target\", \"workspace_root\": \"{0}\"}}';;\n\
         *) {script};; esac",
        context.path("team-label").display()
    );
    let rustc = format!(
        "case $1 in --version) echo 'rustc 1.95.0';; *) echo {};; esac",
        context.path("lib").display()
    );
    context.write("lib/libstd-0.rlib", "");
    install(context, "cargo", &cargo);
    install(context, "rustc", &rustc);
}

/// No operator can grant it: the plugin would be built, and fail wherever it is used.
#[test]
fn a_plugin_that_asks_to_write_what_is_no_pattern() {
    let context = context(&[]);
    install_rust(&context, "exit 0");
    let asks = Guest::new().name("team-label").version("0.1.0");
    let asks = asks.writes(&["labels.NCCL_*", "replcas", "replicas"]);
    let module = "team-label/target/wasm32-unknown-unknown/release/team_label.wasm";
    context.write(module, asks.module());
    assert_snapshot!(build(&context, &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0526]: `labels.NCCL_*` cannot be granted: it is not a pattern of fields
      `labels.NCCL_*` is not a field path: `*` matches a whole key, not a part of one at character 7
    help: `wellhead explain WH0526` has the syntax, e.g. `containers.*.image`
    error[WH0526]: `replcas` means nothing: no pipeline has the field `replcas`
    help: did you mean `replicas`?
    "#);
}

/// Registries show the version of the project, and the host the one of the code.
#[test]
fn a_plugin_of_another_version_than_its_project() {
    let context = context(&[]);
    install_rust(&context, "exit 0");
    let module = "team-label/target/wasm32-unknown-unknown/release/team_label.wasm";
    context.write(module, Guest::new().name("team-label").version("0.2.0").module());
    assert_snapshot!(build(&context, &[]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0809]: the plugin says that its version is `0.2.0`, and its project says `0.1.0`
    help: write one version into both: the code, and the manifest or `about.version` of plugin.yaml
    ");
}

/// A compiler that fails has said why already, or its words are part of the error.
#[test]
fn code_that_does_not_compile() {
    let context = context(&[]);
    install_rust(&context, "echo 'error[E0425]: cannot find value `x`' >&2; exit 101");
    assert_snapshot!(build(&context, &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[E0425]: cannot find value `x`
    error[WH0806]: `cargo build --release --target wasm32-unknown-unknown --package team-label` failed
    "#);
    assert_snapshot!(build(&context, &["-q"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0806]: `cargo build --release --target wasm32-unknown-unknown --package team-label` failed
      error[E0425]: cannot find value `x`
    "#);
}

#[test]
fn a_folder_without_a_project() {
    let context = Context::new();
    assert_snapshot!(context.run(&["plugin", "build"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0801]: there is no plugin project in .
      it has none of Cargo.toml, package.json, pyproject.toml, go.mod, plugin.c
    help: name the project's folder, or make one: `wellhead plugin new NAME --lang rust`
    "#);
    context.write("two/Cargo.toml", "");
    context.write("two/go.mod", "");
    assert_snapshot!(context.run(&["plugin", "build", "two"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0801]: the project in two could be of Rust or Go
      it has Cargo.toml, go.mod
    help: say which: `--lang rust` or `--lang go`
    "#);
    assert!(context.run(&["plugin", "build", "none"]).starts_with("exit code: 1"));
}
