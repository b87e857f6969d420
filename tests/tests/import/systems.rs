//! Every system.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use wellhead::import::{self, Import};
use wellhead::{Manifests, Severity, Source, load_manifests, render};

use crate::oracle;

/// The folders of the systems, sorted.
fn systems() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("import");
    let mut systems: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    systems.sort();
    assert!(systems.len() >= 30, "systems are missing: {systems:?}");
    systems
}

fn read(system: &Path) -> (Manifests, Import) {
    // Comments name the file as it was named.
    let text = fs::read_to_string(system.join("manifest.yaml")).unwrap();
    let manifests = load_manifests(&[Source::Text { name: "manifest.yaml".into(), text }]);
    assert!(manifests.findings.is_empty(), "{}: {:?}", system.display(), manifests.findings);
    let import = import::from_manifests(&manifests.objects);
    (manifests, import)
}

fn written(import: &Import) -> (String, String) {
    let pipelines: Vec<_> = (0..import.pipelines.len()).map(|it| import.to_yaml(it)).collect();
    let mut findings = String::new();
    for it in &import.findings {
        let at = it.field.as_ref().map(ToString::to_string).unwrap_or_default();
        let line = it.location.as_ref().map_or(0, |it| it.line);
        let _ = writeln!(
            findings,
            "{:?} {} {line} {}: {} [{at}]",
            it.severity, it.code, it.object, it.message
        );
        for line in it.reason.iter().chain(&it.hint) {
            let _ = writeln!(findings, "  {line}");
        }
    }
    (pipelines.join("---\n"), findings)
}

#[test]
fn every_system_becomes_the_pipelines_and_findings_beside_it() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut different = Vec::new();
    for system in systems() {
        let (pipelines, findings) = written(&read(&system).1);
        for (name, text) in [("pipeline.yaml", pipelines), ("findings.txt", findings)] {
            let file = system.join(name);
            if bless && text.is_empty() {
                let _ = fs::remove_file(&file);
            } else if bless {
                fs::write(&file, &text).unwrap();
            }
            if fs::read_to_string(&file).unwrap_or_default() != text {
                different.push(file);
            }
        }
    }
    assert!(different.is_empty(), "`BLESS=1` accepts what is there now: {different:?}");
}

#[test]
fn every_system_is_imported_and_nothing_is_lost_without_a_word() {
    for system in systems() {
        let (manifests, import) = read(&system);
        let errors: Vec<_> =
            import.findings.iter().filter(|it| it.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", system.display());
        let rendered: Vec<_> =
            import.pipelines.iter().flat_map(|it| render(it).objects()).collect();
        let mut sets = 0;
        for manifest in &manifests.objects {
            let original = &manifest.value;
            sets += usize::from(original["kind"] == "StatefulSet");
            let same = |it: &&wellhead::Object| {
                original["kind"] == it.kind && original["metadata"]["name"] == it.name
            };
            if let Some(object) = rendered.iter().find(same) {
                let lost = oracle::lost(original, &object.value, &import.findings);
                assert!(lost.is_empty(), "{}: {lost:?}", system.display());
                let added = oracle::added(original, &object.value);
                assert!(added.is_empty(), "{}: {added:?}", system.display());
            }
        }
        assert_eq!(import.pipelines.len(), sets, "{}", system.display());
    }
}

#[test]
fn what_is_written_reads_back_without_an_error_and_imports_again_to_the_same() {
    for system in systems() {
        let import = read(&system).1;
        let text = written(&import).0;
        let name = system.join("pipeline.yaml");
        let request = wellhead::Request {
            pipelines: vec![Source::Text { name: name.clone(), text }],
            ..wellhead::Request::default()
        };
        let inputs =
            wellhead::load(&request).unwrap_or_else(|error| panic!("{}: {error}", name.display()));
        let read: Vec<_> = inputs.pipelines.iter().map(|it| it.value.clone()).collect();
        assert!(read == import.pipelines, "{}", name.display());

        let objects: Vec<_> = read.iter().flat_map(|it| render(it).objects()).collect();
        let rendered = Source::Text { name: name.clone(), text: wellhead::to_yaml(&objects) };
        let again = import::from_manifests(&load_manifests(&[rendered]).objects);
        let again: Vec<_> = again.pipelines.iter().flat_map(|it| render(it).objects()).collect();
        assert!(again == objects, "{}", name.display());
    }
}
