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
    // Name, version, description, schema, no paths.
    for number in [1024, 1, 1031, 5, 1024, 1, 1025, 2, 0, 0_u32] {
        for byte in number.to_le_bytes() {
            let _ = write!(record, "\\{byte:02x}");
        }
    }
    let count = FUNCTIONS.len().to_string();
    let mut text = include_str!("scripted.wat").to_owned();
    for (place, what) in [
        ("{imports}", &*imports),
        ("{cases}", &*cases),
        ("{record}", &*record),
        ("{count}", &*count),
    ] {
        text = text.replace(place, what);
    }
    text
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
