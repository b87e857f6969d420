//! What to work on.

use std::num::NonZero;

use wellhead_chain::{Cache, Compiler};
use wellhead_spec::{Namespace, PathPattern, Source, parallel};

use crate::distribution::settings::Distribution;

/// What to work on.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Base specs. Customizations beside them in a file or folder count, too.
    pub pipelines: Vec<Source>,
    /// Customizations, in the order in which they apply.
    pub customizations: Vec<Source>,
    /// What the operator tells plugins about the cluster, as far as their entries grant it.
    pub facts: Vec<Source>,
    /// The namespace of pipelines that name none. Naming another one is an error.
    pub namespace: Option<Namespace>,
    /// The namespace of pipelines that name none, where `namespace` is not given.
    pub default_namespace: Option<Namespace>,
    /// Where compiled plugins are kept. Without it, each run compiles them.
    pub cache: Option<Cache>,
    /// Where plugins are compiled. The default is a child process of this program, which takes a
    /// call of [`serve_compilation`](crate::serve_compilation) first in its `main`.
    pub compiler: Compiler,
    /// How plugins of registries are found.
    pub distribution: Distribution,
    /// Whether each plugin runs twice, and one that does not do the same is refused.
    pub verify_determinism: bool,
    /// Fields that this run takes over from other field managers, whatever the pipelines say.
    pub take: Vec<PathPattern>,
    /// Whether every read and every edit of each plugin is noted, in the
    /// [`runs`](wellhead_chain::Outcome::runs) of an outcome or failure.
    pub trace: bool,
    /// Threads that read, transform and render pipelines: the results are the same with any number.
    /// Left out: as many as this process has processors.
    pub threads: Option<NonZero<usize>>,
}

impl Request {
    pub(crate) fn threads(&self) -> NonZero<usize> {
        self.threads.unwrap_or_else(parallel::threads)
    }
}
