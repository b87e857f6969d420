//! docs/reference/kubernetes-fields.md, in which each field of Kubernetes stands in one of three columns.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use wellhead_spec::FieldPath;
use wellhead_spec::protected::{PROTECTED, Protected, Unless, touched};

const PAGE: &str = include_str!("../../../docs/reference/kubernetes-fields.md");
const SERVED: &str = include_str!("../kubernetes-fields.txt");
const CONTRACT: &str = include_str!("../../../wit/v0.2/pipeline.wit");

/// A field of a type, and what its three columns say.
struct Row {
    of: &'static str,
    field: &'static str,
    columns: [&'static str; 3],
}

impl Row {
    fn name(&self) -> String {
        format!("{}.{}", self.of, self.field)
    }
}

fn rows() -> Vec<Row> {
    let mut of = "";
    let mut rows = Vec::new();
    for line in PAGE.lines() {
        of = line.strip_prefix("## ").unwrap_or(of);
        let Some(line) = line.strip_prefix("| `") else { continue };
        let (field, cells) = line.split_once("` |").unwrap();
        let cells: Vec<_> = cells.split('|').map(str::trim).collect();
        rows.push(Row { of, field, columns: [cells[0], cells[1], cells[2]] });
    }
    rows
}

/// What is between the first pair of backticks.
fn code(cell: &'static str) -> Option<&'static str> {
    cell.split('`').nth(1)
}

/// `hostIPC` as a function of the contract has it: `host-ipc`.
fn kebab(field: &str) -> String {
    let mut name = String::new();
    let mut lower = false;
    for letter in field.chars() {
        if letter.is_ascii_uppercase() && lower {
            name.push('-');
        }
        lower = letter.is_ascii_lowercase();
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[test]
fn each_field_that_a_server_serves_is_in_one_column() {
    let mut served = BTreeSet::new();
    for line in SERVED.lines().filter(|it| !it.starts_with('#')) {
        let (of, fields) = line.split_once(": ").unwrap();
        served.extend(fields.split(' ').map(|field| format!("{of}.{field}")));
    }
    let decided: Vec<_> = rows().iter().map(Row::name).collect();
    let unique: BTreeSet<_> = decided.iter().cloned().collect();
    assert_eq!(unique.len(), decided.len(), "a field stands twice");
    let missing: Vec<_> = served.difference(&unique).collect();
    assert!(missing.is_empty(), "in no column of docs/reference/kubernetes-fields.md: {missing:?}");
    let gone: Vec<_> = unique.difference(&served).collect();
    assert!(gone.is_empty(), "served by no server: {gone:?}");
    for row in rows() {
        let filled = row.columns.iter().filter(|it| !it.is_empty()).count();
        assert_eq!(filled, 1, "{} is in {filled} columns", row.name());
    }
}

/// A path of the table in a pipeline, with the key in the place of a kind.
fn concrete(pattern: &str, field: &str) -> FieldPath {
    let steps = pattern.split('.').map(|step| match step {
        "*" => "x",
        "{reserved}" => "app.kubernetes.io/managed-by",
        "{node volume}" => field,
        other => other,
    });
    FieldPath::of(steps.collect::<Vec<_>>())
}

/// The fields that an edit of the pipeline and of the whole of it would touch.
fn refused(path: &FieldPath, old: Option<&Value>, new: &Value) -> bool {
    let draft = json!({"selector": {"app": "x"}});
    touched(&draft, path, old, Some(new))
        .iter()
        .any(|it| it.path.contains(path) || path.contains(&it.path))
}

#[test]
fn what_is_protected_is_refused_for_the_reason_that_is_told() {
    let values = [
        json!(0),
        json!("system-x"),
        json!(""),
        json!(true),
        json!(false),
        json!({}),
        json!(["x"]),
        json!("Delete"),
    ];
    for row in rows().iter().filter(|it| !it.columns[1].is_empty()) {
        let pattern = code(row.columns[1]).unwrap();
        let of = |it: &&Protected| it.fields.contains(&pattern);
        let found = PROTECTED.iter().find(of);
        let found = found
            .unwrap_or_else(|| panic!("{}: no such field of the table: {pattern}", row.name()));
        assert!(
            row.columns[1].ends_with(&format!(": {}", found.why)),
            "{}: {}",
            row.name(),
            found.why
        );
        // Mounts are compared with each other, and a name goes with its item; tests of the whole hold those.
        if found.unless == Unless::DataStays || found.unless == Unless::AddedOrRemoved {
            continue;
        }
        let path = concrete(pattern, row.field);
        let old = json!("1Gi");
        let is_refused = values.iter().any(|it| refused(&path, Some(&old), it));
        assert!(is_refused, "{}: {path} is ordinary", row.name());
    }
}

#[test]
fn what_is_ordinary_has_a_function_and_is_not_refused() {
    let sections: BTreeSet<_> = rows().iter().map(|it| it.of).collect();
    let mut places: BTreeMap<&str, &str> = BTreeMap::new();
    for (of, place) in [
        ("StatefulSetSpec", ""),
        ("PodSpec", ""),
        ("PodSecurityContext", "securityContext."),
        ("Container", "containers.x."),
        ("EnvVarSource", "containers.x.env.x.valueFrom."),
        ("EnvFromSource", "containers.x.envFrom.x."),
        ("ContainerPort", "containers.x.ports.x."),
        ("Volume", "volumes.x."),
        ("VolumeProjection", "volumes.x.projected.sources.x."),
        ("PersistentVolumeClaimSpec", "claims.x."),
        ("ServiceSpec", "service."),
        ("ServicePort", "service.ports.x."),
    ] {
        places.insert(of, place);
    }
    for row in rows().iter().filter(|it| !it.columns[0].is_empty()) {
        let Some(function) = code(row.columns[0]) else {
            let of = row.columns[0].split(['[', ']']).nth(1).unwrap();
            assert!(sections.contains(of), "{}: {of} has no section", row.name());
            continue;
        };
        assert!(CONTRACT.contains(&format!(" {function}: func(")), "{}: {function}", row.name());
        let place = places.get(row.of).unwrap_or_else(|| panic!("where {} stands", row.of));
        let path: FieldPath = format!("{place}{}", row.field).parse().unwrap();
        for value in [json!(0), json!("x"), json!(""), json!(true), json!({"x": "y"}), json!(["x"])]
        {
            let found = touched(&json!({}), &path, None, Some(&value));
            assert!(found.is_empty(), "{}: {found:?}", row.name());
        }
    }
}

#[test]
fn what_is_unreachable_has_no_function() {
    for row in rows().iter().filter(|it| !it.columns[2].is_empty()) {
        let name = kebab(row.field);
        for verb in ["set", "add", "remove"] {
            let function = format!(" {verb}-{name}: func(");
            assert!(!CONTRACT.contains(&function), "{} is reached by{function}", row.name());
        }
    }
}
