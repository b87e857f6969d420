//! Causes of a wait that the pod itself does not tell, or that are told by their message alone.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Event, Pod};
use kube::ResourceExt as _;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::{apply, run};
use crate::plan_cli::Cli;
use crate::support::{PATIENCE, object};

/// A wait that is long enough for a cause to be told, which takes some seconds.
const WAIT: &[&str] = &["apply", "--yes", "--timeout", "15s"];

/// A pod that fulfills a condition.
async fn pod(cli: &Cli, name: &str, is: impl Fn(&Pod) -> bool) -> Pod {
    let started = Instant::now();
    loop {
        if let Some(pod) = cli.env.pods().get_opt(name).await.expect("pods can be read")
            && is(&pod)
        {
            return pod;
        }
        assert!(started.elapsed() < PATIENCE, "pod {name} never becomes what it should");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Applies one replica whose pod says what a kubelet would say of it.
async fn said_by_kubelet(cli: &Cli, phase: &str, waiting: Value) -> Pod {
    let image = "replicas: 1";
    cli.change("replicas: 2", image);
    let file = cli.folder.path().join("db.yaml");
    let text = std::fs::read_to_string(&file).expect("it is there");
    cli.write(&text.replace("postgres:17", "db:unready"));
    run(cli, &["apply", "--yes", "--wait=false"]).ends(0, &[]);
    let runs = |pod: &Pod| pod.status.as_ref().is_some_and(|it| it.container_statuses.is_some());
    let found = pod(cli, "db-0", runs).await;
    let status = json!({"status": {"phase": phase, "containerStatuses": [
        {"name": "db", "image": "db:unready", "imageID": "", "ready": false, "restartCount": 0,
         "state": {"waiting": waiting}}]}});
    let patch = Patch::Merge(status);
    cli.env.pods().patch_status("db-0", &PatchParams::default(), &patch).await.expect("a status");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduling_gate_is_named_with_what_takes_it_off() {
    let cli = Cli::new("wait-gate").await;
    cli.change(
        "replicas: 2",
        "replicas: 1\n  schedulingGates: [{name: example.com/wait-for-data}]",
    );
    let what = "pod db-0 waits for its scheduling gates: example.com/wait-for-data";
    let off = "patch pod db-0 -p '{\"spec\":{\"schedulingGates\":null}}'";
    let parts = ["error[WH0308]", "error[WH0315]", what, off];
    run(&cli, &["apply", "--yes", "--timeout", "3s"]).ends(3, &parts);
    run(&cli, &["status"]).ends(0, &[]).prints(&[what]);
    let patch = Patch::Strategic(json!({"spec": {"schedulingGates": null}}));
    cli.env.pods().patch("db-0", &PatchParams::default(), &patch).await.expect("as the hint says");
    apply(&cli).ends(0, &[]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_does_not_end_is_named_with_its_node_and_its_finalizers() {
    let cli = Cli::new("wait-end").await;
    apply(&cli).ends(0, &[]);
    let finalizers = |of: Value| json!({"metadata": {"finalizers": of}});
    cli.env.set_as::<Pod>("backup", "db-1", finalizers(json!(["example.com/backup"]))).await;
    cli.change("postgres:17", "postgres:18");
    let parts = [
        "error[WH0308]",
        "error[WH0316]",
        "pod db-1 is still being deleted",
        "it is on node ",
        "example.com/backup",
        "kubectl -n ",
        "describe pod/db-1",
    ];
    let said = run(&cli, WAIT);
    said.ends(3, &parts);
    assert!(!said.err.contains("wellhead rollback"), "it would wait as well: {}", said.err);
    let status = run(&cli, &["status"]);
    status.ends(0, &[]).prints(&["Terminating", "pod db-1 is still being deleted"]);
    cli.env.set_as::<Pod>("backup", "db-1", finalizers(Value::Null)).await;
    apply(&cli).ends(0, &[]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_waits_for_its_volume_is_told_with_the_newest_warning_about_it() {
    let cli = Cli::new("wait-attach").await;
    let pod = said_by_kubelet(&cli, "Pending", json!({"reason": "ContainerCreating"})).await;
    let message = "Multi-Attach error for volume \"pvc-1\": it is used by pod other-0";
    let about =
        json!({"kind": "Pod", "name": "db-0", "namespace": cli.env.namespace, "uid": pod.uid()});
    let event: Event = object(json!({"metadata": {"name": "attach"}, "involvedObject": about,
        "type": "Warning", "reason": "FailedAttachVolume", "message": message,
        "lastTimestamp": "2999-01-01T00:00:00Z"}));
    cli.env.api::<Event>().create(&PostParams::default(), &event).await.expect("an event");
    let what = "the containers of pod db-0 are not created yet";
    let parts = ["error[WH0317]", what, "it is on node ", "FailedAttachVolume: Multi-Attach error"];
    let said = run(&cli, WAIT);
    said.ends(3, &parts);
    run(&cli, &["status"])
        .ends(0, &[])
        .prints(&[&format!("{what}: FailedAttachVolume: Multi-Attach")]);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_may_not_run_as_root_ends_the_wait_with_what_to_set() {
    let cli = Cli::new("wait-root").await;
    let message = "container has runAsNonRoot and image will run as root";
    let waiting = json!({"reason": "CreateContainerConfigError", "message": message});
    said_by_kubelet(&cli, "Pending", waiting).await;
    let said = apply(&cli);
    said.ends(3, &["error[WH0307]", message, "help: set `securityContext.runAsUser`"]);
    assert!(!said.err.contains("ConfigMap"), "none is named: {}", said.err);
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_readiness_gate_is_named() {
    let cli = Cli::new("wait-ready").await;
    cli.change(
        "replicas: 2",
        "replicas: 1\n  readinessGates: [{conditionType: example.com/in-service}]",
    );
    apply(&cli).ends(0, &[]);
    let status = |holds: &str, reason: &str| {
        let ready = json!({"type": "Ready", "status": holds, "reason": reason, "message": "the gate is closed"});
        let gate = json!({"type": "example.com/in-service", "status": holds});
        let patch = json!({"status": {"conditions": [ready, gate]}});
        let pods = cli.env.pods();
        async move {
            let params = PatchParams::default();
            pods.patch_status("db-0", &params, &Patch::Strategic(patch)).await.expect("a status")
        }
    };
    status("False", "ReadinessGatesNotReady").await;
    let what = "pod db-0 waits for its readiness gates: example.com/in-service";
    run(&cli, &["status"]).ends(0, &[]).prints(&[what]);
    cli.env.finish().await;
}
