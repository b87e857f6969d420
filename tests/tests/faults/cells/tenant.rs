//! A user who is no administrator: the server says no to it, and makes it wait.

use std::path::PathBuf;

use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::Api;
use kube::api::PostParams;
use serde_json::json;
use wellhead_harness::ControlPlane;

use crate::bed::{Case, await_some, block_on, typed};

/// A namespace, for those who outlive a borrow of the case.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) client: kube::Client,
    pub(super) namespace: String,
}

impl Place {
    pub(super) fn of(case: &Case) -> Self {
        Self { client: case.client.clone(), namespace: case.namespace.clone() }
    }

    pub(super) fn api<T>(&self) -> Api<T>
    where
        T: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }
}

/// A user of one namespace, who may do everything there while the binding exists.
pub(super) fn tenant(case: &Case, control_plane: &ControlPlane) -> PathBuf {
    let name = json!({"name": "tenant"});
    let account: ServiceAccount = typed(json!({"metadata": name}));
    let role: Role = typed(json!({
        "metadata": name, "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}));
    let params = PostParams::default();
    let accounts = case.api::<ServiceAccount>();
    block_on(accounts.create(&params, &account)).expect("an account");
    block_on(case.api().create(&params, &role)).expect("a role");
    bind(&Place::of(case));
    let request = typed(json!({"spec": {"audiences": [], "expirationSeconds": 3600}}));
    let token = block_on(accounts.create_token_request("tenant", &params, &request));
    let token = token.expect("a token").status.and_then(|it| it.token).expect("the server made it");
    let admin = std::fs::read_to_string(control_plane.kubeconfig()).expect("it can be read");
    let lines = admin.lines().map(|line| match line.split_once("token: ") {
        Some((before, _)) => format!("{before}token: {token}\n"),
        None => format!("{line}\n"),
    });
    let path = case.folder.path().join("tenant.kubeconfig");
    std::fs::write(&path, lines.collect::<String>()).expect("it can be written");
    path
}

pub(super) fn bind(place: &Place) {
    let binding: RoleBinding = typed(json!({
        "metadata": {"name": "tenant"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "tenant"},
        "subjects": [{"kind": "ServiceAccount", "name": "tenant", "namespace": place.namespace}]}));
    block_on(place.api().create(&PostParams::default(), &binding)).expect("a binding");
    await_right(place, true);
}

/// Waits until the server knows whether the tenant may patch.
pub(super) fn await_right(place: &Place, wanted: bool) {
    let review: SubjectAccessReview = typed(json!({"spec": {
        "user": format!("system:serviceaccount:{}:tenant", place.namespace),
        "resourceAttributes": {
            "namespace": place.namespace, "verb": "patch", "group": "apps",
            "resource": "statefulsets"}}}));
    let reviews: Api<SubjectAccessReview> = Api::all(place.client.clone());
    await_some("the server knows the right", || {
        let answer = block_on(reviews.create(&PostParams::default(), &review)).expect("an answer");
        (answer.status?.allowed == wanted).then_some(())
    });
}
