//! Whatever plugins do to whatever pipeline: every leaf of every object leads back to who gave it.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use wellhead::provenance::{By, PipelineRecord};
use wellhead::{Compiler, Pipeline, ProvenanceRecord, Request, Run, Source};
use wellhead_chain::{Allocation, Chain, Engine, Entry, LoadOptions, Plugin};
use wellhead_cluster::{ChainEntry, Origin};
use wellhead_render::object_leaves;
use wellhead_spec::draft::leaves;
use wellhead_spec::{FieldPath, Segment};
use wellhead_tests::guest::Guest;

/// A call of a setter: its resource, its name and its arguments.
#[derive(Clone, Debug)]
struct Edit {
    resource: &'static str,
    method: &'static str,
    arguments: Vec<Argument>,
}

#[derive(Clone, Debug)]
enum Argument {
    Text(&'static str),
    Optional(Option<&'static str>),
    Number(i32),
}

fn edit(resource: &'static str, method: &'static str, arguments: Vec<Argument>) -> Edit {
    Edit { resource, method, arguments }
}

fn edits() -> impl Strategy<Value = Edit> {
    use Argument::{Number, Optional, Text};
    let label = || (select(vec!["team", "a.b/c"]), select(vec!["x", "y"]));
    let name = || select(vec!["A", "B", "C"]);
    let affinity = r#"{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[]}}"#;
    let tolerations = vec![
        None,
        Some(r#"[{"key":"a"},{"key":"b","operator":"Exists"}]"#),
        Some(r#"[{"key":"b","operator":"Exists"}]"#),
        Some("[]"),
    ];
    let mut all: Vec<BoxedStrategy<Edit>> = vec![
        (1..4_i32).prop_map(|it| edit("pipeline", "set-replicas", vec![Number(it)])).boxed(),
        select(vec![None, Some(affinity)])
            .prop_map(|it| edit("pipeline", "set-affinity", vec![Optional(it)]))
            .boxed(),
        select(tolerations)
            .prop_map(|it| edit("pipeline", "set-tolerations", vec![Optional(it)]))
            .boxed(),
        select(vec!["nginx:1", "nginx:2"])
            .prop_map(|it| edit("container", "set-image", vec![Text(it)]))
            .boxed(),
        (name(), select(vec!["1", "2"]))
            .prop_map(|(name, value)| edit("container", "set-env", vec![Text(name), Text(value)]))
            .boxed(),
        name().prop_map(|it| edit("container", "remove-env", vec![Text(it)])).boxed(),
        (select(vec!["cpu", "memory"]), select(vec!["1", "2"]))
            .prop_map(|(name, value)| edit("container", "set-limit", vec![Text(name), Text(value)]))
            .boxed(),
    ];
    for (set, remove) in [("set-label", "remove-label"), ("set-annotation", "remove-annotation")] {
        let given = label()
            .prop_map(move |(key, value)| edit("pipeline", set, vec![Text(key), Text(value)]));
        let gone = label().prop_map(move |it| edit("pipeline", remove, vec![Text(it.0)]));
        all.extend([given.boxed(), gone.boxed()]);
    }
    proptest::strategy::Union::new(all)
}

/// A plugin that makes these edits.
fn guest(edits: &[Edit]) -> Guest {
    let import = |name: &str, method: &str, parameters: usize| {
        format!(
            "(import \"wellhead:plugin/pipeline@0.1.0\" \"{method}\" (func ${name} (param {}){}))",
            "i32 ".repeat(parameters),
            if name == "main" { "(result i32)" } else { "" }
        )
    };
    let (mut fields, mut body, mut at) =
        (import("main", "[method]pipeline.main-container", 1), String::new(), 4_096);
    fields += &import("drop", "[resource-drop]container", 1);
    let (mut known, mut data) = (Vec::new(), String::new());
    body += "(local $main i32) (local.set $main (call $main (local.get $target)))";
    for Edit { resource, method, arguments } in edits {
        let mut words = Vec::new();
        let mut text = |words: &mut Vec<i32>, text: &str| {
            let _ = write!(data, "(data (i32.const {at}) \"{}\")", text.replace('"', "\\22"));
            words.extend([at, i32::try_from(text.len()).unwrap()]);
            at += i32::try_from(text.len()).unwrap();
        };
        for argument in arguments {
            match argument {
                Argument::Number(number) => words.push(*number),
                Argument::Text(given) => text(&mut words, given),
                Argument::Optional(None) => words.extend([0, 0, 0]),
                Argument::Optional(Some(given)) => {
                    words.push(1);
                    text(&mut words, given);
                }
            }
        }
        let name = format!("{resource}-{method}");
        if !known.contains(&name) {
            fields += &import(&name, &format!("[method]{resource}.{method}"), words.len() + 2);
            known.push(name.clone());
        }
        let target = if *resource == "container" { "$main" } else { "$target" };
        let words: Vec<_> = words.iter().map(|word| format!("(i32.const {word})")).collect();
        let _ =
            write!(body, "(call ${name} (local.get {target}) {} (i32.const 512))", words.concat());
    }
    body += "(call $drop (local.get $main)) (i32.const 256)";
    Guest::new().fields(&fields).fields(&data).transform(&body)
}

fn pipeline() -> impl Strategy<Value = Value> {
    let labels = select(vec![json!({}), json!({"team": "x"}), json!({"a.b/c": "y", "d": "e"})]);
    let env = vec(select(vec!["A", "B", "D"]), 0..3).prop_map(|mut names| {
        names.sort_unstable();
        names.dedup();
        let variable = |name| json!({"name": name, "value": "0"});
        names.into_iter().map(variable).collect::<Value>()
    });
    let claims = select(vec![
        json!([]),
        json!([{"name": "data", "size": "1Gi", "mountPath": "/data",
                "ordinals": [{"from": 1, "size": "2Gi"}]}]),
    ]);
    let tolerations = select(vec![json!([]), json!([{"key": "a"}])]);
    (labels, env, claims, tolerations, prop::option::of(1..3_i32)).prop_map(
        |(labels, env, claims, tolerations, replicas)| {
            let mut spec = json!({
                "containers": [{"name": "main", "image": "nginx:1", "env": env}],
                "claims": claims, "tolerations": tolerations, "service": {"labels": labels},
            });
            spec["replicas"] = replicas.map_or(json!(1), Value::from);
            json!({
                "apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline",
                "metadata": {"name": "db", "labels": labels, "annotations": labels}, "spec": spec,
            })
        },
    )
}

/// Runs plugins over a pipeline, one for each list of edits.
fn run(folder: &std::path::Path, pipeline: &Value, plugins: &[Vec<Edit>]) -> Run {
    let entries = plugins.iter().enumerate().map(|(index, edits)| {
        let source = format!("p{index}.wasm");
        std::fs::write(folder.join(&source), guest(edits).build()).unwrap();
        let name = format!("p{index}");
        json!({"name": name, "source": source, "grants": ["**"], "overrides": ["**"]})
    });
    let customization = json!({
        "apiVersion": "wellhead.dev/v1alpha1", "kind": "Customization",
        "metadata": {"name": "team"}, "spec": {"plugins": entries.collect::<Vec<_>>()},
    });
    let source = |name: &str, value: &Value| {
        std::fs::write(folder.join(name), value.to_string()).unwrap();
        Source::from(folder.join(name))
    };
    let request = Request {
        pipelines: vec![source("db.json", pipeline)],
        customizations: vec![source("team.json", &customization)],
        // The guests are those of this test.
        compiler: Compiler::in_process(),
        ..Request::default()
    };
    wellhead::run(&request).unwrap()
}

/// Each leaf of each object has a record, with its value.
fn check_leaves(run: &Run, record: &PipelineRecord) {
    let objects = run.sets().next().unwrap().objects();
    assert_eq!(record.objects.len(), objects.len());
    for (recorded, object) in record.objects.iter().zip(&objects) {
        let leaves = object_leaves(&object.value);
        assert_eq!(recorded.fields.iter().count(), leaves.len());
        for (path, value) in leaves {
            let leaf = recorded.fields.get(&path).unwrap();
            assert_eq!(record.value(leaf), Some(value), "{path}");
        }
    }
}

/// Each field's steps begin with what the base spec has, go on in the order of the plugins, and end
/// with what there is.
fn check_fields(run: &Run, record: &ProvenanceRecord) {
    let base = run.inputs.pipelines[0].to_draft();
    let after = run.outcomes[0].pipeline.to_draft();
    let left = leaves(&after, &FieldPath::root());
    let fields = &record.pipelines[0].fields;
    for (path, steps) in fields {
        let of_base = matches!(steps[0].by, By::Base { .. });
        let in_base = leaves(&base, &FieldPath::root()).iter().any(|it| it.0 == *path);
        // Items of lists without keys move, and take their steps along.
        let moves = path.segments().iter().any(|it| matches!(it, Segment::Index(_)));
        assert!(moves || of_base == in_base, "{path}");
        let plugins: Vec<_> = steps[usize::from(of_base)..]
            .iter()
            .map(|step| match step.by {
                By::Plugin { plugin, .. } => record.plugins[plugin].name.clone(),
                other => format!("{other:?}"),
            })
            .collect();
        assert!(plugins.is_sorted() && plugins.iter().all(|it| it.starts_with('p')), "{plugins:?}");
        // A pipeline may leave out what is empty.
        let filled = |value: &&Value| **value != json!([]);
        let leaf = left.iter().find(|it| it.0 == *path).map(|it| it.1).filter(filled);
        assert_eq!(steps.last().unwrap().value.as_ref().filter(filled), leaf, "{path}");
    }
    for (path, _) in &left {
        assert!(fields.contains_key(path), "{path}");
    }
}

#[test]
fn what_the_history_notes_of_a_pipeline_runs_its_chain_again() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = json!({
        "apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "db"},
        "spec": {"replicas": 1, "containers": [{"name": "db", "image": "postgres:17"}]},
    });
    let edits = [
        vec![edit("pipeline", "set-replicas", vec![Argument::Number(3)])],
        vec![edit("pipeline", "set-label", vec![Argument::Text("team"), Argument::Text("x")])],
    ];
    let of = |edits: &[Vec<Edit>]| run(folder.path(), &pipeline, edits).about().remove(0);
    assert_eq!(of(&[]).origin, Origin::default());

    let about = of(&edits);
    let engine = Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap();
    let entry = |it: &ChainEntry| {
        let path = folder.path().join(&it.entry.source);
        let name = it.entry.name.as_str();
        let plugin = Plugin::load(&engine, name, &path, &LoadOptions::default()).unwrap();
        assert_eq!(plugin.digest(), it.digest);
        Entry::new(&it.entry, &it.customization, plugin.into()).unwrap()
    };
    let chain: Vec<_> = about.origin.chain.iter().map(entry).collect();
    assert_eq!(chain.len(), edits.len());
    let base = Pipeline::from_draft(about.origin.base).unwrap();
    assert_eq!(base.replicas(), 1);
    let again = Chain::new(chain).run(&base).unwrap();
    assert_eq!(again.pipeline.to_draft(), about.spec);
    assert_eq!(again.pipeline.replicas(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_leaf_of_every_object_leads_back_to_who_gave_it(
        pipeline in pipeline(),
        plugins in vec(vec(edits(), 0..8), 0..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let run = run(folder.path(), &pipeline, &plugins);
        let record = run.provenance();
        prop_assert!(record.is_consistent());
        check_leaves(&run, &record.pipelines[0]);
        check_fields(&run, &record);
        let history = run.outcomes[0].provenance.replay(run.inputs.pipelines[0].to_draft());
        let replayed = Pipeline::from_draft(history.draft().clone());
        prop_assert_eq!(replayed.as_ref(), Ok(&run.outcomes[0].pipeline));
        let read: ProvenanceRecord =
            serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        prop_assert_eq!(read, record);
    }
}
