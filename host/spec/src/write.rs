//! A pipeline as a file.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::Pipeline;
use crate::kubernetes::USER_MAPS;
use crate::model::pipeline::API_VERSION;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'p> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    pipeline: &'p Pipeline,
}

impl<'p> Document<'p> {
    fn of(pipeline: &'p Pipeline) -> Self {
        Self { api_version: API_VERSION, kind: "Pipeline", pipeline }
    }
}

/// Fields of Kubernetes' types in the order in which people write them. Its own types know no order, so that a
/// container would begin with its arguments; the others follow by name.
const ORDER: [&str; 39] = [
    "name",
    "image",
    "imagePullPolicy",
    "restartPolicy",
    "workingDir",
    "command",
    "args",
    "containerPort",
    "path",
    "port",
    "targetPort",
    "protocol",
    "ports",
    "key",
    "operator",
    "value",
    "valueFrom",
    "effect",
    "env",
    "envFrom",
    "requests",
    "limits",
    "resources",
    "exec",
    "grpc",
    "httpGet",
    "tcpSocket",
    "startupProbe",
    "readinessProbe",
    "livenessProbe",
    "lifecycle",
    "securityContext",
    "mountPath",
    "subPath",
    "subPathExpr",
    "readOnly",
    "volumeMounts",
    "volumeDevices",
    "weight",
];
/// Fields of a pipeline whose keys are the user's, beside those of Kubernetes.
const USER_FIELDS: [&str; 2] = ["podAnnotations", "podLabels"];
/// Fields of a pipeline whose types are its own, and in order.
const OWN: [&str; 4] = ["claims", "ownership", "selector", "volumeMigration"];

/// A value whose maps have an order.
enum Tree {
    Map(Vec<(String, Tree)>),
    List(Vec<Tree>),
    Leaf(Value),
}

impl Tree {
    /// The fields of a map.
    fn fields(&mut self) -> impl Iterator<Item = (&str, &mut Self)> {
        let fields = match self {
            Self::Map(fields) => fields.as_mut_slice(),
            _ => &mut [],
        };
        fields.iter_mut().map(|(field, value)| (field.as_str(), value))
    }

    /// Puts the fields below into [`ORDER`].
    fn order(&mut self, holder: &str) {
        match self {
            Self::Map(_) if USER_MAPS.contains(&holder) || USER_FIELDS.contains(&holder) => {}
            Self::Map(fields) => {
                let rank = |field: &str| ORDER.iter().position(|it| *it == field);
                fields.sort_by_key(|(field, _)| rank(field).unwrap_or(ORDER.len()));
                for (field, value) in fields {
                    value.order(field);
                }
            }
            Self::List(items) => items.iter_mut().for_each(|item| item.order(holder)),
            Self::Leaf(_) => {}
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Map(fields) => serializer.collect_map(fields.iter().map(|(key, it)| (key, it))),
            Self::List(items) => serializer.collect_seq(items),
            Self::Leaf(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Tree::Map(map))
    }
}

impl Pipeline {
    /// The pipeline as a document of YAML, with its fields in the order of their types, and in items `name` and `image`
    /// first. The same pipeline gives the same text, and [`load`](crate::load()) reads it back.
    pub fn to_yaml(&self) -> String {
        written(self)
    }

    /// The pipeline as a document, as [`load`](crate::load()) reads it.
    pub fn to_document(&self) -> Value {
        document(self)
    }
}

/// Why a pipeline can be written.
const READ: &str = "because a pipeline was read from a document";

fn written(pipeline: &Pipeline) -> String {
    // Folding would leave blanks at line ends.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(&ordered(pipeline), options).expect(READ)
}

fn document(pipeline: &Pipeline) -> Value {
    serde_json::to_value(Document::of(pipeline)).expect(READ)
}

fn ordered(pipeline: &Pipeline) -> Tree {
    let text = serde_json::to_string(&Document::of(pipeline)).expect(READ);
    let mut document: Tree = serde_json::from_str(&text).expect(READ);
    let spec = document.fields().filter(|it| it.0 == "spec").flat_map(|it| it.1.fields());
    for (field, value) in spec.filter(|it| !OWN.contains(&it.0)) {
        match field {
            "service" => {
                let ports = value.fields().filter(|it| it.0 == "ports");
                ports.for_each(|(field, ports)| ports.order(field));
            }
            field => value.order(field),
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use crate::{Source, load};

    #[test]
    fn what_is_written_reads_back_as_the_same() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
        let mut read = 0;
        for folder in std::fs::read_dir(golden).unwrap() {
            let path = folder.unwrap().path().join("pipeline.yaml");
            let first = load(&[Source::Path(path.clone())]);
            for pipeline in &first.pipelines {
                let text = pipeline.to_yaml();
                let name = path.with_extension("written.yaml");
                let again = load(&[Source::Text { name, text: text.clone() }]);
                assert!(!again.has_errors(), "{:?}\n{text}", again.findings);
                assert_eq!(again.pipelines[0].value, pipeline.value, "{text}");
                assert_eq!(again.pipelines[0].to_yaml(), text);
                read += 1;
            }
        }
        assert!(read > 5);
    }

    #[test]
    fn fields_stand_as_people_write_them() {
        let text = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata:\n  name: db\n\
                    spec:\n  replicas: 3\n  containers:\n  - name: db\n    image: postgres:17\n    \
                    env:\n    - name: ON\n      value: \"yes\"\n";
        let source = Source::Text { name: "db.yaml".into(), text: text.to_owned() };
        let written = load(&[source]).pipelines[0].to_yaml();
        assert!(written.starts_with("apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\n"));
        assert!(written.contains("value: \"yes\""), "{written}");
        let at = |word: &str| written.find(word).unwrap();
        assert!(at("name: db") < at("replicas") && at("replicas") < at("containers"), "{written}");
    }

    #[test]
    fn items_begin_with_their_name_and_maps_of_the_user_stay_sorted() {
        let spec = "  podLabels:\n    image: a\n    key: b\n    name: c\n  containers:\n  - name: db\n    \
                    image: postgres:17\n    command:\n    - db\n    args:\n    - -v\n    ports:\n    \
                    - name: sql\n      containerPort: 5432\n    env:\n    - name: A\n      valueFrom:\n        \
                    secretKeyRef:\n          name: a\n          key: b\n    readinessProbe:\n      \
                    httpGet:\n        path: /\n        port: sql\n      failureThreshold: 3\n    \
                    volumeMounts:\n    - name: tmp\n      mountPath: /tmp\n  volumes:\n  - name: tmp\n    \
                    emptyDir: {}\n  claims:\n  - name: data\n    size: 1Gi\n    mountPath: /data\n";
        let head =
            "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata:\n  name: db\nspec:\n";
        let text = format!("{head}{spec}");
        let source = Source::Text { name: "db.yaml".into(), text: text.clone() };
        assert_eq!(load(&[source]).pipelines[0].to_yaml(), text);
    }
}
