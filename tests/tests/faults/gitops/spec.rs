//! The pipeline of the walks, and how it changes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wellhead_tests::dice::Dice;

/// Replicas that there are at first.
pub(super) const FIRST: u32 = 4;

/// A pipeline named `db`.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) replicas: u32,
    /// In Gi.
    pub(super) size: u32,
    pub(super) class: Option<&'static str>,
    /// First ordinal, class and size in Gi of claims that differ.
    pub(super) others: Option<(u32, &'static str, u32)>,
    /// Labels and annotations of the claims.
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) pod_labels: BTreeMap<String, String>,
    pub(super) image: u64,
    pub(super) port: u32,
    pub(super) service: &'static str,
    pub(super) management: &'static str,
    /// Whether the number of replicas is left to others.
    pub(super) scaled: bool,
}

impl Spec {
    pub(super) fn first() -> Self {
        Self {
            replicas: FIRST,
            size: 1,
            class: None,
            others: None,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            pod_labels: BTreeMap::new(),
            image: 1,
            port: 80,
            service: "db-peers",
            management: "Parallel",
            scaled: false,
        }
    }

    /// As a file; JSON is YAML.
    pub(super) fn text(&self) -> String {
        let mut claim = json!({
            "name": "data", "size": format!("{}Gi", self.size), "mountPath": "/data",
            "labels": self.labels, "annotations": self.annotations});
        if let Some(class) = self.class {
            claim["storageClass"] = class.into();
        }
        if let Some((from, class, size)) = self.others {
            claim["ordinals"] =
                json!([{"from": from, "storageClass": class, "size": format!("{size}Gi")}]);
        }
        let ownership: &[Value] =
            if self.scaled { &[json!({"field": "replicas", "policy": "yield"})] } else { &[] };
        let pipeline = json!({
            "apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "db"},
            "spec": {
                "replicas": self.replicas,
                "selector": {"app": "db"},
                "podLabels": self.pod_labels,
                "service": {"name": self.service, "ports": [{"port": self.port}]},
                "podManagementPolicy": self.management,
                "claims": [claim],
                "ownership": ownership,
                "containers": [{"name": "db", "image": format!("nginx:1.{}", self.image)}]}});
        pipeline.to_string()
    }

    /// One change of a person's mind. Up to so many replicas.
    pub(super) fn change(&mut self, dice: &mut Dice, most: u32) {
        match dice.below(14) {
            0 => self.image = dice.below(9),
            1..=3 => self.replicas = 1 + dice.small(most),
            4 => self.size += 1,
            5 => self.size = 1 + dice.small(self.size),
            6 => set_or_remove(&mut self.annotations, dice),
            7 => set_or_remove(&mut self.labels, dice),
            8 => set_or_remove(&mut self.pod_labels, dice),
            9 => self.port = 80 + dice.small(5),
            10 => self.class = [None, Some("standard"), Some("fast")][pick(dice, 3)],
            11 => {
                let others =
                    (dice.small(most), ["standard", "fast"][pick(dice, 2)], 1 + dice.small(4));
                self.others = (dice.below(3) > 0).then_some(others);
            }
            12 => self.service = ["db-peers", "db-others"][pick(dice, 2)],
            _ => match dice.below(3) {
                0 => self.scaled = !self.scaled,
                _ => self.management = ["Parallel", "OrderedReady"][pick(dice, 2)],
            },
        }
    }
}

fn pick(dice: &mut Dice, of: u64) -> usize {
    usize::try_from(dice.below(of)).expect("it is small")
}

fn set_or_remove(map: &mut BTreeMap<String, String>, dice: &mut Dice) {
    let key = dice.letter();
    if map.remove(&key).is_none() {
        map.insert(key, dice.letter());
    }
}
