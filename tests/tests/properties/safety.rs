//! What a stranger's plugin may make of rendered objects, in terms of Kubernetes.
//!
//! This knows nothing of the host's table of protected fields: it names what may change, and how. Whatever
//! else differs between two sets of objects is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};
use wellhead_render::object_leaves;
use wellhead_spec::{FieldPath, PathPattern, Quantity};

/// Whether a change is harmless.
type Rule = fn(Option<&Value>, Option<&Value>) -> bool;

fn any(_: Option<&Value>, _: Option<&Value>) -> bool {
    true
}

fn above_zero(_: Option<&Value>, new: Option<&Value>) -> bool {
    new.and_then(Value::as_i64).is_some_and(|it| it > 0)
}

fn not_zero(_: Option<&Value>, new: Option<&Value>) -> bool {
    new.is_none_or(|it| *it != json!(0))
}

fn grown(old: Option<&Value>, new: Option<&Value>) -> bool {
    let size = |it: &Value| Quantity::new(it.as_str()?).ok();
    let (Some(new), old) = (new.and_then(size), old.and_then(size)) else { return false };
    old.is_none_or(|old| new.nanos() >= old.nanos())
}

fn removed(_: Option<&Value>, new: Option<&Value>) -> bool {
    new.is_none()
}

/// A list without an item means what no list means.
fn none(_: Option<&Value>, new: Option<&Value>) -> bool {
    new.is_none_or(|it| *it == json!([]))
}

fn filled(_: Option<&Value>, new: Option<&Value>) -> bool {
    new.is_none_or(|it| *it != json!(""))
}

fn of_no_system(_: Option<&Value>, new: Option<&Value>) -> bool {
    new.and_then(Value::as_str).is_none_or(|it| !it.starts_with("system-"))
}

fn is_true(_: Option<&Value>, new: Option<&Value>) -> bool {
    new == Some(&json!(true))
}

fn is_false(_: Option<&Value>, new: Option<&Value>) -> bool {
    new == Some(&json!(false))
}

fn confined(_: Option<&Value>, new: Option<&Value>) -> bool {
    new == Some(&json!("RuntimeDefault"))
}

/// What may change in a container.
const CONTAINER: &[(&str, Rule)] = &[
    ("name", any),
    ("image", any),
    ("imagePullPolicy", any),
    ("command.**", any),
    ("args.**", any),
    ("workingDir", any),
    ("resources.**", any),
    ("env", any),
    ("env.*.name", any),
    ("env.*.value", any),
    ("env.*.valueFrom.secretKeyRef.**", removed),
    ("env.*.valueFrom.configMapKeyRef.**", any),
    ("env.*.valueFrom.fieldRef.**", any),
    ("env.*.valueFrom.fileKeyRef.**", any),
    ("env.*.valueFrom.resourceFieldRef.**", any),
    ("envFrom", any),
    ("envFrom.*.prefix", any),
    ("envFrom.*.configMapRef.**", any),
    ("ports", any),
    ("ports.*.containerPort", any),
    ("ports.*.name", any),
    ("ports.*.protocol", any),
    // Judged by what is mounted where.
    ("volumeMounts", any),
    ("volumeMounts.**", any),
    ("lifecycle.stopSignal", any),
    ("lifecycle.*.exec.**", any),
    ("lifecycle.*.sleep.**", any),
    ("lifecycle.*.httpGet.path", any),
    ("lifecycle.*.httpGet.port", any),
    ("lifecycle.*.httpGet.scheme", any),
    ("lifecycle.*.httpGet.httpHeaders.**", any),
    ("lifecycle.*.tcpSocket.port", any),
    ("lifecycle.*.httpGet.host", removed),
    ("lifecycle.*.tcpSocket.host", removed),
    ("lifecycle", any),
    ("lifecycle.*", any),
    ("securityContext.allowPrivilegeEscalation", is_false),
    ("securityContext.capabilities.add.**", removed),
    ("securityContext.capabilities.drop.**", |_, new| new.is_some()),
    ("securityContext.capabilities", any),
    ("securityContext.capabilities.add", any),
    ("securityContext.privileged", is_false),
    ("securityContext.readOnlyRootFilesystem", is_true),
    ("securityContext.procMount", |_, new| new.is_none_or(|it| *it == json!("Default"))),
];

/// What may change of a probe.
const PROBE: &[(&str, Rule)] = &[
    ("exec.**", any),
    ("grpc.**", any),
    ("httpGet.path", any),
    ("httpGet.port", any),
    ("httpGet.scheme", any),
    ("httpGet.httpHeaders.**", any),
    ("tcpSocket.port", any),
    ("httpGet.host", removed),
    ("tcpSocket.host", removed),
    ("initialDelaySeconds", any),
    ("periodSeconds", any),
    ("timeoutSeconds", any),
    ("successThreshold", any),
    ("failureThreshold", any),
    ("terminationGracePeriodSeconds", any),
];

/// What may change in the security settings of a pod and of a container.
const SECURITY: &[(&str, Rule)] = &[
    ("runAsUser", above_zero),
    ("runAsGroup", above_zero),
    ("runAsNonRoot", is_true),
    ("seccompProfile.type", confined),
    ("appArmorProfile.type", confined),
    ("seccompProfile.localhostProfile", removed),
    ("appArmorProfile.localhostProfile", removed),
    ("windowsOptions.runAsUserName", |_, new| new == Some(&json!("ContainerUser"))),
    ("windowsOptions.hostProcess", is_false),
];

/// What may change in a claim's spec.
const CLAIM: &[(&str, Rule)] = &[
    ("accessModes.**", any),
    ("resources.requests.storage", grown),
    ("storageClassName", filled),
    ("volumeMode", any),
    ("volumeAttributesClassName", any),
];

/// What may change in a pod.
const POD: &[(&str, Rule)] = &[
    ("affinity.**", any),
    ("tolerations.**", any),
    ("topologySpreadConstraints.**", any),
    ("nodeSelector.**", any),
    ("schedulerName", any),
    ("priorityClassName", of_no_system),
    ("terminationGracePeriodSeconds", not_zero),
    ("imagePullSecrets.**", any),
    ("dnsConfig.**", any),
    ("securityContext.fsGroup", above_zero),
    ("securityContext.fsGroupChangePolicy", any),
    ("securityContext.supplementalGroups.**", none),
    ("securityContext.supplementalGroupsPolicy", |_, new| new == Some(&json!("Strict"))),
    ("securityContext.seLinuxChangePolicy", any),
    ("securityContext", any),
    ("containers", any),
    ("initContainers", any),
    ("volumes", any),
    ("volumes.*.name", any),
    ("volumes.*.emptyDir.**", any),
    ("volumes.*.configMap.**", any),
    ("volumes.*.downwardAPI.**", any),
    ("volumes.*.image.**", any),
    ("volumes.*.secret.**", removed),
    ("volumes.*.hostPath.**", removed),
    ("volumes.*.projected", any),
    ("volumes.*.projected.defaultMode", any),
    ("volumes.*.projected.sources", any),
    ("volumes.*.projected.sources.*", any),
    ("volumes.*.projected.sources.*.configMap.**", any),
    ("volumes.*.projected.sources.*.downwardAPI.**", any),
    ("volumes.*.projected.sources.*.clusterTrustBundle.**", any),
];

/// Every rule, with the path from the root of an object.
static RULES: LazyLock<Vec<(PathPattern, Rule)>> = LazyLock::new(|| {
    let mut rules: Vec<(String, Rule)> = Vec::new();
    let mut all = |prefix: &str, of: &[(&str, Rule)]| {
        rules.extend(of.iter().map(|(field, rule)| (format!("{prefix}{field}"), *rule)));
    };
    let pod = "spec.template.spec.";
    all(pod, POD);
    all(&format!("{pod}securityContext."), SECURITY);
    for list in ["containers.*.", "initContainers.*."] {
        all(&format!("{pod}{list}"), CONTAINER);
        all(&format!("{pod}{list}securityContext."), SECURITY);
        for probe in ["livenessProbe.", "readinessProbe.", "startupProbe."] {
            all(&format!("{pod}{list}{probe}"), PROBE);
        }
    }
    all(&format!("{pod}volumes.*.ephemeral.volumeClaimTemplate.spec."), CLAIM);
    all("spec.volumeClaimTemplates.*.spec.", CLAIM);
    // Of a claim that a plugin adds.
    all(
        "spec.volumeClaimTemplates.*.",
        &[("metadata.name", any), ("apiVersion", any), ("kind", any)],
    );
    all("spec.", CLAIM);
    all(
        "spec.",
        &[
            ("replicas", above_zero),
            ("minReadySeconds", any),
            ("updateStrategy.**", any),
            ("ports.**", any),
            ("publishNotReadyAddresses", any),
        ],
    );
    rules.into_iter().map(|(path, rule)| (path.parse().unwrap(), rule)).collect()
});

/// A key of a label or annotation that makes nobody act.
fn is_plain(path: &FieldPath) -> bool {
    let key = path.segments().last().unwrap().to_string();
    !["kubernetes.io", "k8s.io", "hashicorp.com", "wellhead.dev"].iter().any(|it| key.contains(it))
}

fn is_harmless(path: &FieldPath, old: Option<&Value>, new: Option<&Value>) -> bool {
    let of_metadata = ["metadata.labels.*", "metadata.annotations.*"].iter().any(|it| {
        let parents = [
            "",
            "spec.template.",
            "spec.volumeClaimTemplates.*.",
            "spec.template.spec.volumes.*.ephemeral.volumeClaimTemplate.",
        ];
        parents
            .iter()
            .any(|above| format!("{above}{it}").parse::<PathPattern>().unwrap().matches(path))
    });
    if of_metadata {
        return is_plain(path);
    }
    let rules = RULES.iter().filter(|(pattern, _)| pattern.matches(path));
    rules.map(|(_, rule)| rule(old, new)).reduce(|one, other| one || other).unwrap_or(false)
}

/// The item of a list of the pod that a leaf stands in.
fn item(path: &FieldPath) -> Option<FieldPath> {
    let words: Vec<String> = path.segments().iter().take(5).map(ToString::to_string).collect();
    let listed = words.len() == 5
        && words[..3] == ["spec", "template", "spec"]
        && ["containers", "initContainers", "volumes"].contains(&words[3].as_str());
    listed.then(|| path.segments()[..5].iter().cloned().collect())
}

/// What differs between an object before and after, and may not. Items that are gone are gone with all
/// that stood in them.
fn of_object(before: &Value, after: &Value) -> Vec<String> {
    let leaves = |object| object_leaves(object).into_iter().collect::<BTreeMap<_, _>>();
    let (old, new) = (leaves(before), leaves(after));
    let there: BTreeSet<_> = new.keys().filter_map(item).collect();
    let paths: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let differ = paths.into_iter().filter(|it| old.get(*it) != new.get(*it));
    let stays = |path: &&FieldPath| item(path).is_none_or(|it| there.contains(&it));
    differ
        .filter(stays)
        .filter_map(|path| {
            let (old, new) = (old.get(path).copied(), new.get(path).copied());
            let told = || format!("{path}: {old:?}, then {new:?}");
            (!is_harmless(path, old, new)).then(told)
        })
        .collect()
}

/// What differs between two sets of objects, by kind and name, and may not.
pub(crate) fn differences(before: &[(String, Value)], after: &[(String, Value)]) -> Vec<String> {
    let after_by_name: BTreeMap<_, _> = after.iter().map(|(name, it)| (name, it)).collect();
    let mut told = Vec::new();
    for (name, object) in before {
        match after_by_name.get(name) {
            Some(now) => {
                told.extend(of_object(object, now).iter().map(|it| format!("{name}: {it}")));
            }
            // With the replica that it belongs to; it stays in the cluster.
            None if name.starts_with("PersistentVolumeClaim/") && !name.ends_with("-0") => {}
            None => told.push(format!("{name} is gone")),
        }
    }
    let set = |all: &[(String, Value)]| {
        let found = all.iter().find(|it| it.1["kind"] == "StatefulSet").unwrap();
        found.1["spec"]["template"]["spec"].clone()
    };
    let (old, new) = (set(before), set(after));
    told.extend(of_containers(&old, &new));
    told
}

/// The containers of a pod by their list and name.
fn containers(pod: &Value) -> BTreeMap<(&str, &str), &Value> {
    let of = |list| {
        let items = pod[list].as_array().into_iter().flatten();
        items.map(move |it| ((list, it["name"].as_str().unwrap()), it))
    };
    of("containers").chain(of("initContainers")).collect()
}

fn volume<'v>(pod: &'v Value, name: &str) -> Option<&'v Value> {
    pod["volumes"].as_array().into_iter().flatten().find(|it| it["name"] == name)
}

/// One mount: of which volume, where, which part, and whether for reading.
type Mount<'v> = (&'v str, &'v str, &'v Value, bool);

fn mounts(container: &Value) -> Vec<Mount<'_>> {
    let mounts = container["volumeMounts"].as_array().into_iter().flatten();
    mounts
        .map(|it| {
            let (name, path) = (it["name"].as_str().unwrap(), it["mountPath"].as_str().unwrap());
            (name, path, &it["subPath"], it["readOnly"] == true)
        })
        .collect()
}

/// Whether one path is the other or below it.
fn is_at_or_below(one: &str, other: &str) -> bool {
    one == other || other == "/" || one.strip_prefix(other).is_some_and(|it| it.starts_with('/'))
}

/// What of a container is worse than before: what it mounts, and what it may do.
fn of_containers(old: &Value, new: &Value) -> Vec<String> {
    let is_one = |volume: Option<&Value>, kinds: &[&str]| {
        volume.is_some_and(|it| kinds.iter().any(|kind| it.get(kind).is_some()))
    };
    let guards =
        |name: &str| is_one(volume(new, name), &["secret", "hostPath", "persistentVolumeClaim"]);
    // Claims are in no list of the pod.
    let lasts = |name: &str| {
        let volume = volume(old, name);
        volume.is_none() || is_one(volume, &["hostPath", "persistentVolumeClaim"])
    };
    let before = containers(old);
    let mut told = Vec::new();
    for (key, container) in containers(new) {
        let (was, is) =
            (before.get(&key).map(|it| mounts(it)).unwrap_or_default(), mounts(container));
        for mount in is.iter().filter(|it| guards(it.0)) {
            let had = was.iter().any(|it| {
                it.0 == mount.0 && (it.2.is_null() || it.2 == mount.2) && (mount.3 || !it.3)
            });
            if !had {
                told.push(format!("{key:?} takes {mount:?}"));
            }
        }
        for kept in was.iter().filter(|it| lasts(it.0)) {
            if !is.contains(kept) || volume(old, kept.0) != volume(new, kept.0) {
                told.push(format!("{key:?} loses {kept:?}"));
            }
            let covers = |it: &&Mount<'_>| {
                *it != kept
                    && !was.contains(it)
                    && (is_at_or_below(it.1, kept.1) || is_at_or_below(kept.1, it.1))
            };
            told.extend(
                is.iter().filter(covers).map(|it| format!("{key:?} covers data by {it:?}")),
            );
        }
        if !before.contains_key(&key) && !is_restricted(container) {
            told.push(format!("{key:?} is not restricted: {}", container["securityContext"]));
        }
    }
    told
}

/// <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>, for a container of a
/// pod that says nothing of it.
fn is_restricted(container: &Value) -> bool {
    let context = &container["securityContext"];
    context["runAsNonRoot"] == true
        && context["allowPrivilegeEscalation"] == false
        && context["capabilities"]["drop"].as_array().is_some_and(|it| it.contains(&json!("ALL")))
        && context["capabilities"]["add"].as_array().is_none_or(Vec::is_empty)
        && ["RuntimeDefault", "Localhost"].iter().any(|it| context["seccompProfile"]["type"] == *it)
}
