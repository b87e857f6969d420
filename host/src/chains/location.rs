//! Where what is wrong with an entry is in its customization.

use wellhead_chain::{Fault, PluginError, Violation};
use wellhead_spec::{Customization, FieldPath, Located, Location};

use super::places::name_of;

/// The part of an entry that an error is about.
pub(super) fn location(customization: &Located<Customization>, error: &PluginError) -> Location {
    if let Fault::BadConfig { violations } = &error.fault
        && let Some((field, _)) = violations.first()
        && let Some(place) = place_of(customization, &error.plugin, field)
    {
        return place;
    }
    let part = match &error.fault {
        Fault::Missing { .. }
        | Fault::Unreadable { .. }
        | Fault::NotWebAssembly { .. }
        | Fault::CoreModule { .. }
        | Fault::Malformed { .. }
        | Fault::Unsupported { .. }
        | Fault::CompileLimit { .. }
        | Fault::Busy { .. }
        | Fault::NotCompiled { .. }
        | Fault::CompilerFailed { .. }
        | Fault::WrongWorld { .. }
        | Fault::BadDescription { .. }
        | Fault::OldHost { .. } => Some("source"),
        Fault::WrongDigest { .. } => Some("digest"),
        Fault::BadConfig { .. } => Some("config"),
        Fault::Refused { .. } | Fault::OverPool { .. } | Fault::OverBudget { .. } => Some("limits"),
        Fault::Forbidden { violations } => Some(match violations.first() {
            Some(Violation::Conflict { .. }) => "overrides",
            Some(Violation::Protected { .. }) => "opens",
            Some(Violation::OverLimit { .. }) => "limits",
            Some(Violation::UngrantedFact { .. }) => "facts",
            Some(Violation::Denied { .. } | Violation::ReadOnly { .. }) | None => "grants",
        }),
        Fault::Trap { .. }
        | Fault::Nondeterministic { .. }
        | Fault::Rejected { .. }
        | Fault::Judged { .. }
        | Fault::BadResult { .. } => None,
    };
    let entry = FieldPath::of(["plugins", error.plugin.as_str()]);
    let name = name_of(&error.plugin);
    part.and_then(|part| customization.location(&entry.key(part)))
        .unwrap_or_else(|| customization.nearest(&name))
}

/// Where a field of an entry's config is, e.g. `config.rules[0]`.
pub(super) fn place_of(
    customization: &Located<Customization>,
    plugin: &str,
    field: &str,
) -> Option<Location> {
    let field: FieldPath = field.parse().ok()?;
    let entry = FieldPath::of(["plugins", plugin]);
    let path = field.segments().iter().fold(entry, |path, it| path.with(it.clone()));
    // A config that is not there has no place.
    customization.location(&FieldPath::of(["plugins", plugin, "config"]))?;
    Some(customization.nearest(&path))
}

#[cfg(test)]
mod tests {
    use wellhead_chain::Budget;
    use wellhead_spec::{Source, load};

    use super::*;

    #[test]
    fn a_violation_is_at_the_part_of_the_entry_that_would_allow_it() {
        let text = "\
apiVersion: wellhead.dev/v1alpha1
kind: Customization
metadata: {name: custom}
spec:
  plugins:
    - name: scale
      source: scale.wasm
      grants: [replicas]
      opens: [hostUsers]
      overrides: [labels]
      limits: {fuel: 1000000}
";
        let text = text.to_owned();
        let loaded = load(&[Source::Text { name: "custom.yaml".into(), text }]);
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        let path = || FieldPath::of(["replicas"]);
        let conflict = Violation::Conflict {
            path: path(),
            earlier: "other".to_owned(),
            theirs: "1".to_owned(),
            ours: "2".to_owned(),
        };
        for (violation, line) in [
            (Violation::Denied { path: path(), adds: false }, 8),
            (Violation::Protected { path: path(), why: "it is".into() }, 9),
            (conflict, 10),
            (Violation::OverLimit { budget: Budget::Edits, limit: 1, used: 2 }, 11),
        ] {
            let shown = violation.to_string();
            let fault = Fault::Forbidden { violations: vec![violation] };
            let error = PluginError { plugin: "scale".to_owned(), entry: Some(0), fault };
            assert_eq!(location(&loaded.customizations[0], &error).line, line, "{shown}");
        }
    }
}
