//! The verdict on each release: of a cluster, or of files.

use wellhead_cluster::{
    Cluster, ClusterError, Effect, PipelineRef, PipelineState, PipelineSummary, Plan, PlanOptions,
    PlannedAction, PlannedPipeline, Problem, Progress, RevisionState, StoredRevision,
};
use wellhead_diagnostics::Code;
use wellhead_render::ResourceSet;
use wellhead_spec::parallel;

use super::{Release, Replayed, Replays};
use crate::pipeline::Run;

/// Revisions that are read and replayed at once.
const AT_ONCE: usize = 32;

/// What another version of a plugin changes.
#[derive(Debug)]
pub struct Impacts {
    /// How many releases were looked at.
    pub looked_at: usize,
    /// Those that run the plugin, the most serious first.
    pub found: Vec<Impact>,
    /// What a plan refuses and is about no release.
    pub problems: Vec<Problem>,
}

/// What another version changes of one release.
#[derive(Clone, Debug)]
pub struct Impact {
    /// The pipeline.
    pub pipeline: PipelineRef,
    /// The revision that was replayed; none where the release is not in a cluster.
    pub revision: Option<i64>,
    /// What changes.
    pub verdict: Verdict,
}

/// What another version changes. A later variant is more serious.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Nothing.
    Unchanged,
    /// What the plan says.
    Changed(Box<PlannedPipeline>),
    /// It cannot be said.
    Unknown {
        /// Why.
        why: String,
    },
    /// A right is missing.
    NeedsConsent {
        /// The code of the refusal.
        code: Code,
        /// Which one.
        why: String,
    },
    /// Another plugin sets the same field.
    Conflict {
        /// The code of the refusal.
        code: Code,
        /// Which one.
        why: String,
    },
    /// A render fails, or a plan is refused.
    Fails {
        /// The code of the failure.
        code: Code,
        /// Why.
        why: String,
    },
}

impl Verdict {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed(_) => "changed",
            Self::Unknown { .. } => "unknown",
            Self::NeedsConsent { .. } => "needs-consent",
            Self::Conflict { .. } => "conflict",
            Self::Fails { .. } => "fails",
        }
    }

    /// How serious it is.
    fn rank(&self) -> (u8, Option<&Effect>) {
        match self {
            Self::Unchanged => (0, None),
            Self::Changed(planned) => (1, planned.objects.iter().flat_map(|it| &it.effects).max()),
            Self::Unknown { .. } => (2, None),
            Self::NeedsConsent { .. } => (3, None),
            Self::Conflict { .. } => (4, None),
            Self::Fails { .. } => (5, None),
        }
    }
}

impl Replays<'_> {
    /// What the version changes of the pipelines of a run, compared with what they render to now.
    pub fn of_run(&self, run: &Run) -> Impacts {
        self.know(run);
        let releases: Vec<_> = run.releases().collect();
        let threads = self.request.threads();
        let replayed = parallel::map(threads, 1, releases.iter(), |_, it| self.replay(it));
        let mut found = Vec::new();
        for (release, replayed) in releases.iter().zip(replayed) {
            let Some(replayed) = replayed else { continue };
            let verdict = match replayed {
                Replayed::Changed(after) => between(release, &after),
                other => verdict(other),
            };
            found.push(Impact { pipeline: release.pipeline.clone(), revision: None, verdict });
        }
        Impacts { looked_at: releases.len(), found, problems: Vec::new() }.sorted()
    }

    /// What the version changes of the releases in a namespace of a cluster, or in all. Nothing is written: as a plan does, the
    /// server is asked for a dry run of what changes.
    ///
    /// # Errors
    /// A cluster that cannot be asked. A record that cannot be used makes its release unknown.
    pub async fn of_cluster(
        &self,
        cluster: &Cluster,
        namespace: Option<&str>,
        options: &PlanOptions,
        progress: &dyn Progress,
    ) -> Result<Impacts, ClusterError> {
        let listed = cluster.list(namespace).await?;
        let applied: Vec<_> = listed.into_iter().filter(is_applied).collect();
        let looked_at = applied.len();
        let wanted: Vec<_> = applied.into_iter().filter(|it| self.may_concern(it)).collect();
        let (mut found, mut sets) = (Vec::new(), Vec::new());
        for some in wanted.chunks(AT_ONCE) {
            if options.stop.is_stopped() {
                return Err(ClusterError::Stopped { report: None });
            }
            let numbers: Vec<_> =
                some.iter().map(|it| (reference(it), it.revision.unwrap_or_default())).collect();
            let stored = cluster.revisions(&numbers).await;
            let threads = self.request.threads();
            let replayed =
                parallel::map(threads, 1, some.iter().zip(stored), |_, (summary, stored)| {
                    self.of_stored(summary, stored)
                });
            for ((pipeline, number), replayed) in numbers.into_iter().zip(replayed) {
                let Some(replayed) = replayed else { continue };
                let verdict = match replayed {
                    Replayed::Changed(set) => {
                        sets.push((found.len(), *set));
                        Verdict::Unchanged
                    }
                    other => verdict(other),
                };
                found.push(Impact { pipeline, revision: Some(number), verdict });
            }
        }
        let problems = plan(cluster, options, progress, (sets, &mut found)).await?;
        Ok(Impacts { looked_at, found, problems }.sorted())
    }

    /// Whether a pipeline in the cluster may run the plugin, by what the metadata of its record says.
    fn may_concern(&self, summary: &PipelineSummary) -> bool {
        let Some(plugins) = &summary.plugins else { return true };
        match &self.name {
            Some(name) => plugins.contains(name),
            None => !plugins.is_empty(),
        }
    }

    fn of_stored(
        &self,
        summary: &PipelineSummary,
        stored: Result<Option<StoredRevision>, ClusterError>,
    ) -> Option<Replayed> {
        let unknown = |why: String| Some(Replayed::Unknown { why });
        let StoredRevision { revision, origin, objects, .. } = match stored {
            Ok(Some(stored)) => stored,
            Ok(None) => return unknown("its revision is not kept any more".to_owned()),
            Err(error) => return unknown(error.to_string()),
        };
        if origin.chain.is_empty() {
            let why = "another version of Wellhead recorded it without its base; the next apply that changes it notes it";
            return if revision.plugins.is_empty() { None } else { unknown(why.to_owned()) };
        }
        if !origin.chain.iter().any(|it| self.concerns(it)) {
            return None;
        }
        if revision.state != RevisionState::Current {
            return unknown("its record is not the one that its last apply noted".to_owned());
        }
        if summary.state == PipelineState::Unfinished {
            return unknown("its last apply did not get to the end".to_owned());
        }
        self.replay(&Release { pipeline: reference(summary), origin, objects })
    }
}

impl Impacts {
    /// The most serious first.
    fn sorted(mut self) -> Self {
        self.found.sort_by(|one, other| {
            let rank = other.verdict.rank().cmp(&one.verdict.rank());
            rank.then_with(|| one.pipeline.cmp(&other.pipeline))
        });
        self
    }
}

/// Whether a revision of a pipeline is applied.
fn is_applied(summary: &PipelineSummary) -> bool {
    let is_gone = matches!(summary.state, PipelineState::Deleted | PipelineState::Terminating);
    summary.revision.is_some() && !is_gone
}

fn reference(summary: &PipelineSummary) -> PipelineRef {
    PipelineRef { namespace: summary.namespace.clone(), name: summary.name.clone() }
}

fn verdict(replayed: Replayed) -> Verdict {
    match replayed {
        Replayed::Unchanged | Replayed::Changed(_) => Verdict::Unchanged,
        Replayed::NeedsConsent { code, why } => Verdict::NeedsConsent { code, why },
        Replayed::Conflict { code, why } => Verdict::Conflict { code, why },
        Replayed::Fails { code, why } => Verdict::Fails { code, why },
        Replayed::Unknown { why } => Verdict::Unknown { why },
    }
}

/// What changes between two renderings.
fn between(release: &Release, after: &ResourceSet) -> Verdict {
    match PlannedPipeline::between(&release.objects, after, &release.pipeline.namespace) {
        Ok(planned) => planned_verdict(planned, Vec::new()),
        Err(problem) => Verdict::Fails { code: problem.code, why: problem.what },
    }
}

/// Plans the releases that change, and notes what comes out. Returns what is about none of them.
async fn plan(
    cluster: &Cluster,
    options: &PlanOptions,
    progress: &dyn Progress,
    (sets, found): (Vec<(usize, ResourceSet)>, &mut [Impact]),
) -> Result<Vec<Problem>, ClusterError> {
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    let (places, sets): (Vec<usize>, Vec<ResourceSet>) = sets.into_iter().unzip();
    let Plan { pipelines, mut problems, .. } = cluster.plan(&sets, options, progress).await?;
    for planned in pipelines {
        let is_it = |at: &&usize| found[**at].pipeline == planned.pipeline;
        let Some(&at) = places.iter().find(is_it) else { continue };
        let is_of = |it: &mut Problem| {
            let object = it.object.as_ref();
            object.is_some_and(|it| planned.objects.iter().any(|one| one.object == *it))
        };
        let own: Vec<_> = problems.extract_if(.., is_of).collect();
        found[at].verdict = planned_verdict(planned, own);
    }
    Ok(problems)
}

fn planned_verdict(planned: PlannedPipeline, problems: Vec<Problem>) -> Verdict {
    if let Some(Problem { code, what, .. }) = problems.into_iter().next() {
        return match code {
            Code::Forbidden => Verdict::Unknown { why: what },
            _ => Verdict::Fails { code, why: what },
        };
    }
    let is = |action| planned.objects.iter().any(|it| it.action == action);
    if is(PlannedAction::Refused) {
        let fields = planned.objects.iter().flat_map(|it| &it.effects).filter_map(|it| match it {
            Effect::Recreates { fields } => Some(fields),
            _ => None,
        });
        let fields: Vec<_> = fields.flatten().map(ToString::to_string).collect();
        let why =
            format!("immutable fields of the StatefulSet would change: {}", fields.join(", "));
        return Verdict::Fails { code: Code::ImmutableField, why };
    }
    if planned.objects.iter().all(|it| it.action == PlannedAction::Unchanged) {
        return Verdict::Unchanged;
    }
    Verdict::Changed(Box::new(planned))
}
