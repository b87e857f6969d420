//! One call of a plugin: a fresh instance, seven edits, every limit in force.
//!
//! `pool` is the allocation of long-lived hosts, `on demand` that of the command. The loops are what two
//! threads gain on this machine at best: pure work without memory.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::json;
use wellhead_chain::{Allocation, Chain, Compiler, Draft, Engine, Entry, LoadOptions, Plugin};
use wellhead_spec::Pipeline;
use wellhead_tests::figures::Figures;

/// Calls of which the median is taken.
const CALLS: usize = 50_000;
/// Rounds of one thread and two.
const ROUNDS: usize = 9;
/// Time of a round.
const ROUND: Duration = Duration::from_millis(300);

fn pipeline() -> Pipeline {
    serde_json::from_value(json!({
        "metadata": {"name": "db", "namespace": "ml", "labels": {"team": "ml"}},
        "spec": {
            "replicas": 3,
            "containers": [{"name": "db", "image": "postgres:17"}],
            "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
        },
    }))
    .expect("the pipeline is valid")
}

fn entry(allocation: Allocation) -> Entry {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/seven-edits.wasm");
    let engine = Engine::new(allocation, Compiler::in_process()).expect("the engine starts");
    let plugin = Plugin::load(&engine, "seven-edits", path.as_ref(), &LoadOptions::default());
    let plugin = plugin.expect("`cargo xtask guests` built the plugin");
    let config = json!({"registry": "mirror.example.com", "storageClass": "fast", "replicas": 5});
    let entry = json!({"name": "seven-edits", "source": path, "config": config, "grants": ["**"]});
    let entry = serde_json::from_value(entry).expect("the entry is valid");
    Entry::new(&entry, "bench", Arc::new(plugin)).expect("the config is valid")
}

fn transform(criterion: &mut Criterion) {
    let draft = Draft::new(&pipeline());
    let mut group = criterion.benchmark_group("transform, fresh instance, 7 edits");
    for (name, allocation) in
        [("pool", Allocation::Pool { slots: 64 }), ("on demand", Allocation::OnDemand)]
    {
        let entry = entry(allocation);
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || draft.clone(),
                |draft| entry.transform(draft).expect("the edits are granted"),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();

    let pipeline = pipeline();
    let chain = Chain::new(vec![entry(Allocation::Pool { slots: 64 })]);
    criterion.bench_function("chain of one, with validation", |bencher| {
        bencher.iter(|| chain.run(black_box(&pipeline)).expect("the edits are granted"));
    });
}

/// Calls per second of `work` on some threads.
fn rate(threads: usize, work: &(dyn Fn() + Sync)) -> f64 {
    let (stop, count) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    work();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(ROUND);
        stop.store(true, Ordering::Relaxed);
    });
    f64::from(count.into_inner()) / ROUND.as_secs_f64()
}

/// The value that half of the others are below. A mean would tell of the machine's other work.
fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable_by(|one, other| one.partial_cmp(other).expect("times and rates compare"));
    values[values.len() / 2]
}

/// Median time of a call, in microseconds, which takes a copy of `input` that is not timed.
fn micros<I: Clone>(input: &I, work: impl Fn(&mut I)) -> f64 {
    let time_of_one = |_| {
        let mut input = input.clone();
        let start = Instant::now();
        work(&mut input);
        start.elapsed()
    };
    median((0..CALLS).map(time_of_one).collect()).as_secs_f64() * 1e6
}

/// Work that waits for its own results, so that most of a core is idle.
fn chain() {
    black_box((0..20_000_u64).fold(1, |sum, next| black_box(sum * 31 + next)));
}

/// Work that keeps a core busy, as a transform does: sums that do not wait for each other. Two threads
/// of one core gain little here, and much in [`chain`].
fn dense() {
    let step = |mut sums: [u64; 8], next: u64| {
        for (sum, odd) in sums.iter_mut().zip([1, 3, 5, 7, 9, 11, 13, 15]) {
            *sum = (*sum ^ next).wrapping_add(next << odd).rotate_left(5);
        }
        sums
    };
    black_box((0..black_box(5_000_u64)).fold([1; 8], step));
}

/// The median of a call, and what the second thread gains for calls beside what it gains for loops
/// without memory. Each gain is the median of several rounds of one thread and then two: a machine may
/// give two threads two cores or one, and change its mind.
fn scaling(_: &mut Criterion) {
    let entry = entry(Allocation::Pool { slots: 64 });
    let draft = Draft::new(&pipeline());
    let edit = |draft: &mut Draft| entry.transform(draft).expect("the edits are granted");
    let mut figures = Figures::new("transform");
    figures.add("transform, p50", micros(&draft, edit), "us", "");
    let copy = micros(&(), |()| drop(black_box(draft.clone())));
    figures.add("copy of the draft, p50", copy, "us", "");
    let call = || edit(&mut draft.clone());
    let contenders: [(_, &(dyn Fn() + Sync)); 3] =
        [("transform", &call), ("dense loop", &dense), ("waiting loop", &chain)];
    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for (rounds, (_, work)) in rounds.iter_mut().zip(&contenders) {
            rounds.push([rate(1, work), rate(2, work)]);
        }
    }
    for ((name, _), rounds) in contenders.iter().zip(&rounds) {
        let of = |value: fn(&[f64; 2]) -> f64| median(rounds.iter().map(value).collect());
        figures.add(&format!("{name}, one thread"), of(|it| it[0]), "/s", "");
        figures.add(&format!("{name}, two threads"), of(|it| it[1]), "/s", "");
        figures.add(&format!("{name}, two threads / one"), of(|it| it[1] / it[0]), "", "");
    }
    let share = |of: usize| {
        let shares = rounds[0].iter().zip(&rounds[of]);
        median(shares.map(|(calls, loops)| calls[1] / calls[0] / (loops[1] / loops[0])).collect())
    };
    figures.add("gain of the transform / of the dense loop", share(1), "", "");
    figures.add("gain of the transform / of the waiting loop", share(2), "", "");
    figures.finish().expect("the figures can be written");
}

criterion_group!(benches, transform, scaling);
criterion_main!(benches);
