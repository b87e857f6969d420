//! What the storage classes of claims allow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::api::failure::Failure;
use crate::api::session::Session;
use crate::decide::claim::SIZE;
use crate::decide::plan::{Decision, PipelinePlan, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::Kind;
use crate::model::quantity::amount;

pub(crate) const DEFAULT_CLASS: &str =
    "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";

/// Checks the storage classes of claims that are new, or grow.
pub(crate) async fn check_classes(
    session: &Session<'_>,
    plans: &mut [PipelinePlan],
) -> Result<Vec<Problem>, Failure> {
    let claims = plans.iter_mut().flat_map(|plan| &mut plan.claims);
    let mut new = BTreeMap::<String, Vec<&mut Step>>::new();
    let mut growing = BTreeMap::<String, Vec<&mut Step>>::new();
    for step in claims {
        let (class, group) = match &step.live {
            None => (json::storage_class(&step.body), &mut new),
            Some(live) if grows(&step.body, live) => (json::storage_class(live), &mut growing),
            Some(_) => continue,
        };
        if let Some(class) = class.filter(|class| !class.is_empty()) {
            group.entry(class.to_owned()).or_default().push(step);
        }
    }
    if new.is_empty() && growing.is_empty() {
        return Ok(Vec::new());
    }
    let classes = match session.list(Kind::StorageClass, "", "", "").await {
        Ok(classes) => classes,
        // Classes are not namespaced; whoever may not read them hears from the server instead.
        Err(failure) if failure.is_forbidden() => return Ok(Vec::new()),
        Err(failure) => return Err(failure),
    };
    let mut problems: Vec<_> = growing
        .into_iter()
        .filter_map(|(class, mut steps)| fixed_size(&class, &mut steps, &classes))
        .collect();
    let known: BTreeSet<_> = classes.iter().map(json::name).collect();
    for (class, steps) in new.into_iter().filter(|(class, _)| !known.contains(class.as_str())) {
        if !has_volumes(session, &class).await? {
            problems.push(missing(session, &class, &steps, &classes));
        }
    }
    Ok(problems)
}

/// Whether a storage class is that of claims that name none.
pub(crate) fn is_default(class: &Value) -> bool {
    json::text(class, DEFAULT_CLASS) == "true"
}

pub(crate) fn grows(wanted: &Value, live: &Value) -> bool {
    match (amount(json::text(wanted, SIZE)), amount(json::text(live, SIZE))) {
        (Some(wants), Some(has)) => wants > has,
        _ => false,
    }
}

pub(crate) fn fixed_size(
    class: &str,
    steps: &mut [&mut Step],
    classes: &[Value],
) -> Option<Problem> {
    let found = classes.iter().find(|found| json::name(found) == class);
    if found.and_then(|found| found.get("allowVolumeExpansion")?.as_bool()) == Some(true) {
        return None;
    }
    // The server would say the same of each claim.
    for step in steps.iter_mut() {
        step.decision = Decision::Refuse;
    }
    let what = format!("class \"{class}\" does not allow volumes to grow");
    let problem = Problem::new(Code::ExpansionNotAllowed, what)
        .on(&steps[0].object)
        .field(".spec.resources.requests.storage")
        .why(format!("allowVolumeExpansion is not set; {}", listed(steps)));
    Some(
        problem
            .hint("put the old size back, or have the class changed: it may be switched on later"),
    )
}

/// Volumes made by hand may carry a class name that no object describes.
pub(crate) async fn has_volumes(session: &Session<'_>, class: &str) -> Result<bool, Failure> {
    match session.list(Kind::PersistentVolume, "", "", "").await {
        Ok(volumes) => Ok(volumes.iter().any(|volume| json::storage_class(volume) == Some(class))),
        Err(failure) if failure.is_forbidden() => Ok(false),
        Err(failure) => Err(failure),
    }
}

pub(crate) fn missing(
    session: &Session<'_>,
    class: &str,
    steps: &[&mut Step],
    classes: &[Value],
) -> Problem {
    let context = session.cluster.context_name();
    let named = |found: &Value| {
        let default = if is_default(found) { " (default)" } else { "" };
        format!("{}{default}", json::name(found))
    };
    let available: Vec<_> = classes.iter().map(named).collect();
    let nearest = classes
        .iter()
        .map(|found| (strsim::damerau_levenshtein(json::name(found), class), json::name(found)))
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
    .on(&steps[0].object)
    .field(".spec.storageClassName")
    .hint(hint);
    let available = if available.is_empty() { "none".to_owned() } else { available.join(", ") };
    problem.why(format!("available: {available}; {}", listed(steps)))
}

pub(crate) fn listed(steps: &[&mut Step]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<_> = steps.iter().take(SHOWN).map(|step| step.object.name.as_str()).collect();
    let more = steps.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("claims: {}{tail}", names.join(", "))
}
