//! Whether a plugin does the same when it is run again.
//!
//! A plugin sees no clock, no randomness and nothing of an earlier call, so a difference is a defect
//! of the host or of the machine: what was rendered could not be rendered again.

use super::Draft;
use crate::error::Fault;
use crate::session::shown;
use crate::{Budget, Run, Write};

/// Most differences of one kind that are told.
const TOLD: usize = 5;

/// Does work on a draft, then once more on a copy, and compares everything that it left, and why it
/// failed.
pub(crate) fn twice(
    draft: &mut Draft,
    work: impl Fn(&mut Draft) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut again = draft.clone();
    let first = work(draft);
    // What ends at a time says nothing of the plugin.
    if let Err(Fault::OverBudget { budget: Budget::Time, .. } | Fault::Busy { .. }) = &first {
        return first;
    }
    let second = work(&mut again);
    let differences = match (&first, &second) {
        (Ok(()), Ok(())) => differences(draft, &again),
        (Ok(()), Err(fault)) => vec![format!("the second run failed: {}", told_of(fault))],
        (Err(fault), Ok(())) => vec![format!("the first run alone failed: {}", told_of(fault))],
        (Err(one), Err(other)) if told_of(one) == told_of(other) => {
            let runs = draft.runs.iter().zip(&again.runs);
            runs.filter_map(|(one, other)| usage(one, other)).collect()
        }
        (Err(one), Err(other)) => {
            vec![format!("the first run failed: {}; the second: {}", told_of(one), told_of(other))]
        }
    };
    if differences.is_empty() { first } else { Err(Fault::Nondeterministic { differences }) }
}

/// Why work failed, in one line.
fn told_of(fault: &Fault) -> String {
    let causes = fault.causes();
    if causes.is_empty() { fault.code().to_string() } else { causes.join("; ") }
}

fn differences(first: &Draft, second: &Draft) -> Vec<String> {
    if first == second {
        return Vec::new();
    }
    let (ours, theirs) = (&first.provenance.writes, &second.provenance.writes);
    let mut told = Vec::new();
    if ours.len() != theirs.len() {
        told.push(format!("{} edits, then {}", ours.len(), theirs.len()));
    }
    let edits = ours.iter().zip(theirs).filter(|(one, other)| one != other);
    told.extend(edits.take(TOLD).map(|(one, other)| edit(one, other)));
    for (one, other) in first.runs.iter().zip(&second.runs).filter(|(one, other)| one != other) {
        told.extend(usage(one, other));
    }
    if first.warnings != second.warnings {
        told.push("it found something else".to_owned());
    }
    if told.is_empty() {
        told.push("it left something else".to_owned());
    }
    told
}

fn edit(one: &Write, other: &Write) -> String {
    if one.path == other.path && one.new != other.new {
        let values = [one.new.as_ref(), other.new.as_ref()];
        let [first, second] = shown(&one.path, values, "(removed)");
        format!("`{}` got {first}, then {second}", one.path)
    } else if one.path == other.path {
        format!("`{}` got the same value for another reason", one.path)
    } else {
        format!("it edited `{}`, then `{}` in its place", one.path, other.path)
    }
}

fn usage(one: &Run, other: &Run) -> Option<String> {
    if one == other {
        return None;
    }
    let (first, second) = (one.usage, other.usage);
    if first.fuel != second.fuel {
        return Some(format!("{} units of fuel, then {}", first.fuel, second.fuel));
    }
    if first.memory != second.memory {
        return Some(format!("{} bytes of memory, then {}", first.memory, second.memory));
    }
    if one.trace != other.trace {
        return Some("other reads or refused edits".to_owned());
    }
    Some("other messages".to_owned())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;
    use wellhead_spec::Pipeline;

    use super::*;
    use crate::Usage;

    fn draft() -> Draft {
        let pipeline: Pipeline = serde_json::from_value(json!({
            "metadata": {"name": "db"},
            "spec": {"containers": [{"name": "db", "image": "postgres:17"}]},
        }))
        .unwrap();
        Draft::new(&pipeline)
    }

    /// What is told of work that gets the number of its run.
    fn told(work: impl Fn(u64, &mut Draft)) -> Vec<String> {
        let runs = Cell::new(0);
        let counted = |draft: &mut Draft| {
            runs.set(runs.get() + 1);
            work(runs.get(), draft);
            Ok(())
        };
        match twice(&mut draft(), counted) {
            Err(Fault::Nondeterministic { differences }) => differences,
            other => {
                other.unwrap();
                assert_eq!(runs.get(), 2);
                Vec::new()
            }
        }
    }

    fn write(draft: &mut Draft, path: &str, value: u64) {
        let (path, new) = (path.parse().unwrap(), Some(json!(value)));
        draft.provenance.writes.push(Write::of(0, path, new));
    }

    fn run(draft: &mut Draft, fuel: u64) {
        let usage = Usage { fuel, ..Usage::default() };
        draft.runs.push(Run {
            plugin: "p".to_owned(),
            usage,
            log: Vec::new(),
            dropped: 0,
            trace: None,
        });
    }

    #[test]
    fn the_same_twice_is_no_difference() {
        assert!(told(|_, draft| write(draft, "replicas", 5)).is_empty());
    }

    #[test]
    fn another_value_another_field_and_another_number_of_edits_are_told() {
        let value = told(|at, draft| write(draft, "replicas", at));
        assert_eq!(value, ["`replicas` got 1, then 2"]);
        let reason = told(|at, draft| {
            write(draft, "replicas", 5);
            draft.provenance.writes[0].reason = Some(at.to_string().into());
        });
        assert_eq!(reason, ["`replicas` got the same value for another reason"]);
        let field =
            told(|at, draft| write(draft, if at == 1 { "replicas" } else { "labels.a" }, 5));
        assert_eq!(field, ["it edited `replicas`, then `labels.a` in its place"]);
        let number = told(|at, draft| (1..at).for_each(|_| write(draft, "replicas", 5)));
        assert_eq!(number, ["0 edits, then 1"]);
    }

    #[test]
    fn another_use_of_fuel_is_told() {
        assert_eq!(told(|at, draft| run(draft, at)), ["1 units of fuel, then 2"]);
    }

    #[test]
    fn a_run_that_fails_alone_is_told_and_two_that_fail_alike_fail_as_one() {
        let runs = Cell::new(0);
        let fails_at = |which: &'static [u64]| {
            let runs = &runs;
            runs.set(0);
            move |draft: &mut Draft| {
                runs.set(runs.get() + 1);
                run(draft, 10 * which[0]);
                if which.contains(&runs.get()) {
                    let reason = if which.len() > 2 { runs.get().to_string() } else { "no".into() };
                    return Err(Fault::BadDescription { reason });
                }
                Ok(())
            }
        };
        for (which, expected) in [
            (&[2_u64][..], "the second run failed: no"),
            (&[1], "the first run alone failed: no"),
            (&[1, 2, 3], "the first run failed: 1; the second: 2"),
        ] {
            let result = twice(&mut draft(), fails_at(which));
            let Err(Fault::Nondeterministic { differences }) = result else { panic!("{result:?}") };
            assert_eq!(differences, [expected]);
        }
        let both = twice(&mut draft(), fails_at(&[1, 2]));
        assert!(matches!(both, Err(Fault::BadDescription { .. })), "{both:?}");
        let costs = Cell::new(0);
        let result = twice(&mut draft(), |draft| {
            costs.set(costs.get() + 1);
            run(draft, costs.get());
            Err(Fault::BadDescription { reason: "no".to_owned() })
        });
        let Err(Fault::Nondeterministic { differences }) = result else { panic!("{result:?}") };
        assert_eq!(differences, ["1 units of fuel, then 2"]);
    }
}
