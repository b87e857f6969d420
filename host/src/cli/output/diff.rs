//! The difference of two texts, or of two values as YAML, as lines.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use wellhead_chain::sanitize;
use wellhead_render::value_to_yaml;
use wellhead_spec::from_difference;

/// Lines around a change.
const AROUND: usize = 3;
/// How long the smallest difference is looked for: that takes the square of what differs. A larger one is as true.
const EFFORT: Duration = Duration::from_secs(2);
/// Most characters of a line.
const LINE: usize = 2_000;

pub(crate) const ADDED: Style = AnsiColor::Green.on_default();
pub(crate) const REMOVED: Style = AnsiColor::Red.on_default();
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();

/// The lines that differ, with some around them.
pub(crate) fn lines(before: &Value, after: &Value) -> Vec<String> {
    let yaml = |value: &Value| if value.is_null() { String::new() } else { value_to_yaml(value) };
    text_lines(&yaml(before), &yaml(after))
}

/// The same of two texts.
pub(crate) fn text_lines(old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::configure().timeout(EFFORT).diff_lines(old, new);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            lines.push(format!("{QUIET}  ...{QUIET:#}"));
        }
        for op in group {
            let (before, after) = (op.old_range(), op.new_range());
            for change in diff.iter_changes(op) {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', REMOVED),
                    ChangeTag::Insert => ('+', ADDED),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                // The line of the other text at the same place.
                let beside = match (change.tag(), change.old_index(), change.new_index()) {
                    (ChangeTag::Delete, Some(at), _) => {
                        diff.new_slices()[after.clone()].get(at - before.start)
                    }
                    (ChangeTag::Insert, _, Some(at)) => {
                        diff.old_slices()[before.clone()].get(at - after.start)
                    }
                    _ => None,
                };
                let line = change.value();
                let line = from_difference(line, beside.unwrap_or(&line), LINE);
                let line = sanitize(line.trim_end_matches('\n'), LINE);
                lines.push(format!("{style}{sign} {line}{style:#}"));
            }
        }
    }
    lines
}
