//! `cargo xtask bench`: builds what the benchmarks measure, runs them and sums up their figures.

mod figures;

use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use wellhead_harness::target_dir;

use crate::report::report;
use crate::{cargo, cluster, guests};

/// The Helm that rendering and applying are compared with, and its version.
const HELM: (&str, &str) = ("helm.sh/helm/v4/cmd/helm", "v4.3.1");

/// What is shipped is what is measured, and the libraries are built once for both.
const PROFILE: &[&str] = &["--profile", "dist"];

/// Files of `tests/benches`.
const BENCHES: [&str; 6] = ["precheck", "transform", "load", "render", "cluster", "fleet"];

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run the benchmarks whose name contains this: precheck, transform, load, render, cluster,
    /// fleet.
    #[arg(default_value = "", hide_default_value = true)]
    filter: String,
}

/// Builds and runs the benchmarks, and prints a table of what they measured.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let chosen = chosen(&args.filter)?;
    guests::run()?;
    let with_command = chosen.iter().any(|name| ["render", "cluster", "fleet"].contains(name));
    if with_command {
        cargo::step(&[cargo::BUILD_COMMAND, PROFILE].concat(), &[])?;
    }
    if chosen.iter().any(|name| ["cluster", "fleet"].contains(name)) {
        cluster::build().map_err(|error| report(&error, error.hint()))?;
    }
    let with_helm = chosen.iter().any(|name| ["render", "cluster"].contains(name));
    let helm = if with_helm { helm() } else { None };
    let helm: Vec<_> = helm.map(|it| ("WELLHEAD_BENCH_HELM", it.into())).into_iter().collect();
    let start = SystemTime::now();
    for name in chosen {
        let bench = ["bench", "--workspace", "--locked", "--bench", name];
        cargo::step(&[&bench, PROFILE].concat(), &helm)?;
    }
    figures::print(start);
    Ok(())
}

fn chosen(filter: &str) -> Result<Vec<&'static str>, String> {
    let chosen: Vec<_> = BENCHES.into_iter().filter(|name| name.contains(filter)).collect();
    if chosen.is_empty() {
        return Err(format!("no benchmark is called `{filter}`; there are {}", BENCHES.join(", ")));
    }
    Ok(chosen)
}

/// The path of Helm, built if needed. What it is compared with is measured without it otherwise.
fn helm() -> Option<PathBuf> {
    let (module, version) = HELM;
    // Cargo's target folder may be relative, and Go wants the whole path.
    let folder = std::path::absolute(target_dir().join("bench-tools").join(version)).ok()?;
    let helm = folder.join("helm");
    if helm.is_file() {
        return Some(helm);
    }
    eprintln!("building Helm {version} to compare with; the first time takes about 2 minutes");
    let mut go = Command::new("go");
    go.args(["install", &format!("{module}@{version}")]);
    go.env("GOBIN", &folder).env("GOWORK", "off").env("CGO_ENABLED", "0");
    let reason = match go.status() {
        Ok(status) if status.success() => return Some(helm),
        Ok(status) => format!("go install {module}@{version}: {status}"),
        Err(error) => format!("go did not start: {error}"),
    };
    eprintln!("no comparison with Helm: {reason}");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_chooses_and_an_unknown_name_is_refused() {
        assert_eq!(chosen("rend"), Ok(vec!["render"]));
        assert_eq!(chosen(""), Ok(BENCHES.to_vec()));
        let refused = chosen("lunch").unwrap_err();
        assert!(refused.contains("`lunch`") && refused.contains("cluster"), "{refused}");
    }
}
