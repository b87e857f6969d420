//! One call of a plugin: a fresh instance, seven edits, every limit in force.
//!
//! `pool` is the allocation of long-lived hosts, `on demand` that of the command. `spin` is what two
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
fn rate(threads: usize, work: impl Fn() + Sync) -> f64 {
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
        thread::sleep(Duration::from_secs(1));
        stop.store(true, Ordering::Relaxed);
    });
    count.into_inner().into()
}

/// The time that half of the calls stay under. A mean would tell of the machine's other work.
fn median(work: impl Fn()) -> Duration {
    let time_of_one = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let mut times: Vec<_> = (0..50_000).map(|_| time_of_one()).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The median of a call with its copy of the draft, and what the second thread gains, beside what it
/// gains for a spin loop.
fn scaling(_: &mut Criterion) {
    let entry = entry(Allocation::Pool { slots: 64 });
    let draft = Draft::new(&pipeline());
    let call = || entry.transform(&mut draft.clone()).expect("the edits are granted");
    let spin = || {
        black_box((0..20_000_u64).fold(1, |sum, next| black_box(sum * 31 + next)));
    };
    let mut figures = Figures::new("transform");
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    figures.add("transform, p50", micros(median(call)), "us", "");
    figures.add(
        "copy of the draft, p50",
        micros(median(|| drop(black_box(draft.clone())))),
        "us",
        "",
    );
    for (name, one, two) in
        [("transform", rate(1, call), rate(2, call)), ("spin", rate(1, spin), rate(2, spin))]
    {
        figures.add(&format!("{name}, one thread"), one, "/s", "");
        figures.add(&format!("{name}, two threads"), two, "/s", "");
        figures.add(&format!("{name}, two threads / one"), two / one, "", "");
    }
    figures.finish().expect("the figures can be written");
}

criterion_group!(benches, transform, scaling);
criterion_main!(benches);
