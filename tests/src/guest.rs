//! Plugins for tests, written as core modules in WebAssembly text and encoded here.
//!
//! A [`Guest`] is an honest little plugin until a test replaces a part of it. It is written against
//! the canonical ABI by hand, so that it can also do what no toolchain would.

mod edit;
mod judge;
mod lines;
mod world;

use std::fmt::Write as _;

pub use edit::{Edit, Manner};
pub use judge::{Judge, Told};
pub use lines::Amount;
pub use wit_component::StringEncoding;
pub use world::World;

/// Where the description's record stands in the guest's memory: five pairs of address and length.
const DESCRIPTION: usize = 64;
/// Where the texts of the description begin.
const TEXTS: usize = 1_024;
/// A result that is `ok`: its first byte, the discriminant, is 0.
const OK: usize = 256;
/// What `cabi_realloc` does when nobody says otherwise: it gives memory and never takes it back.
const REALLOC: &str = "(local $at i32) \
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8))) \
    (global.set $heap (i32.add (local.get $at) (local.get 3))) (local.get $at)";

/// A plugin of the world `transformer`, in parts.
#[derive(Clone, Debug)]
pub struct Guest {
    name: String,
    version: String,
    says: String,
    schema: String,
    writes: Vec<String>,
    imports: String,
    fields: String,
    memory: String,
    realloc: String,
    describe: String,
    transform: String,
    world: World,
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
            version: "1.0.0".to_owned(),
            says: "A plugin for tests.".to_owned(),
            schema: "{}".to_owned(),
            writes: Vec::new(),
            imports: String::new(),
            fields: String::new(),
            memory: "1".to_owned(),
            realloc: REALLOC.to_owned(),
            describe: format!("(i32.const {DESCRIPTION})"),
            transform: format!("(i32.const {OK})"),
            world: World::of_contract("transformer"),
        }
    }

    /// The name that the plugin gives itself.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The version that the plugin gives itself.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// What the plugin says that it does.
    #[must_use]
    pub fn says(mut self, description: &str) -> Self {
        description.clone_into(&mut self.says);
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

    /// Imports; each stands once, however often it is given.
    #[must_use]
    pub fn imports(mut self, imports: &str) -> Self {
        if !self.imports.contains(imports) {
            let _ = writeln!(self.imports, "{imports}");
        }
        self
    }

    /// Imports `log: (i32 level, i32 address, i32 length)` as `$log`.
    #[must_use]
    pub fn imports_log(self) -> Self {
        self.imports(
            r#"(import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))"#,
        )
    }

    /// Imports a method of the interface `pipeline` as `$NAME`, with `-` and `.` as `_`; its core
    /// type is given as text.
    #[must_use]
    pub fn imports_method(self, method: &str, core_type: &str) -> Self {
        let name = method.replace(['-', '.'], "_");
        self.imports(&format!(
            "(import \"wellhead:plugin/pipeline@0.1.0\" \"[method]{method}\" (func ${name} {core_type}))"
        ))
    }

    /// Module fields that stand before all others: imports, globals, functions, a start function.
    #[must_use]
    pub fn fields(mut self, fields: &str) -> Self {
        let _ = writeln!(self.fields, "{fields}");
        self
    }

    /// A text in memory.
    #[must_use]
    pub fn data(self, at: usize, bytes: impl AsRef<[u8]>) -> Self {
        let data = format!("(data (i32.const {at}) \"{}\")", characters(bytes.as_ref()));
        self.fields(&data)
    }

    /// The type of the memory, e.g. `1 16` for one page that may grow to 16.
    #[must_use]
    pub fn memory(mut self, memory: &str) -> Self {
        memory.clone_into(&mut self.memory);
        self
    }

    /// The body of `cabi_realloc: (i32, i32, i32, i32) -> i32`, instead of the honest one.
    #[must_use]
    pub fn realloc(mut self, body: &str) -> Self {
        body.clone_into(&mut self.realloc);
        self
    }

    /// The body of `describe: () -> i32`, instead of the honest one.
    #[must_use]
    pub fn describe(mut self, body: &str) -> Self {
        body.clone_into(&mut self.describe);
        self
    }

    /// Another pair of address and length for a text or list of the description: 0 is its name, 1
    /// its version, 2 what it does, 3 the schema, 4 the list of writes.
    #[must_use]
    pub fn describes_with(self, field: usize, address: i64, length: i64) -> Self {
        let at = DESCRIPTION + field * 8;
        self.describe(&format!(
            "(i32.store (i32.const {at}) (i32.const {address})) \
             (i32.store (i32.const {}) (i32.const {length})) (i32.const {DESCRIPTION})",
            at + 4
        ))
    }

    /// The body of `transform: (i32 $target, i32 $config, i32 $length) -> i32`: code that leaves the
    /// address of the result on the stack. Address 256 is an `ok`.
    #[must_use]
    pub fn transform(mut self, body: &str) -> Self {
        body.clone_into(&mut self.transform);
        self
    }

    /// Another world than `transformer`.
    #[must_use]
    pub fn world(mut self, world: World) -> Self {
        self.world = world;
        self
    }

    /// A plugin that sets the number of replicas.
    pub fn sets_replicas(replicas: i32) -> Self {
        Self::new().imports_method("pipeline.set-replicas", "(param i32 i32 i32)").transform(
            &format!(
                "(call $pipeline_set_replicas (local.get $target) (i32.const {replicas}) \
                 (i32.const 512)) (i32.const {OK})"
            ),
        )
    }

    /// A plugin that sets a label of the pipeline.
    pub fn sets_label(key: &str, value: &str) -> Self {
        let (k, v) = (key.len(), value.len());
        Self::new()
            .imports_method("pipeline.set-label", "(param i32 i32 i32 i32 i32 i32)")
            .data(8_192, format!("{key}{value}"))
            .transform(&format!(
                "(call $pipeline_set_label (local.get $target) (i32.const 8192) (i32.const {k}) \
                 (i32.const {}) (i32.const {v}) (i32.const 512)) (i32.const {OK})",
                8_192 + k
            ))
    }

    /// A plugin that rejects every pipeline with a message.
    pub fn rejects(message: &str) -> Self {
        Self::new().data(8_192, message).transform(&format!(
            "(i32.store8 (i32.const 512) (i32.const 1)) (i32.store (i32.const 516) (i32.const 8192)) \
             (i32.store (i32.const 520) (i32.const {})) (i32.const 512)",
            message.len()
        ))
    }

    /// The core module as text.
    pub fn wat(&self) -> String {
        let texts = [&self.name, &self.version, &self.says, &self.schema];
        let (mut data, mut at) = (Vec::new(), TEXTS);
        let mut place = |text: &str| {
            let mut text = self.encoded(text);
            let named = word(at) + &word(text.len() / self.unit());
            // What may be UTF-16 begins at even addresses.
            if !matches!(self.world.encoding, StringEncoding::UTF8) {
                text.resize(text.len().next_multiple_of(2), 0);
            }
            at += text.len();
            data.extend(text);
            named
        };
        let mut record: String = texts.into_iter().map(|it| place(it)).collect();
        let list: String = self.writes.iter().map(|it| place(it)).collect();
        let list_at = at.next_multiple_of(4);
        record += &word(list_at);
        record += &word(self.writes.len());
        let list = format!("(data (i32.const {list_at}) \"{list}\")");
        let data = characters(&data);
        let Self { imports, fields, memory, realloc, describe, transform, .. } = self;
        // A borrowed handle that is not given back ends the call in a trap.
        format!(
            r#"(module
  (import "wellhead:plugin/pipeline@0.1.0" "[resource-drop]pipeline" (func $give_back (param i32)))
  {imports}
  {fields}
  (memory (export "memory") {memory})
  (global $heap (mut i32) (i32.const 16384))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
  (func (export "wellhead:plugin/describe@0.1.0#describe") (result i32) {describe})
  (func (export "wellhead:plugin/transform@0.1.0#transform")
    (param $target i32) (param $config i32) (param $length i32) (result i32)
    {transform}
    (call $give_back (local.get $target)))
  (data (i32.const {DESCRIPTION}) "{record}")
  (data (i32.const {TEXTS}) "{data}")
  {list})"#
        )
    }

    /// Bytes of the units in which a text's length counts.
    fn unit(&self) -> usize {
        if matches!(self.world.encoding, StringEncoding::UTF16) { 2 } else { 1 }
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        match self.world.encoding {
            StringEncoding::UTF8 => text.as_bytes().to_vec(),
            StringEncoding::UTF16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            // One byte for each character while the highest bit of the length is not set.
            StringEncoding::CompactUTF16 => {
                let latin = |it: char| u8::try_from(it).expect("the text is Latin-1");
                text.chars().map(latin).collect()
            }
        }
    }

    /// The component with debug information: its functions stand in this file, the first in line 10,
    /// the second in line 20, and so on.
    ///
    /// # Panics
    /// When a part of the guest is not valid.
    pub fn build_with_lines(&self, file: &str) -> Vec<u8> {
        self.build_with_amount(file, Amount::HONEST)
    }

    /// The same with more debug information than there is to say.
    ///
    /// # Panics
    /// When a part of the guest is not valid.
    pub fn build_with_amount(&self, file: &str, amount: Amount) -> Vec<u8> {
        let module = wat::parse_str(self.wat()).expect("the guest's text is a module");
        self.world.encode_module(lines::with_lines(module, file, amount))
    }

    /// The core module, as a toolchain hands it over to be made a component.
    ///
    /// # Panics
    /// When a part of the guest is not valid.
    pub fn module(&self) -> Vec<u8> {
        self.world.embed(wat::parse_str(self.wat()).expect("the guest's text is a module"))
    }

    /// The component.
    pub fn build(&self) -> Vec<u8> {
        self.world.encode(&self.wat())
    }
}

/// A validator that has one finding about every pipeline. `severity` is `error` or `warning`.
pub fn judge(severity: &str, message: &str, hint: &str) -> Vec<u8> {
    judge_of(severity, "", message, hint)
}

/// [`judge`] of a field; without one, of the whole pipeline.
pub fn judge_of(severity: &str, path: &str, message: &str, hint: &str) -> Vec<u8> {
    const WORDS: &str = "judge1.0.0{}";
    let description = [(TEXTS, 5), (TEXTS + 5, 5), (TEXTS, 0), (TEXTS + 10, 2), (TEXTS, 0)];
    let description: String =
        description.iter().map(|(at, length)| word(*at) + &word(*length)).collect();
    let (message_at, hint_at, path_at) = (8_192, 9_216, 10_240);
    // Severity, path, message, hint.
    let finding = [
        word(usize::from(severity == "warning")),
        word(usize::from(!path.is_empty())),
        word(path_at),
        word(path.len()),
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
  (data (i32.const {TEXTS}) "{WORDS}")
  (data (i32.const {OK}) "{}")
  (data (i32.const 512) "{finding}")
  (data (i32.const {message_at}) "{}")
  (data (i32.const {hint_at}) "{}")
  (data (i32.const {path_at}) "{}"))"#,
        [word(0), word(512), word(1)].concat(),
        escape(message),
        escape(hint),
        escape(path)
    );
    encode(&core, "validator")
}

/// Encodes a core module in text as a component of a world of the contract.
///
/// # Panics
/// When the module is not valid, or does not fit the world.
pub fn encode(core: &str, world: &str) -> Vec<u8> {
    World::of_contract(world).encode(core)
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

/// Bytes as the characters of a data segment.
pub fn characters(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}
