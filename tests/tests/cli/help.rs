//! What the command says about itself.

use insta::assert_snapshot;

use crate::context::{Context, json, output};

/// A flag that lets a StatefulSet or a pod be deleted says what is kept.
#[test]
fn flags_that_delete_say_what_is_kept() {
    let context = Context::new();
    for (command, flag, kept) in [
        ("plan", "--recreate", "its pods keep running"),
        ("apply", "--recreate", "its pods keep running"),
        ("apply", "--replace-stuck-pods", "their claims are kept"),
    ] {
        let help = context.run(&[command, "--help"]);
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = help.split_once(&format!(" {flag} ")).expect("the flag is listed").1;
        let said = said.split(" --").next().unwrap_or_default();
        assert!(said.contains(kept), "{command} {flag}: {said}");
    }
}

/// The help names every command and is the place where exit codes are promised.
#[test]
fn the_help_lists_commands_and_exit_codes() {
    let context = Context::new();
    assert_snapshot!(context.run(&["-h"]), @r#"
    exit code: 0
    ----- stdout -----
    Deploys stateful workloads to Kubernetes from specs that sandboxed plugins customize, and never
    loses data on the way

    Usage: wellhead [OPTIONS] <COMMAND>

    Commands:
      render      Print the objects of pipelines, without a cluster
      plan        Preview the changes an apply would make
      apply       Apply pipelines to the cluster
      list        List the pipelines in the cluster
      status      Show the status of pipelines
      drift       Detect drift: fields changed by other field managers
      facts       Print facts about the cluster for plugins
      import      Generate pipelines from existing StatefulSets
      explain     Show what set a field and why, or describe an error code
      history     Show the revision history of a pipeline
      rollback    Roll back to an earlier revision
      delete      Delete pipelines (PVCs are kept)
      volumes     Show the volumes of pipelines
      lock        Pin plugins of registries, and accept their rights
      outdated    Show which plugins of registries have newer versions
      upgrade     Upgrade plugins of registries in customizations and their locks
      impact      Show what another version of a plugin changes, for every release that runs it
      plugin      Create, build, test and inspect plugins
      cache       Show or clear compiled plugins and components of registries
      schema      Print the JSON Schema of pipelines and customizations
      completion  Print the completion script of a shell
      version     Print the versions of Wellhead and of the plugin contract

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Global options:
      -n, --namespace <NAMESPACE>  Namespace of pipelines that set none; an error for a pipeline that
                                   sets another one [env: WELLHEAD_NAMESPACE]
          --context <CONTEXT>      Context of the kubeconfig [default: current context] [env:
                                   WELLHEAD_CONTEXT]
          --kubeconfig <FILE>      Kubeconfig file [default: those of KUBECONFIG, else ~/.kube/config]
          --color <WHEN>           When to use colours; `auto` respects `NO_COLOR` and `CLICOLOR_FORCE`
                                   [default: auto] [possible values: auto, always, never]
      -q, --quiet                  Print only results and errors, no progress and no warnings
      -v, --verbose...             Print more: logs and crash backtraces of plugins; twice: debug logs
                                   of Wellhead

    Exit codes:
        0  done, or nothing to do
        1  error; not everything was done
        2  usage error; with `--exit-code`: there are changes
        3  applied, but not ready in time
        4  refused: policy, conflict or unconfirmed data loss; nothing was written
       10  a plugin's file is missing or cannot be read
       11  a plugin's file is not a WebAssembly component
       12  a plugin's file is a core module
       13  a plugin targets another world
       14  a plugin crashed
       15  a plugin exceeds a limit (endless loop, memory, size)
      130  interrupted by Ctrl-C
      143  interrupted by SIGTERM

    `wellhead explain CODE` describes the code of an error or warning.
    ----- stderr -----
    "#);
}

/// Without a command there is nothing to do, so the help is shown as a usage error.
#[test]
fn without_arguments_the_help_is_shown_as_an_error() {
    let context = Context::new();
    let run = output(&mut context.command(&[]));
    assert_eq!(run.status.code(), Some(2));
    assert!(run.stdout.is_empty());
    assert!(String::from_utf8_lossy(&run.stderr).contains("Usage: wellhead"));
}

/// A command that is misspelt is a usage error with the word that was probably meant.
#[test]
fn a_misspelt_command_is_suggested() {
    let context = Context::new();
    assert_snapshot!(context.run(&["rendr"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: unrecognized subcommand 'rendr'

      tip: a similar subcommand exists: 'render'

    Usage: wellhead [OPTIONS] <COMMAND>

    For more information, try '--help'.
    "#);
}

/// A command that needs files says which option names them.
#[test]
fn render_without_files_names_the_option() {
    let context = Context::new();
    assert_snapshot!(context.run(&["render"]), @r#"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      --file <PIPELINE>...

    Usage: wellhead render --file <PIPELINE>...

    For more information, try '--help'.
    "#);
}

/// The version is one line for people.
#[test]
fn the_version_names_the_contract_of_plugins() {
    let context = Context::new();
    assert_snapshot!(context.run(&["version"]), @r#"
    exit code: 0
    ----- stdout -----
    wellhead 0.1.0 (plugins: wellhead:plugin@0.2.0)
    ----- stderr -----
    "#);
}

/// The version for programs is in the envelope that every document of the command line has.
#[test]
fn the_version_as_json_is_in_the_envelope() {
    let context = Context::new();
    assert_snapshot!(context.run(&["version", "-o", "json"]), @r#"
    exit code: 0
    ----- stdout -----
    {
      "apiVersion": "cli.wellhead.dev/v1alpha1",
      "kind": "Version",
      "version": "0.1.0",
      "pluginContract": "wellhead:plugin@0.2.0",
      "spec": "wellhead.dev/v1alpha1",
      "diagnostics": []
    }
    ----- stderr -----
    "#);
}

/// Each shell gets a script that completes the commands.
#[test]
fn each_shell_has_a_completion_script() {
    let context = Context::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = output(&mut context.command(&["completion", shell]));
        assert!(script.status.success(), "{shell}");
        assert!(String::from_utf8_lossy(&script.stdout).contains("explain"), "{shell}");
    }
}

/// Editors get a schema that knows both kinds.
#[test]
fn the_schema_is_json_and_knows_both_kinds() {
    let context = Context::new();
    let schema = json(&mut context.command(&["schema"]));
    assert!(schema["$defs"]["Pipeline"]["properties"]["spec"].is_object());
    assert!(schema["$defs"]["Customization"].is_object());
}
