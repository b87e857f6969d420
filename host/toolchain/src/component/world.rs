//! Core modules that do not describe their world themselves: what they export tells which it is.

use std::convert::Infallible;
use std::path::Path;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{PackageId, Resolve};

use super::{CONTRACT, EncodeError, finish};

/// What languages take for an operating system.
pub(crate) const WASI: &str = "wasi_snapshot_preview1";
/// An implementation of it that has nothing behind it but the plugin's messages; `plugins/sdk-go/wasi_stub.wat` is
/// its source.
pub(crate) const STUB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/wasi_stub.wasm"));

/// Where the functions of a module's exports come from.
pub(crate) const EXPORTS: [(&str, &str); 2] =
    [("wellhead:plugin/transform@", "transform"), ("wellhead:plugin/validate@", "validate")];

/// Describes a module's world in it, and wraps it into a component. `wit` is the folder of the
/// contract that it was built against. What it imports of WASI is answered by the stub.
pub(crate) fn encode(module: &[u8], wit: &Path) -> Result<Vec<u8>, EncodeError> {
    component(module, wit).map_err(EncodeError::Component).map(finish)
}

fn component(module: &[u8], wit: &Path) -> Result<Vec<u8>, String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).map_err(|error| format!("{error:#}"))?;
    let world = resolve
        .select_world(&[package], Some(world(module)?))
        .map_err(|error| format!("{error:#}"))?;
    let mut module = module.to_vec();
    let stub = stub(&mut resolve, package)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .and_then(|()| ComponentEncoder::default().validate(true).module(&module))
        .and_then(|encoder| encoder.adapter(WASI, &stub))
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("{error:#}"))
}

/// The stub, which describes what it imports of this version of the contract.
fn stub(resolve: &mut Resolve, contract: PackageId) -> Result<Vec<u8>, String> {
    let log = resolve.packages[contract].name.interface_id("log");
    let world = format!("package wellhead:stub; world stub {{ import {log}; }}");
    let world = resolve
        .push_str("stub.wit", &world)
        .and_then(|own| resolve.select_world(&[own], None))
        .map_err(|error| format!("{error:#}"))?;
    let mut stub = Module::new();
    Versioned { log: &log }
        .parse_core_module(&mut stub, Parser::new(0), STUB)
        .map_err(|error| error.to_string())?;
    let mut stub = stub.finish();
    embed_component_metadata(&mut stub, resolve, world, StringEncoding::UTF8)
        .map_err(|error| format!("{error:#}"))?;
    Ok(stub)
}

/// Writes the stub with the log of another version of the contract.
struct Versioned<'l> {
    log: &'l str,
}

impl Reencode for Versioned<'_> {
    type Error = Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        for import in section.into_imports() {
            let import = import?;
            let module = if import.module.starts_with(CONTRACT) { self.log } else { import.module };
            imports.import(module, import.name, self.entity_type(import.ty)?);
        }
        Ok(())
    }
}

/// The contract's world that has a module's exports.
fn world(module: &[u8]) -> Result<&'static str, String> {
    let exports = names(module)?.exports;
    let has = |prefix: &str| exports.iter().any(|name| name.starts_with(prefix));
    match EXPORTS.map(|(prefix, _)| has(prefix)) {
        [true, true] => Ok("plugin"),
        [true, false] => Ok("transformer"),
        [false, true] => Ok("validator"),
        [false, false] => Err("it exports neither `transform` nor `validate`".to_owned()),
    }
}

/// Functions that a module imports of WASI, e.g. `fd_write`.
pub(crate) fn wasi_imports(module: &[u8]) -> Result<Vec<String>, EncodeError> {
    names(module).map(|names| names.wasi).map_err(EncodeError::Component)
}

struct Names {
    exports: Vec<String>,
    wasi: Vec<String>,
}

fn names(module: &[u8]) -> Result<Names, String> {
    let mut names = Names { exports: Vec::new(), wasi: Vec::new() };
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|error| error.to_string())? {
            Payload::ExportSection(section) => {
                for export in section {
                    names.exports.push(export.map_err(|error| error.to_string())?.name.to_owned());
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(|error| error.to_string())?;
                    if import.module == WASI {
                        names.wasi.push(import.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// The contract of this version.
    const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/v0.1");

    /// A module that exports these functions of the contract, and imports what WASI has.
    fn module(exports: &[&str]) -> Vec<u8> {
        let mut functions = String::new();
        for name in exports {
            let parameters = if *name == "describe" { "" } else { "(param i32 i32 i32)" };
            let _ = write!(
                functions,
                r#"(func (export "wellhead:plugin/{name}@0.1.0#{name}") {parameters} (result i32)
                    (drop (call $random (i32.const 0) (i32.const 8))) (i32.const 0))"#
            );
        }
        wat::parse_str(format!(
            r#"(module
                (import "{WASI}" "random_get" (func $random (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8))
                {functions})"#
        ))
        .unwrap()
    }

    #[test]
    fn the_exports_tell_the_world_and_wasi_is_answered_by_the_stub() {
        for (exports, name) in [
            (&["describe", "transform"][..], "transformer"),
            (&["describe", "validate"], "validator"),
            (&["describe", "transform", "validate"], "plugin"),
        ] {
            let module = module(exports);
            assert_eq!(world(&module).unwrap(), name);
            encode(&module, Path::new(WIT)).unwrap();
        }
    }

    #[test]
    fn a_module_without_a_transformer_or_a_validator_is_refused() {
        let error = encode(&module(&["describe"]), Path::new(WIT)).unwrap_err();
        assert!(error.to_string().contains("neither `transform` nor `validate`"), "{error}");
    }

    #[test]
    fn a_module_that_does_not_describe_itself_is_refused() {
        let error = encode(&module(&["transform"]), Path::new(WIT)).unwrap_err();
        assert!(error.to_string().contains("describe"), "{error}");
    }

    #[test]
    fn imports_of_wasi_are_listed() {
        assert_eq!(wasi_imports(&module(&["describe"])).unwrap(), ["random_get"]);
    }
}
