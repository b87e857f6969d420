//! Amounts in Kubernetes' notation.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount, e.g. `500m` or `10Gi`, spelt as the user spelt it.
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(String);

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a quantity: a number with an optional suffix, e.g. `500m`, `2` or `10Gi`")]
pub struct InvalidQuantity(String);

impl Quantity {
    /// Checks a text and takes it as a quantity.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidQuantity> {
        let text = text.into();
        let digits = text.trim_start_matches(['+', '-']);
        let suffix = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let known =
            ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        if digits.len() > suffix.len() && known.contains(&suffix) {
            Ok(Self(text))
        } else {
            Err(InvalidQuantity(text))
        }
    }

    /// The quantity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Quantity {
    type Error = InvalidQuantity;
    fn try_from(text: String) -> Result<Self, InvalidQuantity> {
        Self::new(text)
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
