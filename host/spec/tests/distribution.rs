//! Locks and trust policies: read, written, and what somebody has to agree to.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

use proptest::prelude::*;
use wellhead_spec::{
    Consent, FieldPath, GrowthKind, Loaded, Lock, LockedPlugin, PathPattern, PipelineSelector,
    PluginLimits, PluginReference, Source, Verdict, growth_of_plugin, growth_of_rights, load_lock,
    load_trust_policy,
};

const MANIFEST: &str = "sha256:68edb544fea3c354abccea5849ed61bee5cb38332be0b02cb2a5a8aec4fb1088";
const COMPONENT: &str = "sha256:24e90cb9078d778a84e2b9295678bbc3e36e997a1e984b97552d21340baa1912";

fn source(text: &str) -> Source {
    Source::Text { name: "wellhead.lock".into(), text: text.to_owned() }
}

fn read(text: &str) -> Lock {
    let loaded = load_lock(&source(text)).map_err(|it| format!("{:?}\n{text}", it.findings));
    loaded.unwrap().value
}

fn said<T>(loaded: Result<T, Loaded>) -> Vec<String> {
    let Err(loaded) = loaded else { return Vec::new() };
    let say = |it: &wellhead_spec::Finding| {
        format!("{} {}: {}", it.location.as_ref().unwrap(), it.code.id(), it.message)
    };
    loaded.findings.iter().map(say).collect()
}

fn plugin(source: &str) -> LockedPlugin {
    LockedPlugin {
        source: source.to_owned(),
        manifest: MANIFEST.parse().unwrap(),
        component: COMPONENT.parse().unwrap(),
        size: 107_263,
        name: "storage-class".to_owned(),
        version: "0.2.0".to_owned(),
        contract: "wellhead:plugin@0.1.0".to_owned(),
        exports: vec!["transform".to_owned()],
        imports: vec!["log".to_owned(), "pipeline".to_owned()],
        asks: vec!["claims.*.storageClass".to_owned()],
        asks_facts: Vec::new(),
        signed_by: None,
        consent: vec![consent(&["claims.*.storageClass"])],
    }
}

fn consent(grants: &[&str]) -> Consent {
    let grants = grants.iter().map(ToString::to_string).collect();
    Consent { entry: "fast-storage/storage-class".to_owned(), grants, ..Consent::default() }
}

fn limits(json: &str) -> PluginLimits {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_lock_reads_as_people_review_it() {
    let lock =
        Lock { plugins: vec![plugin("oci://registry.example.com/acme/storage-class:0.2.0")] };
    let expected = format!(
        "# Made by `wellhead lock`. Commit it. Wellhead checks a plugin against it before the plugin runs.
apiVersion: wellhead.dev/v1alpha1
kind: Lock
plugins:
- source: oci://registry.example.com/acme/storage-class:0.2.0
  manifest: {MANIFEST}
  component: {COMPONENT}
  size: 107263
  name: storage-class
  version: \"0.2.0\"
  contract: wellhead:plugin@0.1.0
  exports:
  - transform
  imports:
  - log
  - pipeline
  asks:
  - claims.*.storageClass
  consent:
  - entry: fast-storage/storage-class
    grants:
    - claims.*.storageClass
"
    );
    assert_eq!(lock.to_yaml(), expected);
    assert_eq!(read(&expected), lock);
    assert_eq!(read(&expected.replace('\n', "\r\n")), lock);
    assert_eq!(read(&format!("\u{feff}{expected}")), lock);
}

#[test]
fn each_thing_wrong_with_a_lock_has_its_place() {
    let good = Lock { plugins: vec![plugin("oci://a.b/c:0.2.0")] }.to_yaml();
    let item = good.split_once("plugins:\n").unwrap().1;
    for (bad, expected) in [
        (
            format!("{good}{item}"),
            "wellhead.lock:23:11 WH0862: `oci://a.b/c:0.2.0` is locked twice",
        ),
        (good.replace("oci://a.b/c:0.2.0", "oci://A.b/c:0.2.0"), "wellhead.lock:5:11 WH0862"),
        (good.replace("oci://a.b/c:0.2.0", "oci://a.b/c"), "wellhead.lock:5:11 WH0841"),
        (good.replace("size: 107263", "size: -1"), "wellhead.lock:8:9 WH0110"),
        (good.replace("size: 107263", "size: 9223372036854775808"), "wellhead.lock:8:9 WH0110"),
        (good.replace("  name:", "  url: https://a.b\n  name:"), "wellhead.lock:9:3 WH0105"),
        (good.replace(MANIFEST, "sha256:../../x"), "wellhead.lock:6:13 WH0109"),
        (good.replace(MANIFEST, &MANIFEST.to_uppercase()), "wellhead.lock:6:13 WH0109"),
        (good.replace("- claims.*", "- claims..*"), "wellhead.lock:18:5 WH0150"),
        (format!("{good}    facts:\n    - a b\n"), "wellhead.lock:24:7 WH0109"),
        (format!("{good}    waives:\n    - A\n"), "wellhead.lock:24:7 WH0151"),
        (good.replace("kind: Lock", "kind: Lok"), "wellhead.lock:3:7 WH0104"),
        (good.replace("v1alpha1", "v2"), "wellhead.lock:2:13 WH0104"),
        (good.replace("size: 107263\n", "size: 1\n  size: 2\n"), "wellhead.lock:9:3 WH0111"),
        (
            good.replace("  asks:", "<<<<<<< HEAD\n=======\n>>>>>>> x\n  asks:"),
            "wellhead.lock:17:1 WH0862: a merge left conflict markers",
        ),
        ("x".repeat(10 << 20), "wellhead.lock:1:1 WH0103"),
    ] {
        let said = said(load_lock(&source(&bad)));
        assert!(said.iter().any(|it| it.starts_with(expected)), "{expected}\n{said:?}");
    }
}

#[test]
fn rights_that_grow_are_found_and_those_that_shrink_are_not() {
    let grown = |before: &Consent, now: &Consent| -> Vec<String> {
        let growth = growth_of_rights(Some(before), now);
        assert!(growth.iter().all(|it| it.kind == GrowthKind::Grants));
        growth.iter().map(|it| it.what.replace("`fast-storage/storage-class` ", "")).collect()
    };
    for (before, now, grows) in [
        (&["claims.*"][..], &["claims.**"][..], true),
        (&["labels.a"], &["labels.*"], true),
        (&["labels.*"], &["labels.a"], false),
        (&["a.b", "c.d"], &["c.d", "a.b"], false),
        (&[r#"labels["x"]"#], &["labels.x"], false),
        (&["claims.**"], &[], false),
    ] {
        let found = grown(&consent(before), &consent(now));
        assert_eq!(!found.is_empty(), grows, "{before:?} {now:?} {found:?}");
    }
    let base = consent(&["labels.*"]);
    let opened = Consent {
        grants: vec!["replicas".to_owned()],
        opens: vec!["serviceAccountName".to_owned()],
        ..base.clone()
    };
    assert_eq!(grown(&base, &opened), ["opens `serviceAccountName`", "grants `replicas`"]);
    let told = Consent {
        facts: vec!["nodes".to_owned(), "versions".to_owned()],
        waives: vec!["tag-missing".to_owned()],
        ..base.clone()
    };
    assert_eq!(
        grown(&base, &told),
        ["reads the fact `nodes`", "reads the fact `versions`", "waives `tag-missing`"]
    );
    assert_eq!(grown(&told, &base), [""; 0]);
    let audited = Consent { audit: true, ..base.clone() };
    assert_eq!(grown(&audited, &base), ["leaves audit mode"]);
    assert_eq!(grown(&base, &audited), [""; 0]);
    let raised = Consent {
        limits: limits(
            r#"{"fuel": 600000000, "memory": "32Mi", "structure": {"fileBytes": "64Mi"}}"#,
        ),
        ..base.clone()
    };
    assert_eq!(grown(&base, &raised)[0], "raises the limit `fuel` from 500000000 to 600000000");
    assert_eq!(grown(&raised, &base), ["raises the limit `memory` from 33554432 to 67108864"]);
    let select = |names: &[&str], label: Option<&str>| Consent {
        select: Some(PipelineSelector {
            names: names.iter().map(ToString::to_string).collect(),
            labels: label.map(|it| ("team".to_owned(), it.to_owned())).into_iter().collect(),
            namespaces: Vec::new(),
        }),
        ..base.clone()
    };
    assert_eq!(grown(&select(&["a", "b"], None), &select(&["b"], Some("x"))), [""; 0]);
    assert_eq!(
        grown(&select(&["a"], None), &select(&["a", "b*"], None)),
        ["selects more names: `b*`"]
    );
    assert_eq!(
        grown(&select(&["a"], Some("x")), &base),
        ["selects pipelines of all names", "selects pipelines without the label `team=x`"]
    );
}

#[test]
fn an_entry_that_is_new_has_no_rights_yet() {
    let what = |now: &Consent| {
        growth_of_rights(None, now).into_iter().map(|it| it.what).collect::<Vec<_>>()
    };
    assert_eq!(
        what(&consent(&["replicas"])),
        [
            "`fast-storage/storage-class` grants `replicas`",
            "`fast-storage/storage-class` is a new entry",
        ]
    );
    assert_eq!(what(&Consent { audit: true, ..consent(&[]) }), [""; 0]);
}

#[test]
fn a_plugin_that_asks_for_more_or_is_another_is_found() {
    let old = plugin("oci://a.b/c:0.2.0");
    let kinds = |new: &LockedPlugin| {
        growth_of_plugin(&old, new).into_iter().map(|it| it.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&old), []);
    let republished = LockedPlugin { manifest: COMPONENT.parse().unwrap(), ..old.clone() };
    assert_eq!(kinds(&republished), [GrowthKind::Republished]);
    let signed = LockedPlugin { signed_by: Some("acme".into()), ..old.clone() };
    assert_eq!(kinds(&signed), [], "more is required than before");
    let unsigned = growth_of_plugin(&signed, &old);
    assert_eq!(unsigned[0].kind, GrowthKind::Signer);
    let other = LockedPlugin { signed_by: Some("legacy".into()), ..old.clone() };
    assert_eq!(
        growth_of_plugin(&signed, &other)[0].what,
        "rule `legacy` decides on its signatures, and not `acme`"
    );
    let older = LockedPlugin { version: "0.1.9".into(), ..plugin("oci://a.b/c:0.1.9") };
    assert_eq!(kinds(&older), [GrowthKind::Rollback]);
    let newer = LockedPlugin {
        version: "0.10.0".into(),
        manifest: COMPONENT.parse().unwrap(),
        asks: vec!["claims.a.storageClass".into(), "replicas".into()],
        asks_facts: vec!["nodes".into()],
        imports: vec!["context".into(), "log".into()],
        name: "other".into(),
        ..plugin("oci://a.b/c:0.10.0")
    };
    let what: Vec<_> = growth_of_plugin(&old, &newer).into_iter().map(|it| it.what).collect();
    assert_eq!(
        what,
        [
            "the plugin calls itself `other` and not `storage-class`",
            "the plugin asks to write `replicas`",
            "the plugin asks to read the fact `nodes`",
            "the plugin imports `context`",
        ]
    );
}

#[test]
fn a_version_follows_those_of_its_repository() {
    let lock = Lock { plugins: vec![plugin("oci://a.b/c:0.1.0"), plugin("oci://a.b/d:0.1.0")] };
    let of = |text: &str| {
        let reference: PluginReference = text.parse().unwrap();
        lock.previous(&reference).map(|it| it.source.as_str())
    };
    assert_eq!(of("oci://a.b/c:0.2.0"), Some("oci://a.b/c:0.1.0"));
    assert_eq!(of("oci://a.b/e:0.2.0"), None);
}

const POLICY: &str = "apiVersion: wellhead.dev/v1alpha1
kind: TrustPolicy
metadata: {name: platform}
spec:
  localFiles: pinned
  sources:
  - repository: registry.example.com/acme/**
    name: acme
    require:
    - key: {file: keys/acme.pub}
    allow: {grants: ['claims.*.storageClass']}
  - repository: registry.example.com/legacy/*
    name: legacy
    require: none
  deny:
  - component: sha256:24e90cb9078d778a84e2b9295678bbc3e36e997a1e984b97552d21340baa1912
    reason: CVE-2026-1234
  registries:
  - host: localhost:5000
    plainHttp: true
";

#[test]
fn the_first_rule_of_a_policy_decides() {
    let policy = load_trust_policy(&source(POLICY)).map_err(|it| it.findings).unwrap();
    let rule = |text: &str| match policy.spec.verdict(&text.parse().unwrap()) {
        Verdict::Rule(rule) => rule.name.clone(),
        Verdict::Default(default) => format!("{default:?}"),
    };
    assert_eq!(rule("oci://registry.example.com/acme/a:1"), "acme");
    assert_eq!(rule("oci://registry.example.com/legacy/a:1"), "legacy");
    assert_eq!(rule("oci://registry.example.com/legacy/a/b:1"), "Refuse");
    assert_eq!(rule("oci://registry.example.com.evil.com/acme/a:1"), "Refuse");
    let denied = policy.spec.denied(None, &COMPONENT.parse().unwrap()).unwrap();
    assert_eq!(denied.reason, "CVE-2026-1234");
    assert!(policy.spec.denied(None, &MANIFEST.parse().unwrap()).is_none());
}

#[test]
fn each_thing_wrong_with_a_policy_has_its_place() {
    for (from, to, expected) in [
        ("name: legacy", "name: acme", "WH0864: `acme` is also the name of rule 1"),
        ("require: none", "require: []", "WH0864: an empty list requires nothing"),
        ("require: none", "require: nothing", "WH0110"),
        ("{file: keys/acme.pub}", "{}", "WH0864: it has one of `file` and `pem`"),
        ("key: {file: keys/acme.pub}", "{}", "WH0864: it has one of `key` and `keyless`"),
        ("acme/**", "ACME/**", "each part is a name in lower case"),
        ("host: localhost:5000", "host: a.b:5000", "WH0864: `a.b:5000` is not on this machine"),
        ("host: localhost:5000", "host: Localhost:5000", "WH0864: `Localhost:5000` is not how"),
        ("'claims.*.storageClass'", "'claims..'", "WH0150"),
        ("localFiles: pinned", "localFile: pinned", "WH0105"),
    ] {
        let said = said(load_trust_policy(&source(&POLICY.replace(from, to))));
        assert!(said.iter().any(|it| it.contains(expected)), "{expected}\n{said:?}");
    }
}

fn patterns() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("(a|b|\\*|\\*\\*)(\\.(a|b|\\*|\\*\\*)){0,2}", 0..4)
}

fn any_consent() -> impl Strategy<Value = Consent> {
    (patterns(), patterns(), any::<bool>(), prop::option::of(1..1_000_u64)).prop_map(
        |(grants, overrides, audit, fuel)| Consent {
            entry: "a/b".to_owned(),
            grants,
            overrides,
            audit,
            limits: PluginLimits { fuel, ..PluginLimits::default() },
            ..Consent::default()
        },
    )
}

proptest! {
    #[test]
    fn equal_rights_do_not_grow(consent in any_consent()) {
        prop_assert_eq!(growth_of_rights(Some(&consent), &consent), []);
    }

    #[test]
    fn rights_that_do_not_grow_write_no_other_field(
        before in any_consent(), now in any_consent(), path in prop::collection::vec("[abc]", 0..4)
    ) {
        let path = FieldPath::of(path.iter().map(String::as_str));
        let writes = |list: &[String]| {
            list.iter().any(|it| it.parse::<PathPattern>().unwrap().matches(&path))
        };
        if growth_of_rights(Some(&before), &now).is_empty() {
            prop_assert!(writes(&before.grants) || !writes(&now.grants));
            prop_assert!(writes(&before.overrides) || !writes(&now.overrides));
            prop_assert!(now.audit || !before.audit);
            prop_assert!(now.limits.budgets().fuel <= before.limits.budgets().fuel);
        }
    }

    #[test]
    fn a_lock_has_the_same_bytes_in_any_order_and_reads_back(
        versions in prop::collection::btree_set("[a-z0-9]{1,8}", 0..4),
        texts in prop::collection::vec("[ -~]{1,12}", 1..4),
        consent in any_consent(),
    ) {
        let one = |version: &String| LockedPlugin {
            consent: vec![consent.clone()],
            name: texts[0].clone(),
            version: texts[texts.len() - 1].clone(),
            imports: texts.clone(),
            ..plugin(&format!("oci://a.b/c:v{version}"))
        };
        let lock = Lock { plugins: versions.iter().map(one).collect() };
        let back = Lock { plugins: versions.iter().rev().map(one).collect() };
        let text = lock.to_yaml();
        prop_assert_eq!(&back.to_yaml(), &text);
        prop_assert_eq!(read(&text).to_yaml(), text);
    }
}
