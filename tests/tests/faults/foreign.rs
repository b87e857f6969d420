//! What somebody else made, and a pipeline takes over.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Service;
use kube::api::PostParams;
use serde_json::json;

use crate::bed::{Case, await_some, block_on, typed};
use crate::spec::Spec;

/// The field of the pipeline that a label of the StatefulSet has, which no pipeline says.
pub(crate) const LABEL: &str = "labels.tier";

/// Makes what the spec is rendered to, as `kubectl apply` does, and waits for its pods. Their template is the same.
pub(crate) fn make(case: &Case, spec: &Spec) {
    let manager = Some("kubectl-client-side-apply".to_owned());
    let params = PostParams { field_manager: manager, ..PostParams::default() };
    let selector = json!({"app": "db"});
    let service: Service = typed(json!({"metadata": {"name": spec.service}, "spec": {
        "clusterIP": "None", "selector": selector,
        "ports": [{"port": spec.port, "targetPort": 80}]}}));
    block_on(case.api().create(&params, &service)).expect("a service");
    let claim = json!({"metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": format!("{}Gi", spec.size)}}}});
    let containers = json!([{
        "name": "db", "image": spec.image, "ports": [{"containerPort": 80}],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]);
    let set: StatefulSet = typed(json!({
        "metadata": {"name": "db", "labels": {"tier": "old"}},
        "spec": {
            "serviceName": spec.service, "replicas": spec.replicas,
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": selector}, "spec": {"containers": containers}},
            "volumeClaimTemplates": [claim]}}));
    let sets = case.api::<StatefulSet>();
    block_on(sets.create(&params, &set)).expect("a StatefulSet");
    await_some("every replica is ready", || {
        let set = block_on(sets.get("db")).expect("it exists");
        let ready = set.status.and_then(|it| it.ready_replicas);
        (ready == i32::try_from(spec.replicas).ok()).then_some(())
    });
}
