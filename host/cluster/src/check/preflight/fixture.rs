//! Pipelines for the tests of this module.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wellhead_render::ResourceSet;

use super::facts::{ClusterFacts, Namespace};
use super::pipeline_check::PipelineCheck;
use crate::decide::leftover::takeover::Leftovers;
use crate::decide::plan::{Checked, Decision, PipelinePlan, Step};
use crate::managed_fields::policy::Policies;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::store::lease::state::LeaseState;

/// A new pipeline with one claim for each replica.
pub(crate) fn plan(name: &str, replicas: usize, resources: &Value) -> PipelinePlan {
    let claims = (0..replicas).map(|ordinal| {
        let spec = json!({"storageClassName": "fast", "accessModes": ["ReadWriteOnce"],
                          "resources": {"requests": {"storage": "1Gi"}}});
        step(Kind::PersistentVolumeClaim, &format!("data-{name}-{ordinal}"), &json!({"spec": spec}))
    });
    let container = json!({"name": "db", "image": "db:1", "resources": resources});
    let template = json!({"spec": {"containers": [container]}});
    let spec = json!({"replicas": replicas, "template": template});
    PipelinePlan {
        pipeline: PipelineRef { namespace: "ns".to_owned(), name: name.to_owned() },
        service: Some(step(Kind::Service, name, &json!({"spec": {"clusterIP": "None"}}))),
        claims: claims.collect(),
        stateful_set: step(Kind::StatefulSet, name, &json!({"spec": spec})),
        warnings: Vec::new(),
        lease_state: LeaseState::new(None, Timestamp::UNIX_EPOCH),
        set: ResourceSet::default(),
        take: Vec::new(),
        digest: String::new(),
        pending: None,
    }
}

pub(crate) fn step(kind: Kind, name: &str, body: &Value) -> Step {
    let object = ObjectRef::new(kind, "ns", name);
    Step {
        object,
        body: body.clone(),
        live: None,
        decision: Decision::Create,
        fixed: Vec::new(),
        replacement: None,
        policies: Policies::default(),
        shared: Vec::new(),
        leftovers: Leftovers::default(),
        migration: None,
        stage: Checked::default(),
    }
}

/// A plan of which everything exists, with so many pods.
pub(crate) fn existing(mut plan: PipelinePlan, pods: usize) -> PipelinePlan {
    plan =
        plan.map(|step| Step { live: Some(step.body.clone()), decision: Decision::Leave, ..step });
    let set = &mut plan.stateful_set;
    set.decision = Decision::Update;
    set.live.as_mut().expect("it exists")["status"]["replicas"] = pods.into();
    plan
}

/// An object of a test as Kubernetes' own type.
pub(crate) fn typed<T: DeserializeOwned>(object: Value) -> T {
    crate::model::json::typed::typed(object).expect("an object of this type")
}

pub(crate) fn quota(hard: &Value, used: &Value) -> ResourceQuota {
    typed(json!({"metadata": {"name": "few", "namespace": "ns"},
                 "spec": {"hard": hard}, "status": {"used": used}}))
}

pub(crate) fn facts(quotas: &[ResourceQuota], ranges: &[LimitRange]) -> ClusterFacts {
    let found =
        Namespace { quotas: quotas.to_vec(), ranges: ranges.to_vec(), ..Namespace::default() };
    ClusterFacts { namespaces: [("ns".to_owned(), found)].into(), ..ClusterFacts::default() }
}

pub(crate) fn checks<'p>(
    plans: &'p [PipelinePlan],
    facts: &ClusterFacts,
) -> Vec<PipelineCheck<'p>> {
    plans.iter().enumerate().map(|(at, plan)| PipelineCheck::of(at, plan, facts)).collect()
}
