//! Every file in `tests/corpus` with the exact text of its findings beside it. A case is a file; to
//! add one, write it and run `BLESS=1 cargo test -p wellhead-spec --test corpus`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use wellhead_spec::{Finding, Severity, Source, load};

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "yaml" || it == "json"))
        .collect();
    files.sort();
    files
}

fn source(path: &Path) -> Source {
    let name = path.file_name().unwrap().into();
    Source::Text { name, text: std::fs::read_to_string(path).unwrap() }
}

fn written(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        let place = finding.location.as_ref().unwrap();
        writeln!(
            text,
            "{place}: {severity}[{}] {}: {}",
            finding.code, finding.path, finding.message
        )
        .unwrap();
        if let Some(hint) = &finding.hint {
            writeln!(text, "  {hint}").unwrap();
        }
    }
    text
}

#[test]
fn findings_are_exactly_those_beside_the_file() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for path in corpus() {
        let found = written(&load(&[source(&path)]).findings);
        let beside = path.with_extension("err");
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if bless && found.is_empty() {
            let _ = std::fs::remove_file(&beside);
        } else if bless {
            std::fs::write(&beside, &found).unwrap();
        } else if found != expected {
            wrong.push(format!("{}:\n{found}instead of\n{expected}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
