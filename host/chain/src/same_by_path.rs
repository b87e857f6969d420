//! A setter of one field and an edit of the same field by its path are the same edit.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use wasmtime::component::Resource;

use crate::bindings::pipeline::{
    ContainerPort, HostClaim as _, HostContainer, HostPipeline as _, HostService, Protocol,
    ServicePort, VolumeMount,
};
use crate::host::{Host, PipelineHandle, ServiceHandle};
use crate::provenance::trace::Refusal;
use crate::session::fault::EditFault;
use crate::session::{Rights, Session};
use crate::{Limits, Provenance, Write, Writer};

fn host() -> Host {
    let draft = json!({
        "name": "db",
        "replicas": 3,
        "containers": [{
            "name": "db", "image": "postgres:17", "args": ["a"],
            "env": [{"name": "A", "value": "1"}],
            "ports": [{"containerPort": 80, "name": "web"}],
        }],
        "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "service": {"ports": [{"port": 80, "name": "web", "targetPort": 80}]},
    });
    let writer = Writer {
        name: "p".to_owned(),
        version: String::new(),
        digest: String::new(),
        customization: String::new(),
        facts_digest: None,
    };
    let provenance = Provenance { writers: vec![Arc::new(writer)], writes: Vec::new() };
    let rights = Rights { grants: vec!["**".parse().unwrap()], ..Rights::default() };
    Host::new(Session::new(draft, provenance, rights.into(), Limits::default()))
}

type Told = Result<(), (Refusal, String, String)>;

fn told(result: Result<(), EditFault>) -> Told {
    result.map_err(|fault| match fault {
        EditFault::Edit(error) => {
            let (why, failure) = Refusal::of(&error);
            (why, failure.path.clone(), failure.message.clone())
        }
        EditFault::Trap(error) => panic!("{error:#}"),
    })
}

/// What became of an edit: what the plugin hears, the draft, and what is recorded.
fn outcome(edit: impl FnOnce(&mut Host) -> Result<(), EditFault>) -> (Told, Value, Vec<Write>) {
    let mut host = host();
    let heard = told(edit(&mut host));
    let (draft, provenance, _) = host.session.finish();
    (heard, draft, provenance.writes)
}

fn this() -> Resource<PipelineHandle> {
    Resource::new_borrow(0)
}

fn service() -> Resource<ServiceHandle> {
    Resource::new_borrow(0)
}

/// A setter, with a text and a number.
type Setter = fn(&mut Host, String, i32) -> Result<(), EditFault>;
/// The path of its field, and the value.
type ByPath = fn(&str, i32) -> (String, Value);

macro_rules! on {
    ($find:ident($name:literal), $call:ident($($argument:expr),*)) => {
        |host: &mut Host, text: String, number: i32| {
            let _ = (&text, number);
            let handle = host.$find(this(), $name.to_owned())?.expect("it is there");
            #[allow(clippy::redundant_closure_call, reason = "arguments are made of the drawn values")]
            { on!(@call host, handle, $call, text, number, $($argument),*) }
        }
    };
    (@call $host:ident, $handle:ident, $call:ident, $text:ident, $number:ident, $($argument:expr),*) => {
        $host.$call($handle, $(($argument)(&$text, $number)),*)
    };
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn setters() -> Vec<(Setter, ByPath)> {
    of_containers().into_iter().chain(of_claims()).chain(of_pipeline()).collect()
}

fn of_containers() -> Vec<(Setter, ByPath)> {
    vec![
        (on!(container("db"), set_image(|t: &str, _| t.to_owned())), |t, _| {
            ("containers.db.image".into(), json!(t))
        }),
        (on!(container("db"), set_image_pull_policy(|t: &str, _| Some(t.to_owned()))), |t, _| {
            ("containers.db.imagePullPolicy".into(), json!(t))
        }),
        (on!(container("db"), set_working_dir(|t: &str, _| Some(t.to_owned()))), |t, _| {
            ("containers.db.workingDir".into(), json!(t))
        }),
        (
            on!(container("db"), set_args(|t: &str, _| vec!["x".to_owned(), t.to_owned()])),
            |t, _| ("containers.db.args".into(), json!(["x", t])),
        ),
        (
            on!(container("db"), set_env(|_: &str, _| "B".to_owned(), |t: &str, _| t.to_owned())),
            |t, _| ("containers.db.env.B".into(), json!({"value": t})),
        ),
        (
            on!(
                container("db"),
                set_request(|_: &str, _| "cpu".to_owned(), |t: &str, _| t.to_owned())
            ),
            |t, _| ("containers.db.resources.requests.cpu".into(), json!(t)),
        ),
        (
            |host, t, n| {
                let handle = host.container(this(), "db".to_owned())?.expect("it is there");
                let port = ContainerPort { number: n, protocol: Protocol::Udp, name: Some(t) };
                HostContainer::set_port(host, handle, port)
            },
            |t, n| {
                let value = json!({"containerPort": n, "protocol": "UDP", "name": t});
                (format!("containers.db.ports.{n}/UDP"), value)
            },
        ),
        (
            on!(
                container("db"),
                set_mount(|t: &str, _| VolumeMount {
                    volume: "tmp".to_owned(),
                    mount_path: "/x".to_owned(),
                    sub_path: Some(t.to_owned()),
                    read_only: true
                })
            ),
            |t, _| {
                let value =
                    json!({"name": "tmp", "mountPath": "/x", "subPath": t, "readOnly": true});
                ("containers.db.volumeMounts./x".into(), value)
            },
        ),
    ]
}

fn of_claims() -> Vec<(Setter, ByPath)> {
    vec![
        (on!(claim("data"), set_size(|t: &str, _| t.to_owned())), |t, _| {
            ("claims.data.size".into(), json!(t))
        }),
        (on!(claim("data"), set_storage_class(|t: &str, _| Some(t.to_owned()))), |t, _| {
            ("claims.data.storageClass".into(), json!(t))
        }),
        (on!(claim("data"), set_volume_mode(|t: &str, _| Some(t.to_owned()))), |t, _| {
            ("claims.data.volumeMode".into(), json!(t))
        }),
        (
            on!(claim("data"), set_volume_attributes_class(|t: &str, _| Some(t.to_owned()))),
            |t, _| ("claims.data.volumeAttributesClass".into(), json!(t)),
        ),
    ]
}

fn of_pipeline() -> Vec<(Setter, ByPath)> {
    vec![
        (
            |host, t, _| host.set_pod_label(this(), "team".to_owned(), t),
            |t, _| ("podLabels.team".into(), json!(t)),
        ),
        (
            |host, t, _| host.set_pod_annotation(this(), "team".to_owned(), t),
            |t, _| ("podAnnotations.team".into(), json!(t)),
        ),
        (
            |host, t, _| host.set_node_selector(this(), "team".to_owned(), t),
            |t, _| ("nodeSelector.team".into(), json!(t)),
        ),
        (|host, _, n| host.set_replicas(this(), n), |_, n| ("replicas".into(), json!(n))),
        (
            |host, _, n| host.set_min_ready_seconds(this(), Some(n)),
            |_, n| ("minReadySeconds".into(), json!(n)),
        ),
        (
            |host, t, _| host.set_scheduler_name(this(), Some(t)),
            |t, _| ("schedulerName".into(), json!(t)),
        ),
        (
            |host, t, _| host.set_image_pull_secrets(this(), vec![t]),
            |t, _| ("imagePullSecrets".into(), json!([{"name": t}])),
        ),
        (
            |host, t, n| {
                let port = ServicePort {
                    number: n,
                    protocol: Protocol::Udp,
                    name: Some(t),
                    target: "80".into(),
                };
                HostService::set_port(host, service(), port)
            },
            |t, n| {
                let value = json!({"port": n, "protocol": "UDP", "name": t, "targetPort": 80});
                (format!("service.ports.{n}/UDP"), value)
            },
        ),
        (
            |host, t, _| {
                host.set_tolerations(this(), Some(format!(r#"[{{"key":{}}}]"#, quoted(&t))))
            },
            |t, _| ("tolerations".into(), json!([{"key": t}])),
        ),
        (
            |host, t, _| {
                let json = format!(r#"{{"configMap":{{"name":{}}}}}"#, quoted(&t));
                host.set_volume(this(), "more".to_owned(), json)
            },
            |t, _| ("volumes.more".into(), json!({"configMap": {"name": t}})),
        ),
    ]
}

/// Texts that are good for some fields and bad for others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "", "a", "web", "Always", "Block", "postgres:17", "/data", "a/b", "../x", "1Gi", "-1", "500m", "0",
            "2Gi", "A B", "x\n---\ny", "a\0b", "fast", "team.example/x", "ghcr.io/a/b@sha256:1", "name",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-zA-Z0-9./-]{0,70}",
    ]
}

fn number() -> impl Strategy<Value = i32> {
    prop_oneof![Just(0), Just(-1), Just(80), Just(65_536), Just(7), any::<i32>()]
}

proptest! {
    #[test]
    fn a_setter_and_an_edit_by_path_are_one(
        at in any::<prop::sample::Index>(), text in text(), number in number()
    ) {
        let setters = setters();
        let (setter, by_path) = at.get(&setters);
        let (path, value) = by_path(&text, number);
        let typed = outcome(|host| setter(host, text.clone(), number));
        let generic = outcome(|host| host.set(this(), path.clone(), value.to_string()));
        // Inside of a larger value, the message says where; a setter of one field need not.
        match (&typed.0, &generic.0) {
            (Err((why, at, _)), Err((other, there, _))) => {
                prop_assert_eq!((why, at), (other, there), "{} {}", path, value);
            }
            (one, other) => prop_assert_eq!(one, other, "{} {}", path, value),
        }
        prop_assert_eq!(typed.1, generic.1, "{}", path);
        prop_assert_eq!(typed.2, generic.2, "{}", path);
    }
}
