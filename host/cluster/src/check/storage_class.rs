//! What the storage classes of claims allow.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::api::storage::v1::StorageClass;
use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::api::client::{Client, Listing};
use crate::api::failure::Failure;
use crate::decide::claim::SIZE;
use crate::decide::plan::{Compared, PipelinePlan, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::class::HasStorageClass as _;
use crate::model::json::typed::{annotation, name, typed};
use crate::model::object::{Kind, ObjectRef};
use crate::model::quantity::amount;

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

type Claim = Step<Compared>;

/// What the storage classes of claims do not allow.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    pub(crate) problems: Vec<Problem>,
    /// Claims that cannot grow: the server would say the same of each.
    pub(crate) claims: HashSet<ObjectRef>,
}

/// Checks the storage classes of claims that are new, or grow.
pub(crate) async fn check_classes(
    client: &Client<'_>,
    plans: &[PipelinePlan<Compared>],
) -> Result<Refusals, Failure> {
    let claims = plans.iter().flat_map(|plan| &plan.claims);
    let mut new = BTreeMap::<String, Vec<&Claim>>::new();
    let mut growing = BTreeMap::<String, Vec<&Claim>>::new();
    for step in claims {
        let (class, group) = match &step.live {
            None => (step.body.storage_class(), &mut new),
            Some(live) if grows(&step.body, live) => (live.storage_class(), &mut growing),
            Some(_) => continue,
        };
        if let Some(class) = class.filter(|class| !class.is_empty()) {
            group.entry(class.to_owned()).or_default().push(step);
        }
    }
    if new.is_empty() && growing.is_empty() {
        return Ok(Refusals::default());
    }
    let classes = match client.list_typed(Kind::StorageClass, "").await {
        Ok(Some(classes)) => classes,
        // Nothing is known of classes that are not what Kubernetes says they are.
        Ok(None) => return Ok(Refusals::default()),
        // Classes are not namespaced; without the right to read them, the server says what is wrong.
        Err(failure) if failure.is_forbidden() => return Ok(Refusals::default()),
        Err(failure) => return Err(failure),
    };
    let mut refusals = Refusals::default();
    for (class, claims) in growing {
        if let Some(problem) = fixed_size(&class, &claims, &classes) {
            refusals.problems.push(problem);
            refusals.claims.extend(claims.iter().map(|claim| claim.object.clone()));
        }
    }
    let known: BTreeSet<_> = classes.iter().map(|it| name(&it.metadata)).collect();
    for (class, steps) in new.into_iter().filter(|(class, _)| !known.contains(class.as_str())) {
        if !has_volumes(client, &class).await? {
            refusals.problems.push(missing(client, &class, &steps, &classes));
        }
    }
    Ok(refusals)
}

/// Whether a storage class is that of claims that name none.
pub(crate) fn is_default(class: &StorageClass) -> bool {
    annotation(&class.metadata, DEFAULT_CLASS) == "true"
}

pub(crate) fn grows(wanted: &Value, live: &Value) -> bool {
    match (amount(json::text(wanted, SIZE)), amount(json::text(live, SIZE))) {
        (Some(wants), Some(has)) => wants > has,
        _ => false,
    }
}

fn fixed_size(class: &str, claims: &[&Claim], classes: &[StorageClass]) -> Option<Problem> {
    let found = classes.iter().find(|found| name(&found.metadata) == class);
    if found.and_then(|found| found.allow_volume_expansion) == Some(true) {
        return None;
    }
    let what = format!("class \"{class}\" does not allow volumes to grow");
    let problem = Problem::new(Code::ExpansionNotAllowed, what)
        .on(&claims[0].object)
        .field("spec.resources.requests.storage")
        .why(format!("allowVolumeExpansion is not set; {}", listed(claims)));
    Some(
        problem
            .hint("put the old size back, or have the class changed: it may be switched on later"),
    )
}

/// Volumes made by hand may carry a class name that no object describes.
async fn has_volumes(client: &Client<'_>, class: &str) -> Result<bool, Failure> {
    match client
        .list_as(Listing::whole(Kind::PersistentVolume, "", ""), typed::<PersistentVolume>)
        .await
    {
        Ok(volumes) => {
            Ok(volumes.iter().any(|volume| volume.storage_class().unwrap_or_default() == class))
        }
        Err(failure) if failure.is_forbidden() => Ok(false),
        Err(failure) => Err(failure),
    }
}

fn missing(
    client: &Client<'_>,
    class: &str,
    claims: &[&Claim],
    classes: &[StorageClass],
) -> Problem {
    let context = client.cluster.context_name();
    let named = |found: &StorageClass| {
        let default = if is_default(found) { " (default)" } else { "" };
        format!("{}{default}", name(&found.metadata))
    };
    let available: Vec<_> = classes.iter().map(named).collect();
    let nearest = classes
        .iter()
        .map(|found| name(&found.metadata))
        .map(|name| (strsim::damerau_levenshtein(name, class), name))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    let hint = match nearest {
        Some((_, name)) => format!("did you mean {name}?"),
        None => "use one of the available classes".to_owned(),
    };
    let problem = Problem::new(
        Code::StorageClassNotFound,
        format!("storage class \"{class}\" does not exist on context {context}"),
    )
    .on(&claims[0].object)
    .field("spec.storageClassName")
    .hint(hint);
    let available = if available.is_empty() { "none".to_owned() } else { available.join(", ") };
    problem.why(format!("available: {available}; {}", listed(claims)))
}

fn listed(claims: &[&Claim]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<_> = claims.iter().take(SHOWN).map(|step| step.object.name.as_str()).collect();
    let more = claims.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("claims: {}{tail}", names.join(", "))
}
