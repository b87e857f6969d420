//! The lower half of the bindings, made by wit-bindgen.

use std::fs;
use std::path::{Path, PathBuf};

use wit_bindgen_core::WorldGenerator;
use wit_bindgen_core::wit_parser::Resolve;

use super::error::{BindingsError, contract_error, file};
use super::files::Files;
use super::{c, exports, go};

/// Worlds of the SDKs, one for each interface that a plugin exports or not: the encoder merges those
/// that a plugin has.
const WORLDS: [(&str, &str); 4] = [
    (
        "imports",
        "import wellhead:plugin/pipeline@0.2.0; import wellhead:plugin/log@0.2.0; \
         import wellhead:plugin/facts@0.2.0; import wellhead:plugin/context@0.2.0;",
    ),
    ("describe", "export wellhead:plugin/describe@0.2.0;"),
    ("transform", "export wellhead:plugin/transform@0.2.0;"),
    ("validate", "export wellhead:plugin/validate@0.2.0;"),
];

/// Where generated Go looks for wit-bindgen's own package.
const REMOTE_RUNTIME: &str = "go.bytecodealliance.org/pkg/wit";

/// The lower half for Go, with wit-bindgen's own package, which the SDK carries so that it has no
/// dependencies.
pub(super) fn go(resolve: &Resolve, root: &Path) -> Result<Files, BindingsError> {
    let mut files = Files::new();
    for (world, items) in WORLDS {
        let options = wit_bindgen_go::Opts {
            pkg_name: Some(format!("{}/internal/bindings", go::MODULE)),
            export_pkg_name: Some(format!("{}/internal", go::MODULE)),
            format: wit_bindgen_go::Format::False,
            ..Default::default()
        };
        for (name, bytes) in run(resolve, world, items, options.build().as_mut())? {
            // An assembly file allows functions without a body on other machines, where these
            // packages are left out.
            let is_assembly = Path::new(&name).extension().is_some_and(|it| it == "s");
            if is_assembly || (world == "imports" && name.starts_with("wit_exports/")) {
                continue;
            }
            let name = name.replace("wit_exports/", &format!("exports_{world}/"));
            let text = String::from_utf8_lossy(&bytes)
                .replace(REMOTE_RUNTIME, &format!("{}/internal/wit", go::MODULE))
                .replace("package wit_exports", &format!("package exports_{world}"));
            let text = format!("//go:build wasm\n\n{text}");
            files.insert(Path::new(go::BINDINGS).join(name), text.into_bytes());
        }
    }
    files.extend(go_runtime(root)?);
    Ok(files)
}

/// wit-bindgen's package for Go as far as a contract without asynchronous functions needs it, from
/// the sources of the crate.
fn go_runtime(root: &Path) -> Result<Files, BindingsError> {
    let package = crate_sources(root, "wit-bindgen-go")?.join("src/pkg");
    let mut files = Files::new();
    for name in [
        "runtime/runtime.go",
        "types/option.go",
        "types/result.go",
        "types/tuple.go",
        "types/unit.go",
    ] {
        let path = package.join("wit").join(name);
        let text = fs::read_to_string(&path).map_err(file(&path))?;
        let text = format!("//go:build wasm\n\n{text}");
        files.insert(Path::new(go::RUNTIME).join(name), text.into_bytes());
    }
    let path = package.join("LICENSE");
    files.insert(Path::new(go::RUNTIME).join("LICENSE"), fs::read(&path).map_err(file(&path))?);
    Ok(files)
}

/// Folder of the sources of a crate that this one depends on.
fn crate_sources(root: &Path, name: &str) -> Result<PathBuf, BindingsError> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .output()
        .map_err(contract_error)?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(contract_error)?;
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| package["name"] == name)
        .find_map(|package| Path::new(package["manifest_path"].as_str()?).parent())
        .map(Path::to_owned)
        .ok_or_else(|| contract_error(format!("cargo does not know where {name} is")))
}

/// The lower half for C: the world that has everything, and its exports in files of their own, of
/// which a plugin includes those that it has.
pub(super) fn c(resolve: &Resolve) -> Result<Files, BindingsError> {
    let options = wit_bindgen_c::Opts {
        autodrop_borrows: wit_bindgen_c::Enabled::Yes,
        // The build embeds the description of the world that the plugin's exports make.
        no_object_file: true,
        ..Default::default()
    };
    let items: String = WORLDS.iter().map(|(_, items)| *items).collect();
    let mut files = Files::new();
    for (name, bytes) in run(resolve, "plugin", &items, options.build().as_mut())? {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let parts = if name == "plugin.c" { exports::split(&text) } else { vec![(name, text)] };
        let folder = Path::new(c::BINDINGS);
        files.extend(parts.into_iter().map(|(name, text)| (folder.join(name), text.into_bytes())));
    }
    Ok(files)
}

fn run(
    resolve: &Resolve,
    world: &str,
    items: &str,
    generator: &mut dyn WorldGenerator,
) -> Result<Vec<(String, Vec<u8>)>, BindingsError> {
    let mut resolve = resolve.clone();
    let text = format!("package wellhead:sdk; world {world} {{ {items} }}");
    let package = resolve.push_str("sdk.wit", &text).map_err(contract_error)?;
    let id = resolve.select_world(&[package], Some(world)).map_err(contract_error)?;
    let mut files = wit_bindgen_core::Files::default();
    generator.generate(&mut resolve, id, &mut files).map_err(contract_error)?;
    Ok(files.iter().map(|(name, bytes)| (name.to_owned(), bytes.to_owned())).collect())
}
