//! Files that are no plugin.

use wellhead_chain::{Budget, Cache, Fault, LoadOptions, Plugin, PluginError};
use wellhead_tests::guest::{Guest, encode};

use crate::support::{engine, load};

fn cached(cache: &Cache) -> LoadOptions<'_> {
    LoadOptions { cache: Some(cache), ..LoadOptions::default() }
}

fn refused(bytes: &[u8]) -> PluginError {
    Plugin::from_bytes(&engine(), "guest", bytes, &LoadOptions::default())
        .expect_err("it is no plugin")
}

#[test]
fn a_missing_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("missing.wasm");
    let error = Plugin::load(&engine(), "guest", &path, &LoadOptions::default()).unwrap_err();
    assert!(matches!(&error.fault, Fault::Missing { path: named } if *named == path), "{error}");
}

#[test]
fn a_directory_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let error =
        Plugin::load(&engine(), "guest", directory.path(), &LoadOptions::default()).unwrap_err();
    assert!(matches!(error.fault, Fault::Unreadable { .. }), "{error}");
}

#[test]
fn what_is_not_webassembly_is_told_by_its_kind() {
    let seems = |bytes: &[u8]| match refused(bytes).fault {
        Fault::NotWebAssembly { seems, .. } => seems,
        other => panic!("{other:?}"),
    };
    assert_eq!(seems(b""), "empty");
    assert_eq!(seems(b"\x7fELF\x02\x01\x01"), "an ELF file, perhaps compiled code");
    assert_eq!(seems(b"  (component)"), "WebAssembly text, not its binary form");
    assert_eq!(seems(b"\0asm"), "of an unknown kind");
}

#[test]
fn a_core_module_is_not_a_plugin() {
    let module = wat::parse_str("(module)").unwrap();
    assert!(matches!(refused(&module).fault, Fault::CoreModule { .. }));
}

#[test]
fn a_truncated_component_is_refused() {
    let bytes = Guest::new().build();
    for length in [9, bytes.len() / 2, bytes.len() - 1] {
        let error = refused(&bytes[..length]);
        // A cut between two sections leaves a valid component that lacks its exports.
        let refused = matches!(error.fault, Fault::Malformed { .. } | Fault::WrongWorld { .. });
        assert!(refused, "{length} bytes: {error:?}");
    }
}

#[test]
fn every_mismatch_of_a_foreign_component_is_told() {
    let foreign = wat::parse_str(
        r#"(component
            (import "wasi:clocks/monotonic-clock@0.2.0" (instance))
            (import "wellhead:plugin/pipeline@0.3.0" (instance)))"#,
    )
    .unwrap();
    let Fault::WrongWorld { mismatches } = refused(&foreign).fault else { panic!("another fault") };
    assert_eq!(
        mismatches,
        [
            "it imports wasi:clocks/monotonic-clock@0.2.0, which no plugin gets",
            "it imports wellhead:plugin/pipeline@0.3.0, and this host has version 0.2.0",
            "it does not export wellhead:plugin/describe@0.2.0",
            "it exports neither wellhead:plugin/transform@0.2.0 nor wellhead:plugin/validate@0.2.0",
        ]
    );
}

#[test]
fn an_import_of_another_type_is_refused() {
    let component = wat::parse_str(
        r#"(component
            (import "wellhead:plugin/log@0.1.0" (instance (export "log" (func (param "a" u8)))))
            (instance $i)
            (export "wellhead:plugin/describe@0.1.0" (instance $i))
            (export "wellhead:plugin/transform@0.1.0" (instance $i)))"#,
    )
    .unwrap();
    assert!(matches!(refused(&component).fault, Fault::WrongWorld { .. }));
}

#[test]
fn an_export_of_another_type_is_refused() {
    let component = wat::parse_str(
        r#"(component
            (core module $m (func (export "f") (result i32) (i32.const 7)))
            (core instance $c (instantiate $m))
            (func $f (result u32) (canon lift (core func $c "f")))
            (instance $d (export "describe" (func $f)))
            (instance $t (export "transform" (func $f)))
            (export "wellhead:plugin/describe@0.1.0" (instance $d))
            (export "wellhead:plugin/transform@0.1.0" (instance $t)))"#,
    )
    .unwrap();
    let fault = refused(&component).fault;
    assert!(matches!(fault, Fault::WrongWorld { .. }), "{fault:?}");
}

#[test]
fn an_endless_description_runs_out_of_fuel() {
    let error = load(&Guest::new().describe("(loop $l (br $l)) (unreachable)")).unwrap_err();
    assert!(matches!(error.fault, Fault::OverBudget { budget: Budget::Fuel, .. }), "{error}");
}

#[test]
fn an_endless_start_function_runs_out_of_fuel() {
    let guest = Guest::new().fields("(func $s (loop $l (br $l))) (start $s)");
    let error = load(&guest).unwrap_err();
    assert!(matches!(error.fault, Fault::OverBudget { budget: Budget::Fuel, .. }), "{error}");
}

#[test]
fn a_schema_that_is_no_json_is_refused() {
    let error = load(&Guest::new().schema("{")).unwrap_err();
    assert!(matches!(error.fault, Fault::BadDescription { .. }), "{error}");
}

#[test]
fn what_a_plugin_says_that_it_does_is_sanitized() {
    let plugin = load(&Guest::new().says("a\u{1b}[2Jb")).unwrap();
    assert_eq!(plugin.description().description, "a\\u{1b}[2Jb");
}

#[test]
fn a_plugin_that_only_judges_is_one() {
    let core = Guest::new().wat().replace("transform@0.1.0#transform", "validate@0.1.0#validate");
    let plugin = Plugin::from_bytes(
        &engine(),
        "judge",
        &encode(&core, "validator"),
        &LoadOptions::default(),
    )
    .unwrap();
    assert!(plugin.description().validates && !plugin.description().transforms);
}

#[test]
fn a_damaged_cache_entry_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::new(directory.path().join("compiled"));
    let bytes = Guest::new().build();
    let load = || Plugin::from_bytes(&engine(), "guest", &bytes, &cached(&cache)).map(drop);
    load().unwrap();
    let entry = std::fs::read_dir(cache.directory()).unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read(&entry).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    for damage in [&bad[..], &good[..good.len() / 2], b""] {
        std::fs::write(&entry, damage).unwrap();
        load().unwrap();
        assert_eq!(std::fs::read(&entry).unwrap().len(), good.len(), "the entry is whole again");
    }
}

#[test]
fn a_cache_that_cannot_be_written_only_costs_time() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let cache = Cache::new(file.join("compiled"));
    Plugin::from_bytes(&engine(), "guest", &Guest::new().build(), &cached(&cache)).unwrap();
}
