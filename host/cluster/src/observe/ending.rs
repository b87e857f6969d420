//! Objects that are on their way out: what goes with them, and what saves it.

use std::collections::{BTreeSet, HashMap};

use futures::future::join_all;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::api::client::Client;
use crate::api::failure::of_namespace;
use crate::model::error::Problem;
use crate::model::json::typed::{is_deleting, lenient, metadata, text};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::remedy::{Remedy, free_volume, keep_volume};

/// The finalizer that keeps a claim as long as a pod uses it.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection>
const IN_USE: &str = "kubernetes.io/pvc-protection";

/// What an object says of its end, and a claim of its volume.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// Since when it is being deleted, or "".
    since: String,
    finalizers: Vec<String>,
    /// The volume of a claim, or "".
    pub(crate) volume: String,
    /// Where a claim is in its life, or "".
    phase: String,
}

impl Ending {
    fn of(metadata: &ObjectMeta) -> Self {
        let since = metadata.deletion_timestamp.as_ref().map(|it| it.0.to_string());
        let finalizers = metadata.finalizers.clone().unwrap_or_default();
        Self { since: since.unwrap_or_default(), finalizers, ..Self::default() }
    }

    pub(crate) fn of_claim(claim: &PersistentVolumeClaim) -> Self {
        Self {
            volume: text(claim.spec.as_ref().and_then(|it| it.volume_name.as_ref())).to_owned(),
            phase: phase(claim).to_owned(),
            ..Self::of(&claim.metadata)
        }
    }

    /// Whether it is being deleted.
    pub(crate) fn has_begun(&self) -> bool {
        !self.since.is_empty()
    }

    /// Of an object of a pipeline as the server has it.
    pub(crate) fn read(kind: Kind, live: &Value) -> Self {
        match kind {
            Kind::PersistentVolumeClaim => Self::of_claim(&lenient(live)),
            _ => Self::of(&metadata(live)),
        }
    }
}

/// Where a claim is in its life, or "".
pub(crate) fn phase(claim: &PersistentVolumeClaim) -> &str {
    text(claim.status.as_ref().and_then(|it| it.phase.as_ref()))
}

/// An object of a pipeline that has a deletion timestamp.
pub(crate) fn problem(object: &ObjectRef, live: &Ending, pipeline: &PipelineRef) -> Problem {
    let (since, finalizers) = (&live.since, live.finalizers.join(", "));
    let why = if finalizers.is_empty() {
        format!("since {since}")
    } else {
        format!("since {since}; it waits for: {finalizers}")
    };
    let problem = match object.kind {
        Kind::PersistentVolumeClaim => of_claim(object, live, pipeline),
        _ => of_other(object),
    };
    problem.on(object).field("metadata.deletionTimestamp").why(why)
}

fn of_other(object: &ObjectRef) -> Problem {
    Problem::new(Code::ObjectTerminating, format!("{object} is being deleted")).hint(format!(
        "once it is gone, run the same command again: {} --for=delete --timeout=5m",
        object.kubectl("wait")
    ))
}

/// A claim keeps its volume until the last pod that uses it has ended, and nothing takes a deletion back.
fn of_claim(object: &ObjectRef, live: &Ending, pipeline: &PipelineRef) -> Problem {
    let pod = pod_of(&object.name, pipeline);
    let pod = pod.filter(|_| live.finalizers.iter().any(|it| it == IN_USE));
    let volume = live.volume.as_str();
    let end = |pod: &ObjectRef| pod.kubectl("delete");
    let what = match (&pod, volume) {
        (_, "") => format!("{object} is being deleted; it has no volume yet"),
        (Some(pod), _) => {
            format!("{object} is being deleted: its volume and data go when {pod} ends")
        }
        (None, _) => format!("{object} is being deleted, and its volume and data with it"),
    };
    let again = "then run the same command again";
    let problem = Problem::new(Code::ObjectTerminating, what);
    match (&pod, volume) {
        (None, "") => of_other(object),
        (Some(pod), "") => problem.hint(format!("let it go: {}; {again}", end(pod))),
        (pod, volume) => {
            let (pipeline, volume) = (pipeline.clone(), volume.to_owned());
            let problem = problem.remedy(Remedy::RescueVolume { pipeline, volume });
            pod.iter().fold(problem, |problem, pod| {
                problem.hint(format!("or go on with a new, empty volume: {}; {again}", end(pod)))
            })
        }
    }
}

/// The pod of a pipeline that a claim is for, by its name: `TEMPLATE-PIPELINE-ORDINAL`.
fn pod_of(claim: &str, pipeline: &PipelineRef) -> Option<ObjectRef> {
    let (stem, ordinal) = claim.rsplit_once('-')?;
    let ours = ordinal.parse::<u32>().is_ok() && stem.ends_with(&format!("-{}", pipeline.name));
    ours.then(|| {
        let name = format!("{}-{ordinal}", pipeline.name);
        ObjectRef::new(Kind::Pod, &pipeline.namespace, &name)
    })
}

/// Deleting the pods of a pipeline takes such a claim along.
pub(crate) fn goes_with_pods(object: &ObjectRef, live: &Ending, pipeline: &PipelineRef) -> Problem {
    let what = format!(
        "{object} is being deleted: its volume and data would go with the pods of {pipeline}"
    );
    Problem::new(Code::DeletionLosesData, what)
        .on(object)
        .field("metadata.deletionTimestamp")
        .hint(format!("{}; then run the same command again", keep_volume(&live.volume)))
}

/// Whether a claim has a volume, and keeps it.
pub(crate) fn has_volume(claim: &PersistentVolumeClaim) -> bool {
    phase(claim) == "Bound" && !is_deleting(&claim.metadata)
}

/// A claim whose volume is gone.
pub(crate) fn lost(object: &ObjectRef, live: &Ending, pipeline: &PipelineRef) -> Option<Problem> {
    if live.phase != "Lost" {
        return None;
    }
    let volume = &live.volume;
    let pod = pod_of(&object.name, pipeline);
    let pod = pod.map(|pod| format!(" && {}", pod.kubectl("delete"))).unwrap_or_default();
    Some(
        Problem::new(Code::ClaimNotBound, format!("{object} has lost its volume"))
            .on(object)
            .why(format!("volume {volume} is gone"))
            .hint(format!(
                "if the storage still has the data, create volume {volume} again, unchanged\n\
                 to go on with a new, empty volume: {} --wait=false{pod}",
                object.kubectl("delete")
            )),
    )
}

/// The namespaces that are being deleted, of those in which something is. Not everybody may read them.
pub(crate) async fn namespaces(
    client: &Client<'_>,
    problems: impl IntoIterator<Item = &Problem>,
) -> BTreeSet<String> {
    let ending = problems.into_iter().filter(|it| it.code == Code::ObjectTerminating);
    let names: BTreeSet<_> =
        ending.filter_map(|it| Some(it.object.as_ref()?.namespace.as_str())).collect();
    let asked = names.into_iter().map(|name| async move {
        let found = client.get(&ObjectRef::new(Kind::Namespace, "", name)).await.ok()??;
        is_deleting(&metadata(&found)).then(|| name.to_owned())
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// Says first which namespaces end, and changes what leads out of what they take along: nothing can be written there.
pub(crate) fn report_namespaces(
    problems: &mut Vec<Problem>,
    namespaces: &BTreeSet<String>,
    live: &HashMap<&ObjectRef, &Value>,
) {
    for problem in problems.iter_mut().filter(|it| it.code == Code::ObjectTerminating) {
        let Some(object) = problem.object.as_ref() else { continue };
        if !namespaces.contains(&object.namespace) {
            continue;
        }
        let volume = live.get(object).map(|live| Ending::read(object.kind, live).volume);
        problem.remedy = None;
        problem.hints = match volume.unwrap_or_default().as_str() {
            "" => vec![format!("it goes with its namespace {}", object.namespace)],
            volume => vec![
                keep_volume(volume),
                format!(
                    "to get it back, once the namespace is there again: {}; then run the same command again",
                    free_volume(volume)
                ),
            ],
        };
    }
    let reported = namespaces.iter().map(|name| {
        let what = format!("namespace \"{name}\" is being deleted, and everything in it");
        of_namespace(name, what)
    });
    problems.splice(0..0, reported.collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claim(change: &[(&str, Value)]) -> Value {
        let mut claim = json!({
            "metadata": {"name": "data-pt-0", "namespace": "b", "finalizers": [IN_USE],
                         "deletionTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"volumeName": "pvc-1"}, "status": {"phase": "Bound"}});
        for (pointer, value) in change {
            *claim.pointer_mut(pointer).expect("the claim has it") = value.clone();
        }
        claim
    }

    fn pipeline() -> PipelineRef {
        PipelineRef { namespace: "b".to_owned(), name: "pt".to_owned() }
    }

    fn object() -> ObjectRef {
        ObjectRef::new(Kind::PersistentVolumeClaim, "b", "data-pt-0")
    }

    fn read(claim: &Value) -> Ending {
        Ending::read(Kind::PersistentVolumeClaim, claim)
    }

    fn said(claim: &Value) -> (String, Vec<String>) {
        let problem = problem(&object(), &read(claim), &pipeline());
        (problem.what.clone(), problem.ways_out())
    }

    #[test]
    fn a_claim_in_use_says_when_its_data_goes_and_what_keeps_it() {
        let (what, hints) = said(&claim(&[]));
        assert_eq!(
            what,
            "claim/data-pt-0 is being deleted: its volume and data go when pod/pt-0 ends"
        );
        let retain =
            r#"kubectl patch pv pvc-1 -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'"#;
        assert!(hints[0].contains(retain), "{hints:?}");
        let free = r#"kubectl patch pv pvc-1 -p '{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}'"#;
        assert!(hints[1].contains("wellhead delete pt -n b"), "{hints:?}");
        assert!(hints[1].contains(free), "{hints:?}");
        assert!(hints[2].contains("kubectl -n b delete pod/pt-0"), "{hints:?}");
    }

    #[test]
    fn a_claim_without_a_volume_has_no_data_to_keep() {
        let (what, hints) = said(&claim(&[("/spec/volumeName", json!(""))]));
        assert_eq!(what, "claim/data-pt-0 is being deleted; it has no volume yet");
        assert_eq!(
            hints,
            ["let it go: kubectl -n b delete pod/pt-0; then run the same command again"]
        );
    }

    #[test]
    fn a_claim_that_no_pod_uses_waits_for_its_other_finalizers() {
        let held = claim(&[("/metadata/finalizers", json!(["example.com/backup"]))]);
        let (what, hints) = said(&held);
        assert_eq!(what, "claim/data-pt-0 is being deleted, and its volume and data with it");
        assert!(!hints.iter().any(|it| it.contains("delete pod")), "{hints:?}");
    }

    #[test]
    fn a_namespace_that_ends_leaves_the_volume_alone_as_the_way_back() {
        let (object, claim) = (object(), claim(&[]));
        let mut problems = vec![problem(&object, &read(&claim), &pipeline())];
        let live = HashMap::from([(&object, &claim)]);
        report_namespaces(&mut problems, &BTreeSet::from(["b".to_owned()]), &live);
        assert_eq!(problems[0].code, Code::NamespaceUnusable);
        let hint = problems[1].ways_out().join("\n");
        assert!(hint.contains("Retain") && !hint.contains("wellhead delete"), "{hint}");
    }

    #[test]
    fn a_lost_claim_names_its_volume_and_both_ways() {
        let lost_claim = claim(&[("/status/phase", json!("Lost"))]);
        let problem = lost(&object(), &read(&lost_claim), &pipeline()).expect("it is told");
        assert_eq!(problem.why.as_deref(), Some("volume pvc-1 is gone"));
        let hint = problem.hints.join("\n");
        assert!(hint.contains(
            "kubectl -n b delete pvc/data-pt-0 --wait=false && kubectl -n b delete pod/pt-0"
        ));
        assert!(lost(&object(), &read(&claim(&[])), &pipeline()).is_none());
    }
}
