//! Which other field managers set a field, and whose value wins.

use serde::Serialize;
use wellhead_spec::{FieldPath, OwnershipPolicy};

/// Another field manager that owns a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// Its name, e.g. `kubectl-edit`.
    pub manager: String,
    /// The subresource that it wrote through, e.g. `scale`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subresource: Option<String>,
    /// When it wrote last, as RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// A field of which a policy of the pipeline decided, because another field manager sets it, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedField {
    /// The field. One that the server replaces as a whole is named as a whole.
    pub path: FieldPath,
    /// Whose value wins.
    pub policy: OwnershipPolicy,
    /// Who else sets it.
    pub owners: Vec<Owner>,
}
