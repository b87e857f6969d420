//! `cargo xtask faults`: the tests of what goes wrong, as many of them as you have time for.

use crate::report::report;
use crate::{cargo, cluster};

/// Arguments of `cargo xtask faults`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Every death of every operation, at every write of a migration, 1,000 applies without a change, 200 walks, and 200 changes of a tree: about an hour and a half.
    #[arg(long)]
    all: bool,
    /// Random walks of 20 changes.
    #[arg(long)]
    walks: Option<u32>,
    /// Changes of a rendered tree under each applier that prunes.
    #[arg(long)]
    changes: Option<u32>,
    /// Applies that change nothing.
    #[arg(long)]
    noops: Option<u32>,
    /// Take every so many-th death; 1 takes all.
    #[arg(long)]
    stride: Option<u32>,
    /// Let the command die in one operation only: install, upgrade, grow, recreate, recreateshared, rollback, unstick, adopt,
    /// adoptanew, delete or purge.
    #[arg(long)]
    operation: Option<String>,
    /// Run the tests whose name contains this, e.g. `cell_19`, `enumeration`, `walks`, `gitops` or `noop`.
    #[arg(default_value = "", hide_default_value = true)]
    filter: String,
}

/// Builds the command and the control plane, and runs the tests, which print what they count.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    cluster::build().map_err(|error| report(&error, error.hint()))?;
    cargo::step(cargo::BUILD_COMMAND, &[])?;
    let wishes = [
        ("WELLHEAD_FAULTS_STRIDE", args.stride.or(args.all.then_some(1))),
        ("WELLHEAD_FAULTS_WALKS", args.walks.or(args.all.then_some(200))),
        ("WELLHEAD_FAULTS_CHANGES", args.changes.or(args.all.then_some(200))),
        ("WELLHEAD_FAULTS_NOOPS", args.noops.or(args.all.then_some(1_000))),
    ];
    let wishes =
        wishes.into_iter().filter_map(|(name, wish)| Some((name, wish?.to_string().into())));
    let operation = args.operation.clone().map(|it| ("WELLHEAD_FAULTS_OPERATION", it.into()));
    let wishes: Vec<_> = wishes.chain(operation).collect();
    let mut test = vec!["test", "--workspace", "--locked", "--test", "faults", "--test", "storage"];
    test.extend(["--", "--nocapture", args.filter.as_str()]);
    cargo::step(&test, &wishes)
}
