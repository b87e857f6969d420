//! Whether what the transformers left is a pipeline, decided once, and which of them broke it.
//!
//! The last draft is what counts: it is read back into the types and validated whole. Who is to blame is looked for only
//! where something is wrong. The recorded edits tell it: they are made again, plugin by plugin.

use serde_json::Value;
use wellhead_spec::{Finding, Pipeline, Severity, validate};

use crate::Provenance;
use crate::session::draft::Fields;

/// A pipeline without an error.
pub(crate) struct Checked {
    pub(crate) pipeline: Pipeline,
    /// What should be looked at in it.
    pub(crate) warnings: Vec<Finding>,
}

/// Reads a draft back and checks it whole. The draft stays as it is.
pub(crate) fn check(draft: &mut Value) -> Result<Checked, Vec<Finding>> {
    let pipeline = Pipeline::read_draft(draft)?;
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    let (errors, warnings): (Vec<_>, Vec<_>) = validate(&pipeline).into_iter().partition(is_error);
    if errors.is_empty() { Ok(Checked { pipeline, warnings }) } else { Err(errors) }
}

/// The writer since which the draft is broken, an index into [`Provenance::writers`], and what is wrong since then.
/// `None` where the first `writers` of them leave a good one. What a later plugin repairs counts as good.
pub(crate) fn broken_by(
    base: &Pipeline,
    provenance: &Provenance,
    writers: usize,
) -> Option<(usize, Vec<Finding>)> {
    let mut fields = Fields::new(base.to_draft());
    let mut broken = None;
    let mut edits = provenance.writes.iter().peekable();
    for writer in 0..writers {
        let mut edited = false;
        while let Some(write) = edits.next_if(|it| it.writer == writer) {
            fields.make_again(write);
            edited = true;
        }
        if edited {
            let findings = check(&mut fields.draft().clone()).err();
            broken = findings.map(|it| broken.take().unwrap_or((writer, it)));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::{Write, Writer};

    /// Who broke a pipeline of one claim, by the sizes that plugins give it, one after the other.
    fn broken(sizes: &[Option<&str>]) -> Option<(usize, String)> {
        let base = json!({
            "metadata": {"name": "db"},
            "spec": {
                "containers": [{"name": "db", "image": "postgres:17"}],
                "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
            },
        });
        let base: Pipeline = serde_json::from_value(base).unwrap();
        let edits = sizes.iter().enumerate().filter_map(|(plugin, size)| {
            let path = "claims.data.size".parse().unwrap();
            let new = Some(json!((*size)?));
            Some(Write::of(plugin, path, new))
        });
        let writer = || {
            let [name, version, digest, customization] = [const { String::new() }; 4];
            Arc::new(Writer { name, version, digest, customization, facts_digest: None })
        };
        let writers = sizes.iter().map(|_| writer()).collect();
        let provenance = Provenance { writers, writes: edits.collect() };
        let broken = broken_by(&base, &provenance, sizes.len());
        broken.map(|(writer, findings)| (writer, findings[0].message.clone()))
    }

    #[test]
    fn the_plugin_since_which_a_pipeline_is_broken_is_named_with_what_it_did() {
        let (good, bad, worse) = (Some("2Gi"), Some("-1Gi"), Some("0"));
        assert_eq!(broken(&[good, None, good]), None);
        let (writer, first) = broken(&[good, bad, None]).unwrap();
        assert_eq!(writer, 1);
        // A later plugin that edits the same field again is not who broke it.
        assert_eq!(broken(&[bad, worse]), Some((0, first.clone())));
        assert_eq!(broken(&[bad, good]), None, "what is repaired is not broken");
        let (writer, later) = broken(&[bad, good, worse]).unwrap();
        assert_eq!(writer, 2);
        assert_ne!(later, first);
    }
}
