//! The host survives thousands of hostile runs in one process, and nothing of them is left.

use std::sync::Arc;

use serde_json::json;
use wellhead_chain::{Allocation, Chain, Engine, Entry, LoadOptions, Plugin};
use wellhead_tests::guest::Guest;
use wellhead_tests::nest::nested;

use crate::alone::{alone, resident_kib};
use crate::corpus::{self, Attack};
use crate::support::{compiler, entry, pipeline};

/// Runs of each test.
const RUNS: usize = 10_000;
/// Runs after which the process has everything that it keeps.
const WARM_UP: usize = 1_000;
/// What the process may grow by after that: allocators return memory when they like.
const SLACK_KIB: u64 = 16 << 10;
/// Slots of the pool.
const SLOTS: u32 = 2;
/// Memories that an instance may have beside that of the guest.
const MEMORIES: usize = 15;
/// What the pool keeps of each memory.
const KEPT_KIB: u64 = 2 << 10;
/// One of so many runs loads a file; that costs a hundred times what a run does.
const LOADS: usize = 50;

/// Does something ten thousand times; the memory of the process is flat.
fn stays_flat(mut run: impl FnMut(usize)) {
    (0..WARM_UP).for_each(&mut run);
    let warm = resident_kib("VmRSS");
    (WARM_UP..RUNS).for_each(&mut run);
    let end = resident_kib("VmRSS");
    assert!(end < warm + SLACK_KIB, "{warm} KiB after the first runs, {end} KiB at the end");
}

fn engines() -> [Engine; 2] {
    let engines = [Allocation::OnDemand, Allocation::Pool { slots: SLOTS }]
        .map(|it| Engine::new(it, compiler()).unwrap());
    fill(&engines[1]);
    engines
}

/// Makes a pool keep all that it ever keeps: of each memory, what was written to, up to a bound. Which memory an instance
/// gets is up to the pool, so that otherwise the process grows until each had its turn, thousands of runs later.
fn fill(pool: &Engine) {
    let empty = resident_kib("VmRSS");
    for byte in 1..=SLOTS {
        let writes = format!(
            "(core module $m (memory 32) (func $f (local $at i32) (loop $next
               (i32.store8 (local.get $at) (i32.const {byte}))
               (local.set $at (i32.add (local.get $at) (i32.const 4096)))
               (br_if $next (i32.lt_u (local.get $at) (i32.const 2097152))))) (start $f))"
        );
        let instances = "(core instance (instantiate $m))".repeat(MEMORIES);
        let writes = wat::parse_str(format!("(component {writes} {instances})")).unwrap();
        // Each is a component that the pool does not know, which gets memories that nobody had.
        let plugin = nested(&Guest::new().build(), &writes);
        Plugin::from_bytes(pool, "full", &plugin, &LoadOptions::default()).unwrap();
    }
    let kept = resident_kib("VmRSS") - empty;
    let expected = u64::from(SLOTS) * MEMORIES as u64 * KEPT_KIB;
    assert!(kept > expected / 10 * 9, "{kept} KiB of {expected} are kept");
}

/// An attack on an engine, as a chain when it loads.
fn chain(engine: &Engine, attack: &Attack) -> Option<Chain> {
    let plugin =
        Plugin::from_bytes(engine, "hostile", &attack.plugin, &LoadOptions::default()).ok()?;
    let mut settings = attack.settings.clone();
    // Little fuel: the number of runs matters here, and not what one run takes.
    settings["limits"] = json!({"fuel": 100_000});
    let entry = Entry::new(&entry("hostile", &settings), "team", Arc::new(plugin)).ok()?;
    Some(Chain::new(vec![entry]))
}

/// How a run ends, as text.
fn end(chain: &Chain) -> String {
    match chain.run(&pipeline()) {
        Ok(outcome) => format!("{:?} {:?}", outcome.pipeline, outcome.runs),
        Err(errors) => format!("{errors:?}"),
    }
}

#[test]
fn ten_thousand_hostile_runs_leave_memory_flat() {
    alone("isolation::ten_thousand_hostile_runs_leave_memory_flat", || {
        let attacks: Vec<_> = corpus::all().flat_map(|case| (case.attacks)()).collect();
        let engines = engines();
        let (mut chains, mut files) = (Vec::new(), Vec::new());
        for attack in &attacks {
            for engine in &engines {
                match chain(engine, attack) {
                    Some(chain) => chains.push((end(&chain), chain)),
                    None if attack.plugin.len() < 64 << 10 => files.push((engine, attack)),
                    None => {}
                }
            }
        }
        assert!(chains.len() > 150 && files.len() > 80, "{} {}", chains.len(), files.len());
        stays_flat(|number| {
            let (first, chain) = &chains[number % chains.len()];
            assert_eq!(end(chain), *first, "every run ends as the first one did");
            if number % LOADS == 0 {
                let (engine, attack) = files[number / LOADS % files.len()];
                assert!(self::chain(engine, attack).is_none(), "{}", attack.what);
            }
        });
        for engine in &engines {
            let guest = Guest::sets_replicas(5).build();
            let plugin = Plugin::from_bytes(engine, "good", &guest, &LoadOptions::default());
            let settings = json!({"grants": ["replicas"]});
            let entry = Entry::new(&entry("good", &settings), "team", plugin.unwrap().into());
            let outcome = Chain::new(vec![entry.unwrap()]).run(&pipeline()).unwrap();
            assert_eq!(outcome.pipeline.spec.replicas, Some(5));
        }
    });
}

#[test]
fn case_22_ten_thousand_calls_that_fill_memory_leave_it_flat() {
    alone("isolation::case_22_ten_thousand_calls_that_fill_memory_leave_it_flat", || {
        let guest = Guest::new().transform(
            "(drop (memory.grow (i32.const 15)))
            (memory.fill (i32.const 65536) (i32.const 170) (i32.const 983040)) (i32.const 256)",
        );
        let chains = engines().map(|engine| {
            let plugin =
                Plugin::from_bytes(&engine, "full", &guest.build(), &LoadOptions::default());
            let entry = Entry::new(&entry("full", &json!({})), "team", plugin.unwrap().into());
            Chain::new(vec![entry.unwrap()])
        });
        stays_flat(|number| {
            let outcome = chains[number % 2].run(&pipeline()).unwrap();
            assert!(outcome.runs[0].usage.memory >= 1 << 20);
        });
    });
}
