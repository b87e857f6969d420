//! What an apply must find and do, so that it does what was planned or nothing.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use wellhead_diagnostics::Code;

use super::changes::between;
use super::{Plan, PlannedAction, PlannedObject, objects};
use crate::api::packed::Packed;
use crate::decide::plan::PipelinePlan;
use crate::model::error::Problem;
use crate::model::object::ObjectRef;
use crate::model::remedy::Remedy;

/// Most paths that one finding names.
const NAMED: usize = 10;

/// One object as it was planned: what it was, and what it would become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedObject {
    /// The object.
    pub object: ObjectRef,
    /// Its uid; none when it did not exist.
    pub uid: Option<String>,
    /// What would happen to it.
    pub action: PlannedAction,
    /// The fields that Wellhead owns or would own, as they were; null for a new object.
    pub before: Packed,
    /// The same fields as the server would store them.
    pub after: Packed,
}

impl From<&PlannedObject> for ExpectedObject {
    fn from(planned: &PlannedObject) -> Self {
        let PlannedObject { object, uid, action, before, after, .. } = planned;
        let (object, uid, action) = (object.clone(), uid.clone(), *action);
        Self { object, uid, action, before: before.clone(), after: after.clone() }
    }
}

impl Plan {
    /// Every object as it was planned, for [`Cluster::apply_planned`](crate::Cluster::apply_planned).
    pub fn expected(&self) -> Vec<ExpectedObject> {
        self.pipelines.iter().flat_map(|it| &it.objects).map(ExpectedObject::from).collect()
    }
}

/// What an apply must find. Without a plan that it keeps to, everything is as expected.
#[derive(Debug, Default)]
pub(crate) struct Expected<'e> {
    objects: Option<HashMap<&'e ObjectRef, &'e ExpectedObject>>,
    /// What to do where it finds something else.
    remedy: Option<Remedy>,
}

impl<'e> Expected<'e> {
    /// What a saved plan says.
    pub(crate) fn saved(expected: &'e [ExpectedObject]) -> Self {
        Self::all(expected, Some(Remedy::NewPlan))
    }

    /// What was shown and agreed to.
    pub(crate) fn agreed(expected: &'e [ExpectedObject]) -> Self {
        let note = ", and look at what it shows now".to_owned();
        Self::all(expected, Some(Remedy::Retry { note }))
    }

    fn all(expected: &'e [ExpectedObject], remedy: Option<Remedy>) -> Self {
        Self { objects: Some(expected.iter().map(|it| (&it.object, it)).collect()), remedy }
    }

    /// Whether there is anything to keep to.
    pub(crate) fn is_any(&self) -> bool {
        self.objects.is_some()
    }

    /// What of a pipeline is not as it was planned.
    pub(crate) fn differences(&self, plan: &PipelinePlan) -> Vec<Problem> {
        let Some(expected) = &self.objects else { return Vec::new() };
        let nothing = HashSet::new();
        let problems = objects(plan, &nothing).filter_map(|now| {
            let why = match expected.get(&now.object) {
                Some(planned) => difference(planned, &now),
                None => Some("it is not part of the plan".to_owned()),
            };
            why.map(|why| self.problem(&now.object, why))
        });
        problems.collect()
    }

    /// What was planned of objects that there are none of.
    pub(crate) fn absent(&self, seen: &HashSet<ObjectRef>) -> Vec<Problem> {
        let expected = self.objects.iter().flat_map(HashMap::keys);
        let absent = expected.filter(|object| !seen.contains(**object));
        absent
            .map(|it| self.problem(it, "the plan does not say what it becomes".to_owned()))
            .collect()
    }

    fn problem(&self, object: &ObjectRef, why: String) -> Problem {
        let what = format!("{object} changed since the plan was made");
        let problem = Problem::new(Code::NotAsPlanned, what).on(object).why(why);
        Problem { remedy: self.remedy.clone(), ..problem }
    }
}

/// How an object differs from what was planned. Values may be secrets, so only paths are reported.
fn difference(planned: &ExpectedObject, now: &PlannedObject) -> Option<String> {
    match (&planned.uid, &now.uid) {
        (None, Some(_)) => return Some("it did not exist, and does now".to_owned()),
        (Some(_), None) => return Some("it existed, and was deleted".to_owned()),
        (Some(old), Some(new)) if old != new => {
            return Some("it was deleted and created again".to_owned());
        }
        _ => {}
    }
    let paths = |old: &Packed, new: &Packed| {
        let paths: Vec<_> = between(&old.unpack(), &new.unpack(), None)
            .iter()
            .map(|change| change.path.to_string())
            .collect();
        let more = paths.len().saturating_sub(NAMED);
        let named = paths.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if more == 0 { named } else { format!("{named} and {more} more") }
    };
    if planned.before != now.before && planned.action != PlannedAction::Unchanged {
        let changed = paths(&planned.before, &now.before);
        return Some(format!("changed since: {changed}"));
    }
    if planned.action != now.action {
        let changed = paths(&now.before, &now.after);
        return Some(match planned.action {
            PlannedAction::Unchanged => {
                format!("it was up to date, and is not any more: {changed}")
            }
            _ => "what was planned has been done already, or cannot be done any more".to_owned(),
        });
    }
    (planned.after != now.after).then(|| {
        let changed = paths(&planned.after, &now.after);
        format!("the server would store something else now: {changed}")
    })
}
