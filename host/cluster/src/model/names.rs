//! The names that Wellhead gives to what it writes, and by which it finds it again.

/// The field manager of every write, fixed so that ownership survives upgrades of Wellhead.
pub const FIELD_MANAGER: &str = "wellhead";

/// The label that says who looks after an object, and its value on ours.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
pub(crate) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "wellhead");

/// The label of Wellhead's own records, its Lease and its revisions: the name of their pipeline.
pub(crate) const PIPELINE_LABEL: &str = "wellhead.dev/pipeline";

/// The label that says which pipeline an object belongs to; a user may have set it otherwise.
pub(crate) const INSTANCE: &str = "app.kubernetes.io/instance";
