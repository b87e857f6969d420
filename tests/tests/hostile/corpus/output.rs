//! F. Output that escapes its grants.
//!
//! A plugin returns nothing that is rendered: it calls setters of a resource of the host, and each
//! call is one checked edit. What no setter can say is refused when the component is linked
//! ([`no_setter`]); what a setter must not say is refused at the edit, in a plugin that goes on
//! ([`Manner::Stubborn`]) and in one that tells why it did not ([`Manner::Honest`]).

mod names;
mod pods;
mod words;

use serde_json::json;
use wellhead_chain::Outcome;
use wellhead_tests::guest::{Edit, Guest, Manner, World};

use super::{Attack, Expect, cases};
use names::{names, reserved_keys, sizes_of_keys};
use pods::{credentials, injected_containers, security};
use words::words_of_itself;

cases! {
    59 case_59_manifests_inside_of_texts: manifests_inside_of_texts;
    60 case_60_names: names;
    61 case_61_other_namespaces: other_namespaces;
    62 case_62_owner_and_selector: owner_and_selector;
    63 case_63_sizes_and_prefixes_of_labels: labels;
    64 case_64_security_of_pods: security;
    65 case_65_service_accounts_and_secrets: credentials;
    66 case_66_images: images;
    67 case_67_code_when_only_variables_are_granted: injected_containers;
    68 case_68_data_and_replicas: data_and_replicas;
    69 case_69_duplicates: duplicates;
    70 case_70_sources_of_variables: sources_of_variables;
    71 case_71_terminal_codes: terminal_codes;
    72 case_72_through_another_plugin: through_another_plugin;
    80 case_80_words_of_itself: words_of_itself;
}

/// An edit that the host makes, or refuses as the operator's decision.
fn edit(what: &str, edit: Edit, expect: Expect) -> Attack {
    Attack::new(what, &Guest::makes(&[edit], Manner::Stubborn), expect)
}

/// An edit whose value is not valid: the plugin that ignores it changes nothing.
fn invalid(what: &str, edit: Edit, path: &'static str, words: &'static str) -> [Attack; 2] {
    let edits = [edit];
    let attack = |manner, how: &str, expect| {
        let guest = Guest::makes(&edits, manner);
        Attack::new(format!("{what}, {how}"), &guest, expect)
    };
    [
        attack(Manner::Honest, "told", Expect::Invalid(path, words)),
        attack(Manner::Stubborn, "ignored", Expect::Unchanged),
    ]
}

/// A setter that the contract does not have, with a text as its value.
fn no_setter(method: &'static str) -> Attack {
    let world = World::with_method(&format!("{method}: func(value: string);"));
    let guest = Guest::new()
        .imports_method(&format!("pipeline.{method}"), "(param i32 i32 i32)")
        .world(world);
    Attack::new(method, &guest, Expect::WrongWorld(&["[method]pipeline."]))
}

/// Text that would be another object if it were pasted into YAML or JSON.
fn manifests_inside_of_texts() -> Vec<Attack> {
    const YAML: &str = "x\n---\nkind: ClusterRoleBinding\n";
    const JSON: &str = "{\"podAffinity\":{}},\"hostNetwork\":true,\"x\":{\"y\":1}";
    let as_data: fn(&Outcome) = |outcome| {
        let text = outcome.pipeline.metadata.annotations.get("note");
        assert_eq!(text.map(String::as_str), Some(YAML));
    };
    let mut attacks = vec![edit(
        "in an annotation",
        Edit::pipeline("set-annotation").text("note").text(YAML),
        Expect::Ends(as_data),
    )];
    attacks.push(edit(
        "in a variable",
        Edit::container("set-env").text("NOTE").text(YAML),
        Expect::Ends(|_| {}),
    ));
    attacks.extend(invalid(
        "in a label",
        Edit::pipeline("set-label").text("note").text(YAML),
        "labels.note",
        "",
    ));
    attacks.extend(invalid(
        "in an image",
        Edit::container("set-image").text(YAML),
        "containers.db.image",
        "",
    ));
    attacks.extend(invalid(
        "in JSON",
        Edit::pipeline("set-affinity").some(JSON),
        "affinity",
        "trailing characters",
    ));
    attacks.extend(invalid(
        "in JSON, as a field that is not there",
        Edit::pipeline("set-affinity").some("{\"nodeAffinity\":{},\"hostNetwork\":true}"),
        "affinity",
        "hostNetwork",
    ));
    attacks
}

/// There is no setter of a namespace and no function that makes an object; what can name another
/// namespace is the source of a claim's data.
fn other_namespaces() -> Vec<Attack> {
    let source = r#"{"kind":"PersistentVolumeClaim","name":"root","namespace":"kube-system"}"#;
    let mut attacks = vec![
        no_setter("set-namespace"),
        no_setter("add-object"),
        edit(
            "data of another namespace",
            Edit::claim("data", "set-data-source-ref").some(source),
            Expect::Protected("claims.data.dataSourceRef"),
        ),
    ];
    attacks.extend(invalid(
        "a claim of another namespace",
        Edit::pipeline("add-claim").text("kube-system/c").text("1Gi"),
        "claims.kube-system/c",
        "",
    ));
    attacks
}

/// The field manager is a constant of the host; there is no setter of the selector.
fn owner_and_selector() -> Vec<Attack> {
    let label = |setter: &str, key: &str| Edit::pipeline(setter).text(key).text("evil");
    let mut attacks = vec![
        edit(
            "the label of the owner",
            label("set-label", "app.kubernetes.io/managed-by"),
            Expect::Protected("labels[\"app.kubernetes.io/managed-by\"]"),
        ),
        edit(
            "the label that the selector looks for",
            label("set-pod-label", "app.kubernetes.io/name"),
            Expect::Protected("podLabels[\"app.kubernetes.io/name\"]"),
        ),
        no_setter("set-selector"),
        no_setter("set-field-manager"),
    ];
    attacks.extend(reserved_keys());
    attacks
}

fn labels() -> Vec<Attack> {
    sizes_of_keys()
}

/// A mandatory plugin of the operator stands behind the attacker, and sees what it left.
fn images() -> Vec<Attack> {
    let policy = json!({"allow": ["docker.io"], "requireDigest": true});
    let behind = |what, image: &str, words| {
        let mut attack =
            edit(what, Edit::container("set-image").text(image), Expect::Policy(words));
        attack.policy = Some(policy.clone());
        attack
    };
    let ungranted = |what, edit: Edit, path| {
        let guest = Guest::makes(&[edit], Manner::Stubborn);
        Attack::new(what, &guest, Expect::Denied(path))
            .with(json!({"grants": ["containers.*.env.*"]}))
    };
    let mut attacks = vec![
        behind("a tag", "postgres:17", "digest"),
        behind("another registry", "evil.example/postgres:17", "evil.example"),
        ungranted(
            "an image that is not granted",
            Edit::container("set-image").text("evil.example/x:1"),
            "containers.db.image",
        ),
        ungranted(
            "the secrets that pull images",
            Edit::pipeline("set-image-pull-secrets").texts(&["admin"]),
            "imagePullSecrets",
        ),
    ];
    attacks.push(behind("no tag", "postgres", "has no tag"));
    attacks.extend(invalid(
        "an image with a line break",
        Edit::container("set-image").text("postgres:17\nprivileged: true"),
        "containers.db.image",
        "",
    ));
    attacks
}

/// The retention policy, the templates of claims and the name of the Service have no setter.
fn data_and_replicas() -> Vec<Attack> {
    let replicas = |number| Edit::pipeline("set-replicas").number(number);
    let ungranted = edit(
        "another storage class",
        Edit::claim("data", "set-storage-class").some("cheap"),
        Expect::Denied("claims.data.storageClass"),
    );
    let mut attacks = vec![
        no_setter("set-persistent-volume-claim-retention-policy"),
        no_setter("set-volume-claim-templates"),
        no_setter("set-service-name"),
        no_setter("remove-claim"),
        edit(
            "a smaller volume",
            Edit::claim("data", "set-size").text("1Mi"),
            Expect::Protected("claims.data.size"),
        ),
        ungranted.with(json!({"grants": ["replicas"]})),
        edit("no replica", replicas(0), Expect::Protected("replicas")),
    ];
    attacks.extend(invalid("10^9 replicas", replicas(1_000_000_000), "replicas", "10000"));
    attacks.extend(invalid("-1 replicas", replicas(-1), "replicas", "between 0 and 10000"));
    attacks
}

/// Lists of Kubernetes have keys. A second item of one key breaks an apply, so it is the first one
/// changed, or an error.
fn duplicates() -> Vec<Attack> {
    let env = |value: &str| Edit::container("set-env").text("A").text(value);
    let twice = Guest::makes(&[env("1"), env("2")], Manner::Stubborn);
    let once: fn(&Outcome) = |outcome| {
        let container = serde_json::to_value(&outcome.pipeline.spec.containers[0]).unwrap();
        assert_eq!(container["env"], json!([{"name": "A", "value": "2"}]));
    };
    let port = |number| Edit::container("set-port").number(number).number(0).some("http");
    let mount = Edit::container("set-mount").text("data").text("/data").none().number(0);
    let mut attacks = vec![
        Attack::new("a variable", &twice, Expect::Ends(once)),
        edit(
            "a mount path that a claim has",
            mount,
            Expect::BadResult("claims.data.mountPath", "already mounted"),
        ),
    ];
    attacks.extend(invalid(
        "a volume with the name of a claim",
        Edit::pipeline("set-volume").text("data").text("{\"emptyDir\":{}}"),
        "volumes.data",
        "claim",
    ));
    let ports = Guest::makes(&[port(80), port(81)], Manner::Honest);
    let told = Expect::Invalid("containers.db.ports.81/TCP", "http");
    attacks.push(Attack::new("a port's name", &ports, told));
    attacks.extend(invalid(
        "a container",
        Edit::pipeline("add-container").text("db").text("postgres:17"),
        "containers.db",
        "there is a container",
    ));
    attacks.extend(invalid(
        "a claim",
        Edit::pipeline("add-claim").text("data").text("1Gi"),
        "claims.data",
        "there is a claim",
    ));
    attacks
}

/// A literal `$(NAME)` is Kubernetes' own syntax, and refers to variables of the same container.
fn sources_of_variables() -> Vec<Attack> {
    let secret = r#"{"secretKeyRef":{"name":"admin","key":"password"}}"#;
    let field = r#"{"fieldRef":{"fieldPath":"spec.nodeName"}}"#;
    let source = |json: &str| Edit::container("set-env-source").text("A").text(json);
    let as_data: fn(&Outcome) = |outcome| {
        let container = serde_json::to_value(&outcome.pipeline.spec.containers[0]).unwrap();
        assert_eq!(container["env"], json!([{"name": "A", "value": "$(PASSWORD)"}]));
    };
    let mut attacks = vec![
        edit(
            "a Secret's key",
            source(secret),
            Expect::Protected("containers.db.env.A.valueFrom.secretKeyRef"),
        ),
        edit("a field of the pod", source(field), Expect::Denied("containers.db.env.A"))
            .with(json!({"grants": ["replicas"]})),
        edit(
            "a whole Secret",
            Edit::container("set-env-from").some("[{\"secretRef\":{\"name\":\"admin\"}}]"),
            Expect::Protected("containers.db.envFrom[0].secretRef"),
        ),
        edit(
            "an expansion",
            Edit::container("set-env").text("A").text("$(PASSWORD)"),
            Expect::Ends(as_data),
        ),
    ];
    attacks.extend(invalid(
        "a name that is an assignment",
        Edit::container("set-env").text("A=B").text("x"),
        "containers.db.env[\"A=B\"]",
        "printable ASCII",
    ));
    attacks
}

/// Text that would move the cursor, colour the terminal, break the line or turn its order around,
/// in everything of a plugin that is ever shown.
fn terminal_codes() -> Vec<Attack> {
    const CODES: &str = "\u{1b}[2J\u{1b}[31m\r\n\u{202e}evil\u{7}\u{200b}\u{9b}31m";
    const ESCAPED: &str = "\\u{1b}[2J";
    let (named, says) = (Guest::new().name(CODES), Guest::new().says(CODES));
    let crashes = Guest::new()
        .fields(&format!("(func $\"{}\" (unreachable))", CODES.escape_unicode()))
        .transform("(call 1) (i32.const 256)");
    let warns = Guest::new().imports_log().data(8_192, CODES).transform(&format!(
        "(call $log (i32.const 0) (i32.const 8192) (i32.const {})) (unreachable)",
        CODES.len()
    ));
    let reason = Guest::makes(
        &[
            Edit::pipeline("because").text(CODES).without_result(),
            Edit::pipeline("set-annotation").text("a").text(CODES),
        ],
        Manner::Stubborn,
    );
    vec![
        Attack::new("its reason", &reason, Expect::Ends(|_| {})),
        Attack::new("its name", &named, Expect::BadDescription(ESCAPED)),
        Attack::new("what it does", &says, Expect::Ends(|_| {})),
        Attack::new("the names of its functions", &crashes, Expect::Trap("unreachable")),
        Attack::new("its last warning", &warns, Expect::Trap("unreachable")),
        Attack::new("its rejection", &Guest::rejects(CODES), Expect::Rejected(ESCAPED)),
        Attack::new(
            "its schema",
            &Guest::new().schema(&format!("{{\"type\": {CODES:?}}}")),
            Expect::BadDescription("schema"),
        ),
        edit("a label's key", Edit::pipeline("set-label").text(CODES).text("x"), Expect::Unchanged),
    ]
}

/// Grants are a plugin's own, and each of its edits is looked at, not the sum of all: that another
/// plugin may write a field, and even writes the same value, does not help.
fn through_another_plugin() -> Vec<Attack> {
    let only = |path: &str| json!({"grants": [path]});
    let label = |key: &str| Edit::pipeline("set-label").text(key).text("ok");
    vec![
        // `before` set it to this value: the final spec would be the same without the edit.
        edit("what an earlier one wrote", label("before"), Expect::Denied("labels.before"))
            .with(only("replicas")),
        // `after` may write it, and will write this very value.
        edit("what a later one will write", label("after"), Expect::Denied("labels.after"))
            .with(only("replicas")),
        edit(
            "removing what an earlier one wrote",
            Edit::pipeline("remove-label").text("before"),
            Expect::Denied("labels.before"),
        )
        .with(only("replicas")),
        edit(
            "a field beside the granted one",
            Edit::container("set-image").text("evil.example/x:1"),
            Expect::Denied("containers.db.image"),
        )
        .with(only("containers.db.env.*")),
    ]
}
