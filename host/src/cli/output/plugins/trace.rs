//! What a plugin did and said, as lines for people.

use serde_json::Value;
use wellhead_chain::{
    EditOutcome, Level, LogLine, MASKED, Run, TraceStep, mask, quote, quote_unless_word, sanitize,
};
use wellhead_spec::FieldPath;

/// Most characters of a value.
const VALUE: usize = 80;
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
    match step {
        TraceStep::Read { path, value } => {
            format!("read   {} = {}", name(path), shown(path, value.as_ref(), "(not set)"))
        }
        TraceStep::Edit { path, outcome: EditOutcome::Refused { why, message }, new, .. } => {
            let new = new
                .as_ref()
                .map(|it| format!(" = {}", shown(path, Some(it), "")))
                .unwrap_or_default();
            let message = sanitize(message, LINE);
            // What is protected says so itself.
            let why = if message.contains(why.word()) { "" } else { why.word() };
            let why = if why.is_empty() { String::new() } else { format!("{why}: ") };
            format!("edit   {}{new}: refused: {why}{message}", name(path))
        }
        TraceStep::Edit { outcome: EditOutcome::Unchanged, path, new, .. } => {
            format!("edit   {} = {}: unchanged", name(path), shown(path, new.as_ref(), "(not set)"))
        }
        TraceStep::Edit { .. } => format!("edit   {}", edit(step).unwrap_or_default()),
        TraceStep::Log(line) => format!("log    {}", said(line)),
    }
}

/// An edit that was made: the field, the values before and after, and the reason.
pub(crate) fn edit(step: &TraceStep) -> Option<String> {
    let TraceStep::Edit { path, old, new, reason, .. } = step else { return None };
    let old = shown(path, old.as_ref(), "(not set)");
    let new = shown(path, new.as_ref(), "(removed)");
    let reason = reason.as_ref().map(|it| format!(" ({})", quote(it, LINE))).unwrap_or_default();
    Some(format!("{}: {old} -> {new}{reason}", name(path)))
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

/// A value as it may be shown.
fn shown(path: &FieldPath, value: Option<&Value>, absent: &str) -> String {
    match value.map(|value| mask(path, value)) {
        None => absent.to_owned(),
        Some(Value::String(text)) if text == MASKED => text,
        Some(Value::String(text)) => quote_unless_word(&text, VALUE),
        Some(value) => sanitize(&value.to_string(), VALUE),
    }
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
        TraceStep::Edit { path: path(at), old: Some(json!(3)), new, reason, outcome }
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
