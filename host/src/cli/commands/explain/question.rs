//! What a person asks, and the part of a record that answers it.

use std::collections::HashSet;

use wellhead::FieldPath;
use wellhead::provenance::{By, ObjectRecord, PipelineRecord, ProvenanceRecord};
use wellhead_diagnostics::Code;

use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;

/// What to explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Every field of every object.
    Everything,
    /// What the plugins changed.
    Changed,
    /// A field of the spec and what is below it.
    Spec(FieldPath),
    /// A field of an object and what is below it.
    Object {
        /// Its kind, as in Kubernetes.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The field; the root for all.
        field: FieldPath,
    },
}

impl Question {
    /// The question about an object or a field, and perhaps a field of that object.
    pub(super) fn new(what: &str, field: Option<&str>) -> Result<Self, Failure> {
        let field = field.map(path).transpose()?;
        match (object(what), field) {
            (Some((kind, name)), field) => {
                Ok(Self::Object { kind, name, field: field.unwrap_or_default() })
            }
            (None, None) => Ok(Self::Spec(path(what)?)),
            (None, Some(_)) => Err(Failure::usage(
                format!("`{what}` is not an object"),
                "an object is statefulset/NAME, service/NAME or claim/NAME",
            )),
        }
    }

    /// The part of a record that answers it; an error where there is none and there should be.
    pub(super) fn answer(&self, mut record: ProvenanceRecord) -> Result<ProvenanceRecord, Failure> {
        let not_found = || self.not_found(&record);
        let found = record.pipelines.iter().any(|it| self.is_about(it));
        if !found && *self != Self::Changed {
            return Err(not_found());
        }
        record.pipelines.retain_mut(|pipeline| {
            self.narrow(pipeline);
            !pipeline.objects.is_empty() || !pipeline.fields.is_empty()
        });
        Ok(record)
    }

    fn is_about(&self, pipeline: &PipelineRecord) -> bool {
        let mut objects = pipeline.objects.iter();
        match self {
            Self::Everything | Self::Changed => true,
            Self::Spec(path) => pipeline.fields.keys().any(|field| path.contains(field)),
            Self::Object { kind, name, field } => objects.any(|object| {
                is(object, kind, name) && object.fields.iter().any(|(leaf, _)| field.contains(leaf))
            }),
        }
    }

    /// Leaves in a pipeline what the question is about.
    fn narrow(&self, pipeline: &mut PipelineRecord) {
        match self {
            Self::Everything => {}
            Self::Changed => {
                pipeline.objects.clear();
                pipeline.fields.retain(|_, steps| {
                    steps.iter().any(|step| matches!(step.by, By::Plugin { .. }))
                });
            }
            Self::Spec(path) => {
                pipeline.objects.clear();
                pipeline.fields.retain(|field, _| path.contains(field));
            }
            Self::Object { kind, name, field } => {
                pipeline.objects.retain(|object| is(object, kind, name));
                pipeline.objects.retain_mut(|object| {
                    object.fields.retain(|leaf| field.contains(leaf));
                    !object.fields.is_empty()
                });
                let leaves = pipeline.objects.iter().flat_map(|it| it.fields.iter());
                let from: HashSet<_> = leaves.filter_map(|leaf| leaf.1.from.as_ref()).collect();
                pipeline.fields.retain(|field, _| from.contains(field));
            }
        }
    }

    fn not_found(&self, record: &ProvenanceRecord) -> Failure {
        /// Objects that a message names.
        const NAMED: usize = 8;
        let mut objects = record.pipelines.iter().flat_map(|it| &it.objects);
        let (what, hint) = match self {
            Self::Object { kind, name: wanted, field }
                if objects.clone().any(|object| is(object, kind, wanted)) =>
            {
                let what = format!("{}/{wanted} has no field `{field}`", kind.to_lowercase());
                (what, "leave out the field to see all".to_owned())
            }
            Self::Object { kind, name: wanted, .. } => {
                let what = format!("no pipeline renders a {kind} `{wanted}`");
                let names: Vec<_> = objects.by_ref().take(NAMED).map(name).collect();
                (what, format!("objects are, e.g., {}", names.join(", ")))
            }
            Self::Spec(path) => (
                format!("no pipeline sets `{path}`"),
                "a default is explained as a field of its object, e.g. statefulset/NAME spec.replicas"
                    .to_owned(),
            ),
            Self::Changed | Self::Everything => {
                ("there is nothing to explain".to_owned(), "name a pipeline by `-f`".to_owned())
            }
        };
        Failure::not_found(Diagnostic::error(Code::NotFound, what).hint(hint))
    }
}

/// The object that a text such as `sts/db` names.
fn object(text: &str) -> Option<(&'static str, String)> {
    let (kind, name) = text.split_once('/')?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "statefulset" | "statefulsets" | "sts" => "StatefulSet",
        "service" | "services" | "svc" => "Service",
        "claim" | "claims" | "pvc" | "persistentvolumeclaim" | "persistentvolumeclaims" => {
            "PersistentVolumeClaim"
        }
        _ => return None,
    };
    Some((kind, name.to_owned()))
}

fn is(object: &ObjectRecord, kind: &str, name: &str) -> bool {
    object.kind == kind && object.name == name
}

/// An object as a person types it.
pub(super) fn name(object: &ObjectRecord) -> String {
    let kind = match object.kind.as_str() {
        "PersistentVolumeClaim" => "claim".to_owned(),
        kind => kind.to_lowercase(),
    };
    format!("{kind}/{}", object.name)
}

/// A field as a person types it.
pub(super) fn path(text: &str) -> Result<FieldPath, Failure> {
    text.trim_start_matches('.').parse().map_err(|error: wellhead_spec::ParsePathError| {
        Failure::usage(error.to_string(), "a field is like replicas or containers.nginx.image")
    })
}
