//! What commands that write share: how long they wait, and for what.

use std::time::Duration;

use clap::{ArgAction, Args};
use wellhead::ApplyOptions;
use wellhead_cluster::Wait;

use super::duration::{Timeout, duration, timeout};

/// How long another run that writes to the same pipeline is waited for.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LockWait {
    /// How long to wait for another run to release the pipeline's Lease
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
}

/// Whether to wait until everything is ready.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Waiting {
    /// Wait for the rollout: until every replica is ready and every claim is bound
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    wait: bool,
    /// How long to wait for the rollout, e.g. 90s or 1h30m; 0 waits forever
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = timeout)]
    timeout: Timeout,
    #[command(flatten)]
    lock: LockWait,
}

impl Waiting {
    /// The options of an apply that say it.
    pub(crate) fn options(&self) -> ApplyOptions {
        let wait = if self.wait { Wait::UntilDone { timeout: self.timeout.0 } } else { Wait::No };
        ApplyOptions { wait, lock_timeout: self.lock.lock_timeout, ..ApplyOptions::default() }
    }
}
