//! What holds for every pipeline.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};
use wellhead_render::{
    ObjectOrigins, Origin, OriginSource, origins, render, to_json_list, to_yaml,
};
use wellhead_spec::{FieldPath, Pipeline, Segment};

use crate::origins as checks;

type Fields = Vec<(&'static str, Value)>;

/// An object of the fields that are given.
fn object(fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Labels; the few keys make users' keys, selectors and recommended labels meet.
fn labels() -> impl Strategy<Value = Value> {
    let keys = ["app", "tier", "app.kubernetes.io/name", "app.kubernetes.io/managed-by"];
    (subsequence(keys.to_vec(), 0..=4), vec("[a-z]{1,3}", 4))
        .prop_map(|(keys, values)| keys.into_iter().zip(values).collect())
}

fn port(number: &'static str) -> impl Strategy<Value = Value> {
    let protocol = option::of(select(vec!["TCP", "UDP"]));
    (1..4_i32, protocol, option::of("[a-z]{1,3}")).prop_map(move |(value, protocol, name)| {
        object([
            (number, Some(json!(value))),
            ("protocol", protocol.map(Value::from)),
            ("name", name.map(Value::from)),
        ])
    })
}

/// Ports of which no two have the same number and protocol.
fn ports(number: &'static str) -> impl Strategy<Value = Value> {
    vec(port(number), 0..4).prop_map(move |ports| {
        let key = |port: &Value| {
            format!("{}{}", port[number], port["protocol"].as_str().unwrap_or("TCP"))
        };
        let unique: BTreeMap<_, _> = ports.into_iter().map(|port| (key(&port), port)).collect();
        unique.into_values().collect()
    })
}

fn container(name: &'static str) -> impl Strategy<Value = Value> {
    let env = subsequence(vec!["A", "B.C", "D"], 0..=3).prop_map(|names| {
        names.into_iter().map(|name| json!({ "name": name, "value": "1" })).collect::<Value>()
    });
    let mounts = subsequence(vec!["/a", "/b", "/c d"], 0..=3).prop_map(|paths| {
        paths.into_iter().map(|path| json!({ "name": "v", "mountPath": path })).collect::<Value>()
    });
    let args = option::of(vec("[a-z]{0,2}", 0..3));
    let limits = option::of(labels());
    (ports("containerPort"), env, mounts, args, limits).prop_map(
        move |(ports, env, mounts, args, limits)| {
            object([
                ("name", Some(name.into())),
                ("image", Some("image:1".into())),
                ("ports", Some(ports)),
                ("env", Some(env)),
                ("volumeMounts", Some(mounts)),
                ("args", args.map(Value::from)),
                ("resources", limits.map(|limits| json!({ "limits": limits }))),
                ("securityContext", Some(json!({}))),
            ])
        },
    )
}

fn claim(name: &'static str, mount_path: &'static str) -> impl Strategy<Value = Value> {
    let range = (0..4_i32, option::of(0..4_i32), option::of("[1-9]Gi"), option::of("[a-c]{0,1}"))
        .prop_map(|(from, to, size, class)| {
            object([
                ("from", Some(from.into())),
                ("to", to.map(Value::from)),
                ("size", size.map(Value::from)),
                ("storageClass", class.map(Value::from)),
            ])
        });
    let modes = subsequence(vec!["ReadWriteOnce", "ReadOnlyMany"], 0..=2);
    let volume_mode = option::of(select(vec!["Filesystem", "Block"]));
    (option::of("[a-c]{0,1}"), modes, volume_mode, any::<bool>(), labels(), vec(range, 0..3))
        .prop_map(move |(class, modes, volume_mode, mounted, labels, ordinals)| {
            object([
                ("name", Some(name.into())),
                ("size", Some("1Gi".into())),
                ("storageClass", class.map(Value::from)),
                ("accessModes", Some(modes.into())),
                ("volumeMode", volume_mode.map(Value::from)),
                ("mountPath", mounted.then(|| mount_path.into())),
                ("labels", Some(labels.clone())),
                ("annotations", Some(labels)),
                ("ordinals", Some(ordinals.into())),
            ])
        })
}

fn service() -> impl Strategy<Value = Value> {
    (option::of("[a-z]{3}"), labels(), labels(), ports("port"), option::of(any::<bool>())).prop_map(
        |(name, labels, selector, ports, publish)| {
            object([
                ("name", name.map(Value::from)),
                ("labels", Some(labels)),
                ("selector", Some(selector)),
                ("ports", Some(ports)),
                ("publishNotReadyAddresses", publish.map(Value::from)),
            ])
        },
    )
}

/// Parts of a spec that are passed through, each taken or left.
fn passed_through() -> impl Strategy<Value = Fields> {
    let parts: Fields = vec![
        ("persistentVolumeClaimRetentionPolicy", json!({ "whenScaled": "Delete" })),
        ("updateStrategy", json!({ "type": "OnDelete" })),
        ("podManagementPolicy", json!("Parallel")),
        ("minReadySeconds", json!(5)),
        ("serviceAccountName", json!("account")),
        ("imagePullSecrets", json!([{ "name": "pull" }])),
        ("tolerations", json!([{ "key": "a" }, { "operator": "Exists" }])),
        ("hostAliases", json!([{ "ip": "10.0.0.1", "hostnames": ["a", "b"] }])),
        ("securityContext", json!({ "fsGroup": 1 })),
        ("resources", json!({})),
        ("hostPID", json!(false)),
        ("dnsConfig", json!({ "nameservers": ["10.0.0.1"] })),
        ("volumes", json!([{ "name": "v", "emptyDir": {} }])),
    ];
    let count = parts.len();
    subsequence(parts, 0..=count)
}

/// The document of a pipeline.
fn document() -> impl Strategy<Value = Value> {
    let metadata = (option::of("[a-z]{2}"), labels(), labels());
    let replicas = (option::of(0..4_i32), option::of(0..3_i32));
    let containers =
        (container("main"), option::of(container("side")), option::of(container("init")));
    let claims = (option::of(claim("data", "/data")), option::of(claim("wal", "/wal")));
    let all_labels = (labels(), labels(), labels());
    (metadata, replicas, all_labels, service(), containers, claims, passed_through()).prop_map(
        |(metadata, replicas, labels, service, containers, claims, passed_through)| {
            let list = |items: [Option<Value>; 2]| items.into_iter().flatten().collect::<Value>();
            let mut spec = object([
                ("replicas", replicas.0.map(Value::from)),
                ("ordinals", replicas.1.map(|start| json!({ "start": start }))),
                ("selector", Some(labels.0)),
                ("podLabels", Some(labels.1)),
                ("podAnnotations", Some(labels.2)),
                ("service", Some(service)),
                ("containers", Some(list([Some(containers.0), containers.1]))),
                ("initContainers", Some(list([containers.2, None]))),
                ("claims", Some(list([claims.0, claims.1]))),
            ]);
            for (key, value) in passed_through {
                spec[key] = value;
            }
            let metadata = object([
                ("name", Some("pipeline".into())),
                ("namespace", metadata.0.map(Value::from)),
                ("labels", Some(metadata.1)),
                ("annotations", Some(metadata.2)),
            ]);
            json!({ "metadata": metadata, "spec": spec })
        },
    )
}

fn pipeline() -> impl Strategy<Value = Pipeline> {
    document().prop_map(|document| serde_json::from_value(document).unwrap())
}

/// Leaves of the objects of a pipeline: by object and field, the value and its source.
type Leaves = BTreeMap<((String, String), FieldPath), (Value, OriginSource)>;

fn leaves(pipeline: &Pipeline) -> Leaves {
    let leaves = |object: ObjectOrigins| {
        let leaf = |origin: &Origin| {
            let Origin { path, value, source, .. } = origin.clone();
            (((object.kind.clone(), object.name.clone()), path), (value, source))
        };
        object.leaves().map(leaf).collect::<Vec<_>>()
    };
    origins(pipeline).flat_map(leaves).collect()
}

/// The places of a document's leaves, as JSON pointers.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same type.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(value) => json!(!value),
        Value::Number(value) => json!(value.as_i64().unwrap() + 1),
        Value::String(value) => match value.as_str() {
            "Parallel" => json!("OrderedReady"),
            "ReadWriteOnce" => json!("ReadWriteMany"),
            "ReadOnlyMany" => json!("ReadWriteOncePod"),
            quantity if quantity.ends_with("Gi") => json!(format!("1{quantity}")),
            text => json!(format!("{text}x")),
        },
        _ => unreachable!("a leaf that is set is a scalar"),
    }
}

/// The part of a pipeline that a change of one leaf may reach: the leaf, or the item around it when
/// the leaf is what the item is found by.
fn reach(before: &Value, after: &Value) -> Vec<FieldPath> {
    let of = |from: &Value, to: &Value| {
        let path = difference(from, to, &FieldPath::root());
        let Some(Segment::Key(last)) = path.segments().last() else { return path };
        let finds = ["name", "mountPath", "containerPort", "port", "protocol", "ip", "from", "to"];
        let in_item = path.segments().len() > 2 && finds.contains(&last.as_str());
        if in_item { path.parent().unwrap() } else { path }
    };
    vec![of(before, after), of(after, before)]
}

/// Path of the one leaf in which two drafts differ.
fn difference(from: &Value, to: &Value, at: &FieldPath) -> FieldPath {
    match (from, to) {
        (Value::Object(from), Value::Object(to)) => {
            let (key, value) = from.iter().find(|(key, value)| to[*key] != **value).unwrap();
            difference(value, &to[key], &at.key(key))
        }
        (Value::Array(from), Value::Array(to)) => {
            let index = (0..from.len()).find(|index| from[*index] != to[*index]).unwrap();
            let key = wellhead_spec::draft::list_key(at.segments());
            difference(&from[index], &to[index], &at.with(key.segment(&from[index], index)))
        }
        _ => at.clone(),
    }
}

/// Texts that would be markup, another type or the end of a document if they were not data.
fn free_text() -> impl Strategy<Value = String> {
    let markup = select(vec![
        "\n---\n",
        "kind: ClusterRoleBinding",
        "\n...\n",
        ": ",
        " #",
        "- ",
        "&a ",
        "*a",
        "!!str ",
        "%",
        "@",
        "`",
        "|",
        ">",
        "'",
        "\"",
        "\\",
        "{",
        "[",
        ",",
        "?",
        "\t",
        "\r\n",
        "\n",
        " ",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{1b}[31m",
        "null",
        "true",
        "0x1F",
        "1e3",
        "12:30",
        "~",
        "",
        "<<",
        "$(A)",
        "\n  ",
        "a",
    ]);
    prop_oneof![
        vec(markup, 0..8).prop_map(|parts| parts.concat()),
        any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

proptest! {
    /// Whatever a plugin writes into a text that has no syntax is read back as that text.
    #[test]
    fn free_texts_are_data(texts in vec(free_text(), 4)) {
        let pipeline: Pipeline = serde_json::from_value(json!({
            "metadata": {"name": "p", "annotations": {"example.com/a": texts[0]}},
            "spec": {
                "podAnnotations": {"example.com/b": texts[1]},
                "containers": [{
                    "name": "c", "image": "nginx:1", "args": [texts[2]],
                    "env": [{"name": "A", "value": texts[3]}],
                }],
            },
        })).unwrap();
        let objects = render(&pipeline).objects();
        for object in &objects {
            let text = to_yaml(std::slice::from_ref(object));
            let read: Value = serde_saphyr::from_str(&text).unwrap();
            prop_assert_eq!(&read, &object.value, "{}", text);
        }
        let all = to_yaml(&objects);
        let ends = all.lines().filter(|line| line.starts_with("---") || line.starts_with("..."));
        prop_assert_eq!(ends.count(), objects.len() - 1, "{}", all);
    }

    #[test]
    fn the_same_pipeline_renders_to_the_same_bytes(pipeline in pipeline()) {
        let first = render(&pipeline).objects();
        let second = render(&pipeline.clone()).objects();
        prop_assert_eq!(to_yaml(&first), to_yaml(&second));
        prop_assert_eq!(to_json_list(&first), to_json_list(&second));
    }

    #[test]
    fn each_claim_of_each_replica_has_its_object(pipeline in pipeline()) {
        let names: Vec<_> =
            render(&pipeline).claims.into_iter().map(|claim| claim.metadata.name.unwrap()).collect();
        let mut expected = Vec::new();
        let start = pipeline.spec.ordinals.as_ref().and_then(|it| it.start).unwrap_or(0);
        for claim in &pipeline.spec.claims {
            for ordinal in start..start + pipeline.spec.replicas.unwrap_or(1) {
                expected.push(format!("{}-pipeline-{ordinal}", claim.name));
            }
        }
        prop_assert_eq!(names, expected);
    }

    #[test]
    fn pods_have_the_labels_that_select_them(pipeline in pipeline()) {
        let spec = render(&pipeline).stateful_set.spec.unwrap();
        let labels = spec.template.metadata.unwrap().labels.unwrap();
        let selector = spec.selector.match_labels.unwrap();
        prop_assert!(!selector.is_empty());
        prop_assert!(selector.iter().all(|(key, value)| labels.get(key) == Some(value)));
    }

    #[test]
    fn every_leaf_has_one_origin(pipeline in pipeline()) {
        checks::check(&pipeline);
    }

    /// Names of objects and of the items of a spec are left out, which name much at once, and
    /// `volumeMode`, which decides whether a claim can be mounted.
    #[test]
    fn a_change_reaches_only_leaves_that_originate_from_it(
        mut document in document(),
        index in any::<Index>(),
    ) {
        let before: Pipeline = serde_json::from_value(document.clone()).unwrap();
        let mut places = Vec::new();
        pointers(&serde_json::to_value(&before).unwrap(), "", &mut places);
        places.retain(|place| {
            let renames = place.ends_with("/name") && [3, 5].contains(&place.split('/').count());
            !renames && !place.ends_with("/volumeMode")
        });
        let leaf = document.pointer_mut(&places[index.index(places.len())]).unwrap();
        *leaf = other(leaf);
        let after: Pipeline = serde_json::from_value(document).unwrap();

        let reach = reach(&before.to_draft(), &after.to_draft());
        let (old, new) = (leaves(&before), leaves(&after));
        let kept = |place: &(String, String)| {
            old.keys().any(|it| it.0 == *place) && new.keys().any(|it| it.0 == *place)
        };
        for place in old.keys().chain(new.keys()).filter(|place| kept(&place.0)) {
            let (was, is) = (old.get(place), new.get(place));
            if was.map(|it| &it.0) == is.map(|it| &it.0) {
                continue;
            }
            let related = [was, is].into_iter().flatten().any(|(_, source)| match source {
                OriginSource::Spec(path) => {
                    reach.iter().any(|it| it.contains(path) || path.contains(it))
                }
                OriginSource::Default(_) => false,
            });
            prop_assert!(related, "{reach:?} changed {place:?} from {was:?} to {is:?}");
        }
    }
}
