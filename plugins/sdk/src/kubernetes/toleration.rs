//! Taints that a pod puts up with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Kubernetes' `Toleration`: an item of the pipeline's `tolerations`.
///
/// ```
/// use wellhead_plugin::Toleration;
///
/// let toleration = Toleration::exists("nvidia.com/gpu").effect("NoSchedule");
/// assert_eq!(
///     serde_json::to_string(&toleration)?,
///     r#"{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Toleration {
    /// The taint's key; `None` stands for all keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `Exists`, or `Equal`, which is what `None` stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The taint's value, for `Equal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; `None` stands for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// How long the pod stays on a node with the taint, for `NoExecute`; `None` stands for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toleration_seconds: Option<i64>,
    /// What else Kubernetes has there.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Toleration {
    /// Tolerates taints with this key, whatever their value.
    pub fn exists(key: impl Into<String>) -> Self {
        let operator = Some("Exists".to_owned());
        Self { key: Some(key.into()), operator, ..Self::default() }
    }

    /// Tolerates taints with this key and this value.
    pub fn equal(key: impl Into<String>, value: impl Into<String>) -> Self {
        let operator = Some("Equal".to_owned());
        Self { key: Some(key.into()), operator, value: Some(value.into()), ..Self::default() }
    }

    /// Tolerates only taints with this effect.
    #[must_use]
    pub fn effect(mut self, effect: impl Into<String>) -> Self {
        self.effect = Some(effect.into());
        self
    }

    /// Tolerates them for so many seconds.
    #[must_use]
    pub fn seconds(mut self, seconds: i64) -> Self {
        self.toleration_seconds = Some(seconds);
        self
    }
}
