//! How to apply, plan, delete and roll back.

use std::time::Duration;

use super::object::PipelineRef;
use super::revision::About;
use super::stop::StopSignal;

/// The longest wait where none is given, as Helm has it.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Whether a call returns before what it asked for is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It returns as soon as the server accepted everything.
    No,
    /// It returns when all is done.
    UntilDone {
        /// The longest wait; `None` has no limit.
        timeout: Option<Duration>,
    },
}

impl Default for Wait {
    /// Five minutes, as Helm has it.
    fn default() -> Self {
        Self::UntilDone { timeout: Some(LONGEST_WAIT) }
    }
}

/// How to apply.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// Whether to wait until every replica is ready and every claim bound.
    pub wait: Wait,
    /// Whether a StatefulSet may be taken off its pods and created again, where fields change that Kubernetes fixes at
    /// its creation. The pods keep running, and claims are not touched. Otherwise such a change is refused.
    pub recreate: bool,
    /// Whether the wait may delete a broken pod of an earlier template that keeps Kubernetes from rolling out the new
    /// one. Its claims are kept. Otherwise the pod is reported, and the wait ends.
    pub replace_stuck_pods: bool,
    /// Whether a Service or StatefulSet that exists and is not Wellhead's is taken over. Without it, one
    /// is refused. One that belongs to another pipeline is refused in any case.
    pub adopt: bool,
    /// Names of pipelines, or `NAMESPACE/NAME`, whose claims Kubernetes may delete because this apply takes replicas
    /// away under `whenScaled: Delete`. Without it, that is refused.
    pub delete_claims: Vec<String>,
    /// Stops the call between two steps.
    pub stop: StopSignal,
    /// What the history notes of each pipeline, in the order of the sets; where it ends, of the objects alone.
    pub about: Vec<About>,
    /// What the history says about this apply.
    pub message: Option<String>,
    /// How many revisions of a pipeline are kept, the newest; at least one is.
    pub keep_revisions: usize,
    /// How long another run that writes to the same pipeline, and is alive, is waited for.
    pub lock_timeout: Duration,
}

/// Revisions that are kept of a pipeline, as Helm keeps.
pub(crate) const KEPT_REVISIONS: usize = 10;

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            wait: Wait::default(),
            recreate: false,
            replace_stuck_pods: false,
            adopt: false,
            delete_claims: Vec::new(),
            stop: StopSignal::default(),
            about: Vec::new(),
            message: None,
            keep_revisions: KEPT_REVISIONS,
            lock_timeout: Duration::ZERO,
        }
    }
}

/// What happens to the claims and so to the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claims {
    /// They stay, and a later apply of the same pipeline uses them again.
    #[default]
    Keep,
    /// They are deleted. What becomes of the data is up to the reclaim policy of each volume.
    Delete,
}

/// How to delete.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// What happens to the claims.
    pub claims: Claims,
    /// Whether to wait until the objects are gone.
    pub wait: Wait,
    /// Stops the call between two steps.
    pub stop: StopSignal,
    /// How long another run that writes to the same pipeline, and is alive, is waited for.
    pub lock_timeout: Duration,
}

/// A pipeline that is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The pipeline.
    pub pipeline: PipelineRef,
    /// What happens to its claims.
    pub claims: Claims,
}

/// How to plan.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// Whether the apply may create a StatefulSet again, see [`ApplyOptions::recreate`](crate::ApplyOptions::recreate).
    pub recreate: bool,
    /// Whether the apply takes over what is not Wellhead's, see [`ApplyOptions::adopt`](crate::ApplyOptions::adopt).
    pub adopt: bool,
    /// Whose claims the apply may have deleted, see [`ApplyOptions::delete_claims`](crate::ApplyOptions::delete_claims).
    pub delete_claims: Vec<String>,
    /// Stops the call between two steps.
    pub stop: StopSignal,
}

/// How to wait for rollouts.
#[derive(Clone, Debug)]
pub struct WaitOptions {
    /// The longest wait; `None` has no limit.
    pub timeout: Option<Duration>,
    /// Stops the wait.
    pub stop: StopSignal,
}

impl Default for WaitOptions {
    /// Five minutes, as an apply waits.
    fn default() -> Self {
        Self { timeout: Some(LONGEST_WAIT), stop: StopSignal::default() }
    }
}
