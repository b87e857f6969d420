//! What the API server says of objects, without keeping them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use futures::stream::{self, StreamExt};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{
    Api, ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams, TypeMeta,
};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use wellhead_harness::{ControlPlane, SharedControlPlane, fresh_namespace};
use wellhead_render::{Object, render};
use wellhead_spec::Pipeline;

/// Requests under way at the same time.
pub(crate) const AT_ONCE: usize = 24;

/// A namespace of the shared control plane.
pub(crate) struct Server {
    pub(crate) client: kube::Client,
    pub(crate) namespace: &'static str,
}

/// A pipeline that passed, and what it was made of.
pub(crate) struct Accepted {
    pub(crate) pipeline: Pipeline,
    pub(crate) made_of: Value,
}

/// What the server refused, by the text of the refusal.
pub(crate) type Refusals = BTreeMap<String, Vec<Value>>;

impl Server {
    pub(crate) async fn start() -> Self {
        Self::on(SharedControlPlane::get()).await
    }

    pub(crate) async fn on(control_plane: &ControlPlane) -> Self {
        let kubeconfig = Kubeconfig::read_from(control_plane.kubeconfig()).unwrap();
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
        let client = kube::Client::try_from(config).unwrap();
        let namespace: &str = fresh_namespace("properties").leak();
        let body = serde_json::from_value(json!({"metadata": {"name": namespace}})).unwrap();
        Api::<Namespace>::all(client.clone()).create(&PostParams::default(), &body).await.unwrap();
        Self { client, namespace }
    }

    /// Applies every object of every pipeline as Wellhead does, as a strict dry run.
    pub(crate) async fn refusals(&self, accepted: &[Accepted]) -> Refusals {
        let checks =
            accepted.iter().map(|one| async move { (one, self.check(&one.pipeline).await) });
        let mut refusals = Refusals::new();
        let mut answers = stream::iter(checks).buffer_unordered(AT_ONCE);
        while let Some((one, refused)) = answers.next().await {
            for reason in refused {
                refusals.entry(reason).or_default().push(one.made_of.clone());
            }
        }
        refusals
    }

    async fn check(&self, pipeline: &Pipeline) -> Vec<String> {
        let mut refused = Vec::new();
        for object in render(pipeline).objects() {
            let body: DynamicObject = serde_json::from_value(object.value.clone()).unwrap();
            let api = api_of(self, &object);
            let how =
                PatchParams::apply(wellhead_cluster::FIELD_MANAGER).dry_run().validation_strict();
            if let Err(error) = api.patch(&object.name, &how, &Patch::Apply(&body)).await {
                refused
                    .extend(reasons(&error).into_iter().map(|it| format!("{}: {it}", object.kind)));
            }
        }
        refused.sort();
        refused.dedup();
        refused
    }
}

/// Where an object is.
pub(crate) fn api_of(server: &Server, object: &Object) -> Api<DynamicObject> {
    let types = TypeMeta { api_version: object.api_version.clone(), kind: object.kind.clone() };
    let kind = GroupVersionKind::try_from(&types).unwrap();
    Api::namespaced_with(server.client.clone(), server.namespace, &ApiResource::from_gvk(&kind))
}

/// Each rule that is broken, without the positions in lists.
pub(crate) fn reasons(error: &kube::Error) -> Vec<String> {
    let kube::Error::Api(status) = error else { return vec![error.to_string()] };
    let causes = status.details.as_ref().map_or(&[][..], |it| it.causes.as_slice());
    let general = |text: &str| {
        let mut parts = text.split(['[', ']']);
        let numbers = |it: &str| it.parse::<usize>().is_ok();
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, it| all + if numbers(it) { "*" } else { it })
    };
    let told = causes.iter().map(|it| format!("{}: {}", general(&it.field), it.message));
    if causes.is_empty() { vec![status.message.clone()] } else { told.collect() }
}

/// The refusals as text: each with the number of pipelines and the smallest of them.
pub(crate) fn told(refusals: &Refusals) -> String {
    let mut text = String::new();
    for (reason, of) in refusals {
        let smallest = of.iter().map(Value::to_string).min_by_key(String::len).unwrap_or_default();
        let _ = writeln!(text, "{} × {reason}\n    {smallest}\n", of.len());
    }
    text
}
