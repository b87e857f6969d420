//! Waivers of chain entries that no finding has met.

use wellhead_diagnostics::Code;
use wellhead_spec::{FieldPath, Finding};

use super::Chains;
use crate::inputs::Inputs;

impl Chains {
    /// What entries waive though nothing was found in any pipeline, as warnings. All pipelines have run.
    pub(crate) fn unmet_waivers<P>(&self, inputs: &Inputs<P>) -> Vec<Finding> {
        let entries = self.distinct.iter().zip(&self.places);
        let entries = entries.flat_map(|(chain, places)| chain.entries().iter().zip(places));
        let mut unmet: Vec<_> = entries
            .flat_map(|(entry, &place)| {
                entry.unmet_waivers().map(move |(at, code)| ((place, at), (entry, code)))
            })
            .collect();
        // Chains share entries.
        unmet.sort_by_key(|it| it.0);
        unmet.dedup_by_key(|it| it.0);
        let finding = |((place, at), (entry, code)): ((super::Place, usize), (_, &str))| {
            let entry: &wellhead_chain::Entry = entry;
            let name = entry.name();
            let why = if entry.judges() {
                format!("plugin `{name}` has no finding `{code}`, which its entry waives")
            } else {
                format!(
                    "the entry of plugin `{name}` waives `{code}`, and the plugin only transforms"
                )
            };
            let path = FieldPath::of(["plugins", name, "waives"]).index(at);
            let hint = format!("remove `{code}` from `waives`, or correct it");
            let finding = Finding::warning(Code::UnusedWaiver, path, why).hint(hint);
            inputs.customizations[place.0].locate(finding)
        };
        unmet.into_iter().map(finding).collect()
    }
}
