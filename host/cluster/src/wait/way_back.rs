//! Whether a rollback would help a rollout that does not come to its end. One that cannot is not offered.

use k8s_openapi::api::apps::v1::StatefulSet;
use serde_json::{Value, json};
use wellhead_diagnostics::Code;

use crate::api::client::Client;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::typed;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::remedy::Remedy;
use crate::store::{revisions, rollback_target};

/// What decides whether a node takes a pod, of the fields of its spec.
const SCHEDULING: [&str; 14] = [
    "affinity",
    "hostNetwork",
    "nodeName",
    "nodeSelector",
    "os",
    "preemptionPolicy",
    "priorityClassName",
    "resourceClaims",
    "resources",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "tolerations",
    "topologySpreadConstraints",
];

/// The same of its containers.
const CONTAINER_SCHEDULING: [&str; 2] = ["ports", "resources"];

/// The revision that a rollback would bring back, and the one that it would leave.
#[derive(Debug)]
pub(crate) struct WayBack {
    pipeline: PipelineRef,
    number: i64,
    /// The pod templates of both, as they were rendered.
    before: Value,
    now: Value,
}

/// What the cluster says to pods of the revision before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Admitted,
    Refused,
    /// It could not be asked.
    Unknown,
}

impl WayBack {
    /// `None` where there is no revision to go back to, or it cannot be read.
    pub(crate) async fn find(client: &Client<'_>, pipeline: &PipelineRef) -> Option<Self> {
        let (newest, number) = rollback_target::around(client, pipeline).await.ok()?;
        let (before, now) = futures::join!(
            revisions::read(client, pipeline, number),
            revisions::read(client, pipeline, newest),
        );
        let template = |found: Result<Option<revisions::Stored>, Problem>| {
            let stored = found.ok()??;
            serde_json::to_value(stored.content.objects.stateful_set.spec?.template).ok()
        };
        Some(Self {
            pipeline: pipeline.clone(),
            number,
            before: template(before)?,
            now: template(now)?,
        })
    }

    /// The rollback, beside what helps as well.
    pub(crate) fn remedy(&self, instead: String) -> Remedy {
        Remedy::RollBack { pipeline: self.pipeline.clone(), instead }
    }

    /// What is reported where a rollback would be refused as well.
    pub(crate) fn refused(&self) -> String {
        format!("the pods of revision {}, the one before, would be refused as well", self.number)
    }

    /// Whether what the revision before has otherwise can be what a pod suffers from.
    pub(crate) fn concerns(&self, problem: &Problem) -> bool {
        let of =
            |template: &Value, field: &str| template.pointer(&format!("/spec/{field}")).cloned();
        let differ = |fields: &[&str]| {
            fields.iter().any(|field| of(&self.before, field) != of(&self.now, field))
        };
        let containers_differ = |fields: &[&str], only: Option<&str>| {
            containers(&self.before, fields, only) != containers(&self.now, fields, only)
        };
        match problem.code {
            Code::ImagePull => {
                let field = problem.field.as_deref().unwrap_or_default();
                let container = field.strip_prefix("containers.");
                let container = container.and_then(|rest| rest.strip_suffix(".image"));
                differ(&["imagePullSecrets", "serviceAccountName"])
                    || containers_differ(&["image", "imagePullPolicy"], container)
            }
            Code::Unschedulable | Code::SchedulingGated => {
                differ(&SCHEDULING) || containers_differ(&CONTAINER_SCHEDULING, None)
            }
            // A pod that does not end has a template that does not matter any more.
            Code::PodNotTerminating => false,
            _ => self.before.get("spec") != self.now.get("spec"),
        }
    }

    /// Asks the server, in a dry run, for a pod of the revision before. Not everybody may make pods.
    pub(crate) async fn ask(&self, client: &Client<'_>, stateful_set: &StatefulSet) -> Answer {
        let pod = pod(&self.before, stateful_set);
        let object = ObjectRef::new(Kind::Pod, &self.pipeline.namespace, json::name(&pod));
        // A warning of the server about a pod that no one makes is of no interest.
        let aside = Client { heard: None, ..*client };
        match aside.try_create(&object, &pod).await {
            Ok(_) => Answer::Admitted,
            Err(failure) if failure.problem("create", &object).code == Code::AdmissionDenied => {
                Answer::Refused
            }
            Err(_) => Answer::Unknown,
        }
    }
}

/// Fields of the containers of a template, or of one of them.
fn containers(template: &Value, fields: &[&str], only: Option<&str>) -> Vec<Vec<Option<Value>>> {
    let lists = ["/spec/initContainers", "/spec/containers"];
    let all = lists.iter().flat_map(|list| json::items(template, list));
    let named = all.filter(|one| only.is_none_or(|only| json::name_of(one) == only));
    named.map(|one| fields.iter().map(|field| one.get(field).cloned()).collect()).collect()
}

/// A pod as the StatefulSet's controller would make it, under a name that no pod has.
fn pod(template: &Value, stateful_set: &StatefulSet) -> Value {
    let set = &stateful_set.metadata;
    let unlike: String = typed::uid(set).chars().take(8).collect();
    let name = format!("{}-{unlike}", typed::name(set));
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod"});
    pod["metadata"] = template.get("metadata").cloned().unwrap_or_else(|| json!({}));
    pod["metadata"]["name"] = name.as_str().into();
    pod["spec"] = template.get("spec").cloned().unwrap_or_default();
    let templates = stateful_set.spec.as_ref().and_then(|it| it.volume_claim_templates.as_ref());
    let claims = templates.into_iter().flatten().map(|it| typed::name(&it.metadata));
    let claims: Vec<_> = claims.collect();
    let mut volumes = json::items(template, "/spec/volumes").to_vec();
    volumes.retain(|volume| !claims.contains(&json::name_of(volume)));
    volumes.extend(claims.iter().map(|claim| {
        let claimed = format!("{claim}-{name}");
        json!({"name": claim, "persistentVolumeClaim": {"claimName": claimed}})
    }));
    pod["spec"]["volumes"] = volumes.into();
    pod
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wellhead_diagnostics::Code;

    use super::{WayBack, pod};
    use crate::model::error::Problem;
    use crate::model::json::typed;
    use crate::model::object::PipelineRef;

    fn template(change: &[(&str, Value)]) -> Value {
        let mut template = json!({"metadata": {"labels": {"app": "db"}}, "spec": {
            "nodeSelector": {}, "imagePullSecrets": [],
            "containers": [{"name": "db", "image": "db:1", "resources": {}, "env": []},
                           {"name": "log", "image": "log:1", "resources": {}, "env": []}]}});
        for (pointer, value) in change {
            *template.pointer_mut(pointer).expect("the template has it") = value.clone();
        }
        template
    }

    fn concerns(code: Code, change: &[(&str, Value)]) -> bool {
        let pipeline = PipelineRef { namespace: "ns".to_owned(), name: "db".to_owned() };
        let (before, now) = (template(&[]), template(change));
        let back = WayBack { pipeline, number: 1, before, now };
        back.concerns(&Problem::new(code, "").field("containers.db.image"))
    }

    #[test]
    fn going_back_is_offered_only_where_what_changed_can_be_the_cause() {
        let image = ("/spec/containers/0/image", json!("db:2"));
        let sidecar = ("/spec/containers/1/image", json!("log:2"));
        let secret = ("/spec/imagePullSecrets", json!([{"name": "new"}]));
        let node = ("/spec/nodeSelector", json!({"disk": "ssd"}));
        let memory = ("/spec/containers/0/resources", json!({"requests": {"memory": "9Gi"}}));
        let label = ("/metadata/labels", json!({"app": "db", "more": "x"}));
        for (code, change, helps) in [
            (Code::ImagePull, &image, true),
            (Code::ImagePull, &secret, true),
            (Code::ImagePull, &sidecar, false),
            (Code::ImagePull, &node, false),
            (Code::Unschedulable, &node, true),
            (Code::Unschedulable, &memory, true),
            (Code::Unschedulable, &image, false),
            (Code::CrashLoop, &image, true),
            (Code::CrashLoop, &label, false),
            (Code::PodNotTerminating, &image, false),
        ] {
            assert_eq!(concerns(code, std::slice::from_ref(change)), helps, "{code} {change:?}");
        }
    }

    #[test]
    fn the_pod_that_is_asked_for_has_the_volumes_of_the_claims() {
        let set = json!({"metadata": {"name": "db", "uid": "0123456789ab"},
                         "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}});
        let mut with_volumes = template(&[]);
        with_volumes["spec"]["volumes"] =
            json!([{"name": "data"}, {"name": "tmp", "emptyDir": {}}]);
        let made = pod(&with_volumes, &typed::lenient(&set));
        assert_eq!(made["metadata"], json!({"name": "db-01234567", "labels": {"app": "db"}}));
        let claim =
            json!({"name": "data", "persistentVolumeClaim": {"claimName": "data-db-01234567"}});
        assert_eq!(made["spec"]["volumes"], json!([{"name": "tmp", "emptyDir": {}}, claim]));
    }
}
