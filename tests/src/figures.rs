//! Figures of benchmarks, for people and for `cargo xtask bench`.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use serde_json::{Value, json};
use wellhead_harness::target_dir;

/// Figures of one benchmark that go to `target/bench/figures/<benchmark>.json`, which is an array
/// of `{"what", "value", "unit", "note"}`.
#[derive(Debug)]
pub struct Figures {
    file: PathBuf,
    rows: Vec<Value>,
}

impl Figures {
    /// No figures yet.
    pub fn new(benchmark: &str) -> Self {
        let file = target_dir().join("bench/figures").join(benchmark).with_extension("json");
        Self { file, rows: Vec::new() }
    }

    /// Prints and keeps a figure.
    pub fn add(&mut self, what: &str, value: f64, unit: &str, note: &str) {
        // A benchmark whose output nobody reads still writes its figures down.
        let _ = writeln!(io::stdout(), "{what:<56}{value:>12.3} {unit:<3} {note}");
        self.rows.push(json!({"what": what, "value": value, "unit": unit, "note": note}));
    }

    /// Writes the figures down.
    pub fn finish(self) -> io::Result<()> {
        fs::create_dir_all(self.file.parent().unwrap_or(&self.file))?;
        fs::write(self.file, serde_json::to_string_pretty(&self.rows)?)
    }
}
