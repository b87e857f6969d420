//! The generator of pipelines knows every field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use wellhead_spec::pipeline_schema;

use crate::{Source, pipeline};

/// Cases that are drawn before a field counts as forgotten: one that is there in one case of a hundred is in one of them.
const DRAWN: usize = 4_000;

/// Volumes of storage systems of which a pipeline checks that they are named, and passes on the rest unread.
const PASSED_ON: [&str; 19] = [
    "AWSElasticBlockStore",
    "AzureDisk",
    "AzureFile",
    "CephFS",
    "Cinder",
    "FC",
    "Flex",
    "Flocker",
    "GCEPersistentDisk",
    "GitRepo",
    "Glusterfs",
    "ISCSI",
    "PhotonPersistentDisk",
    "Portworx",
    "Quobyte",
    "RBD",
    "ScaleIO",
    "StorageOS",
    "VsphereVirtualDisk",
];

/// Fields that are left out on purpose: what has them, and the field.
const LEFT_OUT: [(&str, &str); 3] = [
    // It binds the claims of all pods to one volume.
    ("PersistentVolumeClaimSpec", "volumeName"),
    // No server has it without a feature gate.
    ("VolumeProjection", "podCertificate"),
    // It is wrong wherever it is, and so it is rare.
    ("VolumeResourceRequirements", "limits"),
];

/// Whether a generator may leave a field out.
fn may_be_left_out(of: &str, field: &str) -> bool {
    let name = of.rsplit('.').next().unwrap_or(of);
    let passed_on = |it: &&str| name.strip_prefix(*it) == Some("VolumeSource");
    // A template of a claim has labels and annotations, and a server makes the rest.
    let is_servers = name == "ObjectMeta" && !["labels", "annotations"].contains(&field);
    is_servers || PASSED_ON.iter().any(passed_on) || LEFT_OUT.contains(&(name, field))
}

/// The fields of each type that documents say, by the names of the types in the schema.
#[derive(Default)]
struct Said(BTreeMap<String, BTreeSet<String>>);

impl Said {
    /// Notes the fields of a value of a type.
    fn note(&mut self, definitions: &Map<String, Value>, of: &str, schema: &Value, value: &Value) {
        if let Some(of) = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/$defs/")) {
            return self.note(definitions, of, &definitions[of], value);
        }
        for alternatives in ["anyOf", "oneOf", "allOf"] {
            for schema in schema[alternatives].as_array().into_iter().flatten() {
                self.note(definitions, of, schema, value);
            }
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let field = &schema["properties"][name];
                    if field.is_object() {
                        self.0.entry(of.to_owned()).or_default().insert(name.clone());
                        self.note(definitions, of, field, value);
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.note(definitions, of, &schema["items"], item);
                }
            }
            _ => {}
        }
    }

    /// The fields of types that were met, and that no document says.
    fn missing(&self, definitions: &Map<String, Value>) -> Vec<String> {
        let mut missing = Vec::new();
        for (of, said) in self.0.iter().filter(|it| !it.0.is_empty()) {
            let fields = definitions[of]["properties"].as_object().into_iter().flatten();
            let forgotten = fields.map(|it| it.0).filter(|it| !said.contains(*it));
            let forgotten = forgotten.filter(|name| !may_be_left_out(of, name));
            missing.extend(forgotten.map(|name| format!("{of}.{name}")));
        }
        missing
    }
}

#[test]
fn the_generator_of_pipelines_knows_every_field() {
    let schema = pipeline_schema();
    let definitions = schema["$defs"].as_object().unwrap();
    let (mut source, strategy) = (Source::new(), pipeline::document("any"));
    let mut said = Said::default();
    for drawn in 1..=DRAWN {
        said.note(definitions, "", &schema, &source.draw(&strategy));
        if drawn % 100 == 0 && said.missing(definitions).is_empty() {
            break;
        }
    }
    let missing = said.missing(definitions);
    assert!(missing.is_empty(), "add them to the generators of this folder: {missing:#?}");
}
