//! `wellhead plugin build` of Python where it cannot.
#![cfg(unix)]

use insta::assert_snapshot;

use crate::plugin_build::{build, project};

#[test]
fn a_machine_without_python() {
    assert_snapshot!(build(&project("python", &[]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Python is not installed
      there is no program `python3`
    help: install Python 3.11 or later: `apt-get install python3 python3-venv`, or https://www.python.org/downloads
    "#);
}

#[test]
fn a_python_that_is_too_old() {
    assert_snapshot!(build(&project("python", &[("python3", "echo Python 3.9.2")]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: Python 3.9.2 is too old
      at least 3.11 is needed
    help: install Python 3.11 or later: `apt-get install python3 python3-venv`, or https://www.python.org/downloads
    "#);
}

#[test]
fn a_python_that_does_not_work() {
    let python = ("python3", "echo \"pyenv: version '3.13' is not installed\" >&2; exit 1");
    assert_snapshot!(build(&project("python", &[python]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0805]: Python is installed and does not work
      `python3 --version` says:
        pyenv: version '3.13' is not installed
    help: install Python 3.11 or later: `apt-get install python3 python3-venv`, or https://www.python.org/downloads
    "#);
}

#[test]
fn a_python_without_environments() {
    let python = "case $1 in --version) echo Python 3.11.2;; *) echo '/usr/bin/python3: No module named ensurepip' >&2; exit 1;; esac";
    assert_snapshot!(build(&project("python", &[("python3", python)]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0805]: Python's venv is installed and does not work
      `python3 -m ensurepip --version` says:
        /usr/bin/python3: No module named ensurepip
    help: install the module, e.g. `apt-get install python3-venv`
    "#);
}

#[test]
fn an_environment_whose_python_is_gone() {
    let context = project("python", &[]);
    context.write("team-label/.venv/bin/python", "a link to what is gone");
    assert_snapshot!(build(&context, &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0805]: the project's Python (.venv) is installed and does not work
      `[FOLDER]/team-label/.venv/bin/python --version` says:
        Permission denied (os error 13)
    help: remove the folder .venv, which is created again by the next build
    "#);
}
