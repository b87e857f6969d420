//! A pipeline as a draft, and back.

use serde_json::Value;

use super::{flatten, unflatten};
use crate::{Finding, Pipeline, read};

impl Pipeline {
    /// The pipeline as a draft: the fields of its `spec` and, beside them, `name`, `namespace`,
    /// `labels` and `annotations`, so that every [`FieldPath`](crate::FieldPath) resolves directly.
    pub fn to_draft(&self) -> Value {
        tracing::trace!("a pipeline is written as a draft");
        // Every key of a pipeline is text, so this cannot fail.
        flatten(serde_json::to_value(self).unwrap_or_default())
    }

    /// The pipeline that a draft describes, as strictly as if it stood in a file: unknown and
    /// missing fields, wrong types and bad names are findings, all at once. What
    /// [`validate`](crate::validate) checks is not checked.
    pub fn from_draft(mut draft: Value) -> Result<Self, Vec<Finding>> {
        Self::read_draft(&mut draft)
    }

    /// The same of a draft that stays: it is changed in between, and copied never.
    pub fn read_draft(draft: &mut Value) -> Result<Self, Vec<Finding>> {
        let is_map = draft.is_object();
        let document = unflatten(draft.take());
        let read = read::read::<Self>(&document);
        *draft = if is_map { flatten(document) } else { document };
        match read.value {
            Some(pipeline) if read.findings.is_empty() => Ok(pipeline),
            _ => Err(read.findings),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::draft::get;

    fn loaded(name: &str) -> Pipeline {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
        let loaded = crate::load(&[crate::Source::Path(folder.join(name))]);
        loaded.pipelines.into_iter().next().unwrap().value
    }

    #[test]
    fn a_draft_reads_back_as_the_pipeline() {
        for name in ["minimal.yaml", "full.yaml", "anchors.yaml"] {
            let pipeline = loaded(name);
            assert_eq!(Pipeline::from_draft(pipeline.to_draft()), Ok(pipeline), "{name}");
        }
    }

    #[test]
    fn a_draft_has_the_fields_where_paths_look_for_them() {
        let draft = loaded("full.yaml").to_draft();
        for (text, value) in [
            ("name", json!("full")),
            ("namespace", json!("data")),
            ("labels.team", json!("storage")),
            ("replicas", json!(3)),
            ("containers.db.resources.limits[\"nvidia.com/gpu\"]", json!("1")),
            ("containers.db.resources.claims.accelerator.name", json!("accelerator")),
            ("service.ports.5433/UDP.name", json!("gossip")),
            ("claims.data.ordinals[0].size", json!("20Gi")),
        ] {
            assert_eq!(get(&draft, &text.parse().unwrap()), Some(&value), "{text}");
        }
    }

    #[test]
    fn a_bad_draft_has_a_finding_for_each_mistake() {
        let mut draft = loaded("minimal.yaml").to_draft();
        draft["name"] = json!("No Name");
        draft["replicas"] = json!("three");
        draft["containers"][0]["imag"] = json!("x");
        draft["claims"][0].as_object_mut().unwrap().remove("size");
        let findings = Pipeline::from_draft(draft).unwrap_err();
        let paths: Vec<_> = findings.iter().map(|it| it.path.to_string()).collect();
        assert_eq!(
            paths,
            ["name", "claims.my-volume-claim.size", "containers.nginx.imag", "replicas"]
        );
        assert!(Pipeline::from_draft(json!([])).is_err());
    }
}
