//! What holds for every attack on the command as a process: its exit code, what it prints, how much
//! memory it takes, and that it never speaks to a cluster.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use wellhead_tests::built;
use wellhead_tests::guest::Guest;
use wellhead_tests::speech::said_by_the_host;

use super::common::{ATTACKER, ATTACKER_FILE, NEIGHBOURS, POLICY, is_harmless};
use super::words::FORGED;
use super::{Attack, Expect};

/// The file with what a command cost.
const COST: &str = "cost.json";
/// Most memory that a command takes, in bytes.
const RESIDENT: u64 = 256 << 20;

/// What is typed. A plugin that gets to its end may be applied: that is no attack any more, and the
/// text that it leaves is looked at where it is shown.
const REFUSED: &[&str] = &["render -v", "apply"];
const ENDED: &[&str] = &["render -v", "explain", "plugin inspect"];

/// Runs commands with a kubeconfig whose server is watched.
pub(super) fn hold(label: &str, attack: &Attack) {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::new();
    write_inputs(folder.path(), attack, &cluster);
    for command in if attack.expect.ends() { ENDED } else { REFUSED } {
        let mut command_line = command_line(folder.path(), command);
        if let Some(seconds) = attack.compile_seconds {
            command_line.args(["--compile-cpu", &format!("{seconds}s")]);
        }
        let output = command_line.output().unwrap();
        let shown = String::from_utf8_lossy(&output.stderr);
        let label = format!("{label}, {command}: {shown}");
        assert_eq!(output.status.code(), Some(attack.expect.exit()), "{label}");
        check_output(&label, attack, command, &output);
        let Cost { resident, .. } = Cost::read(folder.path());
        // The child that a second of processor time stops gets further in it on a faster machine.
        let most = if attack.compile_seconds.is_some() { 2 * RESIDENT } else { RESIDENT };
        assert!(resident < most, "{label}: {resident} bytes");
        assert!(!cluster.was_asked(), "{label}: it spoke to the cluster");
    }
}

/// What a command cost.
#[derive(Debug, Deserialize)]
pub(super) struct Cost {
    /// Most bytes that it had, or one of its children.
    resident: u64,
    /// Most bytes that it had itself.
    pub(super) bytes: u64,
    /// Processor time that it took itself.
    pub(super) milliseconds: u64,
}

impl Cost {
    /// That of the last command in a folder.
    fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(COST)).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

/// What a command costs on an attack.
pub(super) fn cost(attack: &Attack, words: &str) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), attack, words);
    Cost::read(folder.path())
}

/// The lines that a command prints about an attack.
pub(super) fn lines(attack: &Attack, words: &str) -> Vec<String> {
    let output = run(tempfile::tempdir().unwrap().path(), attack, words);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Runs a command in a folder, which is made a project with a case.
fn run(folder: &Path, attack: &Attack, words: &str) -> Output {
    const PANICKED: i32 = 101;
    write_inputs(folder, attack, &Cluster::new());
    let case = folder.join("cases/one");
    std::fs::create_dir_all(&case).unwrap();
    for name in ["pipeline.yaml", "expected.yaml"] {
        std::fs::copy(folder.join("db.yaml"), case.join(name)).unwrap();
    }
    let output = command_line(folder, words).output().unwrap();
    assert!(output.status.code().is_some_and(|it| it != PANICKED), "{words}: {output:?}");
    output
}

/// An API server that answers nobody, and notices whoever comes.
struct Cluster(TcpListener);

impl Cluster {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn was_asked(&self) -> bool {
        match self.0.accept() {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                false
            }
        }
    }
}

fn check_output(label: &str, attack: &Attack, command: &str, output: &Output) {
    let stderr = String::from_utf8(output.stderr.clone()).expect("standard error is UTF-8");
    assert!(stderr.chars().all(|it| it == '\n' || is_harmless(it)), "{label}: {stderr:?}");
    let stdout = String::from_utf8(output.stdout.clone()).expect("standard output is UTF-8");
    says_nothing_for_the_host(label, &stderr);
    if attack.expect.ends() {
        if command != "render -v" {
            says_nothing_for_the_host(label, &stdout);
        }
        match command {
            "render -v" => check_manifest(label, &stdout),
            _ => assert!(stdout.chars().all(|it| it == '\n' || is_harmless(it)), "{stdout:?}"),
        }
        return;
    }
    assert_eq!(stdout, "", "{label}: nothing is rendered");
    if matches!(attack.expect, Expect::ConfigStopped) {
        assert!(stderr.starts_with("error[WH0516]"), "{label}");
    }
    assert!(stderr.contains(&format!("plugin `{}`", attack.expect.blamed())), "{label}");
    for name in NEIGHBOURS {
        assert!(!stderr.contains(&format!("plugin `{name}`")), "{label}: it blames another");
    }
}

/// What a plugin forges stands in quotes, or, as a name of something, as code, wherever it is: no line begins with
/// it, and no quote of its own ends what it says.
fn says_nothing_for_the_host(label: &str, text: &str) {
    assert_eq!(said_by_the_host(text, FORGED), None, "{label}");
}

/// What is rendered has the edits of the good plugins, and objects of the kinds that there are.
fn check_manifest(label: &str, stdout: &str) {
    for name in NEIGHBOURS {
        assert!(stdout.contains(&format!("{name}: ok")), "{label}: {stdout}");
    }
    let kinds: BTreeSet<_> =
        stdout.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
    let expected = ["PersistentVolumeClaim", "Service", "StatefulSet"];
    assert_eq!(kinds, expected.into(), "{label}: {stdout}");
}

/// A pipeline, a customization with the attack between two good plugins, and a kubeconfig.
fn write_inputs(folder: &Path, attack: &Attack, cluster: &Cluster) {
    let port = cluster.0.local_addr().unwrap().port();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.join(name), content).unwrap();
    let settings = |grants: &str| serde_json::json!({"grants": [grants]});
    let [before, after] = NEIGHBOURS.map(|name| (name, settings(&format!("labels.{name}"))));
    for (name, _) in [&before, &after] {
        write(&format!("{name}.wasm"), &Guest::sets_label(name, "ok").build());
    }
    write(ATTACKER_FILE, &attack.plugin);
    let mut entries = vec![before, (ATTACKER, attack.settings.clone())];
    if let Some(config) = &attack.policy {
        write(&format!("{POLICY}.wasm"), &std::fs::read(built::plugin("image-policy")).unwrap());
        entries.push((POLICY, serde_json::json!({"config": config})));
    }
    entries.push(after);
    for (name, entry) in &mut entries {
        entry["name"] = (*name).into();
        entry["source"] = format!("{name}.wasm").into();
    }
    let entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
    let mut spec = serde_json::to_value((attack.base)()).unwrap();
    spec["apiVersion"] = "wellhead.dev/v1alpha1".into();
    spec["kind"] = "Pipeline".into();
    let customization = serde_json::json!({
        "apiVersion": "wellhead.dev/v1alpha1",
        "kind": "Customization",
        "metadata": {"name": "team"},
        "spec": {"plugins": entries},
    });
    // JSON is YAML.
    write("db.yaml", spec.to_string().as_bytes());
    write("team.yaml", customization.to_string().as_bytes());
    let kubeconfig = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
        "clusters": [{"name": "c", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    });
    write("kubeconfig", kubeconfig.to_string().as_bytes());
}

/// A command that knows nothing of the machine around it.
fn command_line(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_measured"));
    command.arg(folder.join(COST)).arg(built::wellhead()).args(words.split(' '));
    match words.split(' ').take(2).collect::<Vec<_>>()[..] {
        ["plugin", "test"] => command.args(["--plugin", ATTACKER_FILE]),
        ["plugin", "run"] => command.args([ATTACKER_FILE, "-f", "db.yaml"]),
        ["plugin", ..] => command.arg(ATTACKER_FILE),
        _ => command.args(["-f", "db.yaml", "-c", "team.yaml"]),
    };
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder.join("home"))
        .env("KUBECONFIG", folder.join("kubeconfig"))
        .env("WELLHEAD_CACHE_DIR", folder.join("cache"))
        .stdin(Stdio::null());
    command
}

/// What the assertion above would see, if a plugin that must be refused were applied.
#[test]
fn a_command_that_speaks_to_the_cluster_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::new();
    let honest = Attack::new("nothing", &Guest::new(), Expect::Unchanged);
    write_inputs(folder.path(), &honest, &cluster);
    cluster.0.set_nonblocking(false).unwrap();
    let mut command = command_line(folder.path(), "apply");
    let mut child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    // Dropped at once, so that the command learns that nobody is there.
    assert!(cluster.was_asked());
    drop(cluster);
    assert!(!child.wait().unwrap().success());
}
