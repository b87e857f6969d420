//! The whole flow: files, plugins, objects, cluster. Each step is one call into one crate.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use wellhead_chain::{Outcome, Writer};
use wellhead_cluster::{
    About, ApplyOptions, ApplyReport, ChainEntry, CheckedPlan, Cluster, ClusterError, Drift,
    Origin, Plan, PlanOptions, Plugin as HistoryPlugin, Progress, Source as ApplySource,
};
use wellhead_render::{Frozen, Object, Previous, ResourceSet, keep_immutable, objects_for_others};
use wellhead_spec::{Finding, Form, Located, Packed, PathPattern};

use crate::chains::places::{self, Places};
use crate::chains::{self, Chains, PluginFile};
use crate::distribution::resolve::{Resolved, resolve};
use crate::error::{Error, InvalidInput, Texts};
use crate::inputs::{self, Inputs};
use crate::request::Request;
use crate::taking;
use crate::taking::Remedies;

/// Pipelines that were read and transformed.
#[derive(Debug)]
pub struct Run {
    /// What was read.
    pub inputs: Inputs,
    /// What the plugins made of each pipeline, in the order of [`Inputs::pipelines`].
    pub outcomes: Vec<Outcome>,
    /// What should be looked at in the specs, as they are now.
    pub warnings: Vec<Finding>,
    /// The components of the plugins that were loaded.
    pub plugins: Vec<PluginFile>,
    /// Fields that this run takes over, see [`Request::take`].
    pub take: Vec<PathPattern>,
    chains: Chains,
}

/// Pipelines that were read and transformed, each as what was made of its outcome.
#[derive(Debug)]
pub struct Each<R> {
    /// What was made of each pipeline, in the order of the files.
    pub results: Vec<R>,
    /// What should be looked at in the specs, as they are now.
    pub warnings: Vec<Finding>,
    /// The files, for excerpts.
    pub texts: Texts,
    #[expect(
        dead_code,
        reason = "it keeps the plugins loaded, which a process may leave so at its end"
    )]
    chains: Chains,
}

/// Reads the files, and reports every finding at once. No plugin is loaded.
pub fn load(request: &Request) -> Result<Inputs, Error> {
    inputs::load(request)
}

/// Reads the files, loads the plugins, and lets them edit every pipeline.
///
/// Nothing is kept when one pipeline fails: the error names every one that does.
pub fn run(request: &Request) -> Result<Run, Error> {
    let Ran { inputs, results: outcomes, warnings, chains } = run_in(request, |outcome| outcome)?;
    let plugins = chains.files(&inputs);
    let take = request.take.clone();
    Ok(Run { inputs, outcomes, warnings, plugins, take, chains })
}

/// The same, and keeps of each pipeline nothing but what `finish` makes of its outcome, on the thread that has it. A
/// fleet of thousands needs little more memory than its results.
pub fn run_each<R: Send>(
    request: &Request,
    finish: impl Fn(Outcome) -> R + Sync,
) -> Result<Each<R>, Error> {
    let Ran { inputs, results, warnings, chains } = run_in::<Packed, R>(request, finish)?;
    Ok(Each { results, warnings, texts: inputs.texts, chains })
}

/// What is left of a run.
struct Ran<P, R> {
    inputs: Inputs<P>,
    results: Vec<R>,
    warnings: Vec<Finding>,
    chains: Chains,
}

/// A run whose pipelines wait for their plugins in a form.
fn run_in<P: Form, R: Send>(
    request: &Request,
    finish: impl Fn(Outcome) -> R + Sync,
) -> Result<Ran<P, R>, Error> {
    let inputs = inputs::load(request)?;
    let (inputs, resolved) = resolved(inputs, request)?;
    let chains = Chains::load(&inputs, resolved, request)?;
    let customizations = &*inputs.customizations;
    let finish = |base: &Located<P>, outcome: Outcome| {
        let is_edited = !outcome.provenance.writes.is_empty();
        let places = Places { base, provenance: &outcome.provenance, customizations };
        let findings = is_edited.then(|| inputs::located(&places, &outcome.findings));
        (findings, finish(places::located(outcome, base, customizations)))
    };
    let (findings, results): (Vec<_>, _) = chains.run(&inputs, finish)?.into_iter().unzip();
    let mut warnings = inputs::warnings(&inputs, findings.into_iter());
    warnings.extend(chains.unmet_waivers(&inputs));
    Ok(Ran { inputs, results, warnings, chains })
}

/// The same with the components of entries that name a registry.
fn resolved<P: Form>(inputs: Inputs<P>, request: &Request) -> Result<(Inputs<P>, Resolved), Error> {
    let needed = chains::needed(&inputs);
    match resolve(&inputs.customizations, &needed, &request.distribution) {
        Ok(resolved) => Ok((inputs, resolved)),
        Err((findings, mut more)) => {
            let mut texts = inputs.texts;
            texts.0.append(&mut more);
            Err(Error::Input(InvalidInput { findings, texts }))
        }
    }
}

impl Run {
    /// The objects of each pipeline, rendered when they are asked for.
    pub fn sets(&self) -> impl Iterator<Item = ResourceSet> + '_ {
        self.outcomes.iter().map(|outcome| taking::render(&outcome.pipeline, &self.take))
    }

    /// The objects of one pipeline as others apply them, such as a GitOps tool: without the fields that are left to
    /// others, and on top of what was rendered before. The position is that of [`Run::outcomes`].
    pub fn for_others(&self, pipeline: usize, previous: &Previous) -> Frozen {
        let set = taking::render(&self.outcomes[pipeline].pipeline, &self.take);
        keep_immutable(previous, set.objects_for_others())
    }

    /// [`Run::for_others`] where nothing was rendered before: each object when it is asked for, so that one of many claims
    /// is in memory at a time.
    pub fn objects_for_others(&self, pipeline: usize) -> impl Iterator<Item = Object> {
        let of = &self.outcomes[pipeline].pipeline;
        let takes = !self.take.is_empty();
        let all = takes.then(|| taking::render(of, &self.take).objects_for_others());
        let each = (!takes).then(|| objects_for_others(of));
        all.into_iter().flatten().chain(each.into_iter().flatten())
    }

    /// All objects of one pipeline, as it asks for them.
    pub fn objects_of(&self, pipeline: usize) -> Vec<Object> {
        taking::render(&self.outcomes[pipeline].pipeline, &self.take).objects()
    }

    /// Whether a pipeline may leave fields to others, so that [`Run::for_others`] has fewer of them.
    pub fn leaves_out(&self, pipeline: usize) -> bool {
        !self.outcomes[pipeline].pipeline.spec.ownership_policies().is_empty()
    }

    /// What the history notes of each pipeline beside its objects.
    pub fn about(&self) -> Vec<About> {
        (0..self.outcomes.len()).map(|at| self.about_one(at)).collect()
    }

    fn about_one(&self, at: usize) -> About {
        let outcome = &self.outcomes[at];
        let plugin = |writer: &Arc<Writer>| HistoryPlugin {
            name: writer.name.clone(),
            version: version(&writer.version),
            digest: writer.digest.clone(),
        };
        About {
            spec: outcome.pipeline.to_draft(),
            origin: self.origin(at),
            plugins: outcome.provenance.writers.iter().map(plugin).collect(),
            rollback_to: None,
        }
    }

    /// What a pipeline was made from, where plugins made it.
    pub(crate) fn origin(&self, at: usize) -> Origin {
        let entries = self.chains.entries_of(&self.inputs, at);
        let chain: Vec<_> = entries
            .map(|(customization, entry, loaded, locked)| ChainEntry {
                customization: customization.to_string(),
                version: version(loaded.version()),
                digest: loaded.digest().to_owned(),
                manifest: locked.map(|it| it.manifest.clone()),
                size: locked.map(|it| it.size),
                facts_digest: loaded.facts_digest().map(str::to_owned),
                entry: entry.clone(),
            })
            .collect();
        let base = || self.inputs.pipelines[at].value.to_draft();
        Origin { base: if chain.is_empty() { Value::Null } else { base() }, chain }
    }

    /// Says what [`Run::apply`] would do, and writes nothing.
    pub async fn plan(
        &self,
        cluster: &Cluster,
        options: &PlanOptions,
        progress: &dyn Progress,
    ) -> Result<Plan, ClusterError> {
        let mut plan = cluster.plan_from(self, options, progress).await?;
        self.name_fields(&mut plan);
        Ok(plan)
    }

    /// [`Run::plan`] for an apply with these options, which goes on from what was found out.
    pub async fn plan_checked(
        &self,
        cluster: &Cluster,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<CheckedPlan, ClusterError> {
        let mut checked = cluster.plan_checked(self, options, progress).await?;
        self.name_fields(&mut checked.plan);
        Ok(checked)
    }

    fn name_fields(&self, plan: &mut Plan) {
        let mut remedies = Remedies::of(self);
        let problems = std::mem::take(&mut plan.problems);
        plan.problems = problems.into_iter().map(|problem| remedies.name_field(problem)).collect();
    }

    /// Says what others changed of what the pipelines say, and writes nothing.
    pub async fn drift(
        &self,
        cluster: &Cluster,
        options: &PlanOptions,
        progress: &dyn Progress,
    ) -> Result<Drift, ClusterError> {
        Ok(self.plan(cluster, options, progress).await?.drift())
    }

    /// Makes a cluster hold the objects of all pipelines, and notes in their histories what they are made from.
    pub async fn apply(
        &self,
        cluster: &Cluster,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let result = cluster.apply_from(self, options, progress).await;
        result.map_err(|error| self.name_fields_of(error))
    }

    /// Applies what was planned by [`Run::plan_checked`] with the same options: that, or nothing.
    pub async fn apply_checked(
        &self,
        cluster: &Cluster,
        checked: CheckedPlan,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let result = cluster.apply_checked(self, checked, options, progress).await;
        result.map_err(|error| self.name_fields_of(error))
    }

    fn name_fields_of(&self, error: ClusterError) -> ClusterError {
        let mut remedies = Remedies::of(self);
        error.map_problems(|problem| remedies.name_field(problem))
    }
}

impl ApplySource for Run {
    fn len(&self) -> usize {
        self.outcomes.len()
    }

    fn objects(&self, at: usize) -> Cow<'_, ResourceSet> {
        Cow::Owned(taking::render(&self.outcomes[at].pipeline, &self.take))
    }

    fn about(&self, at: usize) -> About {
        self.about_one(at)
    }

    fn rolls_back(&self, _: usize) -> bool {
        false
    }
}

/// The version that a plugin gives of itself, if any.
fn version(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|it| !it.is_empty())
}
