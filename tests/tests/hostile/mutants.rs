//! Ten thousand files that begin as plugins and are damaged in ways that keep their structure: no
//! panic, no exit of the host, bounded memory, and each ends in one of the faults that there are.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde_json::json;
use wasmparser::{Parser, Payload};
use wellhead_chain::{Allocation, Chain, Compiler, Engine, Entry, LoadOptions, Plugin};
use wellhead_tests::built;
use wellhead_tests::guest::{Edit, Guest, Manner};
use wellhead_tests::nest::nested;

use crate::alone::{alone, resident_kib};
use crate::support::{entry, pipeline};

/// Files that are tried.
const MUTANTS: u64 = 10_000;
/// Most memory of the process that tries them, in KiB.
const RESIDENT_KIB: u64 = 256 << 10;

/// `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>): the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap()
    }
}

/// A component cut into its header and its sections.
fn sections(bytes: &[u8]) -> Vec<&[u8]> {
    let mut ends = vec![0, 8];
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::Version { .. } => depth += 1,
            Payload::End(end) => {
                depth -= 1;
                if depth == 1 {
                    ends.push(end);
                }
            }
            // What is inside of modules and components belongs to their section.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {}
            other if depth == 1 => ends.extend(other.as_section().map(|(_, range)| range.end)),
            _ => {}
        }
    }
    ends.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// Changes some bytes, most of them in one place.
fn flip(bytes: &mut [u8], numbers: &mut Numbers) {
    let start = 8 + numbers.below(bytes.len() - 8);
    for _ in 0..=numbers.below(4) {
        let at = (start + numbers.below(16)).min(bytes.len() - 1);
        bytes[at] ^= 1 << numbers.below(8);
    }
}

/// Moves, repeats, leaves out or borrows a section.
fn shuffle(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut parts = sections(bytes);
    let at = 1 + numbers.below(parts.len() - 1);
    match numbers.below(4) {
        0 => {
            let to = 1 + numbers.below(parts.len() - 1);
            parts.swap(at, to);
        }
        1 => parts.insert(at, parts[at]),
        2 => drop(parts.remove(at)),
        _ => {
            let others = sections(other);
            parts.insert(at, others[1 + numbers.below(others.len() - 1)]);
        }
    }
    parts.concat()
}

fn mutant(number: u64, files: &[Vec<u8>]) -> Vec<u8> {
    let mut numbers = Numbers(number);
    // The first ones are small; those of real toolchains take longer to compile.
    let of = if numbers.below(20) == 0 { files.len() } else { files.len() - 3 };
    let mut bytes = files[numbers.below(of)].clone();
    let other = &files[numbers.below(files.len() - 3)];
    match numbers.below(10) {
        0..=4 => flip(&mut bytes, &mut numbers),
        5..=7 => bytes = shuffle(&bytes, other, &mut numbers),
        8 => bytes.truncate(8 + numbers.below(bytes.len())),
        _ => {
            let mut inner = shuffle(other, &bytes, &mut numbers);
            flip(&mut inner, &mut numbers);
            bytes = nested(&bytes, &inner);
        }
    }
    bytes
}

/// Loads and runs a file; how it ended.
fn attempt(engine: &Engine, bytes: &[u8]) -> &'static str {
    let plugin = match Plugin::from_bytes(engine, "mutant", bytes, &LoadOptions::default()) {
        Ok(plugin) => Arc::new(plugin),
        Err(error) => return error.fault.code().id(),
    };
    let settings = json!({"grants": ["**"], "limits": {"fuel": 100_000}});
    let entry = match Entry::new(&entry("mutant", &settings), "team", plugin) {
        Ok(entry) => entry,
        Err(error) => return error.fault.code().id(),
    };
    match Chain::new(vec![entry]).run(&pipeline()) {
        Ok(_) => "done",
        Err(errors) => errors[0].fault.code().id(),
    }
}

#[test]
fn ten_thousand_mutants_end_in_a_fault_or_well() {
    alone("mutants::ten_thousand_mutants_end_in_a_fault_or_well", || {
        let label = Edit::pipeline("set-label").text("a").text("b");
        let env = Edit::container("set-env").text("A").text("b");
        let mut files = vec![
            Guest::new().build(),
            Guest::sets_replicas(5).build(),
            Guest::rejects("no").build(),
            Guest::makes(&[label, env], Manner::Honest).build(),
            Guest::new().imports_log().fields("(table 8 funcref)").build(),
        ];
        for name in ["image-policy", "replicas", "storage-class"] {
            files.push(std::fs::read(built::plugin(name)).unwrap());
        }
        // In this process, so that a compiler that panics is noticed.
        let engine = Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap();
        let mut ends = BTreeMap::<_, u64>::new();
        for number in 0..MUTANTS {
            let bytes = mutant(number, &files);
            let end = catch_unwind(AssertUnwindSafe(|| attempt(&engine, &bytes)));
            let end = end.unwrap_or_else(|_| panic!("mutant {number} makes the host panic"));
            *ends.entry(end).or_default() += 1;
        }
        // Enough of them get past each check to try the next one.
        for (end, least) in [("WH0504", 2_000), ("WH0505", 100), ("WH0511", 50), ("done", 500)] {
            assert!(ends.get(end).is_some_and(|count| *count > least), "{end}: {ends:?}");
        }
        assert_eq!(attempt(&engine, &files[0]), "done", "the next good plugin works");
        let most = resident_kib("VmHWM");
        assert!(most < RESIDENT_KIB, "{most} KiB");
    });
}
