//! From one accepted pipeline to another: the generation of the StatefulSet, its revision and its pods change exactly
//! when the plan says so.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::Api;
use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_cluster::{
    ApplyOptions, Cluster, ConnectOptions, Effect, Kind, PlanOptions, PlannedObject, Silent, Wait,
};
use wellhead_harness::SharedControlPlane;
use wellhead_render::{ResourceSet, render};
use wellhead_spec::FieldPath;

use crate::server::Server;
use crate::{Source, accept, number, pipeline};

/// Pairs where nothing is asked for.
const PAIRS: usize = 24;
/// At least one of this many pairs can be applied one after the other.
const TRIES: usize = 12;
/// Pairs under way at the same time.
const AT_ONCE: usize = 4;
/// How long the controller may take to see a change.
const PATIENCE: Duration = Duration::from_mins(2);

/// Two pipelines of one name.
struct Pair {
    name: String,
    before: ResourceSet,
    after: ResourceSet,
    made_of: Value,
}

/// Another order of all lists below a value.
fn reversed(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.reverse();
            items.iter_mut().for_each(reversed);
        }
        Value::Object(fields) => fields.values_mut().for_each(reversed),
        _ => {}
    }
}

/// A document with what the pairs of a run must not share or have: names of Services, and how many pods there are.
fn plain(mut document: Value, name: &str) -> Value {
    document["metadata"]["name"] = name.into();
    let spec = document["spec"].as_object_mut().unwrap();
    spec.insert("replicas".to_owned(), 1.into());
    spec.remove("ordinals");
    spec.remove("ownership");
    if let Some(service) = spec.get_mut("service").and_then(Value::as_object_mut) {
        service.remove("name");
        service.remove("external");
    }
    document
}

/// The second document: the first in another order, with some fields of a third, or both.
fn other(before: &Value, third: &Value, (order, fields): (bool, &[bool])) -> Value {
    let mut after = before.clone();
    if order {
        reversed(&mut after["spec"]);
    }
    // What is fixed when a StatefulSet is created stays as it is.
    let fixed = ["selector", "service", "claims", "podManagementPolicy"];
    let (new, old) = (third["spec"].as_object().unwrap(), before["spec"].as_object().unwrap());
    let keys = new.keys().chain(old.keys()).filter(|key| !fixed.contains(&key.as_str()));
    let spec = after["spec"].as_object_mut().unwrap();
    for (key, chosen) in keys.zip(fields.iter().cycle()) {
        match new.get(key) {
            Some(value) if *chosen => drop(spec.insert(key.clone(), value.clone())),
            None if *chosen => drop(spec.remove(key)),
            _ => {}
        }
    }
    after
}

fn pair(source: &mut Source, namespace: &'static str, number: usize) -> Option<Pair> {
    let name = format!("p{number}");
    let documents = pipeline::document(namespace);
    let (before, third) = (source.draw(&documents), source.draw(&documents));
    let choice =
        source.draw(&(any::<bool>(), proptest::collection::vec(prop::bool::weighted(0.15), 40)));
    let before = plain(before, &name);
    let after = plain(other(&before, &third, (choice.0, &choice.1)), &name);
    let sets = [&before, &after].map(|it| accept(it).ok().map(|it| render(&it)));
    let [Some(before_set), Some(after_set)] = sets else { return None };
    let made_of = json!({"before": before, "after": after});
    Some(Pair { name, before: before_set, after: after_set, made_of })
}

/// Generation and update revision, once the controller has seen the object as it is.
async fn seen(sets: &Api<StatefulSet>, name: &str) -> (Option<i64>, Option<String>) {
    let seen = async {
        loop {
            let set = sets.get(name).await.unwrap();
            let generation = set.metadata.generation;
            let status = set.status.unwrap_or_default();
            if status.observed_generation == generation && status.update_revision.is_some() {
                return (generation, status.update_revision);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.expect("the controller sees every change")
}

/// Whether a plan says that a part of an object changes.
fn says(object: &PlannedObject, part: &[&str]) -> bool {
    let part = FieldPath::of(part.iter().copied());
    object.changes().iter().any(|change| part.contains(&change.path))
}

enum Outcome {
    /// One of the two cannot be applied in this cluster.
    Refused,
    /// The plan is right; whether the pods have another revision.
    Right(bool),
    Wrong(String),
}

async fn judge(cluster: &Cluster, server: &Server, pair: &Pair) -> Outcome {
    let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
    let sets: Api<StatefulSet> = Api::namespaced(server.client.clone(), server.namespace);
    if cluster.apply(std::slice::from_ref(&pair.before), &options, &Silent).await.is_err() {
        return Outcome::Refused;
    }
    let before = seen(&sets, &pair.name).await;
    let after = std::slice::from_ref(&pair.after);
    let plan = cluster.plan(after, &PlanOptions::default(), &Silent).await.unwrap();
    if !plan.problems.is_empty() {
        return Outcome::Refused;
    }
    if let Err(error) = cluster.apply(after, &options, &Silent).await {
        return Outcome::Wrong(format!("planned, and refused: {error}: {}", pair.made_of));
    }
    let now = seen(&sets, &pair.name).await;
    let mut objects = plan.pipelines.iter().flat_map(|it| &it.objects);
    let object = objects.find(|it| it.object.kind == Kind::StatefulSet).unwrap();
    let changed = (before.0 != now.0, before.1 != now.1);
    let said = (says(object, &["spec"]), says(object, &["spec", "template"]));
    let after = object.after.unpack();
    let partition = after.pointer("/spec/updateStrategy/rollingUpdate/partition");
    let is_reached = partition.is_none_or(|it| it == 0);
    let restarts = object.effects.iter().any(|effect| {
        matches!(effect, Effect::RestartsPods { .. } | Effect::RestartsOnDelete { .. })
    });
    let is_ownership = object.effects.contains(&Effect::Ownership);
    if said != changed || (is_reached && restarts != changed.1) || (is_ownership && changed.0) {
        return Outcome::Wrong(format!(
            "generation and revision change: {changed:?}, said: {said:?} {:?} {:?}: {}",
            object.effects,
            object.changes(),
            pair.made_of
        ));
    }
    Outcome::Right(changed.1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_exactly_when_pods_get_another_revision() {
    let server = Server::start().await;
    let kubeconfig = Some(SharedControlPlane::get().kubeconfig().to_owned());
    let options = ConnectOptions { kubeconfig, ..ConnectOptions::default() };
    let cluster = Cluster::connect(&options).await.unwrap();
    let wanted = number("PROPTEST_CASES").unwrap_or(PAIRS).max(PAIRS);
    let mut source = Source::new();
    let pairs =
        (0..wanted * TRIES * TRIES).filter_map(|it| pair(&mut source, server.namespace, it));
    let outcomes = stream::iter(pairs).map(|pair| {
        let (cluster, server) = (&cluster, &server);
        async move { judge(cluster, server, &pair).await }
    });
    let mut outcomes = Box::pin(outcomes.buffer_unordered(AT_ONCE));
    let (mut right, mut new, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Outcome::Refused => refused += 1,
            Outcome::Right(is_new) => (right, new) = (right + 1, new + usize::from(is_new)),
            Outcome::Wrong(why) => wrong.push(why),
        }
        if right + wrong.len() >= wanted || refused > wanted * TRIES {
            break;
        }
    }
    println!("{right} right, {new} of them with a new revision, {refused} refused");
    assert!(wrong.is_empty(), "{} of {wanted}\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(right >= wanted, "only {right} of {} could be applied", right + refused);
    assert!(new > wanted / 8 && new < right, "{new} of {right} have a new revision");
}
