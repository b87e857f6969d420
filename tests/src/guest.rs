//! Plugins for tests, written as core modules in WebAssembly text and encoded here.
//!
//! A [`Guest`] is an honest little plugin until a test replaces a part of it. It is written against
//! the canonical ABI by hand, so that it can also do what no toolchain would.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the description's record stands in the guest's memory.
const DESCRIPTION: usize = 64;
/// Where the texts of the description begin.
const TEXTS: usize = 1_024;
/// A result that is `ok`: its first byte, the discriminant, is 0.
const OK: usize = 256;

/// A plugin of the world `transformer`, in parts.
#[derive(Clone, Debug)]
pub struct Guest {
    name: String,
    schema: String,
    writes: Vec<String>,
    fields: String,
    describe: String,
    transform: String,
}

impl Default for Guest {
    fn default() -> Self {
        Self::new()
    }
}

impl Guest {
    /// A plugin that accepts any config and changes nothing.
    pub fn new() -> Self {
        Self {
            name: "guest".to_owned(),
            schema: "{}".to_owned(),
            writes: Vec::new(),
            fields: String::new(),
            describe: format!("(i32.const {DESCRIPTION})"),
            transform: format!("(i32.const {OK})"),
        }
    }

    /// The name that the plugin gives itself.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// JSON Schema of the config.
    #[must_use]
    pub fn schema(mut self, schema: &str) -> Self {
        schema.clone_into(&mut self.schema);
        self
    }

    /// What it asks to write.
    #[must_use]
    pub fn writes(mut self, paths: &[&str]) -> Self {
        self.writes = paths.iter().map(|&path| path.to_owned()).collect();
        self
    }

    /// Module fields that stand before all others: imports, globals, functions, a start function.
    #[must_use]
    pub fn fields(mut self, fields: &str) -> Self {
        let _ = writeln!(self.fields, "{fields}");
        self
    }

    /// The body of `describe: () -> i32`, instead of the honest one.
    #[must_use]
    pub fn describe(mut self, body: &str) -> Self {
        body.clone_into(&mut self.describe);
        self
    }

    /// The body of `transform: (i32 $target, i32 $config, i32 $length) -> i32`: code that leaves the
    /// address of the result on the stack. Address 256 is an `ok`.
    #[must_use]
    pub fn transform(mut self, body: &str) -> Self {
        body.clone_into(&mut self.transform);
        self
    }

    /// A plugin that sets the number of replicas.
    pub fn sets_replicas(replicas: i32) -> Self {
        let import = "(import \"wellhead:plugin/pipeline@0.1.0\" \"[method]pipeline.set-replicas\" \
                      (func $set_replicas (param i32 i32 i32)))";
        Self::new().fields(import).transform(&format!(
            "(call $set_replicas (local.get $target) (i32.const {replicas}) (i32.const 512)) \
             (i32.const {OK})"
        ))
    }

    /// A plugin that rejects every pipeline with a message.
    pub fn rejects(message: &str) -> Self {
        let data = format!("(data (i32.const 8192) \"{}\")", escape(message));
        Self::new().fields(&data).transform(&format!(
            "(i32.store8 (i32.const 512) (i32.const 1)) (i32.store (i32.const 516) (i32.const 8192)) \
             (i32.store (i32.const 520) (i32.const {})) (i32.const 512)",
            message.len()
        ))
    }

    /// The core module as text.
    pub fn wat(&self) -> String {
        let texts = [&self.name, "1.0.0", "A plugin for tests.", &self.schema];
        let (mut record, mut data, mut at) = (String::new(), String::new(), TEXTS);
        for text in texts {
            record += &word(at);
            record += &word(text.len());
            data += &escape(text);
            at += text.len();
        }
        let mut list = String::new();
        for path in &self.writes {
            list += &word(at);
            list += &word(path.len());
            data += &escape(path);
            at += path.len();
        }
        let list_at = at.next_multiple_of(4);
        data += &"\\00".repeat(list_at - at);
        data += &list;
        record += &word(list_at);
        record += &word(self.writes.len());
        let Self { fields, describe, transform, .. } = self;
        // A borrowed handle that is not given back ends the call in a trap.
        format!(
            r#"(module
  (import "wellhead:plugin/pipeline@0.1.0" "[resource-drop]pipeline" (func $give_back (param i32)))
  {fields}
  (memory (export "memory") 1)
  (global $heap (mut i32) (i32.const 16384))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func (export "wellhead:plugin/describe@0.1.0#describe") (result i32) {describe})
  (func (export "wellhead:plugin/transform@0.1.0#transform")
    (param $target i32) (param $config i32) (param $length i32) (result i32)
    {transform}
    (call $give_back (local.get $target)))
  (data (i32.const {DESCRIPTION}) "{record}")
  (data (i32.const {TEXTS}) "{data}"))"#
        )
    }

    /// The component.
    pub fn build(&self) -> Vec<u8> {
        encode(&self.wat(), "transformer")
    }
}

/// A validator that has one finding about every pipeline. `severity` is `error` or `warning`.
pub fn judge(severity: &str, message: &str, hint: &str) -> Vec<u8> {
    const JUDGE: &str = "judge";
    let description = [(TEXTS, JUDGE.len()), (TEXTS, 0), (TEXTS, 0), (TEXTS + 8, 2), (TEXTS, 0)];
    let description: String =
        description.iter().map(|(at, length)| word(*at) + &word(*length)).collect();
    let (message_at, hint_at) = (8_192, 9_216);
    // Severity, no path, message, hint.
    let finding = [
        word(usize::from(severity == "warning")),
        word(0),
        word(0),
        word(0),
        word(message_at),
        word(message.len()),
        word(1),
        word(hint_at),
        word(hint.len()),
    ]
    .concat();
    let core = format!(
        r#"(module
  (import "wellhead:plugin/pipeline@0.1.0" "[resource-drop]pipeline" (func $give_back (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16384))
  (func (export "wellhead:plugin/describe@0.1.0#describe") (result i32) (i32.const {DESCRIPTION}))
  (func (export "wellhead:plugin/validate@0.1.0#validate") (param i32 i32 i32) (result i32)
    (call $give_back (local.get 0)) (i32.const {OK}))
  (data (i32.const {DESCRIPTION}) "{description}")
  (data (i32.const {TEXTS}) "{JUDGE}")
  (data (i32.const {}) "{{}}")
  (data (i32.const {OK}) "{}")
  (data (i32.const 512) "{finding}")
  (data (i32.const {message_at}) "{}")
  (data (i32.const {hint_at}) "{}"))"#,
        TEXTS + 8,
        [word(0), word(512), word(1)].concat(),
        escape(message),
        escape(hint)
    );
    encode(&core, "validator")
}

/// Encodes a core module in text as a component of a world of the contract.
///
/// # Panics
/// When the module is not valid, or does not fit the world.
pub fn encode(core: &str, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(core).expect("the guest's text is a module");
    let mut resolve = Resolve::default();
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/v0.1");
    let (package, _) = resolve.push_dir(contract).expect("the contract is valid WIT");
    let world = resolve.select_world(&[package], Some(world)).expect("the contract has this world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("the contract can be embedded");
    ComponentEncoder::default()
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .expect("the guest fits its world")
}

/// A 32-bit number as the characters of a data segment.
fn word(number: usize) -> String {
    let number = u32::try_from(number).expect("a guest's memory is small");
    characters(&number.to_le_bytes())
}

/// A text as the characters of a data segment.
pub fn escape(text: &str) -> String {
    characters(text.as_bytes())
}

fn characters(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}
