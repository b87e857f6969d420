//! Options without which an apply is refused; a plan has them, too.

use clap::Args;
use wellhead::{PlanOptions, StopSignal};

/// What is not refused.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Allow {
    /// Recreate a StatefulSet whose immutable fields change; its pods keep running
    #[arg(long)]
    pub(crate) recreate: bool,
    /// Adopt a Service or StatefulSet that something else created, e.g. Helm or kubectl
    ///
    /// The object keeps its uid and its pods. Without this option, such an object is refused. `wellhead
    /// import` generates a pipeline that changes nothing about it. Fields that the pipeline sets are no
    /// longer owned by the managers that applied the object before; fields that the pipeline set once and
    /// these managers still own are removed.
    #[arg(long)]
    pub(crate) adopt: bool,
    #[command(flatten)]
    pub(crate) claims: ClaimsOf,
}

/// Whose data may go.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ClaimsOf {
    /// Allow a scale-down under `whenScaled: Delete` to delete claims of this pipeline, and their data:
    /// repeat its name
    ///
    /// Repeat the option for several pipelines. Without it, such a scale-down is refused.
    #[arg(long, value_name = "NAME")]
    pub(crate) delete_claims: Vec<String>,
}

impl Allow {
    /// The flags that say it, each after a space.
    pub(crate) fn flags(&self) -> String {
        let flags = [(self.recreate, " --recreate"), (self.adopt, " --adopt")];
        let flags = flags.into_iter().filter_map(|(given, flag)| given.then_some(flag.to_owned()));
        let claims = self.claims.delete_claims.iter().map(|it| format!(" --delete-claims {it}"));
        flags.chain(claims).collect()
    }

    /// The options of a plan that say it.
    pub(crate) fn plan(&self, stop: &StopSignal) -> PlanOptions {
        let delete_claims = self.claims.delete_claims.clone();
        PlanOptions {
            recreate: self.recreate,
            adopt: self.adopt,
            delete_claims,
            stop: stop.clone(),
        }
    }
}
