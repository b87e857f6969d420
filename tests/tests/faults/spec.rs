//! The pipeline of the cases, and how it changes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A pipeline named `db`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spec {
    pub(crate) replicas: u32,
    pub(crate) image: String,
    /// Of every claim, in Gi.
    pub(crate) size: u32,
    /// Sizes of single claims, in Gi.
    pub(crate) sizes: BTreeMap<u32, u32>,
    pub(crate) class: Option<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) pod_labels: BTreeMap<String, String>,
    pub(crate) port: u16,
    pub(crate) strategy: &'static str,
    pub(crate) management: &'static str,
    pub(crate) service: &'static str,
    /// Whether the number of replicas is left to an autoscaler once it set it.
    pub(crate) scaled: bool,
}

impl Spec {
    /// Three replicas with a claim each.
    pub(crate) fn first() -> Self {
        Self {
            replicas: 3,
            image: "nginx:1.14.2".to_owned(),
            size: 1,
            sizes: BTreeMap::new(),
            class: None,
            env: BTreeMap::new(),
            labels: BTreeMap::new(),
            pod_labels: BTreeMap::new(),
            port: 80,
            strategy: "RollingUpdate",
            management: "OrderedReady",
            service: "db-peers",
            scaled: false,
        }
    }

    /// The same with another image and another port: its pods restart.
    pub(crate) fn second() -> Self {
        Self::first().with(|it| {
            "nginx:1.27".clone_into(&mut it.image);
            it.port = 81;
        })
    }

    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// As a file; JSON is YAML.
    pub(crate) fn text(&self) -> String {
        self.json().to_string()
    }

    fn json(&self) -> Value {
        let mut claim = json!({"name": "data", "size": gibi(self.size), "mountPath": "/data"});
        if let Some(class) = &self.class {
            claim["storageClass"] = class.as_str().into();
        }
        let one = |(ordinal, size): (&u32, &u32)| json!({"from": ordinal, "to": ordinal, "size": gibi(*size)});
        if !self.sizes.is_empty() {
            claim["ordinals"] = self.sizes.iter().map(one).collect();
        }
        let mut ownership = Vec::new();
        if self.scaled {
            ownership.push(json!({"field": "replicas", "policy": "yield"}));
        }
        let env: Vec<_> =
            self.env.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        json!({
            "apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline",
            "metadata": {"name": "db", "labels": self.labels},
            "spec": {
                "replicas": self.replicas,
                "selector": {"app": "db"},
                "podLabels": self.pod_labels,
                "service": {"name": self.service, "ports": [{"port": self.port, "targetPort": 80}]},
                "updateStrategy": {"type": self.strategy},
                "podManagementPolicy": self.management,
                "claims": [claim],
                "ownership": ownership,
                "containers": [{
                    "name": "db", "image": self.image, "env": env,
                    "ports": [{"containerPort": 80}]}]}})
    }
}

fn gibi(size: u32) -> String {
    format!("{size}Gi")
}
