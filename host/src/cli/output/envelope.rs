//! The form of every JSON document of the command line itself.

use serde::Serialize;

use super::diagnostic::Diagnostic;

/// The version of every such document.
pub(crate) const API_VERSION: &str = "cli.wellhead.dev/v1alpha1";

/// A result with what was said about it. Fields are only ever added within one `apiVersion`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<T> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    body: T,
    diagnostics: Vec<Diagnostic>,
}

impl<T: Serialize> Envelope<T> {
    /// A document of a kind.
    pub(crate) fn new(kind: &'static str, body: T, diagnostics: Vec<Diagnostic>) -> Self {
        Self { api_version: API_VERSION, kind, body, diagnostics }
    }
}
