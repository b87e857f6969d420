//! Whole pipelines.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::container::{amounts, annotations, container, labels, merged};
use crate::menu::{Json, either, keyed, list, menu, object, only};
use crate::scheduling::{affinity, spread, tolerations};
use crate::security::{app_armor, identity, seccomp, windows};
use crate::volume::{claims, volume};

fn service() -> Json {
    let port = object(vec![
        ("port", 100, menu(json!([1, 80, 65_535]), json!([0, 65_536]))),
        (
            "name",
            96,
            menu(json!(["http", "a", "0", "p".repeat(63)]), json!(["", "A", "p".repeat(64)])),
        ),
        ("protocol", 50, menu(json!(["TCP", "UDP", "SCTP"]), json!(["tcp", ""]))),
        (
            "targetPort",
            60,
            menu(
                json!([1, 8080, "http", "a-1"]),
                json!([0, 65_536, "", "80", "A", "a".repeat(16)]),
            ),
        ),
        (
            "appProtocol",
            20,
            menu(json!(["http", "kubernetes.io/h2c"]), json!(["", "a b", "a/b/c"])),
        ),
        ("nodePort", 1, only(json!([0, 30_000]))),
    ]);
    object(vec![
        ("name", 30, only(json!(["peers", "p".repeat(63), "a-0"]))),
        ("labels", 30, labels()),
        ("annotations", 30, annotations()),
        (
            "annotations",
            3,
            only(json!([{"service.kubernetes.io/topology-mode": "Auto"},
            {"service.kubernetes.io/topology-mode": "Auto", "service.kubernetes.io/topology-aware-hints": "x"},
            {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8"}])),
        ),
        ("ports", 60, keyed(keyed_name(port), "port", 3)),
        ("selector", 8, only(json!([{"app": "x"}, {"tier": "db"}]))),
        ("publishNotReadyAddresses", 30, only(json!([true, false]))),
        // `IPv6` and `RequireDualStack` are right or wrong by the cluster.
        ("ipFamilies", 15, menu(json!([["IPv4"]]), json!([["IPv4", "IPv4"], ["x"]]))),
        ("ipFamilyPolicy", 15, menu(json!(["SingleStack", "PreferDualStack"]), json!(["x", ""]))),
        ("sessionAffinity", 20, menu(json!(["None", "ClientIP"]), json!(["x", ""]))),
        (
            "sessionAffinityConfig",
            5,
            menu(
                json!([{"clientIP": {"timeoutSeconds": 1}}, {"clientIP": {"timeoutSeconds": 86_400}}]),
                json!([{}, {"clientIP": {"timeoutSeconds": 0}}, {"clientIP": {"timeoutSeconds": 86_401}}]),
            ),
        ),
        ("external", 3, only(json!([true, false]))),
        ("internalTrafficPolicy", 20, menu(json!(["Cluster", "Local"]), json!(["x", ""]))),
        (
            "trafficDistribution",
            20,
            menu(json!(["PreferClose", "PreferSameZone", "PreferSameNode"]), json!(["x", ""])),
        ),
    ])
}

/// Ports that differ in their numbers mostly have different names, too.
fn keyed_name(port: Json) -> Json {
    port.prop_map(|mut port| {
        if port["name"] == "a" {
            port["name"] = format!("a{}", port["port"]).into();
        }
        port
    })
    .boxed()
}

pub(crate) fn pod_security() -> Json {
    let sysctls = menu(
        json!([[{"name": "net.core.somaxconn", "value": "1"}], [{"name": "kernel/shm_rmid_forced", "value": ""}], []]),
        json!([[{"name": "", "value": "1"}], [{"name": "A.b", "value": "1"}], [{"name": "a.b", "value": "1"}, {"name": "a.b", "value": "2"}]]),
    );
    object(vec![
        ("fsGroup", 30, identity()),
        ("fsGroupChangePolicy", 30, menu(json!(["OnRootMismatch", "Always"]), json!(["x", ""]))),
        ("runAsUser", 30, identity()),
        ("runAsGroup", 30, identity()),
        ("runAsNonRoot", 30, only(json!([true, false]))),
        ("supplementalGroups", 20, list(identity(), 2)),
        ("supplementalGroupsPolicy", 10, menu(json!(["Merge", "Strict"]), json!(["x", ""]))),
        ("seccompProfile", 30, seccomp()),
        ("appArmorProfile", 10, app_armor()),
        ("seLinuxOptions", 10, only(json!([{}, {"level": "s0", "type": "t"}]))),
        ("seLinuxChangePolicy", 5, menu(json!(["Recursive", "MountOption"]), json!(["x"]))),
        ("sysctls", 15, sysctls),
        ("windowsOptions", 2, windows()),
    ])
}

pub(crate) fn dns_config() -> Json {
    let address = || {
        menu(
            json!(["10.0.0.10", "fd00::1", "0.0.0.0"]),
            json!(["", "x", "010.0.0.1", "1.2.3", "::ffff:1.2.3.4"]),
        )
    };
    let option = object(vec![
        ("name", 98, menu(json!(["ndots", "a b"]), json!([""]))),
        ("value", 60, only(json!(["2", ""]))),
    ]);
    object(vec![
        ("nameservers", 70, keyed(address(), "x", 1)),
        (
            "nameservers",
            5,
            menu(
                json!([["10.0.0.1", "10.0.0.2", "10.0.0.3"]]),
                json!([[], ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]]),
            ),
        ),
        (
            "searches",
            40,
            list(
                menu(json!(["a.b", "_x.example.com.", ".", "a"]), json!(["", "A", "..", "a b"])),
                3,
            ),
        ),
        ("searches", 1, only(json!([vec!["a"; 33], vec!["s".repeat(60); 32]]))),
        ("options", 40, list(option, 2)),
    ])
}

pub(crate) fn update_strategy() -> Json {
    let rolling = object(vec![
        ("partition", 50, menu(json!([0, 1, i32::MAX]), json!([-1]))),
        (
            "maxUnavailable",
            30,
            menu(json!([1, 5, "25%", "100%"]), json!([0, -1, "0%", "101%", "x", "1"])),
        ),
    ]);
    either(vec![
        object(vec![("type", 80, only(json!(["RollingUpdate"]))), ("rollingUpdate", 60, rolling)]),
        menu(
            json!([{"type": "OnDelete"}, {}]),
            json!([{"type": "Recreate"}, {"type": ""}, {"type": "OnDelete", "rollingUpdate": {}}]),
        ),
    ])
}

fn workload() -> Json {
    let name = |name: &'static str| menu(json!([name]), json!(["main", "", "A", "c".repeat(64)]));
    let seconds = || menu(json!([0, 1, 30, i32::MAX]), json!([-1]));
    let main = container(menu(json!(["main", "main", "c".repeat(63)]), json!(["A"])), false);
    let containers = (main, proptest::option::weighted(0.4, container(name("side"), false)))
        .prop_map(|(main, side)| std::iter::once(main).chain(side).collect::<Value>());
    object(vec![
        ("replicas", 80, menu(json!([0, 1, 2, 3]), json!([-1, 10_001]))),
        (
            "selector",
            50,
            menu(
                json!([{"app": "x"}, {"app": "x", "example.com/a": ""}]),
                json!([{"a b": "x"}, {"app": "a b"}]),
            ),
        ),
        ("podLabels", 40, labels()),
        ("podAnnotations", 40, annotations()),
        (
            "podAnnotations",
            3,
            only(
                json!([{"container.apparmor.security.beta.kubernetes.io/main": "x"}, {"container.apparmor.security.beta.kubernetes.io/main": "runtime/default"},
            {"container.apparmor.security.beta.kubernetes.io/other": "unconfined"}, {"seccomp.security.alpha.kubernetes.io/pod": "x"}, {"kubernetes.io/config.mirror": "x"},
            {"scheduler.alpha.kubernetes.io/tolerations": "x"}, {"container.seccomp.security.alpha.kubernetes.io/main": "x"}]),
            ),
        ),
        ("service", 70, service()),
        ("containers", 100, containers.boxed()),
        ("initContainers", 30, list(container(name("init"), true), 1)),
        ("volumes", 70, keyed(volume(), "name", 3)),
        ("claims", 70, claims()),
        (
            "persistentVolumeClaimRetentionPolicy",
            30,
            object(vec![
                ("whenDeleted", 60, menu(json!(["Retain", "Delete"]), json!(["", "x"]))),
                ("whenScaled", 60, menu(json!(["Retain", "Delete"]), json!(["", "x"]))),
            ]),
        ),
        ("updateStrategy", 40, update_strategy()),
        ("podManagementPolicy", 30, only(json!(["OrderedReady", "Parallel"]))),
        (
            "ordinals",
            20,
            object(vec![(
                "start",
                80,
                menu(json!([0, 1, 5, 1_000_000_000]), json!([-1, i32::MAX])),
            )]),
        ),
        (
            "ownership",
            20,
            menu(
                json!([[], [{"field": "replicas", "policy": "yield"}],
                    [{"field": "**", "policy": "take"}, {"field": "containers.*.resources", "policy": "share"}]]),
                json!([[{"field": "replcas", "policy": "take"}], [{"field": "name", "policy": "take"}],
                    [{"field": "a-*", "policy": "take"}]]),
            ),
        ),
        (
            "volumeMigration",
            10,
            menu(
                json!([{"methods": ["Clone"]}, {"methods": ["Snapshot", "Copy"], "copyImage": "busybox:1.37.0",
                    "order": "LowestOrdinalFirst", "snapshotClass": "daily", "timeoutSeconds": 60}]),
                json!([{"methods": []}, {"methods": ["Copy"]}, {"methods": ["Clone"], "timeoutSeconds": 0}]),
            ),
        ),
        ("minReadySeconds", 30, seconds()),
        ("revisionHistoryLimit", 30, seconds()),
    ])
}

fn pod() -> Json {
    let flag = || only(json!([true, false]));
    object(vec![
        ("serviceAccountName", 20, only(json!(["main", "a.b", "a".repeat(253)]))),
        ("automountServiceAccountToken", 20, flag()),
        (
            "imagePullSecrets",
            20,
            menu(
                json!([[{"name": "pull"}], []]),
                json!([[{"name": ""}], [{"name": "A b"}], [{"name": "a"}, {"name": "a"}]]),
            ),
        ),
        ("nodeSelector", 20, labels()),
        ("nodeName", 4, menu(json!(["node-1", "a.b"]), json!(["", "A"]))),
        ("affinity", 40, affinity()),
        ("tolerations", 40, tolerations()),
        ("topologySpreadConstraints", 30, spread()),
        ("priorityClassName", 15, menu(json!(["high", "a.b"]), json!(["", "A"]))),
        ("preemptionPolicy", 15, menu(json!(["Never", "PreemptLowerPriority"]), json!(["", "x"]))),
        ("runtimeClassName", 15, only(json!(["gvisor", "a.b"]))),
        ("hostname", 5, menu(json!(["main", "h".repeat(63)]), json!(["", "A", "h".repeat(64)]))),
        ("subdomain", 5, menu(json!(["peers", "s".repeat(63)]), json!(["", "A.b"]))),
        ("os", 5, menu(json!([{"name": "linux"}, {"name": "windows"}]), json!([{"name": "x"}]))),
        (
            "schedulingGates",
            5,
            menu(
                json!([[{"name": "example.com/ready"}], []]),
                json!([[{"name": ""}], [{"name": "a b"}], [{"name": "a"}, {"name": "a"}]]),
            ),
        ),
        ("schedulerName", 15, menu(json!(["default-scheduler"]), json!(["", "A b"]))),
        ("securityContext", 50, pod_security()),
        (
            "resources",
            5,
            object(vec![
                (
                    "limits",
                    70,
                    object(vec![
                        ("memory", 60, only(json!(["64Gi", "1Mi"]))),
                        ("cpu", 60, only(json!(["64", "1m"]))),
                    ]),
                ),
                ("requests", 40, amounts(false)),
                ("claims", 2, only(json!([[], [{"name": "device"}]]))),
            ]),
        ),
        (
            "resourceClaims",
            15,
            menu(
                json!([[{"name": "device", "resourceClaimTemplateName": "fpga"}], [{"name": "device", "resourceClaimName": "a.b"}]]),
                json!([[{"name": "device"}], [{"name": "", "resourceClaimName": "a"}], [{"name": "A", "resourceClaimName": "a"}],
                [{"name": "device", "resourceClaimName": "a", "resourceClaimTemplateName": "b"}], [{"name": "device", "resourceClaimName": "A b"}]]),
            ),
        ),
        ("terminationGracePeriodSeconds", 30, menu(json!([0, 30, 60, 86_400]), json!([-1]))),
        (
            "readinessGates",
            20,
            menu(
                json!([[{"conditionType": "example.com/joined"}]]),
                json!([[{"conditionType": ""}], [{"conditionType": "a b"}]]),
            ),
        ),
        (
            "dnsPolicy",
            30,
            menu(
                json!(["ClusterFirst", "ClusterFirstWithHostNet", "Default"]),
                json!(["None", "", "x"]),
            ),
        ),
        ("dnsConfig", 30, dns_config()),
        (
            "hostAliases",
            20,
            list(
                object(vec![
                    ("ip", 100, menu(json!(["10.0.0.11", "::1"]), json!(["", "x"]))),
                    (
                        "hostnames",
                        90,
                        list(menu(json!(["legacy.example.com", "a"]), json!(["", "A", "a_b"])), 2),
                    ),
                ]),
                1,
            ),
        ),
        ("hostNetwork", 6, flag()),
        ("hostPID", 6, flag()),
        ("hostIPC", 6, flag()),
        ("hostUsers", 8, flag()),
        ("shareProcessNamespace", 10, flag()),
        ("setHostnameAsFQDN", 10, flag()),
        ("enableServiceLinks", 10, flag()),
    ])
}

/// Pipelines, each with a name of its own, in this namespace.
pub(crate) fn document(namespace: &'static str) -> Json {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let metadata = object(vec![("labels", 40, labels()), ("annotations", 40, annotations())]);
    (metadata, merged(workload(), pod()), 0..20)
        .prop_map(move |(mut metadata, spec, long)| {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("p{number}");
            metadata["name"] = if long == 0 { format!("{name:x<52}").into() } else { name.into() };
            metadata["namespace"] = namespace.into();
            json!({"metadata": metadata, "spec": spec})
        })
        .boxed()
}
