//! The same plugin in five languages (`examples/languages`): each does the same, to the byte.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends the test")]

mod case;
use std::sync::Arc;
use wellhead_chain::{Allocation, Compiler, Engine, LoadOptions, Plugin};

#[test]
fn dump() {
    let engine = Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap();
    let file = std::env::var("PLUGIN").unwrap();
    let bytes = std::fs::read(file).unwrap();
    let bytes = if bytes[6] == 0 { wit_component::ComponentEncoder::default().module(&bytes).unwrap().encode().unwrap() } else { bytes };
    println!("{}", bytes.len());
    if let Ok(to) = std::env::var("TO") { std::fs::write(to, &bytes).unwrap(); return; }
    let plugin = Arc::new(Plugin::from_bytes(&engine, "plugin", &bytes, &LoadOptions::default()).unwrap());
    for case in case::all() { println!("=== {}\n{}", case.name, case.run(&plugin)); }
}
