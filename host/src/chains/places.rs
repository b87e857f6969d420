//! Where what plugins find is in the files, and which plugin set it where that is no file.

use wellhead_chain::{Fault, Outcome, PluginError, PluginWarning, Provenance};
use wellhead_spec::{Customization, FieldPath, Finding, Form, Located, Location};

/// A pipeline with what its plugins made of it.
pub(crate) struct Places<'p, P> {
    pub(crate) base: &'p Located<P>,
    pub(crate) provenance: &'p Provenance,
    pub(crate) customizations: &'p [Located<Customization>],
}

impl<P: Form> Places<'_, P> {
    /// The place of a field: of the entry whose plugin set it, or in the file of the pipeline. And who set it, in
    /// words, where a plugin did.
    fn of(&self, path: &FieldPath) -> (Location, Option<String>) {
        let in_file = self.base.nearest(path);
        let Some(write) = self.provenance.history(path).last().filter(|it| it.new.is_some()) else {
            return (in_file, None);
        };
        let writer = self.provenance.writer(write);
        let set_by = if write.completes { "completed" } else { "set" };
        let set_by = format!("plugin `{}` {set_by} `{}`", writer.name, write.path);
        // The file has what is around a part that a plugin set.
        let is_whole = write.path.contains(path);
        let entry =
            self.customizations.iter().find(|it| it.metadata.name.as_str() == writer.customization);
        let entry = entry.filter(|_| is_whole).map(|it| it.nearest(&name_of(&writer.name)));
        (entry.unwrap_or(in_file), Some(set_by))
    }

    /// Findings about what the plugins left, with their places.
    pub(crate) fn locate(&self, finding: Finding) -> Finding {
        let (location, set_by) = self.of(&finding.path);
        match set_by {
            Some(set_by) => finding.at(Some(location)).set_by(set_by),
            None => self.base.locate(finding),
        }
    }

    /// The same of what validators warn of.
    pub(crate) fn locate_warnings(&self, warnings: &mut [PluginWarning]) {
        for warning in warnings {
            let Some(path) = warning.field() else { continue };
            let (location, set_by) = self.of(&path);
            (warning.location, warning.set_by) = (Some(location), set_by);
        }
    }

    /// The place in the pipeline of what a plugin objects to, where it names one.
    pub(crate) fn locate_error(&self, error: &mut PluginError) -> Option<Location> {
        match &mut error.fault {
            Fault::Judged { findings } => {
                self.locate_warnings(findings);
                findings.first().and_then(|it| it.location.clone())
            }
            Fault::Rejected { path: Some(path), .. } => {
                // It may be a field of the config as well.
                let path = path.parse().ok()?;
                let (location, set_by) = self.of(&path);
                (set_by.is_some() || self.base.location(&path).is_some()).then_some(location)
            }
            _ => None,
        }
    }
}

/// The name of an entry, as a field of its customization.
pub(super) fn name_of(plugin: &str) -> FieldPath {
    FieldPath::of(["plugins", plugin, "name"])
}

/// An outcome whose warnings have their places.
pub(crate) fn located<P: Form>(
    mut outcome: Outcome,
    base: &Located<P>,
    customizations: &[Located<Customization>],
) -> Outcome {
    let mut warnings = std::mem::take(&mut outcome.warnings);
    if !warnings.is_empty() {
        let provenance = &outcome.provenance;
        Places { base, provenance, customizations }.locate_warnings(&mut warnings);
    }
    Outcome { warnings, ..outcome }
}
