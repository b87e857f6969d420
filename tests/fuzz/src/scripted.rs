//! A plugin that makes whatever edits its config says, so that nothing is compiled for each input.
//!
//! Its config is a JSON string of letters: each pair is one byte, 4 bits in each, from `a`. The bytes are
//! the script: the number of a function, then for each of its texts one byte with the length, and the
//! text. What is cut off at the end is shorter.

use std::fmt::Write as _;

use serde_json::Value;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// What a function of the contract takes beside its handle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Text,
    TwoTexts,
    /// None when the text is empty.
    OptionalText,
    /// The text's length.
    Number,
}

use Takes::{Number, OptionalText, Text, TwoTexts};

/// Edits of the pipeline itself, its main container, and its claim `data`.
const FUNCTIONS: [(&str, &str, Takes); 45] = [
    ("pipeline", "set-label", TwoTexts),
    ("pipeline", "set-annotation", TwoTexts),
    ("pipeline", "set-pod-label", TwoTexts),
    ("pipeline", "set-pod-annotation", TwoTexts),
    ("pipeline", "set-node-selector", TwoTexts),
    ("pipeline", "set-volume", TwoTexts),
    ("pipeline", "remove-label", Text),
    ("pipeline", "remove-annotation", Text),
    ("pipeline", "remove-pod-label", Text),
    ("pipeline", "remove-node-selector", Text),
    ("pipeline", "remove-volume", Text),
    ("pipeline", "remove-container", Text),
    ("pipeline", "remove-init-container", Text),
    ("pipeline", "set-replicas", Number),
    ("pipeline", "set-service-account-name", OptionalText),
    ("pipeline", "set-priority-class-name", OptionalText),
    ("pipeline", "set-scheduler-name", OptionalText),
    ("pipeline", "set-affinity", OptionalText),
    ("pipeline", "set-tolerations", OptionalText),
    ("pipeline", "set-topology-spread-constraints", OptionalText),
    ("pipeline", "set-security-context", OptionalText),
    ("pipeline", "set-dns-config", OptionalText),
    ("pipeline", "set-update-strategy", OptionalText),
    ("container", "set-image", Text),
    ("container", "set-image-pull-policy", OptionalText),
    ("container", "set-working-dir", OptionalText),
    ("container", "set-env", TwoTexts),
    ("container", "set-env-source", TwoTexts),
    ("container", "remove-env", Text),
    ("container", "set-env-from", OptionalText),
    ("container", "set-request", TwoTexts),
    ("container", "set-limit", TwoTexts),
    ("container", "remove-limit", Text),
    ("container", "remove-mount", Text),
    ("container", "set-liveness-probe", OptionalText),
    ("container", "set-lifecycle", OptionalText),
    ("container", "set-security-context", OptionalText),
    ("claim", "set-size", Text),
    ("claim", "set-storage-class", OptionalText),
    ("claim", "set-volume-mode", OptionalText),
    ("claim", "set-mount-path", OptionalText),
    ("claim", "set-label", TwoTexts),
    ("claim", "remove-annotation", Text),
    ("claim", "set-selector", OptionalText),
    ("claim", "set-data-source-ref", OptionalText),
];

/// The config that makes the plugin do what the bytes say.
pub(crate) fn config(script: &[u8]) -> Value {
    let letter = |half: u8| char::from(b'a' + half);
    let letters = script.iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]);
    letters.collect::<String>().into()
}

/// Scripts that call each function with every word that fits, a few calls each.
pub(crate) fn scripts() -> Vec<Vec<u8>> {
    let texts = |at: usize| crate::seeds::WORDS[at % crate::seeds::WORDS.len()];
    let mut scripts = Vec::new();
    for start in 0..crate::seeds::WORDS.len() {
        let mut script = Vec::new();
        for step in 0..3 {
            let number = (start * 3 + step) % FUNCTIONS.len();
            script.push(u8::try_from(number).unwrap_or(0));
            let count = if FUNCTIONS[number].2 == TwoTexts { 2 } else { 1 };
            for text in (0..count).map(|it| texts(start + it)) {
                script.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
                script.extend(text.bytes());
            }
        }
        scripts.push(script);
    }
    scripts
}

/// One import: its name in the core module and its type. Each edit also takes where its result goes.
fn import(number: usize) -> String {
    let (resource, function, takes) = FUNCTIONS[number];
    let parameters = match takes {
        Number => "i32 i32 i32",
        Text => "i32 i32 i32 i32",
        OptionalText => "i32 i32 i32 i32 i32",
        TwoTexts => "i32 i32 i32 i32 i32 i32",
    };
    format!(
        "(import \"wellhead:plugin/pipeline@0.1.0\" \"[method]{resource}.{function}\" \
         (func $f{number} (param {parameters})))\n"
    )
}

/// What is done when the script has this number.
fn case(number: usize) -> String {
    let (resource, _, takes) = FUNCTIONS[number];
    let handle = format!("(local.get ${resource})");
    let first = "(call $text) (global.set $a) (global.set $al)";
    let second = "(call $text) (global.set $b) (global.set $bl)";
    let (a, b) = ("(global.get $a) (global.get $al)", "(global.get $b) (global.get $bl)");
    let (second, arguments) = match takes {
        Number => ("", "(i32.add (global.get $al) (i32.const 1))".to_owned()),
        Text => ("", a.to_owned()),
        OptionalText => ("", format!("(i32.ne (global.get $al) (i32.const 0)) {a}")),
        TwoTexts => (second, format!("{a} {b}")),
    };
    // Texts are length under address on the stack.
    format!(
        "(if (i32.eq (local.get $op) (i32.const {number})) (then {first} {second} \
         (call $f{number} {handle} {arguments} (i32.const 512))))\n"
    )
}

fn module() -> String {
    let (mut imports, mut cases) = (String::new(), String::new());
    for number in 0..FUNCTIONS.len() {
        imports += &import(number);
        cases += &case(number);
    }
    let mut record = String::new();
    // Name and version, description, schema, no paths.
    for number in [1024, 1, 1024, 1, 1024, 1, 1025, 2, 0, 0_u32] {
        for byte in number.to_le_bytes() {
            let _ = write!(record, "\\{byte:02x}");
        }
    }
    let interface = "wellhead:plugin/pipeline@0.1.0";
    let count = FUNCTIONS.len();
    format!(
        r#"(module
  (import "{interface}" "[resource-drop]pipeline" (func $give_back (param i32)))
  (import "{interface}" "[resource-drop]container" (func $drop_container (param i32)))
  (import "{interface}" "[resource-drop]claim" (func $drop_claim (param i32)))
  (import "{interface}" "[method]pipeline.main-container" (func $main (param i32) (result i32)))
  (import "{interface}" "[method]pipeline.claim" (func $claim (param i32 i32 i32 i32)))
  {imports}
  (memory (export "memory") 4)
  (global $heap (mut i32) (i32.const 16384))
  (global $at (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))
  (global $a (mut i32) (i32.const 0)) (global $al (mut i32) (i32.const 0))
  (global $b (mut i32) (i32.const 0)) (global $bl (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32) (local $new i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $heap) (i32.shl (memory.size) (i32.const 16))))
      (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1)))))
    (local.get $at))
  ;; A byte of the script, 0 after its end.
  (func $byte (result i32)
    (local $pair i32)
    (if (i32.ge_u (i32.add (global.get $at) (i32.const 1)) (global.get $end))
      (then (global.set $at (global.get $end)) (return (i32.const 0))))
    (local.set $pair (i32.load16_u (global.get $at)))
    (global.set $at (i32.add (global.get $at) (i32.const 2)))
    (i32.and (i32.const 255) (i32.or
      (i32.shl (i32.sub (i32.and (local.get $pair) (i32.const 255)) (i32.const 97)) (i32.const 4))
      (i32.sub (i32.shr_u (local.get $pair) (i32.const 8)) (i32.const 97)))))
  ;; A text of the script: its length, and its address.
  (func $text (result i32 i32)
    (local $length i32) (local $left i32) (local $start i32) (local $to i32)
    (local.set $length (call $byte))
    (local.set $left (i32.shr_u (i32.sub (global.get $end) (global.get $at)) (i32.const 1)))
    (if (i32.gt_u (local.get $length) (local.get $left)) (then (local.set $length (local.get $left))))
    (local.set $start (global.get $heap))
    (local.set $to (local.get $start))
    (global.set $heap (i32.add (local.get $start) (local.get $length)))
    (loop $next (if (i32.lt_u (local.get $to) (global.get $heap)) (then
      (i32.store8 (local.get $to) (call $byte))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br $next))))
    (local.get $length) (local.get $start))
  (func (export "wellhead:plugin/describe@0.1.0#describe") (result i32) (i32.const 64))
  (func (export "wellhead:plugin/transform@0.1.0#transform")
    (param $pipeline i32) (param $config i32) (param $length i32) (result i32)
    (local $container i32) (local $claim i32) (local $op i32)
    ;; The quotes of the JSON string are left out.
    (global.set $at (i32.add (local.get $config) (i32.const 1)))
    (global.set $end (i32.sub (i32.add (local.get $config) (local.get $length)) (i32.const 1)))
    (global.set $heap (i32.add (global.get $heap) (i32.const 8)))
    (local.set $container (call $main (local.get $pipeline)))
    (call $claim (local.get $pipeline) (i32.const 1027) (i32.const 4) (i32.const 512))
    (local.set $claim (i32.load (i32.const 516)))
    (loop $next (if (i32.lt_u (global.get $at) (global.get $end)) (then
      (local.set $op (i32.rem_u (call $byte) (i32.const {count})))
      {cases}
      (br $next))))
    (call $drop_container (local.get $container))
    (call $drop_claim (local.get $claim))
    (call $give_back (local.get $pipeline))
    (i32.const 256))
  (data (i32.const 64) "{record}")
  (data (i32.const 1024) "s{{}}data"))"#
    )
}

/// The plugin.
pub(crate) fn component() -> Vec<u8> {
    let mut module = wat::parse_str(module()).expect("because the text is a module");
    let mut resolve = Resolve::default();
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/v0.1");
    let (package, _) = resolve.push_dir(contract).expect("because the contract is valid WIT");
    let world = resolve.select_world(&[package], Some("transformer"));
    let world = world.expect("because the contract has this world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("because the contract can be embedded");
    ComponentEncoder::default()
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .expect("because the plugin fits its world")
}
