//! A plan for people.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::Value;
use wellhead_chain::sanitize;
use wellhead_cluster::{
    Effect, Migration, ObjectRef, Owner, PlannedAction, PlannedObject, SharedField,
};
use wellhead_spec::{MigrationMethod, OwnershipPolicy};

use super::view::{Change, Field, Left, Summary, View};
use crate::cli::output::diff::{self, ADDED, CHANGED, REMOVED};

/// Names of pods or claims that a line shows.
const NAMED: usize = 6;
/// Most characters of a line.
const LINE: usize = 500;
const BOLD: Style = Style::new().bold();

/// The plan as text with styles. `full`: new objects with all their fields.
pub(crate) fn text(view: &View<'_>, full: bool) -> String {
    let Summary { create, update, recreate, migrate, unchanged, refused } = view.summary;
    let mut text = String::new();
    let mut changes = view.changes.iter().peekable();
    if changes.peek().is_none() {
        let _ = writeln!(text, "No changes. {unchanged} objects are up to date.");
        left(&mut text, &view.left);
        return text;
    }
    let mut pipeline = None;
    for change in changes {
        if pipeline != Some(change.pipeline) {
            let gap = if pipeline.is_none() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{BOLD}{}{BOLD:#}", change.pipeline);
            pipeline = Some(change.pipeline);
        }
        object(&mut text, &change, full);
    }
    let more = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!(", {count} to {what}"),
    };
    let (recreate, migrate) = (more(recreate, "recreate"), more(migrate, "migrate"));
    let _ = write!(
        text,
        "\nPlan: {create} to create, {update} to update{recreate}{migrate}, {unchanged} unchanged"
    );
    let _ = match refused {
        0 => writeln!(text, "."),
        refused => writeln!(text, ", {refused} refused."),
    };
    left(&mut text, &view.left);
    text
}

/// The fields that are left to others.
pub(crate) fn left(text: &mut String, fields: &[Left]) {
    for (index, Left { object, field, .. }) in fields.iter().enumerate() {
        if index == 0 {
            text.push_str("\nLeft to other field managers:\n");
        }
        let _ = writeln!(text, "  {}", sanitize(&shared(object, field), LINE));
    }
}

/// A field that is left to others, in one line.
pub(crate) fn shared(object: &ObjectRef, field: &SharedField) -> String {
    let owners: Vec<_> = field.owners.iter().map(owner).collect();
    let policy = field.policy.word();
    format!("{} of {object}: set by {} (ownership: {policy})", field.path, owners.join(", "))
}

fn object(text: &mut String, change: &Change<'_>, full: bool) {
    let PlannedObject { object, action, missing, effects, .. } = change.object;
    let (sign, style) = match action {
        PlannedAction::Create => ('+', ADDED),
        PlannedAction::Refused => ('!', REMOVED),
        _ => ('~', CHANGED),
    };
    let is_new = *action == PlannedAction::Create;
    let what = match action {
        PlannedAction::Create => "create",
        PlannedAction::Refused => "refused",
        PlannedAction::Recreate => "recreate",
        PlannedAction::Migrate => "migrate",
        _ => "update",
    };
    let after = if is_new { change.object.after.unpack() } else { Value::Null };
    let size = after.pointer("/spec/resources/requests/storage");
    let size = size.map(|it| format!(" ({})", shown(it))).unwrap_or_default();
    let _ = writeln!(text, "{style}{sign} {object}{style:#}: {what}{size}");
    if *missing {
        let _ = writeln!(text, "    deleted outside Wellhead");
    }
    for effect in effects {
        if let Some(line) = meaning(effect, *action) {
            let serious = *effect >= Effect::RestartsOnDelete { pods: Vec::new() };
            let style = if serious { BOLD } else { Style::new() };
            let _ = writeln!(text, "    {style}{}{style:#}", sanitize(&line, LINE));
        }
    }
    if is_new && !full {
        return;
    }
    let (before, after) = change.values();
    for line in diff::lines(&before, &after) {
        let _ = writeln!(text, "    {line}");
    }
    if !is_new {
        for field in change.fields() {
            let _ = writeln!(text, "    {}", sanitize(&who(&field), LINE));
        }
    }
}

/// What an effect means, in one line.
fn meaning(effect: &Effect, action: PlannedAction) -> Option<String> {
    Some(match effect {
        Effect::Ownership => "in place: only field managers change".to_owned(),
        Effect::InPlace => "in place: no pod restarts".to_owned(),
        Effect::StartsPods { pods } => format!("starts {}", named("pod", pods)),
        Effect::GrowsVolume { from, to } => format!("expands the volume from {from} to {to}"),
        Effect::RestartsOnDelete { pods } => {
            format!(
                "restarts no pod: {} change after you delete them (OnDelete)",
                named("pod", pods)
            )
        }
        Effect::RestartsPods { pods, at_once, kept } => {
            let mut line = format!(
                "restarts {}, {at_once} at a time, the highest ordinal first",
                named("pod", pods)
            );
            if !kept.is_empty() {
                let _ = write!(line, "; the partition keeps {}", named("pod", kept));
            }
            line
        }
        Effect::ReplacesPods { pods, templates } => format!(
            "replaces {}, 1 at a time, the lowest ordinal first: they have no volume by {}",
            named("pod", pods),
            named("claim template", templates)
        ),
        Effect::StopsPods { pods, claims } if claims.is_empty() => {
            format!("stops {}", named("pod", pods))
        }
        Effect::StopsPods { pods, claims } => {
            format!("stops {}; kept: {}", named("pod", pods), named("claim", claims))
        }
        Effect::Recreates { fields } => {
            let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
            let fields = format!("{} cannot change in place", fields.join(", "));
            match action {
                PlannedAction::Recreate => {
                    format!("recreates the StatefulSet; its pods keep running ({fields})")
                }
                _ => format!("needs a new StatefulSet: {fields}"),
            }
        }
        Effect::MigratesVolume(migration) => migrates(migration),
        Effect::NeedsMore { why } => format!("needs more than the cluster allows: {why}"),
        Effect::DataAtRisk { why, claims } => {
            format!("DATA AT RISK: {why}: {}", named("claim", claims))
        }
        _ => return None,
    })
}

/// How the data of a claim are moved, and what that costs.
fn migrates(migration: &Migration) -> String {
    let Migration { from_class, to_class, from_size, to_size, method, pod, volume, begun, .. } =
        migration;
    let method = method.map(MigrationMethod::word).unwrap_or_default();
    let goes_on = if *begun { ", as an earlier run began" } else { "" };
    let what = match (from_class == to_class, from_size == to_size) {
        (true, _) => format!("from {from_size} to {to_size}"),
        (false, true) => format!("{from_size} from class {from_class} to {to_class}"),
        (false, false) => {
            format!("from class {from_class} ({from_size}) to {to_class} ({to_size})")
        }
    };
    format!(
        "moves the data {what} by {method}{goes_on}: pod {pod} is down until they are moved, others keep running; volume \
         {volume} is kept"
    )
}

/// `3 pods: a, b, c`.
fn named(what: &str, names: &[String]) -> String {
    let s = if names.len() == 1 { "" } else { "s" };
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let first = names[..names.len().min(NAMED)].join(", ");
    format!("{} {what}{s} ({first}{more})", names.len())
}

/// Who set a field, and who else owns it.
fn who(field: &Field) -> String {
    if field.order {
        let (from, to) = (names(field.from.as_ref()), names(field.to.as_ref()));
        let what = if from.len() == to.len() { "order changes" } else { "items change" };
        let [from, to] = [from, to].map(|names| names.join(", "));
        return format!("{}: {what} from [{from}] to [{to}]", field.path);
    }
    let mut line = match (&field.to, &field.set_by) {
        (None, _) if !field.ours && field.owners.is_empty() => {
            format!("{}: defaulted by the server, and no longer desired", field.path)
        }
        (None, _) => format!("{}: no longer in the pipeline", field.path),
        (_, Some(by)) => format!("{}: set by {by}", field.path),
        (_, None) => format!("{}: set by the server", field.path),
    };
    for one in &field.owners {
        let _ = match field.ownership {
            Some(OwnershipPolicy::Take) if field.to.is_none() => {
                write!(line, "; taken from {}", owner(one))
            }
            Some(OwnershipPolicy::Take) => {
                write!(line, "; taken from {} (ownership: take)", owner(one))
            }
            _ => write!(line, "; owned by {}", owner(one)),
        };
    }
    line
}

/// The names that a list holds.
fn names(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.map(shown).collect()
}

/// A field manager, what it wrote through, and when.
pub(crate) fn owner(owner: &Owner) -> String {
    let through = owner.subresource.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    let since = owner.time.as_ref().map(|it| format!(" since {it}")).unwrap_or_default();
    format!("\"{}\"{through}{since}", owner.manager)
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| sanitize(text, LINE))
}
