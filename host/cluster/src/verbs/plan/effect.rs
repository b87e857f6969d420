//! What a change means to those who use the workload.

use serde::Serialize;
use serde_json::Value;
use wellhead_spec::{FieldPath, Segment};

use super::changes::FieldChange;
use crate::decide::immutable::Fixed;
use crate::decide::plan::{Decision, Step};
use crate::decide::pod_changes::Pods;
use crate::model::json;
use crate::model::object::Kind;
use crate::model::quantity::amount;
use crate::model::storage::migration::Migration;

const TEMPLATE: &str = "/spec/template";
const SIZE: &str = "/spec/resources/requests/storage";

/// What a change means. A later variant is more serious.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "impact", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Effect {
    /// The object is new.
    Create,
    /// No value changes, only who owns which field.
    Ownership,
    /// The change has no effect on pods or data.
    InPlace,
    /// Pods start that there are none of yet.
    StartsPods {
        /// Their names, in order.
        pods: Vec<String>,
    },
    /// A volume becomes larger, without a restart where its driver can do that.
    GrowsVolume {
        /// The size asked for now.
        from: String,
        /// The size asked for then.
        to: String,
    },
    /// Pods get the new template only when they are deleted.
    RestartsOnDelete {
        /// Their names.
        pods: Vec<String>,
    },
    /// Pods end and start again with the new template.
    RestartsPods {
        /// Their names, in the order in which they are replaced.
        pods: Vec<String>,
        /// How many at once, as a number or a percentage.
        #[serde(rename = "atOnce")]
        at_once: String,
        /// Pods that keep the old template, as they are below the partition.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        kept: Vec<String>,
    },
    /// Pods end and start again, as they have no volume by a claim template that is added.
    ReplacesPods {
        /// Their names, in the order in which they are replaced, one at a time.
        pods: Vec<String>,
        /// The templates.
        templates: Vec<String>,
    },
    /// Pods end for good.
    StopsPods {
        /// Their names, in order.
        pods: Vec<String>,
        /// Their claims, which stay with their data.
        claims: Vec<String>,
    },
    /// Immutable fields would change, so that the StatefulSet must be recreated.
    Recreates {
        /// The fields.
        fields: Vec<FieldPath>,
    },
    /// The data of a claim are moved to another volume, which gets its name. The pod is down meanwhile.
    MigratesVolume(Migration),
    /// The object would be stored, and not work: it needs more than the cluster has or allows.
    NeedsMore {
        /// What is in the way.
        why: String,
    },
    /// Data would be deleted, now or later.
    DataAtRisk {
        /// How.
        why: String,
        /// The claims.
        claims: Vec<String>,
    },
}

/// Fields below `spec` of a StatefulSet of which an effect of their own tells.
const HANDLED: [&str; 6] = [
    "replicas",
    "ordinals",
    "serviceName",
    "podManagementPolicy",
    "selector",
    "volumeClaimTemplates",
];

/// What the changes of one object mean, the least serious first.
pub(super) fn effects(step: &Step, changes: &[FieldChange]) -> Vec<Effect> {
    let mut effects = match (step.object.kind, &step.live) {
        (Kind::StatefulSet, None) => {
            let pods = Pods::of(&step.body);
            let names = pods.names(pods.ordinals.clone());
            if names.is_empty() {
                vec![Effect::Create]
            } else {
                vec![Effect::Create, Effect::StartsPods { pods: names }]
            }
        }
        (Kind::StatefulSet, Some(live)) => {
            let after = step.stored();
            let mut effects =
                of_stateful_set(live, after, changes, has_new_template(step, changes));
            if !step.fixed.is_empty() {
                let fields = step.fixed.iter().map(|fixed| path(fixed.pointer)).collect();
                effects.push(Effect::Recreates { fields });
                of_new_volumes(step, live, after, &mut effects);
            }
            effects
        }
        (Kind::PersistentVolumeClaim, _) if step.decision == Decision::Migrate => {
            let migration = step.migration.as_deref().cloned();
            migration.map(Effect::MigratesVolume).into_iter().collect()
        }
        (_, None) => vec![Effect::Create],
        (Kind::PersistentVolumeClaim, Some(live)) => {
            let after = step.stored();
            of_claim(step.object.name.as_str(), live, after)
        }
        (_, Some(_)) => Vec::new(),
    };
    if effects.is_empty() {
        effects.push(if changes.is_empty() { Effect::Ownership } else { Effect::InPlace });
    }
    effects.sort();
    effects
}

/// The path of a JSON pointer without items of lists.
fn path(pointer: &str) -> FieldPath {
    FieldPath::of(pointer.split('/').skip(1))
}

fn of_claim(name: &str, live: &Value, after: &Value) -> Vec<Effect> {
    let (from, to) = (json::text(live, SIZE), json::text(after, SIZE));
    let (Some(has), Some(wants)) = (amount(from), amount(to)) else { return Vec::new() };
    let (from, to) = (from.to_owned(), to.to_owned());
    if wants > has {
        return vec![Effect::GrowsVolume { from, to }];
    }
    if wants < has
        && amount(json::text(live, "/status/capacity/storage")).is_some_and(|it| wants < it)
    {
        let why = format!("a volume of {from} would have to shrink to {to}");
        return vec![Effect::DataAtRisk { why, claims: vec![name.to_owned()] }];
    }
    Vec::new()
}

/// Whether the controller makes another revision for the pods: it compares the template as the server stores it, order
/// and defaults included. Only where the server does not tell, the fields that would be sent decide.
fn has_new_template(step: &Step, changes: &[FieldChange]) -> bool {
    match (&step.live, &step.stage.stored) {
        (Some(live), Some(preview)) => live.pointer(TEMPLATE) != preview.pointer(TEMPLATE),
        _ => changes.iter().any(|change| path(TEMPLATE).contains(&change.path)),
    }
}

fn of_stateful_set(
    live: &Value,
    after: &Value,
    changes: &[FieldChange],
    new_template: bool,
) -> Vec<Effect> {
    let mut effects = of_scale(live, after);
    let template = path(TEMPLATE);
    effects.extend(of_template(live, after, new_template));
    let (before, then) = (Pods::of(live), Pods::of(after));
    for (when, goes) in [
        ("whenScaled", "every pod that is scaled away takes its claims with it"),
        ("whenDeleted", "deleting the StatefulSet deletes its claims"),
    ] {
        if then.deletes_claims(when) && !before.deletes_claims(when) {
            let why = format!("from now on {goes}");
            let claims = then.claims(then.ordinals.clone());
            effects.push(Effect::DataAtRisk { why, claims });
        }
    }
    let is_told = |change: &FieldChange| {
        template.contains(&change.path)
            || matches!(change.path.segments(), [Segment::Key(spec), Segment::Key(field), ..]
                if spec == "spec" && HANDLED.contains(&field.as_str()))
    };
    if !changes.is_empty() && !changes.iter().all(is_told) {
        effects.push(Effect::InPlace);
    }
    effects
}

/// Pods that are replaced to get a volume that they never had. They get a new template along the way.
fn of_new_volumes(step: &Step, live: &Value, after: &Value, effects: &mut Vec<Effect>) {
    let templates: Vec<_> = step.fixed.iter().flat_map(Fixed::added).map(str::to_owned).collect();
    let (before, then) = (Pods::of(live), Pods::of(after));
    let stay: Vec<_> = then.ordinals.clone().filter(|it| before.ordinals.contains(it)).collect();
    if templates.is_empty() || stay.is_empty() {
        return;
    }
    effects.retain(|effect| {
        !matches!(effect, Effect::RestartsPods { .. } | Effect::RestartsOnDelete { .. })
    });
    effects.push(Effect::ReplacesPods { pods: then.names(stay), templates });
}

/// Pods that start or end because there are more or fewer of them.
fn of_scale(live: &Value, after: &Value) -> Vec<Effect> {
    let (before, then) = (Pods::of(live), Pods::of(after));
    let added: Vec<_> = then.ordinals.clone().filter(|it| !before.ordinals.contains(it)).collect();
    let removed: Vec<_> =
        before.ordinals.clone().rev().filter(|it| !then.ordinals.contains(it)).collect();
    let mut effects = Vec::new();
    if !added.is_empty() {
        effects.push(Effect::StartsPods { pods: then.names(added) });
    }
    if !removed.is_empty() {
        let mut claims = before.claims(removed.clone());
        if then.deletes_claims("whenScaled") && !claims.is_empty() {
            let why = "the claims of pods that are scaled away are deleted (whenScaled: Delete)";
            let claims = std::mem::take(&mut claims);
            effects.push(Effect::DataAtRisk { why: why.to_owned(), claims });
        }
        effects.push(Effect::StopsPods { pods: before.names(removed), claims });
    }
    effects
}

/// Pods that are replaced because their template is another one, or because an earlier change reaches them now.
fn of_template(live: &Value, after: &Value, new_template: bool) -> Option<Effect> {
    let (before, then) = (Pods::of(live), Pods::of(after));
    let lives = |ordinal: &i64| before.ordinals.contains(ordinal);
    let stays: Vec<_> = then.ordinals.clone().filter(lives).collect();
    if new_template && then.wait_for_deletion() {
        return (!stays.is_empty()).then(|| Effect::RestartsOnDelete { pods: then.names(stays) });
    }
    let reached = before.rolled();
    let rolled: Vec<_> = then
        .rolled()
        .into_iter()
        .filter(lives)
        .filter(|it| new_template || (before.has_outdated() && !reached.contains(it)))
        .collect();
    if rolled.is_empty() {
        return None;
    }
    let kept =
        stays.into_iter().filter(|it| new_template && !rolled.contains(it)).collect::<Vec<_>>();
    let (pods, kept) = (then.names(rolled), then.names(kept));
    Some(Effect::RestartsPods { pods, at_once: then.at_once(), kept })
}

#[cfg(test)]
mod tests;
