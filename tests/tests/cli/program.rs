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
