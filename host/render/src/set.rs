//! The objects of one pipeline.

use std::fmt;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use wellhead_spec::{FieldPath, MAX_CLAIMS, OwnershipPolicy, PathPattern, VolumeMigration};

/// The objects of one pipeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceSet {
    /// The headless Service, unless it is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// One claim for each claim of the spec and each replica, by claim and then by ordinal.
    #[serde(deserialize_with = "claims")]
    pub claims: Vec<PersistentVolumeClaim>,
    /// The StatefulSet.
    pub stateful_set: StatefulSet,
    /// The fields of these objects of which the pipeline says whose value stands when somebody else
    /// sets them, too. No object has it; who applies the objects goes by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ownership: Vec<OwnedField>,
    /// Whether the data of claims may be moved to other volumes, and how. No object has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_migration: Option<VolumeMigration>,
    /// What one run takes over from whoever else sets it, fields that objects keep included. No history keeps it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<TakenFields>,
}

/// As many claims as a pipeline may have: who writes a file or a record may say more, and each takes a thousand bytes.
fn claims<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PersistentVolumeClaim>, D::Error> {
    struct Claims;

    impl<'de> Visitor<'de> for Claims {
        type Value = Vec<PersistentVolumeClaim>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "at most {MAX_CLAIMS} claims")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut claims = Vec::new();
            while let Some(claim) = items.next_element()? {
                if claims.len() as u64 == MAX_CLAIMS {
                    return Err(A::Error::invalid_length(claims.len() + 1, &self));
                }
                claims.push(claim);
            }
            Ok(claims)
        }
    }

    from.deserialize_seq(Claims)
}

/// A field of an object, and whose value stands when somebody else sets it, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnedField {
    /// Kind of the object, e.g. `StatefulSet`.
    pub kind: String,
    /// Name of the object.
    pub name: String,
    /// The field, a leaf of the object as [`object_leaves`](crate::object_leaves) names it.
    pub path: FieldPath,
    /// Whose value stands.
    pub policy: OwnershipPolicy,
    /// Whether one run alone says so: it decides over what the pipeline says, and no history keeps it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
}

/// Fields of a pipeline that one run takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TakenFields {
    /// The pattern that names them.
    pub pattern: PathPattern,
    /// Whether the pipeline sets any of them.
    pub set: bool,
}
