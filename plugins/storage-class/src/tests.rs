//! What the plugin does, natively.

use std::collections::BTreeMap;

use crate::StorageClass;
use proptest::prelude::*;
use serde_json::{Value, json};
use wellhead_plugin::{Pipeline, Rejection, testing};

fn pipeline(claims: &[&str]) -> Pipeline {
    let claims: Vec<Value> =
        claims.iter().map(|name| json!({ "name": name, "size": "1Gi" })).collect();
    testing::pipeline(json!({
        "metadata": { "name": "search", "namespace": "prod", "labels": { "tier": "gold" } },
        "spec": { "claims": claims },
    }))
}

fn run(pipeline: &Pipeline, config: &Value) -> Result<(), Rejection> {
    testing::transform::<StorageClass>(pipeline, config)
}

fn classes(pipeline: &Pipeline) -> BTreeMap<String, Option<String>> {
    pipeline.claims().iter().map(|claim| (claim.name(), claim.storage_class())).collect()
}

fn class(pipeline: &Pipeline, claim: &str) -> Option<String> {
    classes(pipeline)[claim].clone()
}

#[test]
fn a_rule_chooses_by_claim_name_and_the_default_covers_the_others() {
    let pipeline = pipeline(&["data", "logs"]);
    let config =
        json!({ "rules": [{ "claims": ["data"], "class": "fast" }], "default": "standard" });
    run(&pipeline, &config).unwrap();
    assert_eq!(class(&pipeline, "data").as_deref(), Some("fast"));
    assert_eq!(class(&pipeline, "logs").as_deref(), Some("standard"));
}

#[test]
fn each_edit_has_its_reason() {
    let pipeline = pipeline(&["data", "logs"]);
    let config =
        json!({ "rules": [{ "claims": ["data"], "class": "fast" }], "default": "standard" });
    run(&pipeline, &config).unwrap();
    let reasons: Vec<_> = testing::edits(&pipeline).into_iter().map(|edit| edit.reason).collect();
    assert_eq!(
        reasons,
        [Some("rule 1 of the config".to_owned()), Some("the default of the config".to_owned())]
    );
}

#[test]
fn rules_choose_by_namespace_and_by_label() {
    let pipeline = pipeline(&["data"]);
    run(
        &pipeline,
        &json!({ "rules": [
        { "select": { "namespaces": ["dev"] }, "class": "cheap" },
        { "select": { "namespaces": ["prod"] }, "class": "replicated" },
    ] }),
    )
    .unwrap();
    assert_eq!(class(&pipeline, "data").as_deref(), Some("replicated"));
    run(
        &pipeline,
        &json!({ "rules": [
        { "select": { "labels": { "tier": "bronze" } }, "class": "cheap" },
        { "select": { "labels": { "tier": "gold" } }, "class": "fast" },
    ] }),
    )
    .unwrap();
    assert_eq!(class(&pipeline, "data").as_deref(), Some("fast"));
}

#[test]
fn an_empty_class_asks_for_volumes_without_a_class() {
    let pipeline = pipeline(&["data"]);
    run(&pipeline, &json!({ "default": "" })).unwrap();
    assert_eq!(class(&pipeline, "data").as_deref(), Some(""));
}

#[test]
fn claims_that_nothing_covers_are_refused_all_at_once_and_nothing_is_edited() {
    let pipeline = pipeline(&["data", "logs", "tmp"]);
    let config = json!({ "rules": [{ "claims": ["data"], "class": "fast" }] });
    assert_eq!(
        run(&pipeline, &config).unwrap_err(),
        Rejection::new("no rule covers these claims: `logs`, `tmp`")
            .code("no-rule")
            .at("claims.logs")
            .hint("add a rule with their names in `claims`, or set `default` to a storage class")
    );
    assert_eq!(testing::edits(&pipeline), []);
}

#[test]
fn a_rule_for_a_claim_that_is_not_there_is_refused() {
    let pipeline = pipeline(&["data"]);
    let config = json!({ "rules": [
        { "claims": ["data"], "class": "fast" },
        { "claims": ["dta"], "class": "slow" },
    ] });
    assert_eq!(
        run(&pipeline, &config).unwrap_err(),
        Rejection::new("the config names claims that the pipeline does not have: `dta`")
            .code("unknown-claim")
            .at("config.rules[1].claims")
            .hint("write one of `data`, or narrow `select` to pipelines that have the claim")
    );
}

#[test]
fn a_rule_for_another_pipeline_may_name_claims_that_this_one_does_not_have() {
    let pipeline = pipeline(&["data"]);
    let config = json!({
        "rules": [{ "claims": ["wal"], "select": { "names": ["database"] }, "class": "fast" }],
        "default": "standard",
    });
    run(&pipeline, &config).unwrap();
    assert_eq!(class(&pipeline, "data").as_deref(), Some("standard"));
}

#[test]
fn a_pipeline_without_claims_passes() {
    run(&pipeline(&[]), &json!({})).unwrap();
}

#[test]
fn a_misspelt_field_is_refused_with_its_path() {
    let wrong = run(&pipeline(&[]), &json!({ "rules": [{ "clas": "fast" }] })).unwrap_err();
    assert_eq!(wrong.path.as_deref(), Some("config.rules[0].clas"));
}

#[test]
fn the_schema_is_current() {
    testing::assert_schema::<StorageClass>("config.schema.json");
}

proptest! {
    /// The first rule that names the claim decides, the default otherwise, whatever the rules are.
    #[test]
    fn the_first_matching_rule_decides(
        rules in prop::collection::vec((prop::collection::btree_set("[abc]", 0..3), "[x-z]"), 0..5),
    ) {
        let pipeline = pipeline(&["a", "b", "c"]);
        let json_rules: Vec<Value> = rules
            .iter()
            .map(|(claims, class)| json!({ "claims": claims, "class": class }))
            .collect();
        run(&pipeline, &json!({ "rules": json_rules, "default": "other" })).unwrap();
        for (claim, class) in classes(&pipeline) {
            let expected = rules
                .iter()
                .find(|(claims, _)| claims.is_empty() || claims.contains(&claim))
                .map_or("other", |(_, class)| class.as_str());
            prop_assert_eq!(class.as_deref(), Some(expected));
        }
    }
}
