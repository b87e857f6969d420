//! Any debug information.

use wellhead_chain::fuzzed::count_lines;

/// Most calls that are told of one place.
const CALLS: usize = 20;

/// The lines of every few bytes of a component are found, or none are, and there are few of them.
pub(crate) fn run(data: &[u8]) {
    let places: Vec<_> = (0..data.len() as u64).step_by(97).map(Some).chain([None]).collect();
    assert!(count_lines(data, &places) <= places.len() * CALLS);
}
