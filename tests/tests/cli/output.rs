//! What goes to which stream, and with which colours.

use std::io::Read as _;
use std::process::Stdio;

use crate::context::{Context, PIPELINE, output};

fn with_warning() -> Context {
    let context = Context::new();
    context.write("db.yaml", PIPELINE.replace("postgres:17", "postgres"));
    context
}

/// Standard output is the result alone; warnings are on standard error.
#[test]
fn the_result_is_alone_on_standard_output() {
    let context = with_warning();
    let run = output(&mut context.command(&["render", "-f", "db.yaml"]));
    let (result, said) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(result.starts_with("apiVersion: v1\n"), "{result}");
    assert!(!result.contains("warning"), "{result}");
    assert!(said.contains("warning[WH0123]"), "{said}");
}

/// `-q` leaves out warnings, never errors.
#[test]
fn quiet_leaves_out_warnings_alone() {
    let context = with_warning();
    let run = output(&mut context.command(&["-q", "render", "-f", "db.yaml"]));
    assert!(run.status.success() && run.stderr.is_empty());
    context.write("db.yaml", "kind: Nothing\n");
    let run = output(&mut context.command(&["-q", "render", "-f", "db.yaml"]));
    assert!(String::from_utf8_lossy(&run.stderr).contains("error[WH0104]"));
}

/// The option beats `NO_COLOR`, which beats `CLICOLOR_FORCE`, which beats what the stream is.
#[test]
fn colours_have_an_order_of_precedence() {
    let context = with_warning();
    let has_color = |arguments: &[&str], environment: &[&str]| {
        let mut command = context.command(arguments);
        command.envs(environment.iter().map(|name| (*name, "1")));
        output(command.args(["render", "-f", "db.yaml"])).stderr.contains(&0x1b)
    };
    assert!(!has_color(&[], &[]));
    assert!(has_color(&[], &["CLICOLOR_FORCE"]));
    assert!(!has_color(&[], &["CLICOLOR_FORCE", "NO_COLOR"]));
    assert!(has_color(&["--color", "always"], &["NO_COLOR"]));
    assert!(!has_color(&["--color", "never"], &["CLICOLOR_FORCE"]));
}

/// A reader that has seen enough ends the command without a word.
#[test]
fn a_closed_pipe_ends_quietly() {
    let context = Context::new();
    // More than a pipe holds.
    for number in 0..200 {
        let text = PIPELINE.replace("name: db\nspec", &format!("name: db-{number}\nspec"));
        context.write(&format!("specs/{number}.yaml"), text);
    }
    let mut command = context.command(&["render", "-f", "specs"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let run = child.wait_with_output().unwrap();
    assert!(run.status.success(), "{:?}", run.status);
    assert!(run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// A result that cannot be written is an error.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let context = Context::with_pipeline();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = output(context.command(&["render", "-f", "db.yaml"]).stdout(full));
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8(context.command(&[]).output().unwrap().stderr).unwrap();
    assert!(said.contains("Usage"));
}

/// The order of the output does not depend on anything but the input.
#[test]
fn two_runs_print_the_same_bytes() {
    let context = with_warning();
    let run = || output(&mut context.command(&["render", "-f", "db.yaml"])).stdout;
    assert_eq!(run(), run());
}
