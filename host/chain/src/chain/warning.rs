//! What a validator finds without stopping the work.

use wellhead_spec::{FieldPath, Location, PathPattern, Severity, UnknownField};

use crate::{Details, Words};

/// A finding of a validator.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PluginWarning {
    /// Name of the chain entry.
    pub plugin: String,
    /// How much it matters to the plugin. An error stops the work, unless the entry is on trial.
    pub severity: Severity,
    /// Whether the entry is on trial.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub audit: bool,
    /// Whether the entry waives it, so that it stops nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// Path of the field, as the plugin wrote it.
    pub path: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to change.
    pub hint: Option<String>,
    /// Where the field is, for who has the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Who set the field, where that is not its file: in words of the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
    /// What is wrong with the finding itself, which is the plugin's fault: in words of the host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<String>,
    /// What programs need of it.
    #[serde(flatten)]
    pub details: Details,
    /// How many more findings it stands for. Then the message is the host's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<usize>,
}

impl PluginWarning {
    /// What the plugin says; `None` where the host says how many more findings there are.
    pub fn words(&self) -> Option<Words> {
        let words = || {
            let words = Words::of(&self.message, self.path.as_deref(), self.hint.as_deref());
            words.with(&self.details)
        };
        self.more.is_none().then(words)
    }

    /// The field that it is about, where the plugin names one that pipelines have.
    pub fn field(&self) -> Option<FieldPath> {
        let path: FieldPath = self.path.as_ref()?.parse().ok()?;
        unknown(self.path.as_ref()?).is_none().then_some(path)
    }

    /// What else the host has to say about it.
    pub fn notes(&self) -> impl Iterator<Item = &String> {
        self.set_by.iter().chain(&self.flaws)
    }
}

/// What is wrong with a finding, as its plugin wrote it.
pub(super) fn flaws(path: Option<&str>, message: &str) -> Vec<String> {
    let no_message = message.trim().is_empty();
    let no_message = no_message.then(|| "the finding has no message".to_owned());
    let path = path.and_then(|path| match path.parse::<FieldPath>() {
        Ok(_) => unknown(path),
        Err(why) => Some(why.to_string()),
    });
    let flaws = no_message.into_iter().chain(path);
    flaws.map(|what| format!("a fault of the plugin: {what}")).collect()
}

/// What is wrong with a path that leads to no field of a pipeline.
fn unknown(path: &str) -> Option<String> {
    let UnknownField { name, meant } = path.parse::<PathPattern>().ok()?.unknown_field()?;
    // The documents have these two around what paths begin with.
    let inside = ["spec.", "metadata."].into_iter().find_map(|part| path.strip_prefix(part));
    let is_known = |path: &&str| {
        path.parse::<PathPattern>().is_ok_and(|pattern| pattern.unknown_field().is_none())
    };
    let meant = inside.filter(is_known).or(meant.as_deref());
    let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    Some(format!("no pipeline has the field `{name}`{meant}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_without_a_message_or_with_a_path_that_leads_nowhere_is_the_plugins_fault() {
        for path in [None, Some("replicas"), Some("containers.db.env.A.value"), Some("claims")] {
            assert!(flaws(path, "too few").is_empty(), "{path:?}");
        }
        for (path, message, what) in [
            (Some("replicas"), " ", "the finding has no message"),
            (
                Some("spec.replicas"),
                "x",
                "no pipeline has the field `spec`; did you mean `replicas`?",
            ),
            (Some("replcas"), "x", "no pipeline has the field `replcas`; did you mean `replicas`?"),
        ] {
            assert_eq!(flaws(path, message), [format!("a fault of the plugin: {what}")]);
        }
        let told = flaws(Some("no such [[ path"), "x");
        assert!(told[0].contains("is not a field path"), "{told:?}");
    }
}
