//! Names and keys.

use wellhead_tests::guest::{Edit, Guest, Manner};

use super::super::{Attack, Expect};
use super::{edit, invalid, no_setter};

/// The name of the pipeline, of its StatefulSet and its Service has no setter.
pub(super) fn names() -> Vec<Attack> {
    let long: &str = &"a".repeat(64);
    let long_path: &'static str = Box::leak(format!("containers.{long}").into_boxed_str());
    let mut attacks = vec![no_setter("set-name")];
    for (name, path) in [
        ("../x", "containers[\"../x\"]"),
        ("A_b", "containers.A_b"),
        (long, long_path),
        ("trailing-", "containers.trailing-"),
        ("", "containers[\"\"]"),
        ("db.x", "containers[\"db.x\"]"),
    ] {
        let container = Edit::pipeline("add-container").text(name).text("nginx:1.27");
        attacks.extend(invalid(name, container, path, "lowercase letters"));
    }
    let claim = |name: &str| Edit::pipeline("add-claim").text(name).text("1Gi");
    attacks.extend(invalid("a claim", claim("../x"), "claims[\"../x\"]", ""));
    let volume = Edit::pipeline("set-volume").text("A_b").text("{\"emptyDir\":{}}");
    attacks.extend(invalid("a volume", volume, "volumes.A_b", "lowercase letters"));
    // The first letter is Cyrillic.
    let alike = Edit::pipeline("add-container").text("\u{430}pp").text("nginx:1.27");
    attacks.push(edit("letters that look alike", alike, Expect::Unchanged));
    attacks
}

/// Keys that say whose an object is, in every map that has keys.
pub(super) fn reserved_keys() -> Vec<Attack> {
    let set = |edit: Edit| edit.text("kubernetes.io/evil").text("x");
    vec![
        edit(
            "an annotation",
            set(Edit::pipeline("set-annotation")),
            Expect::Protected("annotations[\"kubernetes.io/evil\"]"),
        ),
        edit(
            "an annotation of the pods",
            set(Edit::pipeline("set-pod-annotation")),
            Expect::Protected("podAnnotations[\"kubernetes.io/evil\"]"),
        ),
        edit(
            "a label of the Service",
            set(Edit::service("set-label")),
            Expect::Protected("service.labels[\"kubernetes.io/evil\"]"),
        ),
        edit(
            "an annotation of a claim",
            set(Edit::claim("data", "set-annotation")),
            Expect::Protected("claims.data.annotations[\"kubernetes.io/evil\"]"),
        ),
    ]
}

/// Sizes and prefixes of labels and annotations.
pub(super) fn sizes_of_keys() -> Vec<Attack> {
    let label = |key: &str, value: &str| Edit::pipeline("set-label").text(key).text(value);
    let annotation = |key: &str, bytes: usize| {
        Edit::pipeline("set-annotation").text(key).text("x".repeat(bytes))
    };
    let long = "x".repeat(64);
    let many =
        Guest::makes(&["a", "b", "c"].map(|key| annotation(key, 100 << 10)), Manner::Stubborn);
    let mut attacks = vec![
        edit(
            "a key of k8s.io",
            label("apps.k8s.io/x", "x"),
            Expect::Protected("labels[\"apps.k8s.io/x\"]"),
        ),
        edit(
            "a key of kubernetes.io",
            label("node-role.kubernetes.io/master", "x"),
            Expect::Protected("labels[\"node-role.kubernetes.io/master\"]"),
        ),
        Attack::new("300 KiB of annotations", &many, Expect::BadResult("annotations", "")),
    ];
    attacks.extend(invalid("64 characters", label("a", &long), "labels.a", "63"));
    attacks.extend(invalid(
        "a long key",
        label(&long, "a"),
        Box::leak(format!("labels.{long}").into_boxed_str()),
        "63",
    ));
    attacks.extend(invalid("a key of two parts", label("a/b/c", "a"), "labels.a/b/c", ""));
    attacks.extend(invalid("300 KiB", annotation("a", 300 << 10), "annotations.a", "262144"));
    attacks
}
