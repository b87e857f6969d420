//! What is rendered on top of what was rendered before, the API server takes on top of it.
//!
//! Pairs of pipelines of one name: the second is the first with some of its fields from elsewhere. The first is
//! created, as a tool that applies a tree does it, on a control plane whose controllers are off, so that nothing else
//! changes; the second is applied as a strict dry run.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt};
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_harness::{ControlPlane, Options, Part, controlplane_binary};
use wellhead_render::{Frozen, Object, Previous, keep_immutable, render};
use wellhead_spec::Pipeline;

use crate::server::{AT_ONCE, Refusals, Server, api_of, reasons, told};
use crate::{Source, TRIES, accept, cases, pipeline};

/// One field in so many is from elsewhere.
const CHANGED: u32 = 3;

/// Mixtures of two documents that are tried, of which one is accepted.
const MIXTURES: usize = 4;

struct Pair {
    first: Pipeline,
    second: Pipeline,
    made_of: Value,
}

/// So many pairs of which both are accepted.
fn pairs(namespace: &'static str, wanted: usize) -> Vec<Pair> {
    let (mut source, strategy) = (Source::new(), pipeline::document(namespace));
    let (mut others, mut pairs) = (Vec::<Value>::new(), Vec::new());
    // Both must be accepted.
    for _ in 0..wanted * TRIES * 2 {
        let document = source.draw(&strategy);
        let Ok(first) = accept(&document) else { continue };
        if let Some(other) = others.last() {
            let mut seconds = (0..MIXTURES).map(|_| mixed(&document, other, &mut source));
            let second = seconds.find_map(|it| Some((accept(&it).ok()?, it)));
            if let Some((second, text)) = second {
                pairs.push(Pair {
                    first,
                    second,
                    made_of: json!({"first": document, "second": text}),
                });
            }
        }
        others.push(document);
        if pairs.len() == wanted {
            return pairs;
        }
    }
    assert!(pairs.len() == wanted, "only {} of {wanted} pairs were accepted", pairs.len());
    pairs
}

/// A document with some fields of another one, and its claims with some of their fields otherwise.
fn mixed(document: &Value, other: &Value, source: &mut Source) -> Value {
    let mut changed = document.clone();
    let keys = [document, other].map(|it| it["spec"].as_object().cloned().unwrap_or_default());
    let keys: BTreeSet<String> = keys.into_iter().flatten().map(|(key, _)| key).collect();
    for key in keys.iter().filter(|key| *key != "claims") {
        if source.draw(&(0..CHANGED)) == 0 {
            match other["spec"].get(key) {
                Some(value) => changed["spec"][key] = value.clone(),
                None => drop(changed["spec"].as_object_mut().and_then(|spec| spec.remove(key))),
            }
        }
    }
    let theirs = other["spec"]["claims"].as_array().cloned().unwrap_or_default();
    for claim in changed["spec"]["claims"].as_array_mut().into_iter().flatten() {
        let Some(fields) = claim.as_object_mut() else { continue };
        for (key, value) in theirs.iter().filter_map(Value::as_object).flatten() {
            let same = ["name", "mountPath", "volumeMode"].contains(&key.as_str());
            if !same && source.draw(&(0..CHANGED)) == 0 {
                fields.insert(key.clone(), value.clone());
            }
        }
        if source.draw(&(0..CHANGED)) == 0 {
            fields.insert("size".to_owned(), source.draw(&size()));
        }
    }
    changed
}

fn size() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!("1Gi")), Just(json!("2Gi")), Just(json!("512Mi"))]
}

fn on_top(pair: &Pair) -> (Vec<Object>, Frozen) {
    let first = render(&pair.first).objects_for_others();
    let mut previous = Previous::default();
    for object in &first {
        previous.add(object.value.clone());
    }
    (first, keep_immutable(&previous, render(&pair.second).objects_for_others()))
}

/// What the server refuses of the second on top of the first.
async fn refusals_of(server: &Server, first: &[Object], frozen: &Frozen) -> Vec<String> {
    for object in first {
        let mut made = patch(server, object, PatchParams::apply("tree")).await;
        if let (Ok(()), "PersistentVolumeClaim") = (&made, object.kind.as_str()) {
            // Bound, as it is once its pod runs: only such a claim can grow.
            let capacity = &object.value["spec"]["resources"]["requests"];
            let status = json!({"status": {"phase": "Bound", "capacity": capacity}});
            let params = PatchParams::default();
            let api = api_of(server, object);
            made = api.patch_status(&object.name, &params, &Patch::Merge(status)).await.map(drop);
        }
        if let Err(error) = made {
            return reasons(&error)
                .iter()
                .map(|it| format!("first {}: {it}", object.kind))
                .collect();
        }
    }
    let mut refused = Vec::new();
    for object in &frozen.objects {
        let params = PatchParams::apply("tree").dry_run().validation_strict();
        if let Err(error) = patch(server, object, params).await {
            refused.extend(reasons(&error).into_iter().map(|it| format!("{}: {it}", object.kind)));
        }
    }
    // Which classes let volumes grow is known to the cluster alone.
    refused
        .retain(|it| !it.contains("the storageclass that provisions the pvc must support resize"));
    refused
}

async fn patch(server: &Server, object: &Object, params: PatchParams) -> Result<(), kube::Error> {
    let body: DynamicObject = serde_json::from_value(object.value.clone()).unwrap();
    let api: Api<DynamicObject> = api_of(server, object);
    api.patch(&object.name, &params, &Patch::Apply(&body)).await.map(drop)
}

/// Rendering again on top of what came of it changes nothing more.
fn check_again(pair: &Pair, once: &Frozen) {
    let mut previous = Previous::default();
    previous.add_notes(&Previous::note(&once.gone));
    for object in &once.objects {
        previous.add(object.value.clone());
    }
    let twice = keep_immutable(&previous, render(&pair.second).objects_for_others());
    assert_eq!((&twice.objects, &twice.gone), (&once.objects, &once.gone), "{}", pair.made_of);
    assert_eq!((&twice.left[..], &twice.refused[..]), (&[][..], &[][..]), "{}", pair.made_of);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_accepts_what_is_rendered_on_top_of_what_was() {
    let binary = controlplane_binary().unwrap();
    let control_plane = ControlPlane::start(&binary, &Options::temporary()).unwrap();
    let server = Server::on(&control_plane).await;
    control_plane.kill(Part::ControllerManager).unwrap();
    let pairs = pairs(server.namespace, cases());
    let on_top: Vec<_> = pairs.iter().map(|pair| (pair, on_top(pair))).collect();
    let refused = on_top.iter().filter(|(_, (_, frozen))| !frozen.refused.is_empty()).count();
    let kept = on_top.iter().filter(|(_, (_, frozen))| !frozen.kept.is_empty()).count();
    // Fewer, and the generator tests little.
    assert!(refused < pairs.len() / 2 && kept > pairs.len() / 5, "{refused} refused, {kept} keep");
    for (pair, (_, frozen)) in on_top.iter().filter(|(_, (_, it))| it.refused.is_empty()) {
        check_again(pair, frozen);
    }
    let checks = on_top.iter().filter(|(_, (_, frozen))| frozen.refused.is_empty()).map(
        |(pair, (first, frozen))| {
            let server = &server;
            async move { (pair, refusals_of(server, first, frozen).await) }
        },
    );
    let mut answers = stream::iter(checks).buffer_unordered(AT_ONCE);
    let mut refusals = Refusals::new();
    while let Some((pair, refused)) = answers.next().await {
        for reason in refused {
            refusals.entry(reason).or_default().push(pair.made_of.clone());
        }
    }
    assert!(refusals.is_empty(), "{} kinds of refusal\n{}", refusals.len(), told(&refusals));
}
