//! What earlier appliers own and a pipeline no longer says: it goes after a takeover, and is named where it stays.

use k8s_openapi::api::apps::v1::StatefulSet;
use serde_json::{Value, json};

use crate::import::{Maker, make};
use crate::plan_cli::Cli;

/// The objects as somebody else made them.
fn manifests(name: &str) -> [Value; 2] {
    let containers = json!([
        {"name": "main", "image": "nginx:1.27",
         "env": [{"name": "PW", "value": "plain"}, {"name": "OLD", "value": "x"}],
         "readinessProbe": {"httpGet": {"port": 80}},
         "ports": [{"name": "http", "containerPort": 80}],
         "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
        {"name": "side", "image": "side:1"}]);
    let metadata = json!({"labels": {"app": name}, "annotations": {"note": "pods"}});
    let template = json!({"metadata": metadata, "spec": {
        "initContainers": [{"name": "first", "image": "init:1"}],
        "containers": containers, "volumes": [{"name": "v", "emptyDir": {}}]}});
    [
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {
            "clusterIP": "None", "selector": {"app": name}, "ports": [{"name": "http", "port": 80}]}}),
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
            "metadata": {"name": name, "annotations": {"note": "set"}, "labels": {"team": "one"}},
            "spec": {"serviceName": name, "replicas": 1, "selector": {"matchLabels": {"app": name}},
                     "template": template}}),
    ]
}

/// The pipeline that is imported from them.
fn pipeline(name: &str) -> Value {
    let containers = json!([
        {"name": "main", "image": "nginx:1.27",
         "env": [{"name": "PW", "value": "plain"}, {"name": "OLD", "value": "x"}],
         "readinessProbe": {"httpGet": {"port": 80}},
         "ports": [{"name": "http", "containerPort": 80}],
         "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
        {"name": "side", "image": "side:1"}]);
    json!({"apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline",
        "metadata": {"name": name, "annotations": {"note": "set"}, "labels": {"team": "one"}},
        "spec": {"replicas": 1, "selector": {"app": name}, "podAnnotations": {"note": "pods"},
            "service": {"ports": [{"name": "http", "port": 80}]},
            "initContainers": [{"name": "first", "image": "init:1"}],
            "containers": containers, "volumes": [{"name": "v", "emptyDir": {}}]}})
}

/// A change of a pipeline.
struct Case {
    name: &'static str,
    edit: fn(&mut Value),
    /// What the objects have no longer.
    gone: &'static str,
    /// How many times pods restart.
    restarts: i64,
    /// Whether it cannot be stored while what goes is there, or would run beside it.
    refused: bool,
}

fn main(pipeline: &mut Value) -> &mut Value {
    &mut pipeline["spec"]["containers"][0]
}

fn remove(of: &mut Value, field: &str) {
    of.as_object_mut().expect("a map").remove(field).expect("it was there");
}

const CASES: [Case; 16] = [
    Case {
        name: "variable",
        gone: "OLD",
        restarts: 1,
        refused: false,
        edit: |it| main(it)["env"] = json!([{"name": "PW", "value": "plain"}]),
    },
    Case {
        name: "variables",
        gone: "OLD",
        restarts: 1,
        refused: false,
        edit: |it| remove(main(it), "env"),
    },
    Case {
        name: "value",
        gone: "plain",
        restarts: 1,
        refused: true,
        edit: |it| {
            main(it)["env"][0] =
                json!({"name": "PW", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}});
        },
    },
    Case {
        name: "handler",
        gone: "httpGet",
        restarts: 1,
        refused: true,
        edit: |it| main(it)["readinessProbe"] = json!({"exec": {"command": ["x"]}}),
    },
    Case {
        name: "probe",
        gone: "readinessProbe",
        restarts: 1,
        refused: false,
        edit: |it| remove(main(it), "readinessProbe"),
    },
    Case {
        name: "sidecar",
        gone: "side:1",
        restarts: 1,
        refused: false,
        edit: |it| {
            it["spec"]["containers"].as_array_mut().expect("a list").pop();
        },
    },
    Case {
        name: "renamed",
        gone: "\"main\"",
        restarts: 1,
        refused: true,
        edit: |it| main(it)["name"] = "renamed".into(),
    },
    Case {
        name: "init",
        gone: "init:1",
        restarts: 1,
        refused: false,
        edit: |it| remove(&mut it["spec"], "initContainers"),
    },
    Case {
        name: "moved",
        gone: "initContainers",
        restarts: 1,
        refused: true,
        edit: |it| {
            let first = it["spec"]["initContainers"][0].clone();
            remove(&mut it["spec"], "initContainers");
            it["spec"]["containers"].as_array_mut().expect("a list").push(first);
        },
    },
    Case {
        name: "volume",
        gone: "emptyDir",
        restarts: 1,
        refused: false,
        edit: |it| {
            remove(&mut it["spec"], "volumes");
            remove(main(it), "volumeMounts");
        },
    },
    Case {
        name: "source",
        gone: "emptyDir",
        restarts: 1,
        refused: true,
        edit: |it| it["spec"]["volumes"][0] = json!({"name": "v", "configMap": {"name": "c"}}),
    },
    Case {
        name: "port",
        gone: "\"containerPort\":80,",
        restarts: 1,
        refused: true,
        edit: |it| main(it)["ports"][0]["containerPort"] = 8080.into(),
    },
    Case {
        name: "served",
        gone: "\"port\":80,\"protocol\"",
        restarts: 0,
        refused: true,
        edit: |it| it["spec"]["service"]["ports"][0]["port"] = 8080.into(),
    },
    Case {
        name: "noted",
        gone: "\"note\":\"pods\"",
        restarts: 1,
        refused: false,
        edit: |it| remove(&mut it["spec"], "podAnnotations"),
    },
    Case {
        name: "annotated",
        gone: "\"note\":\"set\"",
        restarts: 0,
        refused: false,
        edit: |it| remove(&mut it["metadata"], "annotations"),
    },
    Case {
        name: "labelled",
        gone: "\"team\"",
        restarts: 0,
        refused: false,
        edit: |it| remove(&mut it["metadata"], "labels"),
    },
];

/// Generation and uid of the StatefulSet, and all that the two objects say.
async fn state(cli: &Cli, name: &str) -> (i64, String, String) {
    let set: StatefulSet = cli.env.stateful_sets().get(name).await.expect("it exists");
    let service = cli.env.services().get(name).await.expect("it exists");
    let (generation, uid) = (set.metadata.generation, set.metadata.uid.clone());
    let mut both = json!([set.metadata.labels, set.metadata.annotations, set.spec, service.spec]);
    if let Some(annotations) = both[1].as_object_mut() {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    (generation.expect("it has one"), uid.expect("it has one"), both.to_string())
}

/// Exit code, and what is said.
fn run(cli: &Cli, arguments: &[&str]) -> (Option<i32>, String) {
    let output = cli.output(arguments);
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    (output.status.code(), text.concat())
}

/// Adopts what somebody made.
async fn adopted(cli: &Cli, maker: Maker, name: &str) {
    for object in manifests(name) {
        make(&cli.env, maker, &object).await;
    }
    cli.write(&pipeline(name).to_string());
    let before = state(cli, name).await;
    let (code, said) = run(cli, &["apply", "--adopt", "--yes", "--wait=false"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(state(cli, name).await.0, before.0, "an adoption changes no spec");
    let (code, said) = run(cli, &["plan", "--exit-code"]);
    assert!(code == Some(0) && !said.contains("WH044"), "{said}");
}

/// Checks that the change was made as it was meant.
async fn changed(cli: &Cli, case: &Case, name: &str, (before, uid, _): (i64, String, String)) {
    let (after, same, text) = state(cli, name).await;
    assert!(!text.contains(case.gone), "{}: {text}", case.name);
    assert_eq!((after - before, &same), (case.restarts, &uid), "{}", case.name);
    let (code, said) = run(cli, &["plan", "--exit-code"]);
    assert!(code == Some(0) && !said.contains("WH044"), "{}: {said}", case.name);
}

fn edited(case: &Case, name: &str) -> String {
    let mut pipeline = pipeline(name);
    (case.edit)(&mut pipeline);
    pipeline.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pipeline_no_longer_says_goes_after_a_takeover() {
    let cli = Cli::new("left-adopted").await;
    for (index, case) in CASES.iter().enumerate() {
        let maker = if index % 2 == 0 { Maker::Kubectl } else { Maker::Helm };
        adopted(&cli, maker, case.name).await;
        let before = state(&cli, case.name).await;
        cli.write(&edited(case, case.name));
        let (code, said) = run(&cli, &["apply", "--yes", "--wait=false"]);
        assert!(code == Some(0) && !said.contains("WH044"), "{}: {said}", case.name);
        changed(&cli, case, case.name, before).await;
    }
    cli.env.finish().await;
}

/// The commands that hints print.
fn commands(said: &str) -> Vec<Vec<String>> {
    let lines = said.lines().filter_map(|line| line.split_once(": wellhead "));
    let words = lines.map(|(_, command)| command.split_whitespace());
    words.map(|it| it.map(|word| word.trim_matches('\'').to_owned()).collect()).collect()
}

/// What somebody applies again who owned it before stays, is named, and goes by each of the commands that are told.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_applier_still_owns_is_named_and_goes_by_the_commands_that_are_told() {
    let cli = Cli::new("left-shared").await;
    for (index, case) in CASES.iter().enumerate() {
        // The first cases go both ways, those after them by turns.
        let both = ["--take", "--adopt"];
        let ways = if index < 4 { &both[..] } else { &both[index % 2..=index % 2] };
        for wanted in ways {
            let name = format!("{}{wanted}", case.name).replace("--", "-");
            adopted(&cli, Maker::Kubectl, &name).await;
            for object in manifests(&name) {
                make(&cli.env, Maker::Helm, &object).await;
            }
            cli.write(&edited(case, &name));
            let (before, versions) = (state(&cli, &name).await, cli.env.versions().await);
            let (code, said) = run(&cli, &["plan"]);
            let refused = if case.refused { (4, "WH0442") } else { (0, "WH0441") };
            assert_eq!(code, Some(refused.0), "{}: {said}", case.name);
            assert!(said.contains(refused.1) && said.contains("\"helm\""), "{}: {said}", case.name);
            let drift = run(&cli, &["drift"]).1;
            assert!(drift.contains("WH044"), "{}: {drift}", case.name);
            if case.refused {
                assert_eq!(run(&cli, &["apply", "--yes"]).0, Some(4));
                assert_eq!(cli.env.versions().await, versions, "nothing is written");
            }
            let told = commands(&said);
            let told = told.iter().find(|it| it.iter().any(|word| word == *wanted));
            let told = told.unwrap_or_else(|| panic!("{}: no {wanted} in {said}", case.name));
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            let output = cli.bare(&[told.as_slice(), &["--yes", "--wait=false"]].concat());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{} {index}: {said}", case.name);
            changed(&cli, case, &name, before).await;
        }
    }
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_pipeline_said_stays_after_a_takeover_is_told_and_can_be_taken() {
    let cli = Cli::new("left-never").await;
    let name = "never";
    for object in manifests(name) {
        make(&cli.env, Maker::Kubectl, &object).await;
    }
    let case = CASES.iter().find(|it| it.name == "sidecar").expect("there is one");
    cli.write(&edited(case, name));
    let before = state(&cli, name).await;
    let (code, said) = run(&cli, &["apply", "--adopt", "--yes", "--wait=false"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(state(&cli, name).await.0, before.0, "no pod restarts");
    for command in ["plan", "drift"] {
        let (code, said) = run(&cli, &[command]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("WH0441") && said.contains("containers.side"), "{said}");
    }
    let plan = cli.json_of(&["plan", "-o", "json", "-q"]);
    let left = &plan["leftBehind"][0];
    assert_eq!(left["field"], "containers.side");
    assert_eq!(left["owners"][0]["manager"], "kubectl-client-side-apply");
    let again = run(&cli, &["apply", "--adopt", "--yes", "--wait=false"]).1;
    assert!(again.contains("No changes"), "{again}");
    let (code, said) = run(&cli, &["plan", "--take", "containers.nothing"]);
    assert!(code == Some(0) && said.contains("warning[WH0443]"), "{code:?} {said}");
    let take = ["apply", "--take", "containers.side", "--yes", "--wait=false"];
    let (code, said) = run(&cli, &take);
    assert!(code == Some(0) && !said.contains("WH0443"), "{said}");
    changed(&cli, case, name, before).await;
    // A run that died after its last write does not know that it is done.
    let (code, said) = run(&cli, &take);
    assert!(code == Some(0) && said.contains("warning[WH0443]"), "{said}");
    cli.env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_people_and_the_work_of_controllers_are_not_left_behind() {
    let cli = Cli::new("left-others").await;
    adopted(&cli, Maker::Kubectl, "others").await;
    let restart = json!({"spec": {"template": {"metadata": {"annotations": {
        "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}}}});
    cli.env.set_as::<StatefulSet>("kubectl-rollout", "others", restart).await;
    let note = json!({"metadata": {"annotations": {"controller.example.com/seen": "1"}}});
    cli.env.set_as::<StatefulSet>("some-controller", "others", note).await;
    let (code, said) = run(&cli, &["plan", "--exit-code"]);
    assert!(code == Some(0) && !said.contains("WH044"), "{said}");
    let edit = json!({"spec": {"template": {"spec": {"tolerations": [{"operator": "Exists"}]}}}});
    cli.env.set_as::<StatefulSet>("kubectl-edit", "others", edit).await;
    let (code, said) = run(&cli, &["plan", "--exit-code"]);
    assert!(code == Some(0) && said.contains("WH0441"), "{said}");
    assert!(said.contains("keeps spec.template.spec.tolerations"), "{said}");
    cli.env.finish().await;
}

/// Between the change of the record of managers and the apply that removes what is left, a run may die.
#[tokio::test(flavor = "multi_thread")]
async fn a_takeover_that_dies_half_way_is_ended_by_the_same_command() {
    let cli = Cli::new("left-dies").await;
    let case = CASES.iter().find(|it| it.name == "handler").expect("there is one");
    let command = ["apply", "--adopt", "--yes", "--wait=false", "--lock-timeout", "120s"];
    for moment in ["before", "sent", "after"] {
        let name = format!("dies-{moment}");
        adopted(&cli, Maker::Kubectl, &name).await;
        for object in manifests(&name) {
            make(&cli.env, Maker::Helm, &object).await;
        }
        cli.write(&edited(case, &name));
        let before = state(&cli, &name).await;
        let arguments = [&command[..], &["-f", "db.yaml", "-n", &cli.env.namespace]].concat();
        let mut dying = cli.command(&arguments);
        // The Lease, the revision, the record of managers of both objects and the Service are written before.
        let dead = dying.env("WELLHEAD_CRASH_AT", format!("write-6:{moment}")).output();
        assert!(!dead.expect("it starts").status.success(), "it dies");
        let (code, said) = run(&cli, &command);
        assert_eq!(code, Some(0), "{said}");
        changed(&cli, case, &name, before).await;
    }
    cli.env.finish().await;
}
