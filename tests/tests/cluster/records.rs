//! Records in the cluster are input: others may write them.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::ControllerRevision;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use wellhead_cluster::{RevisionRef, RevisionState, Silent, Storage};
use wellhead_render::ResourceSet;

use crate::plan_cli::Cli;
use crate::support::{Env, Workload, object, patient};

fn image(number: u32) -> Workload {
    Workload::new("db", 1).with(|it| it.image = format!("nginx:1.{number}"))
}

async fn two(test: &str) -> Env {
    let env = Env::new(test).await;
    env.send(&image(1)).await.expect("it is written");
    env.send(&image(2)).await.expect("it is written");
    env
}

/// The first record as JSON, and what it holds.
async fn first(env: &Env) -> (Value, Value) {
    let record = env.records().get("wellhead.db.1").await.expect("it is kept");
    let record = serde_json::to_value(record).expect("it is JSON");
    let packed: ByteString =
        serde_json::from_value(record["data"]["content"].clone()).expect("it is packed");
    let mut text = String::new();
    GzDecoder::new(packed.0.as_slice()).read_to_string(&mut text).expect("it is gzip");
    (record, serde_json::from_str(&text).expect("it is JSON"))
}

fn packed(text: &[u8]) -> Value {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("it can be packed");
    serde_json::to_value(ByteString(encoder.finish().expect("it can be packed"))).expect("JSON")
}

/// A record that somebody makes of another one, with the right digest of its content.
fn forged(record: &Value, number: i64, content: &Value) -> Value {
    let objects: ResourceSet =
        serde_json::from_value(content["objects"].clone()).expect("a set of objects");
    let text = serde_json::to_vec(&objects).expect("JSON");
    let mut forged = json!({
        "metadata": {
            "name": format!("wellhead.db.{number}"),
            "labels": record["metadata"]["labels"],
            "annotations": {"wellhead.dev/digest": wellhead_chain::digest(&text)},
        },
        "revision": number,
        "data": record["data"],
    });
    forged["data"]["content"] = packed(content.to_string().as_bytes());
    forged
}

async fn create(env: &Env, record: Value) {
    let record: ControllerRevision = object(record);
    env.records().create(&PostParams::default(), &record).await.expect("it can be made");
}

async fn refused(env: &Env, number: i64) -> (String, String) {
    let revision = RevisionRef::from(number);
    let target = env.cluster.rollback(&env.pipeline("db"), Some(&revision), Storage::Refuse).await;
    let error = target.expect_err("it is no revision of this pipeline");
    let problem = &error.problems()[0];
    (problem.code.to_string(), problem.why.clone().unwrap_or_default())
}

async fn state_of(env: &Env) -> (BTreeMap<i64, RevisionState>, usize) {
    let history = env.cluster.history(&env.pipeline("db")).await.expect("it can be read");
    let known = history.revisions.iter().map(|it| (it.number, it.state)).collect();
    (known, history.unusable.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_no_run_wrote_is_gone_back_to_only_by_its_digest() {
    let env = two("forged").await;
    let (record, mut content) = first(&env).await;
    content["objects"]["statefulSet"]["spec"]["template"]["spec"]["hostNetwork"] = true.into();
    create(&env, forged(&record, 7, &content)).await;
    let (states, unusable) = state_of(&env).await;
    assert_eq!((states[&7], unusable), (RevisionState::Unconfirmed, 0));
    assert_eq!(states[&2], RevisionState::Current);
    assert_eq!(refused(&env, 7).await.0, "WH0419");
    let pipeline = env.pipeline("db");
    let target =
        env.cluster.rollback(&pipeline, None, Storage::Refuse).await.expect("there is one");
    assert_eq!(target.target.revision.number, 1, "the newest of ours before the current one");
    let stored = env.cluster.revision(&pipeline, 7).await.expect("an answer").expect("it is there");
    let digest = Some(stored.revision.digest);
    let named = RevisionRef { number: 7, digest: digest.clone() };
    let target = env.cluster.rollback(&pipeline, Some(&named), Storage::Refuse).await;
    assert_eq!(target.expect("a person named all of it").target.revision.number, 7);
    let other = RevisionRef { number: 1, digest };
    let target = env.cluster.rollback(&pipeline, Some(&other), Storage::Refuse).await;
    assert_eq!(target.expect_err("it is another one").problems()[0].code.id(), "WH0419");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_under_the_number_of_the_next_run_passes_for_unfinished_and_is_not_gone_back_to() {
    let env = two("forged-next").await;
    let (record, mut content) = first(&env).await;
    content["objects"]["statefulSet"]["spec"]["template"]["spec"]["hostNetwork"] = true.into();
    create(&env, forged(&record, 3, &content)).await;
    assert_eq!(state_of(&env).await.0[&3], RevisionState::Unfinished);
    assert_eq!(refused(&env, 3).await.0, "WH0419");
    let target = env.cluster.rollback(&env.pipeline("db"), None, Storage::Refuse).await;
    assert_eq!(target.expect("there is one").target.revision.number, 2, "what a run applied");
    let report = env.apply(&image(3)).await.expect("the next run goes on behind it");
    assert_eq!(report.pipelines[0].revision, Some(4));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_replaced_is_not_what_was_applied() {
    let env = two("replaced").await;
    let (record, mut content) = first(&env).await;
    content["objects"]["statefulSet"]["spec"]["template"]["spec"]["hostPID"] = true.into();
    env.records().delete("wellhead.db.1", &DeleteParams::default()).await.expect("it was there");
    create(&env, forged(&record, 1, &content)).await;
    assert_eq!(refused(&env, 1).await.0, "WH0419");
    assert_eq!(state_of(&env).await.0[&1], RevisionState::Unconfirmed);
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_others_are_never_brought_back_whatever_is_named() {
    let env = two("others").await;
    let (record, content) = first(&env).await;
    let volumes = json!([{"name": "host", "hostPath": {"path": "/"}}]);
    let web = |value: &Value| serde_json::from_str(&value.to_string().replace("db", "web"));
    let mut elsewhere = content.clone();
    for pointer in ["/objects/statefulSet", "/objects/service", "/objects/claims/0"] {
        elsewhere.pointer_mut(pointer).expect("it is there")["metadata"]["namespace"] =
            "kube-system".into();
    }
    elsewhere["objects"]["statefulSet"]["spec"]["template"]["spec"]["volumes"] = volumes;
    let mut extra = content.clone();
    let mut claim = content["objects"]["claims"][0].clone();
    claim["metadata"]["name"] = "data-web-0".into();
    extra["objects"]["claims"].as_array_mut().expect("a list").push(claim);
    let mut open = content.clone();
    open["objects"]["service"]["spec"]["externalIPs"] = json!(["192.0.2.1"]);
    let of_another = web(&content).expect("JSON");
    for (number, content) in (7..).zip([elsewhere, extra, open, of_another]) {
        let forged = forged(&record, number, &content);
        let digest = forged["metadata"]["annotations"]["wellhead.dev/digest"].as_str();
        let named = RevisionRef { number, digest: digest.map(str::to_owned) };
        create(&env, forged).await;
        assert_eq!(refused(&env, number).await.0, "WH0417");
        let target = env.cluster.rollback(&env.pipeline("db"), Some(&named), Storage::Refuse).await;
        assert_eq!(target.expect_err("no word helps").problems()[0].code.id(), "WH0417");
    }
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_record_is_told_and_hides_none_of_the_others() {
    let env = two("bad").await;
    let (record, content) = first(&env).await;
    let good = |number| forged(&record, number, &content);
    let with = |number, pointer: &str, value: Value| {
        let mut forged = good(number);
        *forged.pointer_mut(pointer).expect("it is there") = value;
        forged
    };
    let zeros =
        format!("{{\"objects\":{},\"spec\":[{}0]}}", content["objects"], "0,".repeat(20 << 20));
    let deep = format!("{{\"objects\":{},\"spec\":{}", content["objects"], "[".repeat(100_000));
    let data = "/data/content";
    for (number, (bad, says)) in (10..).zip([
        (with(10, data, packed(zeros.as_bytes())), "values"),
        (with(11, data, packed(deep.as_bytes())), "nested"),
        (with(12, data, "AAAA".into()), ""),
        (with(13, data, "not base64 \u{0}".into()), ""),
        (with(14, data, packed(b"{\"objects\": 1}")), ""),
        (with(15, "/data/parts", u64::MAX.into()), "parts"),
        (with(16, "/data/parts", 2.into()), "missing"),
        (with(17, "/metadata/annotations/wellhead.dev~1digest", "sha256:0".into()), "digest"),
        (with(18, "/revision", 1.into()), "numbers"),
        (with(19, "/data/by", 1.into()), ""),
    ]) {
        create(&env, bad).await;
        let (code, why) = refused(&env, number).await;
        assert!(code == "WH0417" && why.contains(says), "{number}: {code}: {why}");
    }
    for number in [0, i64::MAX] {
        create(&env, good(number)).await;
        assert_eq!(refused(&env, number).await.0, "WH0417");
    }
    let (states, unusable) = state_of(&env).await;
    assert_eq!((states[&2], states[&1]), (RevisionState::Current, RevisionState::Earlier));
    assert_eq!(unusable, 4, "0, the highest, another number inside, and no summary");
    // Numbers go on from those of ours.
    let report = env.send(&image(3)).await.expect("it is written");
    assert_eq!(report.pipelines[0].revision, Some(3));
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_another_revision_do_not_make_one_whole() {
    let env = two("parts").await;
    let (record, content) = first(&env).await;
    let mut whole = forged(&record, 7, &content);
    whole["data"]["parts"] = 2.into();
    create(&env, whole.clone()).await;
    let mut part = whole;
    part["metadata"]["name"] = "wellhead.db.7.1".into();
    part["metadata"]["labels"]["wellhead.dev/part"] = "1".into();
    part["metadata"]["annotations"]["wellhead.dev/digest"] = "sha256:other".into();
    part["data"] = json!({"content": packed(b"")});
    create(&env, part).await;
    let (code, why) = refused(&env, 7).await;
    assert!(code == "WH0417" && why.contains("of another revision"), "{why}");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_a_lease_that_no_run_wrote_are_none_and_the_next_apply_heals_it() {
    let env = two("lease-number").await;
    for number in ["9223372036854775807", "9223372036854775808", "-1", "0", "x", ""] {
        let annotations = json!({"metadata": {"annotations": {"wellhead.dev/revision": number}}});
        let patch = Patch::Merge(annotations);
        let patched = env.leases().patch("wellhead.db", &PatchParams::default(), &patch).await;
        patched.expect("it can be written");
        let report = env.apply(&image(2)).await.expect("it is applied");
        assert_eq!(report.pipelines[0].revision, Some(2), "{number}");
    }
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_with_the_digest_of_what_comes_next_is_looked_into() {
    let env = two("digest").await;
    let (record, mut content) = first(&env).await;
    let next = image(3).render(&env.namespace);
    let right = json!({"objects": serde_json::to_value(&next).expect("JSON"), "spec": null});
    let digest = forged(&record, 3, &right)["metadata"]["annotations"].clone();
    content["objects"]["statefulSet"]["spec"]["template"]["spec"]["hostIPC"] = true.into();
    let mut lie = forged(&record, 3, &content);
    lie["metadata"]["annotations"] = digest;
    create(&env, lie).await;
    let report = env.apply_with(&[next], &patient(), &Silent).await.expect("it is applied");
    assert_eq!(report.pipelines[0].revision, Some(4), "its own record, not the one that lies");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_tell_a_bad_record_and_what_to_type() {
    let cli = Cli::new("forged-cli").await;
    cli.apply();
    let namespace = cli.env.namespace.clone();
    let (record, mut content) = first(&cli.env).await;
    create(&cli.env, forged(&record, 0, &content)).await;
    content["objects"]["statefulSet"]["spec"]["template"]["spec"]["hostNetwork"] = true.into();
    create(&cli.env, forged(&record, 5, &content)).await;
    let listed = cli.bare(&["history", "db", "-n", &namespace]);
    let (out, err) = (
        String::from_utf8_lossy(&listed.stdout).into_owned(),
        String::from_utf8_lossy(&listed.stderr).into_owned(),
    );
    assert_eq!(listed.status.code(), Some(0), "{err}");
    assert!(out.contains("1         current") && out.contains("5         unconfirmed"), "{out}");
    assert!(err.contains("WH0417") && err.contains("wellhead.db.0 cannot be used"), "{err}");
    let before = cli.env.versions().await;
    let back = cli.bare(&["rollback", "db", "5", "--yes", "-n", &namespace]);
    let said = String::from_utf8_lossy(&back.stderr).into_owned();
    assert_eq!(back.status.code(), Some(4), "{said}");
    assert!(said.contains("WH0419") && said.contains("wellhead rollback db 5@sha256:"), "{said}");
    assert_eq!(cli.env.versions().await, before, "nothing is written");
    let kept = cli.env.records().list(&ListParams::default()).await.expect("records");
    assert!(kept.iter().any(|it| it.metadata.name.as_deref() == Some("wellhead.db.5")));
    cli.env.finish().await;
}
