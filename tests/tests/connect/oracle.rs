//! Every case, with Wellhead and with kubectl.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bed::Bed;
use crate::cases::{Case, all};

/// Cases at a time: most of them wait.
const AT_A_TIME: usize = 8;

fn golden() -> String {
    format!("{}/tests/connect/kubectl.txt", env!("CARGO_MANIFEST_DIR"))
}

/// What kubectl did, by the names of cases.
fn known() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(golden()).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(" => "));
    lines.map(|(name, outcome)| (name.to_owned(), outcome.to_owned())).collect()
}

/// kubectl, where there is one. The one of Google's SDK asks a server for its version before it calls another, which
/// is beside it.
fn kubectl() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found =
        std::env::split_paths(&path).map(|it| it.join("kubectl")).find(|it| it.is_file())?;
    let folder = found.canonicalize().ok()?.parent()?.to_owned();
    let beside = std::fs::read_dir(folder).ok()?.flatten().map(|it| it.path());
    let is_one = |it: &PathBuf| it.to_string_lossy().contains("kubectl.1.");
    Some(beside.filter(is_one).max().unwrap_or(found))
}

/// Does something with each case, on a few beds at a time.
fn each<T: Send>(cases: &[Case], run: impl Fn(&Bed, &Case) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                let bed = Bed::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = run(&bed, case);
                    done.lock().expect("no case panics").push((case.name.clone(), result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no case panics");
    let place = |name: &str| cases.iter().position(|it| it.name == name);
    done.sort_by_key(|(name, _)| place(name));
    done.into_iter().map(|(_, result)| result).collect()
}

/// The same server, through the same proxy, as the same user, or nothing at all; where Wellhead does something else on
/// purpose, the case says why.
#[test]
fn a_kubeconfig_means_what_it_means_to_kubectl() {
    let cases = all();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    let mut known = known();
    if let Some(kubectl) = kubectl() {
        let now = each(&cases, |bed, case| (case.name.clone(), bed.kubectl(&kubectl, case)));
        let now: BTreeMap<_, _> = now.into_iter().collect();
        if std::env::var_os("BLESS").is_some() {
            let text = cases.iter().fold(String::new(), |mut text, case| {
                let _ = writeln!(text, "{} => {}", case.name, now[&case.name]);
                text
            });
            std::fs::write(golden(), text).expect("the file can be written");
            known.clone_from(&now);
        }
        assert_eq!(differences(&known, &now), "", "kubectl does something else now");
    }
    let mut same = Vec::new();
    let wanted = cases.iter().map(|case| {
        let differs = case.differs.as_ref().map(|(outcome, _)| (*outcome).to_owned());
        let kubectl = known.get(&case.name).cloned();
        if differs.is_some() && differs == kubectl {
            same.push(case.name.clone());
        }
        (case.name.clone(), differs.or(kubectl).unwrap_or_default())
    });
    let wanted: BTreeMap<_, _> = wanted.collect();
    let found = each(&cases, |bed, case| {
        let (outcome, output) = bed.wellhead(case);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        for sign in
            ["panicked", "RUST_BACKTRACE", "Some(", "Output {", "Error(", "secret", "TOPSECRET"]
        {
            assert!(!said.contains(sign), "{}: {said}", case.name);
        }
        (case.name.clone(), outcome)
    });
    assert_eq!(differences(&wanted, &found.into_iter().collect()), "");
    assert!(same.is_empty(), "these differ no more: {same:?}");
}

fn differences(wanted: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, outcome) in found {
        let wanted = wanted.get(name).map_or("nothing", String::as_str);
        if wanted != outcome {
            let _ = writeln!(text, "{name}\n  wanted: {wanted}\n  found:  {outcome}");
        }
    }
    text
}
