//! Whether a plugin does the same when it is run again.
//!
//! A plugin sees no clock, no randomness and nothing of an earlier call, so a difference is a defect
//! of the host or of the machine: what was rendered could not be rendered again.

use crate::chain::Draft;
use crate::error::Fault;
use crate::{Run, Write};

/// Most differences of one kind that are told.
const TOLD: usize = 5;

/// Does work on a draft, then once more on a copy, and compares everything that it left.
pub(crate) fn twice(
    draft: &mut Draft,
    work: impl Fn(&mut Draft) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut again = draft.clone();
    work(draft)?;
    let differences = match work(&mut again) {
        Ok(()) => differences(draft, &again),
        Err(fault) => vec![format!("the second run failed: {}", fault.causes().join("; "))],
    };
    if differences.is_empty() { Ok(()) } else { Err(Fault::Nondeterministic { differences }) }
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
    if one.path == other.path {
        format!("`{}` got another value or reason", one.path)
    } else {
        format!("it edited `{}`, then `{}` in its place", one.path, other.path)
    }
}

fn usage(one: &Run, other: &Run) -> Option<String> {
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
    (one != other).then(|| "other messages".to_owned())
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
        draft.provenance.writes.push(Write { path, writer: 0, new, reason: None });
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
        assert_eq!(value, ["`replicas` got another value or reason"]);
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
    fn a_second_run_that_fails_is_told_and_a_first_one_fails_as_itself() {
        let runs = Cell::new(0);
        let fails_at = |which: u64| {
            let runs = &runs;
            runs.set(0);
            move |_: &mut Draft| {
                runs.set(runs.get() + 1);
                if runs.get() == which {
                    return Err(Fault::BadDescription { reason: "no".to_owned() });
                }
                Ok(())
            }
        };
        let second = twice(&mut draft(), fails_at(2));
        let Err(Fault::Nondeterministic { differences }) = second else { panic!("{second:?}") };
        assert_eq!(differences, ["the second run failed: no"]);
        let first = twice(&mut draft(), fails_at(1));
        assert!(matches!(first, Err(Fault::BadDescription { .. })), "{first:?}");
    }
}
