//! Which objects belong together: each StatefulSet with its Service and its claims.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use wellhead_cluster::Workload;
use wellhead_diagnostics::Code;
use wellhead_spec::Manifest;

use super::finding::ImportFinding;
use super::json::{has_expressions, kind_of, label, name_of, object_name, text};

/// The label that says which pipeline an object belongs to.
const INSTANCE: &str = "app.kubernetes.io/instance";
/// Names of objects that a finding shows.
const SHOWN: usize = 10;

/// One StatefulSet and what belongs to it.
#[derive(Debug)]
pub(super) struct Group<'o> {
    pub(super) stateful_set: &'o Value,
    pub(super) service: Service<'o>,
    pub(super) claims: Vec<&'o Value>,
    /// Where the StatefulSet is, when it comes from a file.
    pub(super) manifest: Option<&'o Manifest>,
    /// The manifests of all these objects.
    pub(super) manifests: Vec<&'o Manifest>,
}

/// The Service that a StatefulSet names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Service<'o> {
    /// It names none.
    Unnamed,
    /// It is the pipeline's.
    Own(&'o Value),
    /// There is none of this name.
    Missing,
    /// It is something that Wellhead does not make, and why.
    Other(&'static str),
    /// Another StatefulSet has it already.
    Shared,
}

impl<'o> Service<'o> {
    /// What a Service that exists is to its StatefulSet.
    fn of(service: &'o Value) -> Self {
        let spec = &service["spec"];
        let selects = spec["selector"].as_object().is_some_and(|it| !it.is_empty());
        match text(service, "/spec/type") {
            "" | "ClusterIP" => {}
            "ExternalName" => return Self::Other("it is an alias of another name"),
            _ => return Self::Other("it accepts traffic from outside the cluster"),
        }
        if text(service, "/spec/clusterIP") != "None" {
            Self::Other(
                "it is not headless: it has an address of its own, which cannot be given up",
            )
        } else if selects {
            Self::Own(service)
        } else {
            Self::Other("it selects no pods: its endpoints come from elsewhere")
        }
    }
}

/// The sets of manifests, and a finding for each kind of object that is in none.
pub(super) fn of_manifests(manifests: &[Manifest]) -> (Vec<Group<'_>>, Vec<ImportFinding>) {
    let objects = || manifests.iter().map(|it| (it, kind_of(&it.value)));
    let services: HashMap<_, _> = objects()
        .filter(|it| it.1 == ("v1", "Service"))
        .map(|(it, _)| (key(&it.value), it))
        .collect();
    let mut used: HashSet<*const Value> = HashSet::new();
    let mut sets = Vec::new();
    for (manifest, _) in objects().filter(|it| it.1 == ("apps/v1", "StatefulSet")) {
        let value = &manifest.value;
        let name = text(value, "/spec/serviceName");
        let found = services.get(&(text(value, "/metadata/namespace"), name)).copied();
        let service = match found {
            _ if name.is_empty() => Service::Unnamed,
            None => Service::Missing,
            Some(found) if used.contains(&std::ptr::from_ref(&found.value)) => Service::Shared,
            Some(found) => Service::of(&found.value),
        };
        let of_claims: Vec<_> = objects()
            .filter(|it| it.1 == ("v1", "PersistentVolumeClaim"))
            .map(|it| it.0)
            .filter(|claim| ordinal(value, &claim.value).is_some())
            .collect();
        let claims: Vec<_> = of_claims.iter().map(|it| &it.value).collect();
        used.extend(claims.iter().copied().map(std::ptr::from_ref));
        used.insert(value);
        if let Service::Own(service) = service
            && !has_expressions(value)
        {
            used.insert(service);
        }
        let manifests = [manifest].into_iter().chain(found).chain(of_claims).collect();
        let manifest = Some(manifest);
        sets.push(Group { stateful_set: value, service, claims, manifest, manifests });
    }
    let left = objects().filter(|it| !used.contains(&std::ptr::from_ref(&it.0.value)));
    (sets, left_out(left))
}

/// The sets of workloads of a cluster.
pub(super) fn of_workloads(workloads: &[Workload]) -> Vec<Group<'_>> {
    let mut used = HashSet::new();
    let mut sets = Vec::with_capacity(workloads.len());
    for workload in workloads {
        let stateful_set = &workload.stateful_set;
        let name = text(stateful_set, "/spec/serviceName");
        let of_other = |service: &Value| {
            let instance = label(service, INSTANCE);
            workload.service_is_managed && !instance.is_empty() && instance != name_of(stateful_set)
        };
        let place = (text(stateful_set, "/metadata/namespace"), name);
        let service = match &workload.service {
            _ if name.is_empty() => Service::Unnamed,
            None => Service::Missing,
            Some(service) if of_other(service) || !used.insert(place) => Service::Shared,
            Some(service) => Service::of(service),
        };
        let claims = workload.claims.iter().collect();
        let (manifest, manifests) = (None, Vec::new());
        sets.push(Group { stateful_set, service, claims, manifest, manifests });
    }
    sets
}

/// The template and the ordinal of a claim that is one of a StatefulSet's:
/// `TEMPLATE-STATEFULSET-ORDINAL`.
pub(super) fn ordinal<'v>(stateful_set: &'v Value, claim: &Value) -> Option<(&'v str, i32)> {
    let place = |it| text(it, "/metadata/namespace");
    if place(stateful_set) != place(claim) {
        return None;
    }
    let (stem, ordinal) = name_of(claim).rsplit_once('-')?;
    let template = stem.strip_suffix(name_of(stateful_set))?.strip_suffix('-')?;
    let templates = stateful_set.pointer("/spec/volumeClaimTemplates")?.as_array()?;
    let found = templates.iter().map(name_of).find(|it| *it == template)?;
    Some((found, ordinal.parse().ok().filter(|ordinal| *ordinal >= 0)?))
}

fn key(object: &Value) -> (&str, &str) {
    (text(object, "/metadata/namespace"), name_of(object))
}

/// Errors for StatefulSets of versions that are gone, and one finding for all else.
fn left_out<'o>(
    objects: impl Iterator<Item = (&'o Manifest, (&'o str, &'o str))>,
) -> Vec<ImportFinding> {
    let mut kinds: BTreeMap<&str, Vec<&Manifest>> = BTreeMap::new();
    let mut findings = Vec::new();
    for (manifest, (version, kind)) in objects {
        let object = object_name(&manifest.value);
        let mut finding = match kind {
            "StatefulSet" => {
                let message = format!("a StatefulSet of `apiVersion: {version}` is not imported");
                ImportFinding::error(Code::NotImportable, &object, message)
                    .reason("servers know `apps/v1` only")
                    .hint("write `apiVersion: apps/v1`")
            }
            "" => {
                let message = "a document without a `kind` is skipped";
                ImportFinding::warning(Code::ObjectNotImported, &object, message)
            }
            kind => {
                kinds.entry(kind).or_default().push(manifest);
                continue;
            }
        };
        finding.location = Some(manifest.location.clone());
        findings.push(finding);
    }
    if !kinds.is_empty() {
        let kinds: Vec<_> = kinds.iter().map(|(kind, objects)| counted(kind, objects)).collect();
        let message = format!("skipped: {}", kinds.join(", "));
        let finding = ImportFinding::warning(Code::ObjectNotImported, "", message)
            .reason("a pipeline is a StatefulSet, the headless Service that it names and the claims of its replicas")
            .hint("go on applying them as before");
        findings.push(finding);
    }
    findings
}

/// How many objects of a kind; those of kinds that a pipeline has, too, by their names.
fn counted(kind: &str, objects: &[&Manifest]) -> String {
    let count = objects.len();
    if !["Service", "PersistentVolumeClaim"].contains(&kind) {
        return format!("{kind} {count}");
    }
    let mut names: Vec<_> = objects.iter().take(SHOWN).map(|it| name_of(&it.value)).collect();
    if count > SHOWN {
        names.push("...");
    }
    format!("{kind} {count} ({})", names.join(", "))
}
