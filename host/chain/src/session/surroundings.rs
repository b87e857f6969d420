//! What a plugin may know beside the pipeline: what it was before, who set a field, and facts.

use std::sync::Arc;

use serde_json::Value;
use wellhead_spec::FieldPath;

use super::Session;
use super::fault::EditFault;
use super::violation::Violation;
use crate::facts::{Granted, NotGranted};

impl Session {
    /// The same session, whose plugin may read these facts.
    pub(crate) fn knowing(self, facts: Arc<Granted>) -> Self {
        Self { facts, ..self }
    }

    /// The text of a fact that the entry grants, where the operator tells it.
    pub(crate) fn fact(&self, name: &str) -> Result<Option<&str>, NotGranted> {
        self.facts.get(name)
    }

    /// The same session, which knows the pipeline before any plugin ran.
    pub(crate) fn on(self, base: Option<Arc<Value>>) -> Self {
        Self { base, ..self }
    }

    /// The value that a field had before any plugin ran.
    pub(crate) fn base(&self, path: &FieldPath) -> Option<&Value> {
        wellhead_spec::draft::get(self.base.as_ref()?, path)
    }

    /// Refuses a fact that the entry does not grant.
    pub(crate) fn deny_fact(&mut self, name: String) -> EditFault {
        let path = FieldPath::of([name.as_str()]);
        self.violate(&path, Violation::UngrantedFact { name })
    }
}
