//! From one member of a union to another, and back to none: what a plan says is done, and the server takes it.
//!
//! Server-side apply keeps fields that others own, or that the server has filled in, beside what takes their place. So
//! every ordered pair of a group is applied, one after the other, to one StatefulSet. Without a wish some of the pairs are
//! drawn; `PROPTEST_CASES=1000` takes all.

use std::fmt::Write as _;

use serde_json::{Value, json};
use wellhead_cluster::{ApplyOptions, Cluster, ConnectOptions, PlanOptions, Silent, Wait};
use wellhead_harness::SharedControlPlane;
use wellhead_render::{ResourceSet, render};

use crate::server::Server;
use crate::{Source, accept, number};

/// Pairs where nothing is asked for.
const PAIRS: usize = 120;

/// Where the members of a group stand.
#[derive(Clone, Copy)]
enum At {
    Container,
    Volume,
    Spec,
    Service,
}

/// Members that take each other's place; with each group comes the pipeline without any of them.
fn groups() -> Vec<(&'static str, At, Vec<Value>)> {
    let http = json!({"httpGet": {"port": 80}});
    let headers = json!({"httpGet": {"port": 80, "scheme": "HTTPS", "path": "/x",
        "httpHeaders": [{"name": "a", "value": "b"}]}, "periodSeconds": 3});
    let exec = json!({"exec": {"command": ["x"]}});
    let tcp = json!({"tcpSocket": {"port": 80}});
    let handlers = [
        &http,
        &headers,
        &exec,
        &tcp,
        &json!({"grpc": {"port": 80}}),
        &json!({"grpc": {"port": 80, "service": "x"}, "failureThreshold": 9}),
    ];
    let probes = |name: &str| handlers.map(|it| json!({name: it})).to_vec();
    let env = |it: Value| json!({"env": [it]});
    let from = |it: Value| env(json!({"name": "A", "valueFrom": it}));
    let strategy = |it: Value| json!({"updateStrategy": it});
    let rolling = |it: Value| strategy(json!({"type": "RollingUpdate", "rollingUpdate": it}));
    let security = |it: Value| json!({"securityContext": it});
    let ports = json!([{"name": "http", "port": 80}]);
    let service = |mut it: Value| {
        it["ports"] = ports.clone();
        it
    };
    let first = json!({"name": "i", "image": "x:1"});
    let sidecar = json!({"name": "i", "image": "x:1", "restartPolicy": "Always",
        "readinessProbe": tcp});
    let second = json!({"name": "j", "image": "x:1"});
    vec![
        ("liveness", At::Container, probes("livenessProbe")),
        ("readiness", At::Container, probes("readinessProbe")),
        ("startup", At::Container, probes("startupProbe")),
        (
            "lifecycle",
            At::Container,
            [&exec, &http, &json!({"sleep": {"seconds": 5}})]
                .map(|it| json!({"lifecycle": {"preStop": it}}))
                .to_vec(),
        ),
        (
            "env",
            At::Container,
            vec![
                env(json!({"name": "A", "value": "1"})),
                env(json!({"name": "A"})),
                from(json!({"fieldRef": {"fieldPath": "metadata.name"}})),
                from(json!({"resourceFieldRef": {"resource": "limits.cpu"}})),
                from(json!({"configMapKeyRef": {"name": "cm", "key": "k", "optional": true}})),
                from(json!({"secretKeyRef": {"name": "s", "key": "k"}})),
            ],
        ),
        (
            "ports",
            At::Container,
            vec![
                json!({"ports": [{"name": "a", "containerPort": 80}]}),
                json!({"ports": [{"name": "a", "containerPort": 80, "protocol": "UDP"}]}),
                json!({"ports": [{"name": "b", "containerPort": 80}, {"name": "a", "containerPort": 81}]}),
                json!({"ports": [{"name": "a", "containerPort": 80, "hostPort": 80}]}),
            ],
        ),
        (
            "resources",
            At::Container,
            vec![
                json!({"resources": {"requests": {"cpu": "1"}}}),
                json!({"resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}}),
                json!({"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "4"}}}),
                json!({"resources": {"limits": {"hugepages-2Mi": "64Mi", "memory": "1Gi"}}}),
            ],
        ),
        (
            "volume",
            At::Volume,
            vec![
                json!({"emptyDir": {}}),
                json!({"emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}),
                json!({"configMap": {"name": "cm"}}),
                json!({"configMap": {"name": "cm", "items": [{"key": "a", "path": "a"}], "defaultMode": 256}}),
                json!({"secret": {"secretName": "s"}}),
                json!({"projected": {"sources": [{"configMap": {"name": "cm"}}, {"serviceAccountToken": {"path": "t"}}]}}),
                json!({"downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}}),
                json!({"csi": {"driver": "x.csi.k8s.io"}}),
                json!({"hostPath": {"path": "/x"}}),
                json!({"persistentVolumeClaim": {"claimName": "shared"}}),
                json!({"nfs": {"server": "s", "path": "/p"}}),
                json!({"ephemeral": {"volumeClaimTemplate": {"spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}),
            ],
        ),
        (
            "strategy",
            At::Spec,
            vec![
                strategy(json!({"type": "OnDelete"})),
                strategy(json!({"type": "RollingUpdate"})),
                rolling(json!({"partition": 1})),
                rolling(json!({"maxUnavailable": 2})),
            ],
        ),
        (
            "security",
            At::Spec,
            vec![
                security(json!({"seccompProfile": {"type": "RuntimeDefault"}})),
                security(json!({"seccompProfile": {"type": "Localhost", "localhostProfile": "x"}})),
                security(
                    json!({"appArmorProfile": {"type": "Localhost", "localhostProfile": "x"}}),
                ),
                security(json!({"appArmorProfile": {"type": "Unconfined"}})),
                json!({"hostNetwork": true, "dnsPolicy": "ClusterFirstWithHostNet"}),
                json!({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1"]}}),
                json!({"os": {"name": "windows"}}),
            ],
        ),
        (
            "init",
            At::Spec,
            vec![
                json!({"initContainers": [first]}),
                json!({"initContainers": [sidecar]}),
                json!({"initContainers": [first, second]}),
                json!({"initContainers": [second, first]}),
            ],
        ),
        (
            "service",
            At::Service,
            vec![
                service(json!({})),
                service(json!({"sessionAffinity": "ClientIP"})),
                service(json!({"sessionAffinity": "ClientIP",
                "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}}})),
                service(json!({"sessionAffinity": "None"})),
                service(json!({"ipFamilyPolicy": "PreferDualStack"})),
                service(
                    json!({"internalTrafficPolicy": "Local", "publishNotReadyAddresses": true}),
                ),
                json!({"ports": [{"name": "http", "port": 80, "protocol": "UDP"}]}),
                json!({"ports": [{"name": "b", "port": 80, "protocol": "UDP"}, {"name": "a", "port": 80}]}),
            ],
        ),
    ]
}

fn pipeline(namespace: &str, name: &str, at: At, member: &Value) -> Value {
    let mut spec = json!({"replicas": 0, "containers": [{"name": "main", "image": "nginx:1.27"}]});
    let merge = |to: &mut Value| {
        for (key, value) in member.as_object().into_iter().flatten() {
            to[key] = value.clone();
        }
    };
    match at {
        _ if member.is_null() => {}
        At::Container => merge(&mut spec["containers"][0]),
        At::Spec => merge(&mut spec),
        At::Service => spec["service"] = member.clone(),
        At::Volume => {
            let mut volume = json!({"name": "v"});
            merge(&mut volume);
            spec["volumes"] = json!([volume]);
            spec["containers"][0]["volumeMounts"] = json!([{"name": "v", "mountPath": "/v"}]);
        }
    }
    json!({"metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

/// Every ordered pair, as the objects before and after.
fn pairs(namespace: &str) -> Vec<[ResourceSet; 2]> {
    let mut pairs = Vec::new();
    for (group, at, mut members) in groups() {
        members.push(Value::Null);
        for (from, one) in members.iter().enumerate() {
            for (to, other) in members.iter().enumerate().filter(|(to, _)| *to != from) {
                let name = format!("{group}-{from}-{to}");
                pairs.push([one, other].map(|member| {
                    let document = pipeline(namespace, &name, at, member);
                    render(&accept(&document).unwrap_or_else(|why| panic!("{document}: {why:?}")))
                }));
            }
        }
    }
    pairs
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_of_a_union_can_take_the_place_of_every_other() {
    let server = Server::start().await;
    let kubeconfig = Some(SharedControlPlane::get().kubeconfig().to_owned());
    let options = ConnectOptions { kubeconfig, ..ConnectOptions::default() };
    let cluster = Cluster::connect(&options).await.unwrap();
    let mut pairs = pairs(server.namespace);
    let wanted = number("PROPTEST_CASES").unwrap_or(PAIRS).max(PAIRS).min(pairs.len());
    let all = pairs.len();
    let mut source = Source::new();
    while pairs.len() > wanted {
        pairs.swap_remove(source.draw(&(0..pairs.len())));
    }
    let (before, after): (Vec<_>, Vec<_>) =
        pairs.into_iter().map(|[one, other]| (one, other)).unzip();
    let options = ApplyOptions { wait: Wait::No, ..ApplyOptions::default() };
    cluster.apply(&before, &options, &Silent).await.unwrap();
    let plan = cluster.plan(&after, &PlanOptions::default(), &Silent).await.unwrap();
    let refused = plan.problems.iter().fold(String::new(), |mut all, it| {
        let _ = writeln!(all, "{it}: {:?}", it.why);
        all
    });
    assert!(refused.is_empty(), "of {wanted} of {all} pairs:\n{refused}");
    cluster.apply(&after, &options, &Silent).await.unwrap();
    let again = cluster.plan(&after, &PlanOptions::default(), &Silent).await.unwrap();
    assert!(again.is_empty(), "a second plan has changes");
}
