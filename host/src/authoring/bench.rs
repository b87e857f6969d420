//! How long a fresh call of a plugin takes, and what it uses.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use wellhead_chain::{Allocation, Chain, Draft, Entry, Facts, Limits};
use wellhead_spec::{Pipeline, PluginBudget, PluginCase, Source};

use super::call::Given;
use super::case;
use super::error::AuthoringError;
use super::expected::PIPELINE;
use super::project::Project;
use super::single::one_pipeline;
use super::subject::{Identity, Loading, Rights, Subject};
use super::suite::CaseUsage;

/// Calls that are made before the measured ones.
const WARM: usize = 20;
/// Fewest measured calls.
const FEWEST: usize = 200;
/// Most measured calls.
const MOST: usize = 20_000;
/// Time after which no more calls are made, when there were [`FEWEST`].
const ENOUGH: Duration = Duration::from_secs(1);
/// Time after which no more calls are made, however few there were: one that runs out of its budgets takes a second.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls that could run at the same time. One does.
const SLOTS: u32 = 4;
/// What a plugin gets that has no case.
const PLAIN: &str = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: db}\nspec:\n  \
    replicas: 3\n  containers: [{name: db, image: 'postgres:17'}]\n  claims: [{name: data, size: 1Gi, \
    mountPath: /data}]\n";

/// What to measure.
#[derive(Clone, Debug, Default)]
pub struct BenchRequest {
    /// The project's folder.
    pub folder: PathBuf,
    /// The component, instead of the project's.
    pub component: Option<PathBuf>,
    /// Folder of the test case whose pipeline and config the plugin gets. Without one, the first of
    /// the project that ends well, or a small pipeline and an empty config.
    pub case: Option<PathBuf>,
    /// How the plugin is loaded.
    pub loading: Loading,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Benchmark {
    /// The plugin.
    pub plugin: Identity,
    /// Bytes of the component.
    pub size: u64,
    /// The case; `None` for a small pipeline of the command's own.
    pub case: Option<String>,
    /// Why the call failed, if it did: that was measured, then.
    pub error: Option<String>,
    /// Number of calls that were measured. Each had an instance of its own, from a pool.
    pub calls: usize,
    /// Nanoseconds of the call in the middle.
    pub p50: u64,
    /// Nanoseconds of the call that 1 of 100 is slower than.
    pub p99: u64,
    /// What each call used.
    pub usage: CaseUsage,
    /// What the author promises.
    pub budget: PluginBudget,
    /// What a plugin may use by default.
    pub limits: CaseUsage,
}

/// Measures fresh calls of a plugin, one after the other.
pub fn bench(request: &BenchRequest) -> Result<Benchmark, AuthoringError> {
    let project = Project::open(&request.folder)?;
    let component = request.component.clone().unwrap_or(project.component);
    let subject = Subject::load(&component, Allocation::Pool { slots: SLOTS }, &request.loading)?;
    let folder = request.case.clone().or_else(|| first_case(&project.cases));
    let given = Input::of(folder.as_deref())?;
    let rights = Rights::of_case(&given.settings, &subject);
    let entry = subject.entry(Given {
        pipeline: &given.pipeline,
        config: &given.config,
        rights: &rights,
        limits: &given.settings.limits,
        facts: &given.facts,
    })?;
    let (usage, error) = match Chain::new(vec![entry.clone()]).observe(&given.pipeline) {
        Ok(outcome) => (CaseUsage::of(&outcome.runs), None),
        Err(failure) => {
            (CaseUsage::of(&failure.runs), failure.errors.first().map(ToString::to_string))
        }
    };
    let times = measure(&entry, &given.pipeline);
    let limits = Limits::default();
    Ok(Benchmark {
        plugin: subject.identity(),
        size: std::fs::metadata(&component).map_or(0, |it| it.len()),
        case: folder.and_then(|it| Some(it.file_name()?.to_string_lossy().into_owned())),
        error,
        calls: times.len(),
        p50: percentile(&times, 50),
        p99: percentile(&times, 99),
        usage,
        budget: given.settings.budget.or(&project.budget),
        limits: CaseUsage {
            fuel: limits.fuel,
            memory: limits.memory as u64,
            edits: limits.edits as u64,
        },
    })
}

/// What the plugin gets.
struct Input {
    pipeline: Pipeline,
    config: Value,
    settings: PluginCase,
    facts: Facts,
}

impl Input {
    fn of(case: Option<&Path>) -> Result<Self, AuthoringError> {
        if let Some(folder) = case {
            let case::Case { pipeline, config, settings, facts, .. } =
                case::read(folder).map_err(AuthoringError::Input)?;
            return Ok(Self { pipeline, config, settings, facts });
        }
        let source = Source::Text { name: "pipeline.yaml".into(), text: PLAIN.to_owned() };
        let config = Value::Object(serde_json::Map::new());
        let (settings, facts) = (PluginCase::default(), Facts::default());
        Ok(Self { pipeline: one_pipeline(&source)?, config, settings, facts })
    }
}

/// The first case that ends well.
fn first_case(cases: &Path) -> Option<PathBuf> {
    let folders = std::fs::read_dir(cases).ok()?.filter_map(|it| Some(it.ok()?.path()));
    folders.filter(|it| it.join(PIPELINE).is_file()).min()
}

/// The time of each call, in nanoseconds, the shortest first.
fn measure(entry: &Entry, pipeline: &Pipeline) -> Vec<u64> {
    let fresh = Draft::new(pipeline);
    let mut times = Vec::new();
    let start = Instant::now();
    for number in 0..WARM + MOST {
        let mut draft = fresh.clone();
        let before = Instant::now();
        // A call that fails is one, too.
        let _ = entry.call(&mut draft);
        let (time, passed) = (before.elapsed(), start.elapsed());
        if is_measured(number, passed) {
            times.push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        }
        if is_enough(times.len(), passed) {
            break;
        }
    }
    times.sort_unstable();
    times
}

/// Whether a call counts. One that is slow is the same before it is warm.
fn is_measured(number: usize, passed: Duration) -> bool {
    number >= WARM || passed > ENOUGH
}

/// Whether there are enough calls after some time.
fn is_enough(measured: usize, passed: Duration) -> bool {
    (measured >= FEWEST && passed > ENOUGH) || passed > PATIENCE
}

fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_measured_value() {
        let times: Vec<u64> = (1..=200).collect();
        assert_eq!((percentile(&times, 50), percentile(&times, 99)), (101, 199));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 99)), (7, 7));
        assert_eq!(percentile(&[], 50), 0);
    }

    #[test]
    fn slow_calls_are_few_and_one_at_least() {
        let calls = |each: Duration| {
            let after = |number: usize| each * u32::try_from(number + 1).unwrap();
            let mut measured = 0;
            let ended = (0..WARM + MOST).find(|number| {
                measured += usize::from(is_measured(*number, after(*number)));
                is_enough(measured, after(*number))
            });
            (ended.map_or(WARM + MOST, |it| it + 1), measured)
        };
        assert_eq!(calls(Duration::from_mins(1)), (1, 1));
        assert_eq!(calls(Duration::from_secs(2)), (6, 6));
        assert_eq!(calls(Duration::from_millis(10)), (WARM + FEWEST, FEWEST));
        assert_eq!(calls(Duration::from_nanos(1)), (WARM + MOST, MOST));
    }

    #[test]
    fn the_pipeline_of_the_command_itself_is_valid() {
        assert!(Input::of(None).is_ok());
    }
}
