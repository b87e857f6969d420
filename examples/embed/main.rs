//! The library without the command line: read, transform, render, and ask who set a field.
//!
//! `cargo xtask guests` builds the plugin, then:
//!
//! ```text
//! cargo run -p wellhead --example embed -- examples/minimal/pipeline.yaml examples/minimal/customizations/fast-storage.yaml
//! ```
#![expect(clippy::print_stdout, reason = "a program shows its result")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use wellhead::{Error, FieldPath, Namespace, Request, Source, to_yaml};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Plugins are compiled by a child process, which is this program again.
    wellhead::serve_compilation();
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [pipeline, customization] = files.as_slice() else {
        return Err("usage: embed PIPELINE CUSTOMIZATION".into());
    };
    let field = FieldPath::of(["claims", "my-volume-claim", "storageClass"]);
    print!("{}", report(&request(pipeline, customization), &field)?);
    Ok(())
}

/// What to work on.
pub(crate) fn request(pipeline: &Path, customization: &Path) -> Request {
    Request {
        pipelines: vec![Source::Path(pipeline.to_owned())],
        customizations: vec![Source::Path(customization.to_owned())],
        namespace: Namespace::new("demo").ok(),
        // Compiled plugins are kept where the command keeps them, too.
        cache: wellhead::user_cache(),
        ..Request::default()
    }
}

/// The objects of a pipeline, and who set one of its fields.
pub(crate) fn report(request: &Request, field: &FieldPath) -> Result<String, Error> {
    let run = wellhead::run(request)?;

    let mut report = String::new();
    for (set, outcome) in run.sets().zip(&run.outcomes) {
        report += &to_yaml(set.objects());
        for write in outcome.provenance.history(field) {
            let writer = outcome.provenance.writer(write);
            let value = write.new.clone().unwrap_or_default();
            let reason = write.reason.as_deref().unwrap_or("no reason given");
            let name = &writer.name;
            // Writing to a string does not fail.
            let _ = writeln!(report, "# {field} is {value}, set by plugin {name}: {reason}");
        }
    }
    Ok(report)
}
