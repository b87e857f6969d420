//! What can go wrong, numbered. `apply` stands for install and upgrade.
//!
//! | cell | fault | must be true after |
//! |---|---|---|
//! | 1 | killed before the first write | nothing changed |
//! | 2 | killed after any write | the same command finishes; what was written stays |
//! | 3 | killed between any write and its answer | nothing twice |
//! | 4 | killed between the last apply and the record | the same command sees that it is done |
//! | 5 | killed with the lock | the next one takes over when the lease ends |
//! | 6 | two at once | one wins, the other says who, and writes nothing |
//! | 7 | 429 with `Retry-After` | it waits, but not an hour |
//! | 8 | 500, 503, 504 on each call | the same end |
//! | 9 | reply lost after the commit | the same end |
//! | 10 | reset in a body, half a TLS record | the same end |
//! | 11 | the server accepts and never answers | a deadline ends it |
//! | 12 | each call takes long | done; the lock is renewed |
//! | 13 | API server killed between calls | it resumes |
//! | 14 | GOAWAY, closed connections | no failure |
//! | 15 | etcd killed | what was acknowledged is there |
//! | 16 | etcd without space | a clear error; it recovers |
//! | 17 | another manager owns a field | said with manager and field; no force |
//! | 18 | another writer all the time | retried |
//! | 19 | object deleted between plan and apply | not recreated empty |
//! | 20 | object replaced by a stranger's | refused |
//! | 21 | admission denies one object | found before the first write |
//! | 22 | admission begins to deny after the dry run | said; resumable |
//! | 23 | namespace goes; quota exceeded | no writes, or resumable ones |
//! | 24 | immutable field | refused in the plan with the way out |
//! | 25 | the credentials lose a right midway | said; resumable |
//! | 26 | a pod never becomes ready | said in time; the state stays described |
//! | 27 | no controller manager | applied; not ready in time |
//! | 28 | no scheduler | the same |
//! | 29 | a plugin crashes, or is another one at the second run | no write |
//! | 30 | disk full, no home, clock off by an hour | no harm |
//! | 31 | killed after the first of three claims grew | the same command grows the rest |
//! | 32 | killed between delete and recreate | recreated; pods never restart |
//! | 33 | no controller manager during the orphan delete | it waits for the end of the old object |
//! | 34 | the delete's body is lost | claims stay; lost pods are said |
//! | 35 | class without expansion | refused in the plan |
//! | 36 | expansion stuck | status says which; it can be lowered |
//! | 37 | rollback of a bad image under `OrderedReady` | exactly the stuck pod is replaced |
//! | 38 | killed between template and pod | the same command does it |
//! | 39 | rollback to smaller claims | refused, not half |
//! | 40 | rollback to a plugin that is gone | works from what is stored |
//! | 41 | rollback of rollbacks | as a direct apply |
//! | 42 | delete killed at each step | the same command finishes; claims kept and listed |
//! | 43 | a finalizer blocks | said, not stripped |
//! | 44 | strangers with our labels; purge killed midway | untouched; it resumes |

mod delete;
mod lock;
mod network;
mod others;
mod pods;
mod process;
mod recreate;
mod resize;
mod rollback;
mod server;
mod tenant;

use std::collections::BTreeSet;
use std::path::Path;

use crate::bed::Case;
use crate::operation::Operation;
use crate::oracle::{assert_right, settle};

const APPLY: &[&str] = &["apply", "-f", "db.yaml"];

/// A case at the beginning of an operation, and the state there.
fn ready(name: &str, operation: Operation) -> (Case, crate::state::State) {
    let case = Case::new(name);
    operation.prepare(&case);
    let before = case.state();
    (case, before)
}

/// The faults are over: all that must be true is asked for.
#[track_caller]
fn settled(case: Case, operation: Operation, before: &crate::state::State) {
    assert_right(&settle(&case, operation, before));
    case.finish();
}

/// The numbers in the names of the tests of this folder.
fn numbers() -> BTreeSet<u32> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/cells");
    let mut numbers = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = file.expect("the folder can be read").path();
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let tests = text.split("#[test]\nfn cell_").skip(1);
        numbers.extend(tests.filter_map(|it| it.split('_').next()?.parse::<u32>().ok()));
    }
    numbers
}

#[test]
fn every_cell_has_a_test() {
    let missing: Vec<_> = (1..=44).filter(|number| !numbers().contains(number)).collect();
    assert!(missing.is_empty(), "no test is called cell_N_... for {missing:?}");
}
