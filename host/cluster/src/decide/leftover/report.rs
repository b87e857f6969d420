//! What is said about fields that stay behind.

use std::collections::HashSet;

use wellhead_diagnostics::Code;
use wellhead_render::fields_of;
use wellhead_spec::{FieldPath, PathPattern, Segment};

use super::entry::{Entry, Role, Unit};
use super::takeover::LeftBehind;
use crate::decide::plan::{PipelinePlan, Settled, Step};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef};
use crate::model::remedy::Remedy;

/// The lists whose items run.
const RUNNING: [&str; 2] = ["containers", "initContainers"];

impl Unit {
    /// As it is reported. `entries` are those of its object.
    pub(super) fn describe(&self, kind: Kind, entries: &[Entry<'_>]) -> LeftBehind {
        let of_pipeline = |it: &FieldPath| {
            let pattern: Option<PathPattern> = it.to_string().parse().ok();
            pattern.is_some_and(|it| it.unknown_field().is_none())
        };
        // What is selected by cannot change.
        let selector = FieldPath::of(["selector"]);
        let mut fields = fields_of(kind.word(), &self.path).into_iter();
        let by_appliers = self.entries.iter().all(|at| entries[*at].role == Role::Applier);
        LeftBehind {
            path: self.path.clone(),
            field: fields.find(|it| !selector.contains(it) && of_pipeline(it)),
            value: self.value.clone(),
            owners: self.entries.iter().map(|at| entries[*at].owner.clone()).collect(),
            pointer: self.pointer.clone(),
            in_the_way: self.in_the_way,
            adoptable: by_appliers && (self.ours || self.in_the_way),
        }
    }
}

impl LeftBehind {
    /// Its owners, in quotes.
    fn owned_by(&self) -> String {
        let mut names: Vec<_> =
            self.owners.iter().map(|it| format!("\"{}\"", it.manager)).collect();
        names.dedup();
        names.join(", ")
    }

    fn problem(&self, code: Code, what: String, object: &ObjectRef) -> Problem {
        let mut problem = Problem::new(code, what).on(object).field(self.path.to_string());
        problem.manager = self.owners.first().map(|it| it.manager.clone());
        problem.path = Some(self.path.clone());
        let Some(field) = self.field.clone() else {
            // No pipeline has such a field.
            let patch = format!("[{{\"op\": \"remove\", \"path\": \"{}\"}}]", self.pointer);
            let command = object.kubectl("patch");
            return problem.hint(format!("remove it: {command} --type=json -p '{patch}'"));
        };
        problem.remedy(Remedy::SetOrTake { field, adopt: self.adoptable })
    }

    fn warning(&self, object: &ObjectRef) -> Problem {
        let what = format!("{object} keeps {}, which the pipeline does not say", self.path);
        self.problem(Code::Leftover, what, object).why(format!("{} owns it", self.owned_by()))
    }
}

/// Warns of everything that objects keep, but for what is a reason to refuse already.
pub(crate) fn warn(plans: &mut [PipelinePlan], refused: &[Problem]) {
    let refused = refused.iter().filter(|it| it.code == Code::LeftoverInTheWay);
    let refused: HashSet<_> = refused.map(|it| (it.object.as_ref(), it.path.as_ref())).collect();
    for plan in plans {
        let stay = plan.steps().flat_map(|step| {
            let known =
                |left: &&LeftBehind| !refused.contains(&(Some(&step.object), Some(&left.path)));
            let stay = step.left_behind().iter().filter(known);
            stay.map(|it| it.warning(&step.object)).collect::<Vec<_>>()
        });
        let stay: Vec<_> = stay.collect();
        plan.warnings.extend(stay);
    }
}

/// The names of a list's items.
fn names<'v>(of: &'v serde_json::Value, list: &str) -> Vec<&'v str> {
    let pointer = format!("/spec/template/spec/{list}");
    json::items(of, &pointer).iter().map(json::name_of).collect()
}

/// Containers that would be added beside one that is left behind: both would run, on the same volumes.
pub(crate) fn beside(step: &Step<Settled>) -> Vec<Problem> {
    let (Kind::StatefulSet, Some(live)) = (step.object.kind, &step.live) else { return Vec::new() };
    let mut found = Vec::new();
    for list in RUNNING {
        let at = FieldPath::of(["spec", "template", "spec", list]);
        let is_item = |it: &&LeftBehind| it.path.parent().as_ref() == Some(&at);
        let stay: Vec<_> = step.stage.stay.iter().filter(is_item).collect();
        if stay.is_empty() {
            continue;
        }
        let known = names(live, list);
        let mut added = names(&step.body, list);
        added.retain(|name| !known.contains(name));
        let Some(first) = added.first() else { continue };
        let first = at.with(Segment::Key((*first).into()));
        found.extend(stay.into_iter().map(|left| {
            let what = format!(
                "{first} of {} would run beside {}, which the pipeline does not say",
                step.object, left.path
            );
            let why = format!("{} owns it, so that it stays", left.owned_by());
            left.problem(Code::LeftoverInTheWay, what, &step.object).why(why)
        }));
    }
    found
}

/// What the server's refusal is about, where something that is left behind is in the way.
pub(crate) fn in_the_way(step: &Step<Settled>, refusal: &Problem) -> Vec<Problem> {
    let stay = step.stage.stay.iter().filter(|it| it.in_the_way);
    let problems = stay.map(|left| {
        let what =
            format!("{} of {} is in the way of what the pipeline says", left.path, step.object);
        let owned = format!("{} owns it, so that it stays", left.owned_by());
        let said = refusal.why.as_deref().unwrap_or_default();
        left.problem(Code::LeftoverInTheWay, what, &step.object).why(format!("{owned}\n{said}"))
    });
    problems.collect()
}

/// Whether what a run takes is anywhere, by pattern: pipelines are looked at a few at a time.
#[derive(Debug, Default)]
pub(crate) struct Takes(Vec<(String, bool)>);

impl Takes {
    /// Looks at some pipelines.
    pub(crate) fn note<S>(&mut self, plans: &[PipelinePlan<S>]) {
        for plan in plans {
            for (at, taken) in plan.take.iter().enumerate() {
                if self.0.len() == at {
                    self.0.push((taken.pattern.to_string(), false));
                }
                let is_there = &mut self.0[at].1;
                *is_there = *is_there
                    || taken.set
                    || plan.steps().any(|step| step.leftovers.takes(step.object.kind, taken));
            }
        }
    }

    /// The patterns that name nothing.
    pub(crate) fn nothing(&self) -> Vec<Problem> {
        let nothing = self.0.iter().filter(|(_, is_there)| !is_there);
        let problem = |(pattern, _): &(String, bool)| {
            let what = format!("there is nothing to take by `--take {pattern}`");
            let why = "no pipeline of the run sets it, and none of their objects keeps it";
            Problem::new(Code::NothingToTake, what).why(why).remedy(Remedy::ShowFields)
        };
        nothing.map(problem).collect()
    }
}
