//! Golden cases: `tests/golden/CASE/pipeline.yaml` renders to `expected.yaml` beside it. A new case
//! is a new folder; `BLESS=1 cargo test -p wellhead-render golden` writes what is
//! expected.

use std::fs;

use wellhead_render::{render, to_yaml};

use crate::cases;

#[test]
fn golden_cases_render_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut different = Vec::new();
    for case in cases::cases() {
        let rendered = to_yaml(render(&cases::pipeline(&case)).objects());
        let file = case.join("expected.yaml");
        if bless {
            fs::write(&file, &rendered).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if rendered != expected {
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            let lines = expected.lines().zip(rendered.lines()).enumerate();
            let first = lines.into_iter().find(|(_, (old, new))| old != new);
            different
                .push(format!("{name}: first difference (line, expected, rendered): {first:?}"));
        }
    }
    assert!(
        different.is_empty(),
        "rendered objects differ from expected.yaml; `BLESS=1` accepts them\n{}",
        different.join("\n")
    );
}
