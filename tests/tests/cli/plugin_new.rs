//! `wellhead plugin new`. What it makes is built and run by the test `authoring`.

use std::fs;

use insta::assert_snapshot;

use crate::context::{Context, json};

#[test]
fn a_project_is_made_and_says_what_to_type_next() {
    let context = Context::new();
    assert_snapshot!(context.run(&["plugin", "new", "team-label", "--lang", "rust"]), @r#"
    exit code: 0
    ----- stdout -----
    team-label has a plugin in Rust; its README.md says more. Next:

      cd team-label
      wellhead plugin build
      wellhead plugin test
    ----- stderr -----
    "#);
    let manifest = fs::read_to_string(context.path("team-label/Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"team-label\""), "{manifest}");
    assert!(context.path("team-label/sdk/Cargo.toml").is_file());
}

#[test]
fn what_is_there_stays_as_it_is() {
    let context = Context::new();
    context.write("team-label/notes.txt", "mine");
    assert_snapshot!(context.run(&["plugin", "new", "team-label", "--lang", "rust"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0803]: team-label is there already
      it has `notes.txt`, for one
    help: choose another name, or another folder by `--dir`
    "#);
    let entries = fs::read_dir(context.path(".")).unwrap().count();
    assert_eq!((entries, fs::read_dir(context.path("team-label")).unwrap().count()), (1, 1));
    let elsewhere = ["plugin", "new", "team-label", "--lang", "rust", "--dir", "plugins/label"];
    assert!(context.run(&elsewhere).starts_with("exit code: 0"));
    assert!(context.path("plugins/label/src/lib.rs").is_file());
}

#[test]
fn a_name_that_is_none_is_told_with_the_rule() {
    let context = Context::new();
    assert_snapshot!(context.run(&["plugin", "new", "Team_Label", "--lang", "rust"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error[WH0802]: `Team_Label` cannot be the name of a plugin
      a name begins with a lower-case letter
    help: e.g. `team-label`
    "#);
    assert_snapshot!(context.run(&["plugin", "new", "crate", "--lang", "rust"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error[WH0802]: `crate` cannot be the name of a plugin
      it is a keyword in a language of plugins
    help: e.g. `team-label`
    "#);
    assert_eq!(fs::read_dir(context.path(".")).unwrap().count(), 0);
}

#[test]
fn an_unknown_language_is_told_with_the_known_ones() {
    let context = Context::new();
    assert_snapshot!(context.run(&["plugin", "new", "label", "--lang", "cobol"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'cobol' for '--lang <LANGUAGE>': known languages are rust, javascript, python, go, c

    For more information, try '--help'.
    "#);
}

#[test]
fn a_program_gets_the_files() {
    let context = Context::new();
    let arguments = ["plugin", "new", "team-label", "--lang", "rust", "-o", "json"];
    let made = json(&mut context.command(&arguments));
    assert_eq!((&made["kind"], &made["language"]), (&"PluginProject".into(), &"rust".into()));
    let files = made["files"].as_array().unwrap();
    assert!(files.contains(&"src/lib.rs".into()), "{files:?}");
}
