//! What a server makes of values that say little, imported: the pipeline renders to what the server stores.

use futures::stream::{self, StreamExt as _};
use kube::Api;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, PostParams};
use serde_json::Value;
use wellhead::{Manifest, Severity, Source, import, load_manifests, render};

use crate::support::Env;

/// Volumes with empty texts, zeros, `false` and empty lists and maps in every field that takes them.
const VOLUMES: &[&str] = &[
    "awsElasticBlockStore: {volumeID: v, fsType: '', partition: 0, readOnly: false}",
    "azureDisk: {diskName: d, diskURI: 'https://a.blob.core.windows.net/c/d.vhd', fsType: '', readOnly: false}",
    "azureDisk: {diskName: d, diskURI: 'https://a.blob.core.windows.net/c/d.vhd', kind: Shared, cachingMode: ReadWrite}",
    "azureFile: {secretName: s, shareName: x, readOnly: false}",
    "cephfs: {monitors: [a], path: '', user: '', secretFile: '', readOnly: false}",
    "cinder: {volumeID: v, fsType: '', readOnly: false}",
    "configMap: {name: c, items: [], optional: false, defaultMode: 420}",
    "csi: {driver: d.example.com, fsType: '', readOnly: false, volumeAttributes: {}}",
    "csi: {driver: d.example.com}",
    "downwardAPI: {items: []}",
    "emptyDir: {medium: ''}",
    "ephemeral: {volumeClaimTemplate: {metadata: {}, spec: {accessModes: [ReadWriteOnce], storageClassName: '', \
     volumeName: '', resources: {requests: {storage: 1Gi}, limits: {}}}}}",
    "fc: {targetWWNs: [a], lun: 0, fsType: '', readOnly: false}",
    "flexVolume: {driver: a/b, fsType: '', options: {}, readOnly: false}",
    "flocker: {datasetName: d, datasetUUID: ''}",
    "gcePersistentDisk: {pdName: p, fsType: '', partition: 0, readOnly: false}",
    "gitRepo: {repository: r, revision: '', directory: ''}",
    "glusterfs: {endpoints: e, path: p, readOnly: false}",
    "hostPath: {path: /x, type: ''}",
    "image: {reference: 'a:1', pullPolicy: ''}",
    "iscsi: {targetPortal: '192.0.2.1:3260', iqn: 'iqn.2001-04.com.example:x', lun: 0, iscsiInterface: '', fsType: '', \
     chapAuthDiscovery: false, chapAuthSession: false, portals: [], readOnly: false}",
    "nfs: {server: s, path: /x, readOnly: false}",
    "persistentVolumeClaim: {claimName: c, readOnly: false}",
    "photonPersistentDisk: {pdID: p, fsType: ''}",
    "portworxVolume: {volumeID: v, fsType: '', readOnly: false}",
    "projected: {sources: [{serviceAccountToken: {path: t, audience: ''}}, {configMap: {name: c, items: [], optional: false}}]}",
    "quobyte: {registry: 'a:1', volume: v, user: '', group: '', tenant: '', readOnly: false}",
    "rbd: {monitors: [a], image: i, pool: '', user: '', keyring: '', fsType: '', readOnly: false}",
    "scaleIO: {gateway: g, system: s, secretRef: {name: s}, volumeName: v, protectionDomain: '', storagePool: '', \
     storageMode: '', fsType: '', sslEnabled: false, readOnly: false}",
    "secret: {secretName: s, items: [], optional: false}",
    "storageos: {volumeName: v, volumeNamespace: '', fsType: '', readOnly: false}",
    "vsphereVolume: {volumePath: p, fsType: '', storagePolicyName: '', storagePolicyID: ''}",
];

/// The same for a container.
const CONTAINERS: &[&str] = &[
    "args: []",
    "command: [a, '']",
    "env: [{name: A, value: ''}, {name: B}]",
    "envFrom: [{prefix: '', configMapRef: {name: c, optional: false}}]",
    "imagePullPolicy: ''",
    "lifecycle: {}",
    "livenessProbe: {grpc: {port: 1, service: ''}, initialDelaySeconds: 0, timeoutSeconds: 0, periodSeconds: 0, \
     successThreshold: 0, failureThreshold: 0}",
    "ports: [{containerPort: 1, hostPort: 0, name: '', protocol: '', hostIP: ''}]",
    "readinessProbe: {httpGet: {port: 1, path: '', host: '', scheme: '', httpHeaders: [{name: A, value: ''}]}}",
    "resources: {limits: {}, requests: {}}",
    "securityContext: {}",
    "securityContext: {capabilities: {add: []}, seLinuxOptions: {user: '', role: '', type: '', level: ''}, \
     privileged: false, runAsUser: 0, runAsNonRoot: false}",
    "startupProbe: {tcpSocket: {port: 1, host: ''}}",
    "stdin: false\nstdinOnce: false\ntty: false",
    "terminationMessagePath: ''\nterminationMessagePolicy: ''\nworkingDir: ''",
    "volumeMounts: [{name: tmp, mountPath: /tmp, subPath: '', subPathExpr: '', readOnly: false}]",
];

/// The same for a pod.
const PODS: &[&str] = &[
    "affinity: {}",
    "affinity: {nodeAffinity: {}, podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: []}}",
    "automountServiceAccountToken: false\nenableServiceLinks: false\nshareProcessNamespace: false",
    "dnsConfig: {options: [{name: ndots, value: ''}], searches: [], nameservers: []}",
    "dnsPolicy: ''\nrestartPolicy: ''\nschedulerName: ''\nterminationGracePeriodSeconds: 0",
    "hostAliases: []\nhostNetwork: false\nhostPID: false\nhostIPC: false",
    "hostname: ''\nsubdomain: ''\nnodeName: ''\npriorityClassName: ''",
    "nodeSelector: {}\ntolerations: []\ntopologySpreadConstraints: []",
    "securityContext: {}",
    "securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: ''}], supplementalGroups: [], fsGroup: 0}",
    "serviceAccountName: ''\nserviceAccount: ''",
    "setHostnameAsFQDN: false",
    "tolerations: [{key: '', operator: Exists, value: '', effect: ''}]",
];

/// The same for a StatefulSet.
const SETS: &[&str] = &[
    "minReadySeconds: 0\nrevisionHistoryLimit: 0\nreplicas: 0",
    "ordinals: {start: 0}",
    "persistentVolumeClaimRetentionPolicy: {}",
    "persistentVolumeClaimRetentionPolicy: {whenDeleted: '', whenScaled: Retain}",
    "podManagementPolicy: ''\nserviceName: ''",
    "replicas: 3.0\nminReadySeconds: 1.2e+1",
    "updateStrategy: {}",
    "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}",
    "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], volumeName: '', \
     volumeMode: Filesystem, storageClassName: '', resources: {requests: {storage: 1.0e+9}}}}]",
];

/// The same for a Service.
const SERVICES: &[&str] = &[
    "ipFamilies: [IPv4]",
    "ipFamilies: [IPv4]\nipFamilyPolicy: SingleStack",
    "ipFamilyPolicy: PreferDualStack",
    "ports: [{port: 1, name: '', protocol: '', nodePort: 0}]",
    "publishNotReadyAddresses: false\nsessionAffinity: ''",
    "sessionAffinity: ClientIP",
];

fn indented(text: &str, columns: usize) -> String {
    let line = |it: &str| format!("{}{it}\n", " ".repeat(columns));
    text.lines().map(line).collect()
}

/// A StatefulSet and its Service with some lines each.
fn manifests(service: &str, set: &str, pod: &str, container: &str, volume: &str) -> Vec<Manifest> {
    let text = format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: db}}\nspec:\n  clusterIP: None\n  selector: {{app: db}}\n{}\
         ---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  serviceName: db\n  \
         selector: {{matchLabels: {{app: db}}}}\n{}  template:\n    metadata: {{labels: {{app: db}}}}\n    spec:\n{}      \
         containers:\n      - name: db\n        image: db:1\n{}      volumes:\n      - name: tmp\n      - name: more\n{}",
        indented(service, 2),
        indented(set, 2),
        indented(pod, 6),
        indented(container, 8),
        indented(volume, 8),
    );
    let text =
        if set.contains("serviceName") { text.replace("  serviceName: db\n", "") } else { text };
    let read = load_manifests(&[Source::Text { name: "db.yaml".into(), text: text.clone() }]);
    assert!(read.findings.is_empty(), "{:?}\n{text}", read.findings);
    read.objects
}

/// What the server would store.
async fn stored(env: &Env, object: &Value) -> Result<Value, kube::Error> {
    let params = PostParams { dry_run: true, ..PostParams::default() };
    create(env, object, &params).await.map(|made| made.data["spec"].clone())
}

async fn create(
    env: &Env,
    object: &Value,
    params: &PostParams,
) -> Result<DynamicObject, kube::Error> {
    let mut body: DynamicObject = serde_json::from_value(object.clone()).expect("it is an object");
    body.metadata.namespace = Some(env.namespace.clone());
    let kind =
        GroupVersionKind::try_from(&body.types.clone().expect("it has a kind")).expect("a kind");
    let api: Api<DynamicObject> =
        Api::namespaced_with(env.client.clone(), &env.namespace, &ApiResource::from_gvk(&kind));
    api.create(params, &body).await
}

/// What differs between what a server stores of manifests and of the pipeline that is imported from them.
async fn difference(env: &Env, manifests: &[Manifest]) -> Option<String> {
    let imported = import::from_manifests(manifests);
    let errors: Vec<_> =
        imported.findings.iter().filter(|it| it.severity == Severity::Error).collect();
    let [pipeline] = &imported.pipelines[..] else { return Some(format!("{errors:?}")) };
    let set = render(pipeline);
    for manifest in manifests {
        let kind = manifest.value["kind"].as_str().unwrap_or_default();
        let theirs = match stored(env, &manifest.value).await {
            Ok(theirs) => theirs,
            Err(error) => return Some(format!("the server refuses the manifest: {error}")),
        };
        let Some(ours) = set.objects().into_iter().find(|it| it.kind == kind) else { continue };
        let ours = match stored(env, &ours.value).await {
            Ok(ours) => ours,
            Err(error) => return Some(format!("the server refuses the pipeline's: {error}")),
        };
        if ours != theirs {
            return Some(format!("{kind}\nmanifest: {theirs}\npipeline: {ours}"));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_stores_of_a_manifest_it_stores_of_its_pipeline() {
    let env = Env::new("import-values").await;
    let volumes = VOLUMES.iter().map(|it| (*it, manifests("", "", "", "", it)));
    let containers = CONTAINERS.iter().map(|it| (*it, manifests("", "", "", it, "")));
    let pods = PODS.iter().map(|it| (*it, manifests("", "", it, "", "")));
    let sets = SETS.iter().map(|it| (*it, manifests("", it, "", "", "")));
    let services = SERVICES.iter().map(|it| (*it, manifests(it, "", "", "", "")));
    let all = volumes.chain(containers).chain(pods).chain(sets).chain(services);
    let on = &env;
    let checks = all.map(|(text, manifests)| async move {
        difference(on, &manifests).await.map(|it| format!("{text}\n{it}"))
    });
    let different: Vec<_> =
        stream::iter(checks).buffer_unordered(8).filter_map(|it| async { it }).collect().await;
    assert!(different.is_empty(), "{}", different.join("\n\n"));
    env.finish().await;
}

/// Names of pipelines are those that the server takes for all objects.
#[tokio::test(flavor = "multi_thread")]
async fn every_object_of_a_name_that_begins_with_a_digit_is_taken() {
    let env = Env::new("import-names").await;
    let long = format!("9{}", "a".repeat(51));
    for name in ["389-ds", "0", "9", "1-2", "a", &long] {
        let text = format!(
            "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {{name: '{name}'}}\nspec:\n  \
             containers: [{{name: db, image: 'db:1'}}]\n  claims: [{{name: '1-data', size: 1Gi}}]\n"
        );
        let pipelines = vec![Source::Text { name: "db.yaml".into(), text }];
        let request = wellhead::Request { pipelines, ..wellhead::Request::default() };
        let inputs = wellhead::load(&request).expect("the name is one");
        for object in render(&inputs.pipelines[0].value).objects() {
            let taken = stored(&env, &object.value).await;
            assert!(taken.is_ok(), "{name}: {taken:?}");
        }
    }
    env.finish().await;
}
