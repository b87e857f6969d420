//! The name by which the command was called.

use std::os::unix::process::CommandExt as _;

use crate::context::{Context, output};

/// What a run prints under another name.
fn called(context: &Context, name: &str, arguments: &[&str]) -> String {
    let shown = output(context.command(arguments).arg0(name));
    context.show(&shown)
}

#[test]
fn usage_and_hints_begin_with_the_name_that_was_typed() {
    let context = Context::new();
    for (name, typed) in
        [("/opt/krew/kubectl-wellhead", "kubectl wellhead"), ("wh", "wh"), ("wellhead", "wellhead")]
    {
        let help = called(&context, name, &["apply", "--help"]);
        assert!(help.contains(&format!("Usage: {typed} apply ")), "{help}");
        let wrong = called(&context, name, &["aply"]);
        assert!(wrong.contains(&format!("Usage: {typed} ")), "{wrong}");
        let missing = called(&context, name, &["history"]);
        assert!(missing.contains(&format!("Usage: {typed} history ")), "{missing}");
        let sets = "apiVersion: apps/v1\nkind: StatefulSet\n";
        context.write("sts.yaml", sets);
        let hint = called(&context, name, &["render", "-f", "sts.yaml"]);
        assert!(hint.contains(&format!("help: `{typed} import -f sts.yaml`")), "{hint}");
    }
}

/// A script completes the word that is typed.
#[test]
fn completion_is_for_the_name_that_was_typed() {
    let context = Context::new();
    for (name, word) in [("wh", "wh"), ("wellhead", "wellhead"), ("kubectl-wellhead", "wellhead")] {
        let script = called(&context, name, &["completion", "bash"]);
        assert!(script.contains(&format!("-o bashdefault -o default {word}\n")), "{name}");
    }
}

/// kubectl calls this name with the words after its plugin's, and reads lines as cobra prints them.
#[test]
fn kubectl_completes_the_words_of_its_plugin() {
    let context = Context::new();
    let completed = |words: &[&str]| {
        let printed = called(&context, "/usr/bin/kubectl_complete-wellhead", words);
        printed.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let commands = completed(&["ren"]);
    assert!(commands.iter().any(|line| line.starts_with("render\t")), "{commands:?}");
    assert!(commands.iter().any(|line| line == ":4"), "{commands:?}");
    let options = completed(&["render", "--custom"]);
    assert!(options.iter().any(|line| line.starts_with("--customization")), "{options:?}");
    let values = completed(&["version", "-o", ""]);
    assert!(values.iter().any(|line| line.starts_with("json")), "{values:?}");
    // The name of a file is the shell's to complete.
    let files = completed(&["render", "-f", "pipe"]);
    assert!(files.iter().any(|line| line == ":0"), "{files:?}");
}

#[test]
fn a_manual_page_is_written_for_each_command() {
    let context = Context::new();
    let folder = context.path("man");
    std::fs::create_dir(&folder).unwrap();
    let shown = output(&mut context.command(&["man", &folder.to_string_lossy()]));
    assert!(shown.status.success(), "{shown:?}");
    let page = std::fs::read_to_string(folder.join("wellhead-plugin-build.1")).unwrap();
    assert!(page.contains(".SH OPTIONS"), "{page}");
    assert!(!folder.join("wellhead-man.1").exists(), "a hidden command has no page");
}
