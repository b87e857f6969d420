//! Plugins in OCI registries: how a customization refers to one, what a lock pins and consents to, and whom an operator
//! trusts. Types and rules; what talks to a registry is `wellhead-registry`.

pub(crate) mod check;
pub(crate) mod conflict;
pub(crate) mod digest;
pub(crate) mod growth;
pub(crate) mod host;
pub(crate) mod lock;
pub(crate) mod reference;
pub(crate) mod repository;
pub(crate) mod trust;
