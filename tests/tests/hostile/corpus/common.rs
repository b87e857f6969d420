//! What holds for every attack inside of one process: the fault is the expected one and names the
//! plugin, its text is harmless, the plugins around it and the next run are untouched.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use wellhead_chain::{
    Allocation, Cache, Chain, CompileLimits, Compiler, Engine, Entry, Fault, LoadOptions, Outcome,
    Plugin, PluginError,
};
use wellhead_tests::built;
use wellhead_tests::guest::Guest;

use super::{Attack, Expect};
use crate::support::{compiler, entry, pipeline};

/// The name of the chain entry that attacks.
pub(super) const ATTACKER: &str = "hostile";
/// The file of its plugin.
pub(super) const ATTACKER_FILE: &str = "hostile.wasm";
/// The name of the operator's plugin behind it, where there is one.
pub(super) const POLICY: &str = "policy";
/// The names of those that stand around it; each sets a label of its name.
pub(super) const NEIGHBOURS: [&str; 2] = ["before", "after"];

/// How engines get their memory; results do not depend on it.
const ALLOCATIONS: [Allocation; 2] = [Allocation::OnDemand, Allocation::Pool { slots: 8 }];

/// One engine of each kind for the whole process, so that every attack meets what those before it
/// left behind.
static BENCHES: LazyLock<[Bench; 2]> =
    LazyLock::new(|| ALLOCATIONS.map(|it| Bench::new(it, compiler())));

/// An engine, two good plugins, and what they do when nobody disturbs them.
struct Bench {
    engine: Engine,
    neighbours: [Entry; 2],
    undisturbed: Outcome,
}

impl Bench {
    fn new(allocation: Allocation, compiler: Compiler) -> Self {
        let engine = Engine::new(allocation, compiler).unwrap();
        let neighbours = NEIGHBOURS.map(|name| {
            let guest = Guest::sets_label(name, "ok").build();
            let plugin =
                Plugin::from_bytes(&engine, name, &guest, &LoadOptions::default()).unwrap();
            let settings = serde_json::json!({"grants": [format!("labels.{name}")]});
            Entry::new(&entry(name, &settings), "team", Arc::new(plugin)).unwrap()
        });
        let undisturbed = Chain::new(neighbours.to_vec()).run(&pipeline()).unwrap();
        Self { engine, neighbours, undisturbed }
    }

    /// Runs the attack between the good plugins.
    fn attacked(&self, attack: &Attack, cache: &Cache) -> Result<Outcome, PluginError> {
        let options = LoadOptions { cache: Some(cache), ..LoadOptions::default() };
        let plugin = Plugin::from_bytes(&self.engine, ATTACKER, &attack.plugin, &options)?;
        let attacker = Entry::new(&entry(ATTACKER, &attack.settings), "team", Arc::new(plugin))?;
        let [before, after] = self.neighbours.clone();
        let mut entries = vec![before, attacker];
        if let Some(config) = &attack.policy {
            let file = built::plugin("image-policy");
            let plugin = Arc::new(Plugin::load(&self.engine, POLICY, &file, &options).unwrap());
            let settings = serde_json::json!({"config": config});
            entries.push(Entry::new(&entry(POLICY, &settings), "team", plugin).unwrap());
        }
        entries.push(after);
        Chain::new(entries).run(&(attack.base)()).map_err(|mut errors| {
            assert_eq!(errors.len(), 1, "{errors:?}");
            let position = if attack.expect.blamed() == POLICY { 2 } else { 1 };
            assert_eq!(errors[0].entry, Some(position), "another is blamed: {errors:?}");
            errors.remove(0)
        })
    }
}

/// Runs an attack twice with both kinds of engine.
pub(super) fn hold(label: &str, attack: &Attack) {
    let own = attack.compile_seconds.map(|seconds| {
        let cpu = Some(Duration::from_secs(seconds));
        let limits = CompileLimits { cpu, ..CompileLimits::default() };
        ALLOCATIONS.map(|it| Bench::new(it, compiler().with_limits(limits)))
    });
    // The second run finds what the first one compiled.
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let ends = own.as_ref().unwrap_or(&*BENCHES).each_ref().map(|bench| {
        let undisturbed = Chain::new(bench.neighbours.to_vec()).run(&(attack.base)()).unwrap();
        let end = bench.attacked(attack, &cache);
        attack.expect.check(label, &end);
        match &end {
            Ok(outcome) => neighbours_are_untouched(label, outcome, &undisturbed),
            Err(error) => names_the_plugin(label, error, attack.expect.blamed()),
        }
        if let (Expect::Unchanged, Ok(outcome)) = (attack.expect, &end) {
            assert_eq!(outcome.pipeline, undisturbed.pipeline, "{label}");
        }
        let again = bench.attacked(attack, &cache);
        assert_eq!(shown(&again), shown(&end), "{label}: it ends in the same way each time");
        // The next run of good plugins in the same process.
        let next = Chain::new(bench.neighbours.to_vec()).run(&pipeline()).unwrap();
        assert_eq!(next.pipeline, bench.undisturbed.pipeline, "{label}");
        assert_eq!(next.runs, bench.undisturbed.runs, "{label}");
        end
    });
    if let [Ok(_), Ok(_)] = &ends {
        assert_eq!(shown(&ends[0]), shown(&ends[1]), "{label}: allocation decides nothing");
    }
}

/// An end as text: everything but the pipeline's provenance, which repeats its values.
fn shown(end: &Result<Outcome, PluginError>) -> String {
    match end {
        Ok(outcome) => format!("{:?} {:?}", outcome.pipeline, outcome.runs),
        // What was used until then is the machine's.
        Err(PluginError { fault: Fault::CompileLimit { work, limit, value, .. }, .. }) => {
            format!("{work:?} {limit:?} {value}")
        }
        Err(error) => format!("{error:?}"),
    }
}

fn names_the_plugin(label: &str, error: &PluginError, plugin: &str) {
    assert_eq!(error.plugin, plugin, "{label}");
    assert!(error.to_string().contains(&format!("`{plugin}`")), "{label}: {error}");
    let texts = [vec![error.to_string()], error.fault.causes(), error.fault.hints()].concat();
    for text in texts {
        assert!(text.chars().all(is_harmless), "{label}: {text:?}");
    }
}

fn neighbours_are_untouched(label: &str, outcome: &Outcome, undisturbed: &Outcome) {
    for expected in &undisturbed.runs {
        let run = outcome.runs.iter().find(|run| run.plugin == expected.plugin);
        assert_eq!(run, Some(expected), "{label}: they used as much as without it");
    }
    let labels = serde_json::to_value(&outcome.pipeline).unwrap()["metadata"]["labels"].clone();
    for name in NEIGHBOURS {
        assert_eq!(labels[name], "ok", "{label}: {labels}");
    }
}

/// Nothing that moves the cursor, hides or turns text around: no control characters, and none of
/// <https://www.unicode.org/reports/tr9/> and <https://www.unicode.org/reports/tr36/>. Letters of any
/// script are text.
pub(super) fn is_harmless(character: char) -> bool {
    let invisible = matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..);
    !character.is_control() && !invisible
}
