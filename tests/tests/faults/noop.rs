//! An apply that changes nothing writes nothing, however often it runs.
//!
//! `WELLHEAD_FAULTS_NOOPS=1000`, which `cargo xtask faults --all` sets, says how often.

use crate::bed::{Case, writes};
use crate::enumeration::wish;
use crate::spec::Spec;
use crate::state::differences;

#[test]
fn an_apply_that_changes_nothing_writes_nothing_however_often_it_runs() {
    let case = Case::new("no-op");
    case.apply(&Spec::second());
    let before = case.state().trace();
    let runs = wish("WELLHEAD_FAULTS_NOOPS", 20);
    let mut writing = 0;
    for number in 1..=runs {
        case.proxy.take_record();
        case.run(&["apply", "-f", "db.yaml"]).ends_with(0);
        let written = writes(&case.proxy.take_record());
        if !written.is_empty() {
            println!("run {number} writes {written:?}");
            writing += 1;
        }
    }
    println!("no-op: {runs} runs, {writing} with writes");
    assert_eq!(writing, 0);
    assert_eq!(differences(&before, &case.state().trace()), [""; 0]);
    case.finish();
}
