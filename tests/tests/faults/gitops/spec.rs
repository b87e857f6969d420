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
    /// The claim template.
    pub(super) claim: &'static str,
    pub(super) strategy: Value,
    /// What happens to the claim of a replica that goes.
    pub(super) when_scaled: &'static str,
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
            claim: "data",
            strategy: Value::Null,
            when_scaled: "Retain",
            scaled: false,
        }
    }

    /// As a file; JSON is YAML.
    pub(super) fn text(&self) -> String {
        let mut claim = json!({
            "name": self.claim, "size": format!("{}Gi", self.size), "mountPath": "/data",
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
        let mut pipeline = json!({
            "apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "db"},
            "spec": {
                "replicas": self.replicas,
                "selector": {"app": "db"},
                "podLabels": self.pod_labels,
                "service": {"name": self.service, "ports": [{"port": self.port}]},
                "podManagementPolicy": self.management,
                "persistentVolumeClaimRetentionPolicy": {"whenScaled": self.when_scaled},
                "claims": [claim],
                "ownership": ownership,
                "containers": [{"name": "db", "image": format!("nginx:1.{}", self.image)}]}});
        if !self.strategy.is_null() {
            pipeline["spec"]["updateStrategy"] = self.strategy.clone();
        }
        pipeline.to_string()
    }

    /// Whether it can neither be on top of what was rendered before, nor be passed over: another claim template, and
    /// replicas that go with their data.
    pub(super) fn must_be_refused_after(&self, before: &Self) -> bool {
        let falls = match (before.scaled, self.scaled) {
            (_, false) => self.replicas < before.replicas,
            (false, true) => before.replicas > 1,
            (true, true) => false,
        };
        self.claim != before.claim || (self.when_scaled == "Delete" && falls)
    }

    /// One change of a person's mind. Up to so many replicas.
    pub(super) fn change(&mut self, dice: &mut Dice, most: u32) {
        match dice.below(17) {
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
            13 => {
                let rolling = |it: Value| json!({"type": "RollingUpdate", "rollingUpdate": it});
                self.strategy = match dice.below(5) {
                    0 => Value::Null,
                    1 => json!({"type": "OnDelete"}),
                    2 => json!({"type": "RollingUpdate"}),
                    3 => rolling(json!({"partition": 0})),
                    _ => rolling(json!({"maxUnavailable": 2})),
                };
            }
            14 => self.claim = ["data", "store"][pick(dice, 2)],
            15 => self.when_scaled = ["Retain", "Delete"][pick(dice, 2)],
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
