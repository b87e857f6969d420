//! `wellhead plugin build` of JavaScript where it cannot.
#![cfg(unix)]

use insta::assert_snapshot;

use crate::plugin_build::{build, project};

const NODE: (&str, &str) = ("node", "echo v20.19.3");

#[test]
fn a_machine_without_node() {
    assert_snapshot!(build(&project("javascript", &[]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Node is not installed
      there is no program `node`
    help: install Node 20.10 or later, which brings npm: https://nodejs.org/en/download
    "#);
}

#[test]
fn a_node_that_is_too_old() {
    assert_snapshot!(build(&project("javascript", &[("node", "echo v18.20.1")]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Node 18.20.1 is too old
      at least 20.10 is needed
    help: install Node 20.10 or later, which brings npm: https://nodejs.org/en/download
    "#);
}

#[test]
fn a_node_that_does_not_work() {
    let node =
        ("node", "echo 'node: libatomic.so.1: cannot open shared object file' >&2; exit 127");
    assert_snapshot!(build(&project("javascript", &[node]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0805]: Node is installed and does not work
      `node --version` says:
        node: libatomic.so.1: cannot open shared object file
    help: install Node 20.10 or later, which brings npm: https://nodejs.org/en/download
    "#);
}

#[test]
fn a_machine_without_npm() {
    assert_snapshot!(build(&project("javascript", &[NODE]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: npm is not installed
      there is no program `npm`
    help: install Node 20.10 or later, which brings npm: https://nodejs.org/en/download
    "#);
}

#[test]
fn a_registry_that_cannot_be_reached() {
    let npm = "case $1 in --version) echo 10.8.2;; *) echo 'npm error network request to registry failed'; exit 1;; esac";
    assert_snapshot!(build(&project("javascript", &[NODE, ("npm", npm)]), &["-o", "json"]), @r#"
    exit code: 1
    ----- stdout -----
    {
      "apiVersion": "cli.wellhead.dev/v1alpha1",
      "kind": "Error",
      "diagnostics": [
        {
          "code": "WH0806",
          "severity": "error",
          "message": "`npm install --ignore-scripts --no-audit --no-fund` failed",
          "facts": [
            "npm error network request to registry failed"
          ]
        }
      ]
    }
    ----- stderr -----
    error[WH0806]: `npm install --ignore-scripts --no-audit --no-fund` failed
      npm error network request to registry failed
    "#);
}

#[test]
fn a_script_that_makes_another_file() {
    let npm = "case $1 in --version) echo 10.8.2;; esac";
    assert_snapshot!(build(&project("javascript", &[NODE, ("npm", npm)]), &["-q"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0801]: the project in team-label cannot be built
      `npm run build` made no team-label.wasm
    help: write the script in package.json: "build": "wellhead-plugin-build src/plugin.js team-label.wasm"
    "#);
}
