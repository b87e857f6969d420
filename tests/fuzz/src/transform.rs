//! Any edits of a plugin that has a grant of everything.

use std::sync::{Arc, OnceLock};

use serde_json::json;
use wellhead_chain::{Chain, Entry, LoadOptions, Outcome, Plugin, PluginError};
use wellhead_spec::{Pipeline, Severity, protected, validate};

use crate::{load, render, scripted, shape};

/// A plugin that does what its config says ([`scripted`]).
fn plugin() -> Arc<Plugin> {
    static PLUGIN: OnceLock<Arc<Plugin>> = OnceLock::new();
    let plugin = PLUGIN.get_or_init(|| {
        let component = scripted::component();
        let options = LoadOptions::default();
        Plugin::from_bytes(load::engine(), "scripted", &component, &options)
            .expect("because the plugin is honest")
            .into()
    });
    Arc::clone(plugin)
}

/// Whatever the edits are: they are refused in words that a terminal can show, or the result is valid,
/// can be rendered, and differs in nothing that is protected.
pub(crate) fn run(data: &[u8]) {
    let pipeline = shape::base();
    match edit(&pipeline, data) {
        Ok(outcome) => {
            assert_lawful(&pipeline, &outcome);
            render::assert_rendered(&outcome.pipeline);
        }
        Err(errors) => errors.iter().for_each(load::assert_shown),
    }
}

fn edit(pipeline: &Pipeline, data: &[u8]) -> Result<Outcome, Vec<PluginError>> {
    let entry = json!({
        "name": "scripted",
        "source": "scripted.wasm",
        "grants": ["**"],
        "config": scripted::config(data),
    });
    let entry = serde_json::from_value(entry).expect("because the entry is valid");
    let entry = Entry::new(&entry, "fuzz", plugin()).expect("because the plugin takes any config");
    Chain::new(vec![entry]).run(pipeline)
}

/// What a plugin with a grant of everything may have done, and its trace.
pub(crate) fn assert_lawful(before: &Pipeline, outcome: &Outcome) {
    let (old, new) = (before.to_draft(), outcome.pipeline.to_draft());
    let findings = validate(&outcome.pipeline);
    assert!(findings.iter().all(|it| it.severity != Severity::Error), "{findings:?}");
    let touched = protected::changed(&old, &new);
    assert!(touched.is_empty(), "{touched:?}");
    let writes = &outcome.provenance.writes;
    assert!(!writes.is_empty() || load::unchanged(before, &outcome.pipeline), "no trace");
    let again = outcome.provenance.replay(old);
    let again = Pipeline::from_draft(again.draft().clone());
    assert_eq!(again.as_ref(), Ok(&outcome.pipeline), "the edits, made again, give the same");
}

#[cfg(test)]
mod tests {
    use wellhead_chain::Fault;

    use super::*;
    use crate::scripted::scripts;

    #[test]
    fn the_seeds_edit_and_none_makes_the_plugin_itself_fail() {
        let pipeline = shape::base();
        let mut accepted = 0;
        for script in scripts() {
            match edit(&pipeline, &script) {
                Ok(outcome) => accepted += usize::from(!outcome.provenance.writes.is_empty()),
                Err(errors) => {
                    let crash = errors.iter().find(|it| matches!(it.fault, Fault::Trap { .. }));
                    assert!(crash.is_none(), "{crash:?}");
                }
            }
        }
        assert!(accepted >= 5, "{accepted} scripts are accepted");
    }
}
