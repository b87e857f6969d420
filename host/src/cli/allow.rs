//! What an apply is refused unless somebody asks for it, for plans of one, too.

use clap::Args;
use wellhead::{PlanOptions, StopSignal};

/// What is not refused.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Allow {
    /// Recreate a StatefulSet where fields change that are fixed at its creation; its pods keep running
    #[arg(long)]
    pub(crate) recreate: bool,
    /// Take over a Service or StatefulSet that exists and is not Wellhead's, e.g. from Helm or kubectl
    ///
    /// It keeps its uid and its pods. Without it, such an object is refused. `wellhead import` writes a
    /// pipeline that changes nothing about it. What the pipeline says is no longer recorded as set by who
    /// applied the object before, and what it said once and they still own goes.
    #[arg(long)]
    pub(crate) adopt: bool,
}

impl Allow {
    /// The flags that say it, each after a space.
    pub(crate) fn flags(self) -> String {
        let flags = [(self.recreate, " --recreate"), (self.adopt, " --adopt")];
        flags.into_iter().filter_map(|(given, flag)| given.then_some(flag)).collect()
    }

    /// The options of a plan that say it.
    pub(crate) fn plan(self, stop: &StopSignal) -> PlanOptions {
        PlanOptions { recreate: self.recreate, adopt: self.adopt, stop: stop.clone() }
    }
}
