//! Every target over its seeds and mutants of them: what a fuzzer does, for a short time and always
//! the same.

#![expect(clippy::print_stderr, clippy::panic, reason = "a failed test says which input it was")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::{env, fs};

use wellhead_fuzz::{Numbers, TARGETS, Target, mutate};

/// Runs an input. One that fails is kept as a file, for `cargo xtask fuzz`.
fn attempt(target: &Target, input: &[u8], which: &str) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_ok() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let file = folder.join(format!("{}-{which}", target.name));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
    eprintln!("the input is in {} ({kept:?})", file.display());
    panic!("target {}: {which} fails", target.name);
}

fn target(name: &str) {
    let target = TARGETS.iter().find(|it| it.name == name).expect("the target exists");
    let seeds = (target.seeds)();
    assert!(seeds.len() > 4, "{name} has seeds");
    for (number, seed) in seeds.iter().enumerate() {
        attempt(target, seed, &format!("seed-{number}"));
    }
    for number in 0..target.mutants {
        let mut numbers = Numbers(number);
        let seed = &seeds[numbers.below(seeds.len())];
        let other = &seeds[numbers.below(seeds.len())];
        let mutant = mutate(seed, other, target.words, &mut numbers);
        attempt(target, &mutant, &format!("mutant-{number}"));
    }
}

#[test]
fn the_pre_check_counts_and_refuses_consistently() {
    target("precheck");
}

#[test]
fn whatever_is_loaded_is_refused_or_keeps_its_budgets() {
    target("load");
}

#[test]
fn whatever_a_plugin_edits_is_refused_or_lawful() {
    target("transform");
}

#[test]
fn whatever_is_read_is_refused_with_its_place_or_reads_back() {
    target("spec");
}

#[test]
fn patterns_and_paths_follow_their_definition() {
    target("paths");
}

#[test]
fn what_a_config_is_checked_against_without_limits_is_small() {
    target("config");
}

#[test]
fn debug_information_is_read_or_is_not_there() {
    target("lines");
}

#[test]
fn what_is_valid_renders_to_what_can_be_read() {
    target("render");
}

#[test]
fn whatever_a_kubeconfig_says_is_taken_or_refused_with_a_way_out() {
    target("kubeconfig");
}

#[test]
fn what_a_record_holds_is_the_pipelines_own_or_refused() {
    target("records");
}

#[test]
fn a_file_of_plugins_brings_what_its_digests_say_or_nothing() {
    target("layout");
}
