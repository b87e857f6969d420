//! Pipelines from StatefulSets that exist already, in manifests or in a cluster.
//!
//! An import takes a StatefulSet, the headless Service that it names and the claims of its replicas, and makes the
//! [`Pipeline`] that renders back to them:
//!
//! 1. `sets` finds what belongs together,
//! 2. `plain` leaves out what a server makes and what it fills in where nothing is said,
//! 3. `build` makes the pipeline, `claims` with what differs for single replicas,
//! 4. `compare` renders it and compares: every field that the pipeline does not say is a finding,
//! 5. `document` writes it down, with what it does not say as comments.
//!
//! Nothing is written anywhere. The objects become the pipeline's by an apply with [`ApplyOptions::adopt`].
//!
//! ```
//! use wellhead::{Code, Source, import, load_manifests};
//!
//! let text = "\
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: db}
//! spec:
//!   selector: {matchLabels: {app: db}}
//!   serviceName: db
//!   template:
//!     metadata: {labels: {app: db}}
//!     spec:
//!       containers: [{name: db, image: 'postgres:17', imagePullPolicy: IfNotPresent}]
//! ";
//! let manifests = load_manifests(&[Source::Text { name: "db.yaml".into(), text: text.to_owned() }]);
//! let import = import::from_manifests(&manifests.objects);
//!
//! assert!(import.pipelines[0].to_yaml().contains("image: postgres:17"));
//! assert_eq!(import.findings[0].code, Code::ExternalService); // its Service is not in the file
//! ```
//!
//! [`ApplyOptions::adopt`]: crate::ApplyOptions::adopt

mod build;
mod claims;
mod compare;
mod document;
mod field;
mod finding;
mod json;
mod plain;
mod sets;
#[cfg(test)]
mod types;

use serde_json::Value;
use wellhead_cluster::Workload;
use wellhead_diagnostics::Code;
use wellhead_render::{ResourceSet, render};
use wellhead_spec::{Manifest, Pipeline, Severity};

pub use finding::ImportFinding;

use json::{object_name, text};
use sets::{Group, Service};

/// What was imported.
#[derive(Debug, Default)]
pub struct Import {
    /// The pipelines, in the order of the StatefulSets.
    pub pipelines: Vec<Pipeline>,
    /// What each of them was made from, e.g. `statefulset/db of db.yaml`.
    pub sources: Vec<String>,
    /// Everything that the pipelines do not say, or not in the same way; an error for each
    /// StatefulSet that is not among them.
    pub findings: Vec<ImportFinding>,
}

/// Imports every StatefulSet of manifests; see [`load_manifests`](crate::load_manifests).
pub fn from_manifests(manifests: &[Manifest]) -> Import {
    let (sets, left_out) = sets::of_manifests(manifests);
    let mut import = of_sets(&sets);
    let is_error = |it: &ImportFinding| it.severity == Severity::Error;
    // A StatefulSet that is refused is there.
    if sets.is_empty() && !left_out.iter().any(is_error) {
        let message = "there is no StatefulSet to import";
        let finding = ImportFinding::error(Code::NoStatefulSet, "", message).hint(
            "name the files of a workload, e.g. what `helm template` or `kubectl kustomize` prints",
        );
        import.findings.push(finding);
    }
    import.findings.extend(left_out);
    import
}

/// Imports StatefulSets of a cluster; see [`Cluster::workload`](crate::Cluster::workload).
pub fn from_cluster(workloads: &[Workload]) -> Import {
    let mut import = of_sets(&sets::of_workloads(workloads));
    for workload in workloads.iter().filter(|it| !it.service_users.is_empty()) {
        let users = workload.service_users.join(", ");
        let name = text(&workload.stateful_set, "/spec/serviceName");
        let object = object_name(&workload.stateful_set);
        let message = format!("its service/{name} is also that of: {users}");
        let finding = ImportFinding::warning(Code::ExternalService, &object, message)
            .reason("one pipeline has a Service; for the others it is external")
            .hint("import them together, or apply one before the others are imported");
        import.findings.push(finding);
    }
    import
}

fn of_sets(sets: &[Group<'_>]) -> Import {
    let mut import = Import::default();
    for set in sets {
        let (pipeline, mut findings) = build::pipeline(set);
        if let Some(pipeline) = &pipeline {
            findings.extend(about_service(set));
            findings.extend(compared(set, &render(pipeline)));
        }
        field::locate(set, &mut findings);
        for finding in &mut findings {
            finding.pipeline = pipeline.is_some().then_some(import.pipelines.len());
        }
        if let Some(pipeline) = pipeline {
            import.sources.push(document::source(set));
            import.pipelines.push(pipeline);
        }
        import.findings.extend(findings);
    }
    import
}

/// Says what becomes of a Service that is not the pipeline's.
fn about_service(set: &Group<'_>) -> Option<ImportFinding> {
    let name = text(set.stateful_set, "/spec/serviceName");
    let place = if set.manifest.is_some() { "in the files" } else { "in the namespace" };
    let (message, reason) = match set.service {
        Service::Own(_) => return None,
        Service::Unnamed => {
            let message = "it names no Service, and neither does the pipeline".to_owned();
            (message, "its pods have no DNS names; a Service cannot be named later")
        }
        Service::Missing => {
            let message = format!("its service/{name} is not {place}: the pipeline names it only");
            (message, "its pods have DNS names if a headless Service of this name exists")
        }
        Service::Other(why) => {
            (format!("its service/{name} is left to its owner: the pipeline names it only"), why)
        }
        Service::Shared => {
            let message = format!("its service/{name} is that of another pipeline, too");
            (message, "one pipeline has it; for the others it is external")
        }
    };
    let finding =
        ImportFinding::warning(Code::ExternalService, &object_name(set.stateful_set), message)
            .field(wellhead_spec::FieldPath::of(["spec", "serviceName"]))
            .reason(reason);
    Some(match set.service {
        Service::Missing => finding
            .hint("remove `external: true` to have Wellhead make a headless Service of this name"),
        _ => finding,
    })
}

fn compared(set: &Group<'_>, rendered: &ResourceSet) -> Vec<ImportFinding> {
    let objects = rendered.objects();
    let of = |kind: &str, name: &str| {
        objects.iter().find(|it| it.kind == kind && it.name == name).map(|it| &it.value)
    };
    let whole = |original: &Value| {
        let rendered = of(text(original, "/kind"), json::name_of(original))?;
        Some(compare::compare(original, rendered))
    };
    let mut stateful_set = set.stateful_set.clone();
    build::remove_reported(&mut stateful_set);
    let mut findings = whole(&stateful_set).unwrap_or_default();
    if let Service::Own(service) = set.service {
        findings.extend(whole(service).unwrap_or_default());
    }
    for claim in &set.claims {
        let rendered = of("PersistentVolumeClaim", json::name_of(claim));
        findings.extend(rendered.map(|it| claims::compare(claim, it)).unwrap_or_default());
    }
    findings
}
