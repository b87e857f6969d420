//! The corpus: what an adversarial plugin tries, and what the host does.
//!
//! A [`Case`] is a kind of attack, with a number that it keeps; its [`Attack`]s are components of
//! their own. Each says what it must end with ([`Expect`]) and is then held to what holds for every
//! attack ([`common`], [`process`]). Here is the whole list; a number that is missing or stands twice
//! does not compile.

mod abi;
mod common;
mod cost;
mod expect;
mod imports;
mod memory;
mod output;
mod parse;
mod paths;
mod process;
mod protection;
mod records;
mod time;
mod words;
mod work;

use serde_json::{Value, json};
use wellhead_spec::Pipeline;
use wellhead_tests::guest::Guest;
use wellhead_tests::repository;

pub(crate) use expect::Expect;

/// The sections of the corpus.
const SECTIONS: &[&[Case]] = &[
    time::CASES,
    memory::CASES,
    parse::CASES,
    abi::CASES,
    imports::CASES,
    output::CASES,
    work::CASES,
    protection::CASES,
    records::CASES,
    words::CASES,
    paths::CASES,
];
/// Number of cases.
const COUNT: usize = 99;

/// A kind of attack.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// The name of its test.
    pub(crate) name: &'static str,
    /// The attacks, one at least.
    pub(crate) attacks: fn() -> Vec<Attack>,
}

/// One attack: a plugin, what the operator allows it, and how it ends. There is no way to leave the
/// last one out.
pub(crate) struct Attack {
    /// What it tries, in words.
    pub(crate) what: String,
    /// The file of the plugin.
    pub(crate) plugin: Vec<u8>,
    /// The settings of its chain entry: grants, limits.
    pub(crate) settings: Value,
    /// The config of the plugin `image-policy`, when the operator has it behind this one.
    pub(crate) policy: Option<Value>,
    /// Seconds of a processor that compiling it may take, when the operator says so.
    pub(crate) compile_seconds: Option<u64>,
    /// The pipeline that it gets.
    pub(crate) base: fn() -> Pipeline,
    /// What the host must do.
    pub(crate) expect: Expect,
}

impl Attack {
    /// An attack of a file.
    pub(crate) fn file(what: impl Into<String>, plugin: Vec<u8>, expect: Expect) -> Self {
        let settings = json!({"grants": ["**"]});
        let (policy, compile_seconds) = (None, None);
        let base = crate::support::pipeline;
        Self { what: what.into(), plugin, settings, policy, compile_seconds, base, expect }
    }

    /// An attack of a plugin to which every field is granted.
    pub(crate) fn new(what: impl Into<String>, guest: &Guest, expect: Expect) -> Self {
        Self::file(what, guest.build(), expect)
    }

    /// Little fuel, so that the wall-clock backstop is never the first to end it.
    pub(crate) fn with_little_fuel(mut self) -> Self {
        self.settings["limits"] = json!({"fuel": 5_000_000});
        self
    }

    /// On another pipeline.
    pub(crate) fn on(self, base: fn() -> Pipeline) -> Self {
        Self { base, ..self }
    }

    /// Other settings.
    pub(crate) fn with(self, settings: Value) -> Self {
        Self { settings, ..self }
    }
}

/// The tests of a section and the list of its cases.
macro_rules! cases {
    ($($number:literal $name:ident: $attacks:ident;)*) => {
        pub(super) const CASES: &[super::Case] = &[$(super::Case {
            number: $number,
            name: stringify!($name),
            attacks: $attacks,
        }),*];

        mod tests {
            $(#[test]
            fn $name() {
                let case = super::CASES.iter().find(|case| case.number == $number);
                super::super::hold(case.unwrap());
            })*
        }
    };
}
use cases;

const _: () = {
    let mut seen = [false; COUNT];
    let mut section = 0;
    while section < SECTIONS.len() {
        let mut case = 0;
        while case < SECTIONS[section].len() {
            let number = SECTIONS[section][case].number;
            assert!(!seen[number - 1], "a number stands twice");
            seen[number - 1] = true;
            case += 1;
        }
        section += 1;
    }
    let mut number = 0;
    while number < COUNT {
        assert!(seen[number], "a number is missing");
        number += 1;
    }
};

/// Every case.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    SECTIONS.iter().copied().flatten()
}

/// Holds the host to everything that a case expects, for each of its attacks.
pub(crate) fn hold(case: &Case) {
    let attacks = (case.attacks)();
    assert!(!attacks.is_empty(), "{} has no attack", case.name);
    for attack in attacks {
        let label = format!("case {}, {}", case.number, attack.what);
        common::hold(&label, &attack);
        process::hold(&label, &attack);
    }
}

/// A case counts only while it runs: nothing of this test leaves one out.
#[test]
fn no_case_can_be_left_out() {
    for file in repository::files("tests/tests/hostile", "rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        for way in [concat!("#[ign", "ore"), concat!("env::", "var"), concat!("#[cfg", "(")] {
            assert!(!text.contains(way), "{}: {way}", file.display());
        }
    }
}
