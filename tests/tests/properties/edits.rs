//! Edits of plugins: every setter of the contract, with values at the edges.

use std::path::Path;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_chain::{
    Allocation, Chain, Compiler, Engine, Entry, LoadOptions, Plugin, PluginError,
};
use wellhead_diagnostics::Code;
use wellhead_spec::Pipeline;
use wellhead_spec::protected::PROTECTED;

use crate::container::selector;
use crate::env::{env_from, env_source};
use crate::menu::{Json, either, menu, only};
use crate::pipeline::{dns_config, pod_security, update_strategy};
use crate::probe::{lifecycle, probe};
use crate::scheduling::{affinity, spread, tolerations};
use crate::security::security_context;
use crate::setters::NAMES;
use crate::volume::{data_source, volume};

/// Most edits of a sequence.
const EDITS: usize = 12;

/// A plugin that makes the edits of its config.
pub(crate) struct Program(Arc<Plugin>);

/// What became of a sequence of edits.
pub(crate) enum Outcome {
    /// The pipeline, and how many of the edits were made.
    Made(Box<Pipeline>, usize),
    /// What the edits lead to breaks a rule.
    Refused,
}

impl Program {
    pub(crate) fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/edit-program.wasm");
        assert!(Path::new(path).is_file(), "{path} is missing; `cargo xtask guests` builds it");
        let engine = Engine::new(Allocation::Pool { slots: 4 }, Compiler::in_process()).unwrap();
        let plugin = Plugin::load(&engine, "edits", path.as_ref(), &LoadOptions::default());
        Self(Arc::new(plugin.unwrap()))
    }

    /// Runs a chain of this plugin alone, which may write everything.
    pub(crate) fn run(&self, pipeline: &Pipeline, edits: &Value) -> Outcome {
        match self.run_with(pipeline, edits, &opens()) {
            Ok(outcome) => {
                let made = outcome.runs[0].log[0].message.parse().unwrap();
                Outcome::Made(Box::new(outcome.pipeline), made)
            }
            Err(errors) if errors.iter().all(|it| it.fault.code() == Code::InvalidResult) => {
                Outcome::Refused
            }
            Err(errors) => panic!(
                "{errors:#?}
{edits}"
            ),
        }
    }

    /// Runs a chain of this plugin alone, which may write everything that is not protected.
    pub(crate) fn run_unopened(
        &self,
        pipeline: &Pipeline,
        edits: &Value,
    ) -> Result<wellhead_chain::Outcome, Vec<PluginError>> {
        self.run_with(pipeline, edits, &[])
    }

    fn run_with(
        &self,
        pipeline: &Pipeline,
        edits: &Value,
        opens: &[String],
    ) -> Result<wellhead_chain::Outcome, Vec<PluginError>> {
        let entry = json!({
            "name": "edits", "source": "edits.wasm", "config": {"edits": edits}, "grants": ["**"],
            "opens": opens, "limits": {"fuel": 1_000_000_000},
        });
        let entry = serde_json::from_value(entry).unwrap();
        let chain =
            Chain::new(vec![Entry::new(&entry, "properties", Arc::clone(&self.0)).unwrap()]);
        chain.run(pipeline)
    }
}

/// Every protected field by its name.
fn opens() -> Vec<String> {
    let kinds: [(&str, &[&str]); 5] = [
        ("{label}", LABELS),
        ("{reserved}", RESERVED),
        (
            "{node volume}",
            &[
                "hostPath",
                "nfs",
                "iscsi",
                "fc",
                "cephfs",
                "rbd",
                "azureFile",
                "azureDisk",
                "awsElasticBlockStore",
                "gcePersistentDisk",
                "glusterfs",
                "flexVolume",
                "cinder",
                "vsphereVolume",
                "portworxVolume",
                "scaleIO",
                "storageos",
                "quobyte",
                "flocker",
                "gitRepo",
                "photonPersistentDisk",
            ],
        ),
        ("{probe}", &["livenessProbe", "readinessProbe", "startupProbe"]),
        ("{hook}", &["postStart", "preStop"]),
    ];
    let fields = PROTECTED.iter().flat_map(|it| it.fields).map(|it| (*it).to_owned());
    let named = kinds.iter().fold(fields.collect::<Vec<_>>(), |all, (kind, names)| {
        let each = |field: String| -> Vec<String> {
            if field.contains(kind) {
                names.iter().map(|name| field.replace(kind, &quoted(name))).collect()
            } else {
                vec![field]
            }
        };
        all.into_iter().flat_map(each).collect()
    });
    named.into_iter().map(|field| field.replace(".[", "[")).collect()
}

/// A key as a path names it.
fn quoted(key: &str) -> String {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if plain { key.to_owned() } else { format!("[{}]", json!(key)) }
}

const LABELS: &[&str] = &["app", "example.com/tier", "A_b.c-d"];
const RESERVED: &[&str] = &["app.kubernetes.io/name", "app.kubernetes.io/managed-by"];

/// A call with these arguments; one that is `null` is left out.
fn call(on: &Json, call: &'static str, with: Vec<Json>) -> Json {
    (on.clone(), with)
        .prop_map(move |(on, with)| {
            let texts = with.into_iter().map(|it| match it {
                Value::Null | Value::String(_) => it,
                other => other.to_string().into(),
            });
            json!({"on": on, "call": call, "with": texts.collect::<Vec<_>>()})
        })
        .boxed()
}

/// A call whose one argument is a list of texts.
fn call_with_list(on: &Json, call: &'static str, items: Json) -> Json {
    (on.clone(), vec(items, 0..3))
        .prop_map(move |(on, with)| json!({"on": on, "call": call, "with": with}))
        .boxed()
}

fn or_nothing(value: Json) -> Json {
    prop_oneof![6 => value, 1 => Just(Value::Null)].boxed()
}

fn key() -> Json {
    menu(
        json!([LABELS, RESERVED, &["x", "Example.com/y"]].concat()),
        json!(["", "a b", "-a", "k".repeat(64), "a/b/c", "\n---\n"]),
    )
}

fn label_value() -> Json {
    menu(json!(["", "1", "v".repeat(63)]), json!(["a b", "v".repeat(64), "\n"]))
}

fn text() -> Json {
    only(json!(["", "x", "a\n---\nkind: Pod", "ü", "$(A)"]))
}

fn pairs(on: &Json, all: &mut Vec<Json>, setters: &[(&'static str, &'static str, bool)]) {
    for &(set, remove, is_label) in setters {
        let value = if is_label { label_value() } else { text() };
        all.push(call(on, set, vec![key(), value]));
        all.push(call(on, remove, vec![key()]));
    }
}

fn protocol() -> Json {
    only(json!(["tcp", "udp", "sctp"]))
}

fn port() -> Json {
    menu(json!([1, 80, 8080, 65_535]), json!([0, -1, 65_536]))
}

fn port_name() -> Json {
    or_nothing(menu(json!(["http", "a-1", "p"]), json!(["", "80", "A", "a".repeat(16), "a--b"])))
}

fn image() -> Json {
    menu(json!(["nginx:1.27", "a/b:c"]), json!(["", "Nginx", "a b", "a\n---"]))
}

fn object_name() -> Json {
    or_nothing(menu(json!(["high", "a.b"]), json!(["", "A", "a b", "a\n"])))
}

fn amount() -> Json {
    menu(json!(["0", "1", "100m", "1Gi", "2", "1e3", "4Mi"]), json!(["-1", "much", "0.5", "1n"]))
}

fn resource() -> Json {
    menu(
        json!(["cpu", "memory", "ephemeral-storage", "nvidia.com/gpu", "hugepages-2Mi"]),
        json!(["", "gpu", "hugepages-x", "requests.a.b/c", "storage", "kubernetes.io/x"]),
    )
}

fn on_pipeline() -> Json {
    let on = only(json!(["pipeline"]));
    let name = || {
        menu(
            json!(["new", "side", "init", "n".repeat(63)]),
            json!(["", "A", "main", "data", "n".repeat(64)]),
        )
    };
    let volume_name = || menu(json!(["scratch", "config", "v1"]), json!(["data", "A", ""]));
    let seconds = || or_nothing(menu(json!([0, 1, 30, 86_400]), json!([-1])));
    let size = menu(json!(["1Gi", "1", "0.5Gi", "16Ei"]), json!(["0", "-1", "much", "1n"]));
    let mut all = vec![
        call(&on, "set-replicas", vec![menu(json!([0, 1, 2, 3]), json!([-1, 10_001]))]),
        call(&on, "add-container", vec![name(), image()]),
        call(&on, "remove-container", vec![name()]),
        call(&on, "add-init-container", vec![name(), image()]),
        call(&on, "remove-init-container", vec![name()]),
        call(
            &on,
            "add-claim",
            vec![menu(json!(["wal", "new", "raw"]), json!(["", "A", "scratch"])), size],
        ),
        call(&on, "set-volume", vec![volume_name(), volume()]),
        call(&on, "set-volume", vec![volume_name(), volume()]),
        call(&on, "remove-volume", vec![volume_name()]),
        call(&on, "set-service-account-name", vec![object_name()]),
        call_with_list(
            &on,
            "set-image-pull-secrets",
            menu(json!(["pull", "a.b"]), json!(["", "A"])),
        ),
    ];
    all.extend(NAMES.iter().map(|(name, _)| call(&on, name, vec![object_name()])));
    all.extend([
        call(&on, "set-termination-grace-period-seconds", vec![seconds()]),
        call(&on, "set-min-ready-seconds", vec![seconds()]),
        call(&on, "set-affinity", vec![or_nothing(affinity())]),
        call(&on, "set-tolerations", vec![or_nothing(tolerations())]),
        call(&on, "set-topology-spread-constraints", vec![or_nothing(spread())]),
        call(&on, "set-security-context", vec![or_nothing(pod_security())]),
        call(&on, "set-dns-config", vec![or_nothing(dns_config())]),
        call(&on, "set-update-strategy", vec![or_nothing(update_strategy())]),
    ]);
    let setters = [
        ("set-label", "remove-label", true),
        ("set-annotation", "remove-annotation", false),
        ("set-pod-label", "remove-pod-label", true),
        ("set-pod-annotation", "remove-pod-annotation", false),
        ("set-node-selector", "remove-node-selector", true),
    ];
    pairs(&on, &mut all, &setters);
    either(all)
}

fn on_service() -> Json {
    let on = only(json!(["service"]));
    let target =
        menu(json!(["80", "http", "65535"]), json!(["", "0", "A", "65536", "-1", "a".repeat(16)]));
    let name = or_nothing(menu(json!(["http", "0", "p".repeat(63)]), json!(["", "A"])));
    let mut all = vec![
        call(&on, "set-port", vec![port(), protocol(), name, target]),
        call(&on, "remove-port", vec![port(), protocol()]),
        call(&on, "set-publish-not-ready-addresses", vec![only(json!(["true", "false"]))]),
    ];
    let setters =
        [("set-label", "remove-label", true), ("set-annotation", "remove-annotation", false)];
    pairs(&on, &mut all, &setters);
    either(all)
}

fn on_container() -> Json {
    let on = only(json!([
        "container main",
        "container main",
        "container side",
        "init init",
        "container new",
        "init new"
    ]));
    let variable = || menu(json!(["A", "B.C", "x-y"]), json!(["", "a=b", "ü", "a b"]));
    let path = || {
        menu(
            json!(["/a", "/b/c d", "/data"]),
            json!(["", "/", "a", "/a:b", "/a\n", "/c/../d", "/c/"]),
        )
    };
    let below = or_nothing(menu(json!(["a", "a/b", "..a"]), json!(["", "/a", "..", "a/../b"])));
    let mounted = menu(json!(["data", "scratch", "config"]), json!(["raw", "nothing", ""]));
    either(vec![
        call(&on, "set-image", vec![image()]),
        call(
            &on,
            "set-image-pull-policy",
            vec![or_nothing(menu(json!(["Always", "Never"]), json!(["", "x"])))],
        ),
        call_with_list(&on, "set-command", text()),
        call_with_list(&on, "set-args", text()),
        call(&on, "set-working-dir", vec![or_nothing(only(json!(["/srv", "a b", "", "\n"])))]),
        call(&on, "set-env", vec![variable(), text()]),
        call(&on, "set-env-source", vec![variable(), env_source()]),
        call(&on, "remove-env", vec![variable()]),
        call(&on, "set-env-from", vec![or_nothing(env_from())]),
        call(&on, "set-port", vec![port(), protocol(), port_name()]),
        call(&on, "remove-port", vec![port(), protocol()]),
        call(&on, "set-request", vec![resource(), amount()]),
        call(&on, "remove-request", vec![resource()]),
        call(&on, "set-limit", vec![resource(), amount()]),
        call(&on, "remove-limit", vec![resource()]),
        call(&on, "set-mount", vec![mounted, path(), below, only(json!(["true", "false"]))]),
        call(&on, "remove-mount", vec![path()]),
        call(&on, "set-liveness-probe", vec![or_nothing(probe(json!([0, 1]), 20))]),
        call(&on, "set-readiness-probe", vec![or_nothing(probe(json!([0, 1, 2]), 1))]),
        call(&on, "set-startup-probe", vec![or_nothing(probe(json!([0, 1]), 20))]),
        call(&on, "set-lifecycle", vec![or_nothing(lifecycle())]),
        call(&on, "set-security-context", vec![or_nothing(security_context())]),
    ])
}

fn on_claim() -> Json {
    let on = only(json!(["claim data", "claim wal", "claim raw", "claim new"]));
    let mode = menu(json!(["ReadWriteOnce", "ReadOnlyMany"]), json!(["ReadWriteOncePod", "x", ""]));
    let path = menu(json!(["/data", "/data2"]), json!(["", "/", "a", "/a:b"]));
    let mut all = vec![
        call(
            &on,
            "set-size",
            vec![menu(json!(["1Gi", "2Ti", "1.5Gi"]), json!(["0", "-1", "much"]))],
        ),
        call(
            &on,
            "set-storage-class",
            vec![or_nothing(menu(json!(["", "fast"]), json!(["A", "a\n"])))],
        ),
        call_with_list(&on, "set-access-modes", mode),
        call(
            &on,
            "set-volume-mode",
            vec![or_nothing(menu(json!(["Filesystem"]), json!(["Block", "x"])))],
        ),
        call(&on, "set-volume-attributes-class", vec![object_name()]),
        call(&on, "set-mount-path", vec![or_nothing(path)]),
        call(&on, "set-selector", vec![or_nothing(selector())]),
        call(&on, "set-data-source-ref", vec![or_nothing(data_source(true))]),
    ];
    let setters =
        [("set-label", "remove-label", true), ("set-annotation", "remove-annotation", false)];
    pairs(&on, &mut all, &setters);
    either(all)
}

/// An edit.
pub(crate) fn single() -> Json {
    prop_oneof![3 => on_pipeline(), 1 => on_service(), 4 => on_container(), 2 => on_claim()].boxed()
}

/// A sequence of edits.
pub(crate) fn sequence() -> Json {
    vec(single(), 1..=EDITS).prop_map(Value::Array).boxed()
}
