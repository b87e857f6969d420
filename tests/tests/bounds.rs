//! The list of what the host does with what a plugin brings is complete, and what it makes of a pipeline does not multiply in
//! memory.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use wellhead_tests::built;
use wellhead_tests::repository::{files, place_in};

/// The tables, and the folders whose files each lists.
const TABLES: [(&str, &str); 2] = [
    ("### Work on what a plugin brings", "host/chain/src"),
    ("### What a registry sends", "host/registry/src"),
];
/// Files of tests, which are part of no program.
const TESTS: [&str; 4] =
    ["every_field.rs", "precheck/tests.rs", "same_by_path.rs", "session/tests.rs"];

/// The rows of a table: the files of each, and all of its words in code.
fn rows(heading: &str) -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let text = include_str!("../../ARCHITECTURE.md");
    let table = text.split_once(heading).unwrap().1;
    let table = table.split("\n## ").next().unwrap().split("\n### ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.map(|row| (words(row.split('|').nth(1).unwrap()), words(row))).collect()
}

/// The files, as the table names them, with what stands in them before their tests.
fn sources(folder: &str) -> Vec<(String, String)> {
    let sources = files(folder, "rs").into_iter().map(|path| (place_in(folder, &path), path));
    let sources = sources.filter(|(name, _)| !TESTS.contains(&name.as_str()));
    let program = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.split("\nmod tests {").next().unwrap().to_owned()
    };
    sources.map(|(name, path)| (name, program(&path))).collect()
}

/// Functions that take bytes.
fn functions_of_bytes(text: &str) -> Vec<&str> {
    let signatures = text.split("fn ").skip(1);
    let taking = signatures.filter_map(|it| {
        let (name, rest) = it.split_once('(')?;
        let parameters = rest.split(['{', ';']).next()?.split("->").next()?;
        parameters.contains("[u8]").then_some(name.split('<').next()?)
    });
    taking.filter(|name| name.chars().all(|it| it.is_alphanumeric() || it == '_')).collect()
}

#[test]
fn every_file_that_may_work_on_what_strangers_send_is_listed_with_its_bound() {
    for (heading, folder) in TABLES {
        let rows = rows(heading);
        assert!(rows.len() > 5, "the table is read");
        let listed: BTreeSet<_> = rows.iter().flat_map(|row| row.0.clone()).collect();
        let there: BTreeSet<_> = sources(folder).into_iter().map(|it| it.0).collect();
        let missing: Vec<_> = there.difference(&listed).collect();
        assert!(missing.is_empty(), "{folder}: not in the table of ARCHITECTURE.md: {missing:?}");
        let gone: Vec<_> = listed.difference(&there).collect();
        assert!(gone.is_empty(), "{folder}: in the table of ARCHITECTURE.md only: {gone:?}");
    }
}

#[test]
fn every_function_that_takes_bytes_is_listed() {
    let mut missing = Vec::new();
    for (heading, folder) in TABLES {
        let rows = rows(heading);
        for (file, text) in sources(folder) {
            let words = rows.iter().find(|row| row.0.contains(&file)).map(|row| &row.1);
            for function in functions_of_bytes(&text) {
                if !words.is_some_and(|words| words.contains(function)) {
                    missing.push(format!("{folder}/{file}: {function}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in the table of ARCHITECTURE.md: {missing:#?}");
}

/// Where the host reads without [`wellhead_spec::read_file`], and how each is bounded.
const READS: [(&str, &str); 19] = [
    ("chain/src/engine/artefact.rs", "a file of the cache that was checked"),
    ("chain/src/cache/note.rs", "cut off at its bound"),
    ("chain/src/cache/stamp.rs", "a file of the kernel, of one line"),
    ("chain/src/compile/child.rs", "from the parent, which counts before"),
    ("chain/src/compile/parent.rs", "cut off at its bound"),
    ("chain/src/plugin/load.rs", "cut off at the budget `fileBytes`"),
    ("cluster/src/api/connect/helper.rs", "cut off at its bound"),
    ("cluster/src/api/connect/mod.rs", "cut off at its bound"),
    ("registry/src/auth/helper.rs", "cut off at its bound"),
    ("registry/src/layout/members.rs", "cut off at its bound"),
    ("spec/src/file/mod.rs", "read_file"),
    ("spec/src/file/private.rs", "opened only: a file in a folder that nobody else may write"),
    ("spec/src/load/source.rs", "cut off at its bound"),
    ("toolchain/src/inputs.rs", "a piece at a time, of the project's own files"),
    ("toolchain/src/languages/c.rs", "what a build just wrote"),
    ("toolchain/src/languages/go.rs", "what a build just wrote"),
    ("toolchain/src/languages/javascript.rs", "what a build just wrote, and its package.json"),
    ("toolchain/src/languages/python.rs", "what a build just wrote"),
    ("toolchain/src/languages/rust/mod.rs", "what a build just wrote"),
];

#[test]
fn every_read_of_the_host_has_a_bound() {
    const CALLS: [&str; 6] = [
        "fs::read(",
        "fs::read_to_string(",
        "read_to_end(",
        "read_to_string(",
        "File::open(",
        "collect_bytes(",
    ];
    let mut reading = BTreeSet::new();
    for path in files("host", "rs") {
        let name = place_in("host", &path);
        let is_source = name.starts_with("src/") || name.contains("/src/");
        if !is_source || name.ends_with("tests.rs") || name.contains("/templates/") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let program = text.split("\nmod tests {").next().unwrap();
        if CALLS.iter().any(|call| program.contains(call)) {
            reading.insert(name);
        }
    }
    let listed: BTreeSet<_> = READS.iter().map(|it| it.0.to_owned()).collect();
    let unlisted: Vec<_> = reading.difference(&listed).collect();
    assert!(unlisted.is_empty(), "use `wellhead_spec::read_file`: {unlisted:?}");
    let gone: Vec<_> = listed.difference(&reading).collect();
    assert!(gone.is_empty(), "listed, and reads nothing: {gone:?}");
}

/// A pipeline with two claims of 20 labels for each replica.
fn of_replicas(replicas: usize) -> Value {
    let claim = |name: &str| {
        let labels = (0..20).map(|at| (format!("label-{at}"), json!("value")));
        let labels: Value = labels.collect::<serde_json::Map<_, _>>().into();
        json!({"name": name, "size": "1Gi", "mountPath": format!("/{name}"), "labels": labels})
    };
    json!({
        "apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "db"},
        "spec": {
            "replicas": replicas,
            "containers": [{"name": "db", "image": "postgres:17"}],
            "claims": [claim("data"), claim("log")],
        },
    })
}

/// Most bytes that a command has in memory. It ends with an exit code.
fn most_resident(folder: &Path, command: &str, code: i32) -> u64 {
    let mut measured = Command::new(env!("CARGO_BIN_EXE_measured"));
    measured.arg("cost.json").arg(built::wellhead()).args(command.split(' '));
    let output = measured.current_dir(folder).stdout(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{command}: {output:?}");
    let cost = std::fs::read(folder.join("cost.json")).unwrap();
    serde_json::from_slice::<Value>(&cost).unwrap()["resident"].as_u64().unwrap()
}

#[test]
fn hundreds_of_replicas_take_little_more_memory_than_one() {
    /// Bytes that they may take more: the text that is printed has one million, and the names, sizes and classes of the
    /// claims are kept.
    const MORE: u64 = 10 << 20;
    const COMMANDS: [&str; 6] = [
        "render -f db.json",
        "render -f db.json -o json",
        "render -f db.json --provenance provenance.json",
        "explain -f db.json",
        "explain -f db.json -o json",
        "explain --from provenance.json -o json",
    ];
    let of = |replicas| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("db.json"), of_replicas(replicas).to_string()).unwrap();
        COMMANDS.map(|command| most_resident(folder.path(), command, 0))
    };
    let (one, many) = (of(1), of(500));
    for (command, (one, many)) in COMMANDS.iter().zip(one.into_iter().zip(many)) {
        assert!(many < one + MORE, "`{command}` has {many} bytes, and {one} of one replica");
    }
}

/// Two bytes of a plan are a claim or a container of a thousand bytes of memory. Whoever forges one pays with its text.
#[test]
fn ten_times_the_pipelines_of_a_forged_plan_take_little_more_memory_than_their_text() {
    /// Bytes that nine pipelines more may take: a claim is written with 66 bytes, and they are in memory twice. As values
    /// they would have 600 MB.
    const MORE: u64 = 64 << 20;
    const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &Value| {
        std::fs::write(folder.path().join(name), value.to_string()).unwrap();
    };
    write(
        "kubeconfig",
        &json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }),
    );
    let many: Value = (0..20_000).map(|_| json!({})).collect();
    let spec =
        json!({"serviceName": "a", "selector": {}, "template": {"spec": {"containers": many}}});
    let set = json!({"claims": many, "statefulSet": {"metadata": {}, "spec": spec}});
    let of = |sets: usize| {
        let pipelines: Value = (0..sets).map(|_| set.clone()).collect();
        let plan = json!({
            "apiVersion": "wellhead.dev/v1alpha1", "kind": "SavedPlan", "wellhead": "",
            "made": "2026-01-01T00:00:00Z", "server": "", "files": [], "pipelines": pipelines,
            "about": [], "objects": [],
        });
        write("forged", &plan);
        let command = format!("apply forged --digest {DIGEST} --kubeconfig kubeconfig");
        most_resident(folder.path(), &command, 4)
    };
    let (one, many) = (of(1), of(10));
    assert!(many < one + MORE, "{many} bytes for ten pipelines, and {one} for one");
}

/// Each document has a bound of its own, and a file has room for millions of small ones.
#[test]
fn a_million_documents_take_little_more_memory_than_their_text() {
    /// Bytes that they may take more: their text, twice. As documents they had 2 GB.
    const MORE: u64 = 16 << 20;
    let folder = tempfile::tempdir().unwrap();
    let of = |documents| {
        std::fs::write(folder.path().join("many.yaml"), "---\n1\n".repeat(documents)).unwrap();
        ["render -f many.yaml", "import -f many.yaml"].map(|it| most_resident(folder.path(), it, 1))
    };
    let (few, many) = (of(60_000), of(1_000_000));
    for (few, many) in few.into_iter().zip(many) {
        assert!(many < few + MORE, "{many} bytes for a million documents, and {few} for 60,000");
    }
}
