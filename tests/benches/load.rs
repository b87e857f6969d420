//! Loading a plugin: from the cache, and compiled. What a child process adds is what compiling it
//! safely costs.

use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tempfile::TempDir;
use wellhead_chain::{Allocation, Cache, Compiler, Engine, LoadOptions, Plugin};
use wellhead_tests::built;
use wellhead_tests::figures::Figures;

/// Rounds in which the ways to load are timed in turn.
const ROUNDS: usize = 21;

/// A host as the command has it, whose plugins are compiled by `compiler`.
fn engine(compiler: Compiler) -> Engine {
    Engine::new(Allocation::OnDemand, compiler).expect("the engine starts")
}

fn child() -> Engine {
    engine(Compiler::program(built::wellhead()))
}

/// A directory in which nothing is compiled.
fn empty() -> TempDir {
    tempfile::tempdir().expect("there is a folder for temporary files")
}

fn load(engine: &Engine, directory: &TempDir) -> Plugin {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/seven-edits.wasm");
    let cache = Cache::new(directory.path());
    let options = LoadOptions { cache: Some(&cache), ..LoadOptions::default() };
    Plugin::load(engine, "seven-edits", path.as_ref(), &options)
        .expect("`cargo xtask guests` built the plugin")
}

fn loads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load a plugin");
    group.sample_size(20);
    for (name, engine) in [("child", child()), ("in process", engine(Compiler::in_process()))] {
        group.bench_function(format!("cache miss, compiled by {name}"), |bencher| {
            bencher.iter_batched(
                empty,
                |directory| (load(&engine, &directory), directory),
                BatchSize::PerIteration,
            );
        });
    }
    let (engine, full) = (child(), empty());
    load(&engine, &full);
    group.bench_function("cache hit", |bencher| bencher.iter(|| load(&engine, &full)));
    group.finish();
}

/// What the child adds, the two ways timed in turn: what else the machine does meets both alike.
fn ratio(_: &mut Criterion) {
    let (child, own, full) = (child(), engine(Compiler::in_process()), empty());
    load(&own, &full);
    let time = |engine: &Engine, directory: &TempDir| {
        let start = Instant::now();
        load(engine, directory);
        start.elapsed()
    };
    let mut times = [const { Vec::<Duration>::new() }; 3];
    for _ in 0..ROUNDS {
        times[0].push(time(&child, &empty()));
        times[1].push(time(&own, &empty()));
        times[2].push(time(&own, &full));
    }
    let [by_child, in_process, hit] = times.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64() * 1e3
    });
    let mut figures = Figures::new("load");
    let note = format!("median of {ROUNDS}, timed in turn");
    figures.add("load, cache miss, compiled by a child", by_child, "ms", &note);
    figures.add("load, cache miss, compiled in process", in_process, "ms", &note);
    figures.add("load, child / in process", by_child / in_process, "", "of the medians");
    figures.add("load, cache hit", hit, "ms", &note);
    figures.finish().expect("the figures can be written");
}

criterion_group!(benches, loads, ratio);
criterion_main!(benches);
