//! What the benchmarks wrote down: criterion below `target/criterion`, ours in `target/bench/figures`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use wellhead_harness::target_dir;

/// A line of the table.
#[derive(Debug, Deserialize, PartialEq)]
struct Figure {
    what: String,
    value: f64,
    unit: String,
}

/// Criterion's `benchmark.json`.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

/// Criterion's `estimates.json`, in nanoseconds.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Prints where the figures are, and those that were measured since a time.
pub(crate) fn print(since: SystemTime) {
    let (criterion, ours) = (target_dir().join("criterion"), target_dir().join("bench/figures"));
    println!("\nfigures: {} and {}\n", criterion.display(), ours.display());
    let mut figures: Vec<Figure> =
        files(&criterion, "estimates.json", since).iter().filter_map(|it| median_of(it)).collect();
    for file in files(&ours, ".json", since) {
        figures.extend(read::<Vec<Figure>>(&file).unwrap_or_default());
    }
    for Figure { what, value, unit } in figures {
        println!("{what:<64}{value:>12.3} {unit}");
    }
}

/// The median of one of criterion's benchmarks.
fn median_of(estimates: &Path) -> Option<Figure> {
    // Beside `new` are the figures of earlier runs and of the comparison with them.
    let folder = estimates.parent().filter(|folder| folder.ends_with("new"))?;
    let Benchmark { full_id } = read(&folder.join("benchmark.json"))?;
    let Estimates { median } = read(estimates)?;
    let micros = median.point_estimate / 1e3;
    Some(Figure { what: full_id, value: micros, unit: "µs".to_owned() })
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The files below a folder whose name ends so and that changed since, in the order of their paths.
fn files(folder: &Path, end: &str, since: SystemTime) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            found.append(&mut files(&path, end, since));
        } else if path.to_string_lossy().ends_with(end)
            && metadata.modified().is_ok_and(|changed| changed >= since)
        {
            found.push(path);
        }
    }
    found.sort();
    found
}
