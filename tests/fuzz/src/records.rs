//! Any record of a pipeline's history: a line with its first part, and its content on those after it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use wellhead_cluster::PipelineRef;
use wellhead_cluster::fuzzed::{open_record, pack_record};
use wellhead_render::{ResourceSet, render};

use crate::shape;

/// What a record may hold in another place.
pub(crate) const WORDS: &[&str] = &[
    "null",
    "{}",
    "[]",
    "[[[[[[[[",
    "-1",
    "9223372036854775807",
    "1e400",
    "\"\"",
    "\"kube-system\"",
    "\"web\"",
    "\"data-db-00\"",
    "\"data-db-2147483647\"",
    "\"externalIPs\": [\"10.0.0.1\"], ",
    "\"ownerReferences\": [], ",
    "\"finalizers\": [\"a/b\"], ",
    "\"volumeName\": \"pv\", ",
    "\"ordinals\": {\"start\": 2147483647}, ",
    "\"replicas\": 2147483647, ",
    "\"status\": {}, ",
    "\"take\": [{\"pattern\": \"**\", \"set\": true}], ",
    "\u{1b}[31m",
];
/// Fields of metadata that a pipeline renders.
const METADATA: [&str; 4] = ["name", "namespace", "labels", "annotations"];

fn pipeline() -> PipelineRef {
    PipelineRef { namespace: "shop".to_owned(), name: "db".to_owned() }
}

/// What is taken is the pipeline's own and of its digest, and stays what it is when it is recorded again.
pub(crate) fn run(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let (first, content) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut first = serde_json::from_slice(first).unwrap_or_else(|_| first_part(""));
    let packed = gzip(content);
    for packed in [data, content, &packed] {
        taken(open_record(&pipeline(), &first, packed));
    }
    // With the digest of whatever is in it, as who forges a record writes it.
    let Ok(value) = serde_json::from_slice::<Value>(content) else { return };
    let Ok(objects) = serde_json::from_value::<ResourceSet>(value["objects"].clone()) else {
        return;
    };
    let Ok((_, digest)) = pack_record(&Value::Null, &objects) else { return };
    if let Some(Value::Object(annotations)) = first.pointer_mut("/metadata/annotations") {
        annotations.insert("wellhead.dev/digest".to_owned(), digest.into());
    }
    taken(open_record(&pipeline(), &first, &packed));
}

fn taken(opened: Result<(Value, ResourceSet), String>) {
    let Ok((spec, objects)) = opened else { return };
    assert!(objects.take.is_empty(), "who takes fields of others says so");
    let shown = serde_json::to_value(&objects).expect("because every key is a text");
    assert_own("statefulSet", &shown["statefulSet"], |name| name == "db");
    if objects.service.is_some() {
        let named = &shown["statefulSet"]["spec"]["serviceName"];
        assert_own("service", &shown["service"], |name| named == name);
        assert_eq!(shown["service"]["spec"]["clusterIP"], "None");
        assert!(shown["service"]["spec"].get("externalIPs").is_none());
    }
    for claim in shown["claims"].as_array().into_iter().flatten() {
        let ordinal = |name: &str| name.rsplit_once("-db-")?.1.parse::<i32>().ok();
        assert_own("claim", claim, |name| ordinal(name).is_some_and(|it| it >= 0));
        assert!(claim["spec"].get("volumeName").is_none());
    }
    let content = json!({"spec": spec, "objects": objects});
    let (packed, digest) = pack_record(&content, &objects).expect("because it was unpacked");
    let again = open_record(&pipeline(), &first_part(&digest), &packed);
    assert_eq!(again, Ok((spec, objects)), "recorded again");
}

fn assert_own(what: &str, object: &Value, is_named: impl Fn(&str) -> bool) {
    let metadata = object["metadata"].as_object().expect("every object has metadata");
    assert_eq!(metadata.get("namespace"), Some(&json!("shop")), "{what}: {object}");
    assert!(metadata["name"].as_str().is_some_and(is_named), "{what}: {object}");
    assert!(metadata.keys().all(|key| METADATA.contains(&key.as_str())), "{what}: {object}");
}

fn first_part(digest: &str) -> Value {
    json!({
        "metadata": {
            "name": "wellhead.db.1",
            "namespace": "shop",
            "labels": {"wellhead.dev/pipeline": "db", "wellhead.dev/part": "0"},
            "annotations": {"wellhead.dev/digest": digest},
        },
        "revision": 1,
        "data": {"made": "2026-01-01T00:00:00Z", "by": "admin", "from": "a@b", "wellhead": "0.1.0"},
    })
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).and_then(|()| encoder.finish()).expect("because memory takes it")
}

/// Records of pipelines, whole and with something of others.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut pipeline = shape::base();
    pipeline.metadata.namespace =
        serde_json::from_value("shop".into()).expect("because it is a name");
    let own = serde_json::to_value(render(&pipeline)).expect("because every key is a text");
    let elsewhere = |pointer: &str, value: Value| {
        let mut objects = own.clone();
        *objects.pointer_mut(pointer).expect("because it is rendered") = value;
        objects
    };
    let sets = [
        own.clone(),
        elsewhere("/statefulSet/metadata/namespace", json!("kube-system")),
        elsewhere("/statefulSet/spec/replicas", json!(i32::MAX)),
        elsewhere("/claims/0/metadata/name", json!("data-web-0")),
        elsewhere("/service/spec/clusterIP", json!("10.0.0.1")),
        elsewhere("/statefulSet/spec/template/metadata", json!({"finalizers": ["a/b"]})),
    ];
    let record = |objects: &Value| {
        let read = serde_json::from_value(objects.clone()).expect("because it is a set");
        let (_, digest) = pack_record(&Value::Null, &read).expect("because it is small");
        let content = json!({"spec": {"a": 1}, "objects": objects});
        format!("{}\n{content}", first_part(&digest)).into_bytes()
    };
    sets.iter().map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::{open_record, pack_record, pipeline, seeds};

    #[test]
    fn the_first_seed_is_taken_and_the_others_are_not() {
        let open = |seed: &Vec<u8>| {
            let text = std::str::from_utf8(seed).expect("a seed is text");
            let (first, content) = text.split_once('\n').expect("a seed has lines");
            let content: serde_json::Value = serde_json::from_str(content).expect("it is JSON");
            let objects = serde_json::from_value(content["objects"].clone()).expect("a set");
            let (packed, _) = pack_record(&content, &objects).expect("it is small");
            open_record(&pipeline(), &serde_json::from_str(first).expect("it is JSON"), &packed)
        };
        let taken: Vec<_> = seeds().iter().map(|seed| open(seed).is_ok()).collect();
        assert_eq!(taken, [true, false, false, false, false, false]);
    }
}
