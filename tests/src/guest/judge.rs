//! Validators of track 0.2, with all that such a plugin can say of itself and of a pipeline.

use std::fmt::Write as _;

use super::{World, escape, word};

/// Where the description, the result, the answer of the host, and the findings are in memory, and what they name.
const DESCRIPTION: usize = 64;
const RESULT: usize = 256;
const ANSWER: usize = 320;
const FINDINGS: usize = 512;
const TEXTS: usize = 4_096;
/// Bytes of a finding, and the offset of its message.
const FINDING: usize = 76;
const MESSAGE: usize = 16;

/// A finding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'t> {
    /// Whether it is a warning; otherwise an error.
    pub warns: bool,
    /// The code.
    pub code: Option<&'t str>,
    /// The message.
    pub message: &'t str,
    /// What the message was filled with.
    pub arguments: &'t [(&'t str, &'t str)],
    /// The field.
    pub path: Option<&'t str>,
    /// What to change.
    pub hint: Option<&'t str>,
    /// A page.
    pub link: Option<&'t str>,
}

/// A validator that has the same findings about every pipeline.
#[derive(Clone, Debug, Default)]
pub struct Judge<'t> {
    /// Protected fields that it asks for.
    pub opens: &'t [&'t str],
    /// Facts that it asks for.
    pub facts: &'t [&'t str],
    /// Its licence.
    pub license: Option<&'t str>,
    /// Its page.
    pub homepage: Option<&'t str>,
    /// The oldest host that it names.
    pub min_host: Option<&'t str>,
    /// Its findings.
    pub findings: &'t [Told<'t>],
    /// A function of the host that gives a text for a text, e.g. `facts` and `get`, the text that it gets, and how often
    /// it is called. The message of the first finding is its last answer.
    pub asks: Option<(&'t str, &'t str, &'t str, u32)>,
}

/// Texts and lists in the guest's memory.
struct Memory {
    data: String,
    next: usize,
}

impl Memory {
    fn put(&mut self, bytes: &str, length: usize) -> usize {
        let at = self.next;
        let _ = writeln!(self.data, "(data (i32.const {at}) \"{bytes}\")");
        self.next = (at + length).next_multiple_of(4);
        at
    }

    fn text(&mut self, text: &str) -> String {
        let at = self.put(&escape(text), text.len());
        word(at) + &word(text.len())
    }

    fn option(&mut self, text: Option<&str>) -> String {
        match text {
            Some(text) => word(1) + &self.text(text),
            None => word(0).repeat(3),
        }
    }

    fn texts(&mut self, texts: &[&str]) -> String {
        let items: String = texts.iter().map(|text| self.text(text)).collect();
        word(self.put(&items, texts.len() * 8)) + &word(texts.len())
    }

    fn entries(&mut self, entries: &[(&str, &str)]) -> String {
        let entry = |(key, value): &(&str, &str)| self.text(key) + &self.text(value);
        let items: String = entries.iter().map(entry).collect();
        word(self.put(&items, entries.len() * 16)) + &word(entries.len())
    }
}

impl Judge<'_> {
    /// The component.
    ///
    /// # Panics
    /// When its texts do not fit into memory.
    pub fn build(&self) -> Vec<u8> {
        let mut memory = Memory { data: String::new(), next: TEXTS };
        let description = [
            memory.text("judge"),
            memory.text("1.0.0"),
            memory.text(""),
            memory.text("{}"),
            memory.texts(&[]),
            memory.texts(self.opens),
            memory.texts(self.facts),
            memory.option(self.license),
            memory.option(self.homepage),
            memory.option(self.min_host),
            memory.entries(&[]),
        ]
        .concat();
        let finding = |told: &Told<'_>| {
            [
                word(usize::from(told.warns)),
                memory.option(told.code),
                memory.text(told.message),
                memory.entries(told.arguments),
                memory.option(told.path),
                memory.option(told.hint),
                memory.option(told.link),
                memory.entries(&[]),
            ]
            .concat()
        };
        let findings: String = self.findings.iter().map(finding).collect();
        assert!(FINDINGS + FINDING * self.findings.len() <= TEXTS, "the findings fit");
        let (import, call) = self.asks.map_or_else(Default::default, |asks| ask(asks, &mut memory));
        let result = word(0) + &word(FINDINGS) + &word(self.findings.len());
        let core = format!(
            r#"(module
  (import "wellhead:plugin/pipeline@0.2.0" "[resource-drop]pipeline" (func $give_back (param i32)))
  {import}
  (memory (export "memory") 2)
  (global $heap (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {})
  (func (export "wellhead:plugin/describe@0.2.0#describe") (result i32) (i32.const {DESCRIPTION}))
  (func (export "wellhead:plugin/validate@0.2.0#validate") (param i32 i32 i32) (result i32)
    (local $times i32)
    {call}
    (call $give_back (local.get 0)) (i32.const {RESULT}))
  (data (i32.const {DESCRIPTION}) "{description}")
  (data (i32.const {RESULT}) "{result}")
  (data (i32.const {FINDINGS}) "{findings}")
  {})"#,
            super::REALLOC,
            memory.data
        );
        World::of_track_0_2("validator").encode(&core)
    }
}

/// The import of what a validator asks, and its calls. Each frees what the one before it got.
fn ask(
    (interface, function, text, times): (&str, &str, &str, u32),
    memory: &mut Memory,
) -> (String, String) {
    let at = memory.put(&escape(text), text.len());
    let import = format!(
        r#"(import "wellhead:plugin/{interface}@0.2.0" "{function}" (func $ask (param i32 i32 i32)))"#
    );
    let message = FINDINGS + MESSAGE;
    let call = format!(
        "(loop $again
           (global.set $heap (i32.const 65536))
           (call $ask (i32.const {at}) (i32.const {}) (i32.const {ANSWER}))
           (local.set $times (i32.add (local.get $times) (i32.const 1)))
           (br_if $again (i32.lt_u (local.get $times) (i32.const {times}))))
         (if (i32.load8_u (i32.const {})) (then
           (i32.store (i32.const {message}) (i32.load (i32.const {})))
           (i32.store (i32.const {}) (i32.load (i32.const {})))))",
        text.len(),
        ANSWER + 4,
        ANSWER + 8,
        message + 4,
        ANSWER + 12,
    );
    (import, call)
}
