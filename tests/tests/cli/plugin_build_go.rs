//! `wellhead plugin build` of Go where it cannot.
#![cfg(unix)]

use insta::assert_snapshot;

use crate::plugin_build::{build, project};

#[test]
fn a_machine_without_go() {
    assert_snapshot!(build(&project("go", &[]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Go is not installed
      there is no program `go`
    help: install Go 1.25 or newer: https://go.dev/dl, or `brew install go`
    "#);
}

#[test]
fn a_go_that_is_too_old() {
    let go = ("go", "echo 'go version go1.22.4 linux/amd64'");
    assert_snapshot!(build(&project("go", &[go]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Go 1.22.4 is too old
      at least 1.25 is needed
    help: install Go 1.25 or newer: https://go.dev/dl, or `brew install go`
    "#);
}

#[test]
fn a_go_that_does_not_work() {
    let go = ("go", "echo 'go: cannot find GOROOT directory: /usr/lib/go' >&2; exit 2");
    assert_snapshot!(build(&project("go", &[go]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0805]: Go is installed and does not work
      `go version` says:
        go: cannot find GOROOT directory: /usr/lib/go
    help: install Go 1.25 or newer: https://go.dev/dl, or `brew install go`
    "#);
}

#[test]
fn a_project_that_does_not_say_where_the_sdk_is() {
    let go = (
        "go",
        "case \"$*\" in version) echo 'go version go1.26 linux/amd64';; 'list -m') echo team-label;;\n\
         *) echo 'go: module github.com/wellhead-dev/wellhead/plugins/sdk-go: not a known dependency' >&2; exit 1;; esac",
    );
    assert_snapshot!(build(&project("go", &[go]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0801]: the project in team-label cannot be built
      go: module github.com/wellhead-dev/wellhead/plugins/sdk-go: not a known dependency
    help: go.mod says where the SDK is: `require github.com/wellhead-dev/wellhead/plugins/sdk-go v0.1.0` and `replace github.com/wellhead-dev/wellhead/plugins/sdk-go => ./sdk`
    "#);
}

#[test]
fn code_in_go_that_does_not_compile() {
    let go = (
        "go",
        "case \"$*\" in version) echo 'go version go1.26 linux/amd64';; 'list -m') echo team-label;;\n\
         list*) pwd;; *) echo './main.go:40:2: undefined: x' >&2; exit 1;; esac",
    );
    let told = build(&project("go", &[go]), &[]);
    let expected = "./main.go:40:2: undefined: x\nerror[WH0806]: `go build ";
    assert!(told.contains(expected), "{told}");
}
