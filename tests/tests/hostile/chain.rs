//! Plugins at work: budgets, grants, conflicts, what is kept.

use serde_json::json;
use wellhead_chain::{Budget, Fault, Violation};
use wellhead_diagnostics::Code;
use wellhead_tests::guest::{Edit, Guest, Manner};

use crate::support::{chain, compiler, failure, pipeline, run};

/// Imports a setter of a claim: a plugin that makes `$edit` edits in a loop uses it.
const MANY_HANDLES: &str = r#"
  (import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.main-container"
    (func $main (param i32) (result i32)))"#;

fn over(guest: Guest) -> Budget {
    // Little fuel, so that the wall-clock backstop is never the first to end it.
    let settings = json!({"grants": ["**"], "limits": {"fuel": 5_000_000}});
    let error = failure(&[("bad", guest, settings)]);
    assert_eq!(error.plugin, "bad");
    match error.fault {
        Fault::OverBudget { budget, .. } => budget,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_granted_edit_is_made_and_recorded() {
    let outcome =
        run(&[("quorum", Guest::sets_replicas(5), json!({"grants": ["replicas"]}))]).unwrap();
    assert_eq!(outcome.pipeline.spec.replicas, Some(5));
    let path = "replicas".parse().unwrap();
    let writes: Vec<_> = outcome.provenance.history(&path).collect();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].new, Some(json!(5)));
    let who = outcome.provenance.writer(writes[0]);
    assert_eq!((who.name.as_str(), who.version.as_str()), ("quorum", "1.0.0"));
    assert!(who.digest.starts_with("sha256:"));
}

#[test]
fn an_edit_outside_the_grants_is_denied_although_the_plugin_ignores_it() {
    let error =
        failure(&[("quorum", Guest::sets_replicas(5), json!({"grants": ["claims.*.size"]}))]);
    assert_eq!(error.to_string(), "plugin `quorum` writes what it is not granted");
    assert_eq!(error.fault.causes(), ["`replicas` is not granted"]);
    assert_eq!(error.fault.hints(), ["add to the entry's `grants`: replicas"]);
}

#[test]
fn two_plugins_that_differ_over_a_field_are_a_conflict() {
    let error = failure(&[
        ("first", Guest::sets_replicas(5), json!({"grants": ["replicas"]})),
        ("second", Guest::sets_replicas(7), json!({"grants": ["replicas"]})),
    ]);
    assert_eq!(error.to_string(), "plugins `first` and `second` set the same field differently");
    let Fault::Forbidden { violations } = &error.fault else { panic!("{error:?}") };
    let [Violation::Conflict { path, earlier, theirs, ours }] = &violations[..] else { panic!() };
    assert_eq!((path.to_string().as_str(), earlier.as_str()), ("replicas", "first"));
    assert_eq!((theirs.as_str(), ours.as_str()), ("5", "7"));
}

#[test]
fn two_plugins_that_agree_are_none() {
    let settings = json!({"grants": ["replicas"]});
    let guests = [
        ("first", Guest::sets_replicas(5), settings.clone()),
        ("second", Guest::sets_replicas(5), settings),
    ];
    assert_eq!(run(&guests).unwrap().pipeline.spec.replicas, Some(5));
}

#[test]
fn an_override_lets_the_later_plugin_decide_and_keeps_both_in_the_record() {
    let outcome = run(&[
        ("first", Guest::sets_replicas(5), json!({"grants": ["replicas"]})),
        (
            "second",
            Guest::sets_replicas(7),
            json!({"grants": ["replicas"], "overrides": ["replicas"]}),
        ),
    ])
    .unwrap();
    assert_eq!(outcome.pipeline.spec.replicas, Some(7));
    assert_eq!(outcome.provenance.history(&"replicas".parse().unwrap()).count(), 2);
}

#[test]
fn a_value_that_is_not_valid_is_an_error_to_the_plugin_and_changes_nothing() {
    let outcome =
        run(&[("odd", Guest::sets_replicas(-1), json!({"grants": ["replicas"]}))]).unwrap();
    assert_eq!(outcome.pipeline, pipeline());
    assert!(outcome.provenance.writes.is_empty());
}

/// A pipeline is checked once, behind the last plugin.
#[test]
fn whoever_breaks_a_pipeline_is_named_although_others_run_after() {
    let settings = || json!({"grants": ["**"]});
    let mount = Edit::container("set-mount").text("data").text("/data").none().number(0);
    let breaks = Guest::makes(&[mount], Manner::Honest);
    for last in [Guest::new(), Guest::sets_replicas(7), Guest::rejects("no")] {
        let chain = chain(&[
            ("good", Guest::sets_replicas(5), settings()),
            ("breaks", breaks.clone(), settings()),
            ("last", last, json!({"grants": ["**"], "overrides": ["**"]})),
        ]);
        let failure = chain.unwrap().observe(&pipeline()).unwrap_err();
        let [error] = &failure.errors[..] else { panic!("{:?}", failure.errors) };
        assert_eq!((error.plugin.as_str(), error.fault.code()), ("breaks", Code::InvalidResult));
        assert_eq!(error.entry, Some(1));
        let Fault::BadResult { findings } = &error.fault else { panic!("{error:?}") };
        assert_eq!(findings[0].path.to_string(), "claims.data.mountPath");
        let calls: Vec<_> = failure.runs.iter().map(|it| it.plugin.as_str()).collect();
        assert_eq!(calls, ["good", "breaks"], "it is as if nothing had run after it");
    }
}

#[test]
fn a_rejection_is_told_sanitized() {
    let error = failure(&[("picky", Guest::rejects("no \u{1b}[31mred\nlines"), json!({}))]);
    assert_eq!(error.to_string(), "plugin `picky` refuses the pipeline");
    assert_eq!(error.fault.causes(), [r#"the plugin says: "no \u{1b}[31mred\nlines""#]);
}

#[test]
fn a_config_that_does_not_fit_its_schema_is_refused_before_the_plugin_runs() {
    let schema = r#"{"type":"object","required":["a"],"properties":{"b":{"type":"integer"}}}"#;
    let guest = Guest::new().schema(schema).transform("(unreachable)");
    let error = failure(&[("strict", guest, json!({"config": {"b": "x"}}))]);
    let Fault::BadConfig { violations } = error.fault else { panic!("{error:?}") };
    assert_eq!(violations.len(), 2, "{violations:?}");
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    assert_eq!(over(Guest::new().transform("(loop $l (br $l)) (unreachable)")), Budget::Fuel);
}

#[test]
fn bulk_memory_work_runs_out_of_fuel() {
    let fill = "(memory.fill (i32.const 0) (i32.const 0) (i32.const 65536))";
    assert_eq!(
        over(Guest::new().transform(&format!("(loop $l {fill} (br $l)) (unreachable)"))),
        Budget::Fuel
    );
}

#[test]
fn growth_that_fails_is_not_free() {
    let grow = "(drop (memory.grow (i32.const 0)))";
    assert_eq!(
        over(Guest::new().transform(&format!("(loop $l {grow} (br $l)) (unreachable)"))),
        Budget::Fuel
    );
}

#[test]
fn the_same_work_takes_the_same_fuel() {
    let fuel = |allocation| {
        let engine = wellhead_chain::Engine::new(allocation, compiler()).unwrap();
        let guest = Guest::sets_replicas(5).build();
        let plugin = wellhead_chain::Plugin::from_bytes(
            &engine,
            "g",
            &guest,
            &wellhead_chain::LoadOptions::default(),
        )
        .unwrap()
        .into();
        let entry = crate::support::entry("g", &json!({"grants": ["replicas"]}));
        let entry = wellhead_chain::Entry::new(&entry, "team", plugin).unwrap();
        wellhead_chain::Chain::new(vec![entry]).run(&pipeline()).unwrap().runs[0].usage.fuel
    };
    let on_demand = fuel(wellhead_chain::Allocation::OnDemand);
    assert_eq!(on_demand, fuel(wellhead_chain::Allocation::OnDemand));
    assert_eq!(on_demand, fuel(wellhead_chain::Allocation::Pool { slots: 4 }));
}

#[test]
fn memory_over_the_budget_is_refused() {
    let grow = "(if (i32.eq (memory.grow (i32.const 1024)) (i32.const -1)) (then (unreachable)))";
    let guest = Guest::new().transform(&format!("{grow} {grow} (i32.const 256)"));
    assert_eq!(over(guest), Budget::Memory);
}

#[test]
fn handles_over_the_budget_are_refused() {
    let body = "(loop $l (drop (call $main (local.get $target))) (br $l)) (unreachable)";
    assert_eq!(over(Guest::new().fields(MANY_HANDLES).transform(body)), Budget::Handles);
}

#[test]
fn a_text_that_ends_outside_of_memory_is_a_crash() {
    let log = r#"(import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))"#;
    let body = "(call $log (i32.const 0) (i32.const 65000) (i32.const 65000)) (i32.const 256)";
    let error = failure(&[("bad", Guest::new().fields(log).transform(body), json!({}))]);
    assert!(matches!(error.fault, Fault::Trap { .. }), "{error:?}");
}

#[test]
fn messages_are_capped_in_number() {
    let log = r#"(import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))"#;
    let guest = Guest::new().fields(log).transform(
        "(local $i i32) (loop $l (call $log (i32.const 0) (i32.const 1024) (i32.const 5)) \
         (local.set $i (i32.add (local.get $i) (i32.const 1))) \
         (br_if $l (i32.lt_u (local.get $i) (i32.const 1000)))) (i32.const 256)",
    );
    let outcome = run(&[("chatty", guest, json!({}))]).unwrap();
    assert_eq!((outcome.runs[0].log.len(), outcome.runs[0].dropped), (200, 800));
}

#[test]
fn a_crash_names_the_plugin_and_its_functions() {
    let guest =
        Guest::new().fields("(func $oops (unreachable))").transform("(call $oops) (i32.const 256)");
    let error = failure(&[("bad", guest, json!({}))]);
    assert_eq!(error.to_string(), "plugin `bad` crashed");
    let Fault::Trap { cause, backtrace, .. } = error.fault else { panic!() };
    assert!(cause.contains("unreachable"), "{cause}");
    assert!(backtrace.iter().any(|frame| frame.call.contains("oops")), "{backtrace:?}");
}

#[test]
fn the_last_warning_before_a_crash_comes_first() {
    let log = r#"(import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))
        (data (i32.const 8192) "no team")"#;
    let body = "(call $log (i32.const 0) (i32.const 8192) (i32.const 7)) (unreachable)";
    let error = failure(&[("bad", Guest::new().fields(log).transform(body), json!({}))]);
    let causes = error.fault.causes();
    assert_eq!(causes[0], "the plugin says: \"no team\"");
    assert!(causes[1].contains("unreachable"), "{causes:?}");
}

#[test]
fn a_plugin_that_fails_leaves_the_next_run_untouched() {
    let plugins = |transform: &str| {
        let fields = "(global $calls (mut i32) (i32.const 0))";
        let count =
            "(if (global.get $calls) (then (unreachable))) (global.set $calls (i32.const 1))";
        Guest::new().fields(fields).transform(&format!("{count} {transform}"))
    };
    failure(&[("bad", plugins("(unreachable)"), json!({}))]);
    // A second call of one instance would see the counter of the first.
    run(&[
        ("good", plugins("(i32.const 256)"), json!({})),
        ("again", plugins("(i32.const 256)"), json!({})),
    ])
    .unwrap();
}

#[test]
fn a_conflict_over_a_variable_shows_no_value() {
    let import = r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.main-container"
            (func $main (param i32) (result i32)))
        (import "wellhead:plugin/pipeline@0.1.0" "[method]container.set-env"
            (func $env (param i32 i32 i32 i32 i32 i32)))
        (data (i32.const 8192) "PASSWORD")"#;
    let sets = |value: &str| {
        let data = format!("(data (i32.const 8300) \"{value}\")");
        Guest::new().fields(import).fields(&data).transform(&format!(
            "(call $env (call $main (local.get $target)) (i32.const 8192) (i32.const 8) \
             (i32.const 8300) (i32.const {}) (i32.const 512)) (i32.const 256)",
            value.len()
        ))
    };
    let settings = json!({"grants": ["containers.*.env.*"]});
    let error =
        failure(&[("a", sets("hunter2"), settings.clone()), ("b", sets("swordfish"), settings)]);
    assert_eq!(error.entry, Some(1));
    assert_eq!(
        error.fault.causes(),
        [
            "`containers.db.env.PASSWORD.value`: `a` left a value (not shown), this plugin wants a value (not shown)"
        ]
    );
}

/// A plugin that sets the pods' service account.
fn sets_service_account(name: &str) -> Guest {
    let import = format!(
        r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.set-service-account-name"
            (func $set (param i32 i32 i32 i32 i32)))
        (data (i32.const 8192) "{name}")"#
    );
    Guest::new().fields(&import).transform(&format!(
        "(call $set (local.get $target) (i32.const 1) (i32.const 8192) (i32.const {}) (i32.const 512)) \
         (i32.const 256)",
        name.len()
    ))
}

#[test]
fn a_grant_of_everything_does_not_cover_a_protected_field() {
    let error = failure(&[("bad", sets_service_account("admin"), json!({"grants": ["**"]}))]);
    assert_eq!(error.to_string(), "plugin `bad` writes a protected field");
    assert_eq!(error.fault.code(), Code::ProtectedField);
    assert_eq!(
        error.fault.causes(),
        [
            "`serviceAccountName` is protected: the pods act in the cluster with this account's rights"
        ]
    );
    assert_eq!(
        error.fault.hints(),
        ["if this plugin may do so, add to the entry's `opens`: serviceAccountName"]
    );
}

#[test]
fn an_opening_needs_no_grant() {
    let guest = || sets_service_account("reader");
    let outcome = run(&[("sa", guest(), json!({"opens": ["serviceAccountName"]}))]).unwrap();
    assert_eq!(outcome.pipeline.spec.service_account_name.unwrap().as_str(), "reader");
    let other = json!({"grants": ["**"], "opens": ["automountServiceAccountToken"]});
    failure(&[("sa", guest(), other)]);
}

/// A plugin that sets the security context of the main container.
fn sets_security_context(json: &str) -> Guest {
    let import = format!(
        r#"(import "wellhead:plugin/pipeline@0.1.0" "[method]pipeline.main-container"
            (func $main (param i32) (result i32)))
        (import "wellhead:plugin/pipeline@0.1.0" "[method]container.set-security-context"
            (func $set (param i32 i32 i32 i32 i32)))
        (data (i32.const 8192) "{}")"#,
        json.replace('"', "\\22")
    );
    Guest::new().fields(&import).transform(&format!(
        "(call $set (call $main (local.get $target)) (i32.const 1) (i32.const 8192) (i32.const {}) \
         (i32.const 512)) (i32.const 256)",
        json.len()
    ))
}

#[test]
fn a_protected_field_inside_of_a_value_is_found() {
    let guest = || sets_security_context(r#"{"privileged":true,"runAsUser":0}"#);
    let error = failure(&[("bad", guest(), json!({"grants": ["containers.**"]}))]);
    assert_eq!(
        error.fault.causes(),
        [
            "`containers.db.securityContext.privileged` is protected: a privileged container has all \
             rights on its node",
            "`containers.db.securityContext.runAsUser` is protected: the container could run as root",
        ]
    );
    let opens =
        ["containers.db.securityContext.privileged", "containers.*.securityContext.runAsUser"];
    let settings = json!({"grants": ["containers.*.securityContext"], "opens": opens});
    run(&[("good", guest(), settings)]).unwrap();
    // An opening grants its field, and these are all that change.
    run(&[("good", guest(), json!({"opens": opens}))]).unwrap();
    let error = failure(&[("bad", guest(), json!({"opens": opens[..1]}))]);
    assert_eq!(
        error.fault.causes(),
        [
            "`containers.db.securityContext` is not granted",
            "`containers.db.securityContext.runAsUser` is protected: the container could run as root",
        ]
    );
}

#[test]
fn what_is_stricter_needs_a_grant_and_no_opening() {
    let strict = r#"{"runAsUser":1000,"allowPrivilegeEscalation":false}"#;
    let settings = json!({"grants": ["containers.*.securityContext"]});
    run(&[("good", sets_security_context(strict), settings)]).unwrap();
}
