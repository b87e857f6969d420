//! What a plugin did and said, as lines for people.

use serde_json::Value;
use wellhead_chain::{
    EditOutcome, Level, LogLine, Run, TraceStep, mask, quote, sanitize, shown_beside,
};
use wellhead_spec::{FieldPath, from_difference};

/// Most characters of a value.
const VALUE: usize = 120;
/// Most characters of a path or reason.
const LINE: usize = 400;

/// Every read, edit and message of a call, in order.
pub(crate) fn lines(run: &Run) -> Vec<String> {
    let Some(trace) = &run.trace else { return Vec::new() };
    let mut lines: Vec<String> = trace.steps.iter().map(line).collect();
    if trace.dropped > 0 {
        lines.push(format!("...    and {} more", trace.dropped));
    }
    lines
}

/// One of them.
pub(crate) fn line(step: &TraceStep) -> String {
    line_beside(step, step)
}

/// A step that is set against another one: what is too long for the line is shown from before the difference.
pub(crate) fn line_beside(step: &TraceStep, other: &TraceStep) -> String {
    match step {
        TraceStep::Read { path, value } => {
            let theirs =
                if let TraceStep::Read { value, .. } = other { value.as_ref() } else { None };
            let value = beside(path, value.as_ref(), theirs, "(not set)");
            format!("read   {} = {value}", name(path))
        }
        TraceStep::Edit { path, outcome: EditOutcome::Refused { why, message }, new, .. } => {
            let new = match new {
                Some(_) => format!(" = {}", beside(path, new.as_ref(), new_of(other), "")),
                None => String::new(),
            };
            let theirs = match other {
                TraceStep::Edit { outcome: EditOutcome::Refused { message, .. }, .. } => message,
                _ => "",
            };
            let message = sanitize(&from_difference(message, theirs, LINE), LINE);
            // What is protected says so itself.
            let why = if message.contains(why.word()) { "" } else { why.word() };
            let why = if why.is_empty() { String::new() } else { format!("{why}: ") };
            format!("{} {}{new}: refused: {why}{message}", verb(step), name(path))
        }
        TraceStep::Edit { outcome: EditOutcome::Unchanged, path, new, .. } => {
            let new = beside(path, new.as_ref(), new_of(other), "(not set)");
            format!("edit   {} = {new}: unchanged", name(path))
        }
        TraceStep::Edit { path, old, new, reason, .. } if step != other => {
            let (old_of, why) = match other {
                TraceStep::Edit { old, reason, .. } => (old.as_ref(), reason.as_deref()),
                _ => (None, None),
            };
            let old = beside(path, old.as_ref(), old_of, "(not set)");
            let new = beside(path, new.as_ref(), new_of(other), "(removed)");
            let reason = reason.as_deref().map(|it| from_difference(it, why.unwrap_or(it), LINE));
            let because = because(reason.as_deref());
            if verb(step) == INSERT {
                return format!("{INSERT} {} = {new}{because}", name(path));
            }
            format!("edit   {}: {old} -> {new}{because}", name(path))
        }
        TraceStep::Edit { .. } => format!("{} {}", verb(step), edit(step).unwrap_or_default()),
        TraceStep::Log(line) => format!("log    {}", said(line)),
    }
}

/// How a line begins of an edit that puts an item into a list.
const INSERT: &str = "insert";

fn verb(step: &TraceStep) -> &'static str {
    if matches!(step, TraceStep::Edit { insert: Some(_), .. }) { INSERT } else { "edit  " }
}

/// The value that an edit asks for.
fn new_of(step: &TraceStep) -> Option<&Value> {
    if let TraceStep::Edit { new, .. } = step { new.as_ref() } else { None }
}

/// An edit that was made: the field, the values before and after, and the reason.
pub(crate) fn edit(step: &TraceStep) -> Option<String> {
    let TraceStep::Edit { path, old, new, reason, .. } = step else { return None };
    let values = [old, new].map(|it| it.as_ref().map(|value| mask(path, value)));
    let [old, new] = &values;
    let absent = ["(not set)", "(removed)"];
    let [old, new] = shown_beside([old.as_ref(), new.as_ref()], absent, VALUE);
    let (name, because) = (name(path), because(reason.as_deref()));
    Some(if verb(step) == INSERT {
        format!("{name} = {new}{because}")
    } else {
        format!("{name}: {old} -> {new}{because}")
    })
}

fn because(reason: Option<&str>) -> String {
    reason.map(|it| format!(" ({})", quote(it, LINE))).unwrap_or_default()
}

/// A message with its level, and the field that the plugin was at.
pub(crate) fn said(line: &LogLine) -> String {
    let level = match line.level {
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
    };
    let at = line.field.as_ref().map(|it| format!(" (at {})", sanitize(it, LINE)));
    format!("{level}: {}{}", quote(&line.message, usize::MAX), at.unwrap_or_default())
}

fn name(path: &FieldPath) -> String {
    sanitize(&path.to_string(), LINE)
}

/// A value as it may be shown, from before its difference from another one.
fn beside(path: &FieldPath, value: Option<&Value>, other: Option<&Value>, absent: &str) -> String {
    let [value, other] = [value, other].map(|it| it.map(|value| mask(path, value)));
    let [shown, _] = shown_beside([value.as_ref(), other.as_ref()], [absent; 2], VALUE);
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wellhead_chain::Refusal;

    use super::*;

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    fn edited(at: &str, new: Option<Value>, outcome: EditOutcome) -> TraceStep {
        let reason = Some("why\u{1b}[2J".into());
        TraceStep::Edit { path: path(at), insert: None, old: Some(json!(3)), new, reason, outcome }
    }

    fn inserted(outcome: EditOutcome) -> TraceStep {
        let (path, new) = (path("args[1]"), Some(json!("-v")));
        TraceStep::Edit { path, insert: Some(1), old: None, new, reason: None, outcome }
    }

    #[test]
    fn each_step_is_one_line_and_harmless() {
        let refused =
            |why, message: &str| EditOutcome::Refused { why, message: message.to_owned() };
        let log = LogLine {
            level: Level::Warn,
            message: "no rule".to_owned(),
            field: Some("replicas".to_owned()),
        };
        for (step, expected) in [
            (
                TraceStep::Read { path: path("replicas"), value: None },
                "read   replicas = (not set)",
            ),
            (
                TraceStep::Read {
                    path: path("labels[\"a.b\"]"),
                    value: Some(json!("x\n\u{1b}[2J")),
                },
                r#"read   labels["a.b"] = "x\n\u{1b}[2J""#,
            ),
            (
                edited("replicas", Some(json!(5)), EditOutcome::Made),
                r#"edit   replicas: 3 -> 5 ("why\u{1b}[2J")"#,
            ),
            (
                edited("replicas", None, EditOutcome::Made),
                r#"edit   replicas: 3 -> (removed) ("why\u{1b}[2J")"#,
            ),
            (
                edited("replicas", Some(json!(3)), EditOutcome::Unchanged),
                "edit   replicas = 3: unchanged",
            ),
            (
                edited("replicas", Some(json!(5)), refused(Refusal::Denied, "no grant")),
                "edit   replicas = 5: refused: not granted: no grant",
            ),
            (
                edited("a", None, refused(Refusal::Protected, "the field is protected: it")),
                "edit   a: refused: the field is protected: it",
            ),
            (inserted(EditOutcome::Made), "insert args[1] = -v"),
            (
                inserted(refused(Refusal::Denied, "no grant")),
                "insert args[1] = -v: refused: not granted: no grant",
            ),
            (TraceStep::Log(log), r#"log    warn: "no rule" (at replicas)"#),
        ] {
            assert_eq!(line(&step), expected);
        }
    }

    #[test]
    fn secrets_are_masked() {
        let at = "containers.db.env.DB_PASSWORD.value";
        let step = TraceStep::Read { path: path(at), value: Some(json!("hunter2")) };
        assert_eq!(line(&step), format!("read   {at} = (masked)"));
        let variable = json!({"name": "DB_PASSWORD", "value": "hunter2"});
        let step = edited("containers.db.env.DB_PASSWORD", Some(variable), EditOutcome::Made);
        assert!(!line(&step).contains("hunter2"), "{}", line(&step));
    }
}
