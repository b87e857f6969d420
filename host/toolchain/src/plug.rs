//! Plugs libraries into a plugin: each import that is not the host's is connected with the library that exports it.

use std::collections::BTreeSet;
use std::path::Path;

use semver::{Version, VersionReq};
use wasm_compose::graph::{Component, ComponentId, CompositionGraph, EncodeOptions, InstanceId};
use wasmparser::Validator;

use crate::Error;
use crate::component::{CONTRACT, EncodeError, Interfaces, check, names};
use crate::library::{BINDINGS, Library, PlugError};
use crate::shown::in_code;

/// An import that a library answers.
#[derive(Debug)]
struct Connection<'n> {
    /// Position of the one that imports: 0 is the plugin, and the libraries follow.
    to: usize,
    import: &'n str,
    from: usize,
    export: &'n str,
}

/// A plugin with its libraries. `place` is what messages call the plugin.
pub(crate) fn plug(plugin: Vec<u8>, libraries: &[Library], place: &Path) -> Result<Vec<u8>, Error> {
    let encode = |source| Error::Encode { path: place.to_owned(), source };
    if libraries.is_empty() {
        check(&plugin).map_err(encode)?;
        return Ok(plugin);
    }
    let mut parts = vec![Interfaces::of(&plugin).map_err(encode)?];
    for library in libraries {
        let interfaces = Interfaces::of(library.component());
        parts.push(interfaces.map_err(|error| unfit(library, &error.to_string()))?);
    }
    let connections = connections(&parts, libraries, place)?;
    let composed = compose(&plugin, libraries, &connections)?;
    check(&composed).map_err(encode)?;
    Ok(composed)
}

/// What answers each import that is not the host's.
fn connections<'n>(
    parts: &'n [Interfaces],
    libraries: &[Library],
    place: &Path,
) -> Result<Vec<Connection<'n>>, Error> {
    let silent = libraries.iter().zip(&parts[1..]).find(|(_, part)| part.exports.is_empty());
    if let Some((library, part)) = silent {
        return Err(unused(library, &part.exports));
    }
    let mut connections = Vec::new();
    for (to, part) in parts.iter().enumerate() {
        let mut missing = Vec::new();
        for import in part.imports.iter().filter(|it| !it.starts_with(CONTRACT)) {
            match answers(parts, to, import).as_slice() {
                [] => missing.push(import.clone()),
                [(from, export)] => {
                    connections.push(Connection { to, import, from: *from, export });
                }
                [(one, _), (other, _), ..] => {
                    let (one, other) = (&libraries[one - 1], &libraries[other - 1]);
                    let why = format!("{} exports {}, too", one.shown(), in_code(import));
                    return Err(PlugError::new(other.file(), why, "name one of them").into());
                }
            }
        }
        if let Some((from, export, import)) = near(parts, &missing) {
            return Err(unlike(&libraries[from - 1], export, import));
        }
        match to.checked_sub(1).map(|it| &libraries[it]) {
            _ if missing.is_empty() => {}
            Some(library) => return Err(unanswered(library, &missing)),
            None => {
                let source = EncodeError::Imports(missing);
                return Err(Error::Encode { path: place.to_owned(), source });
            }
        }
    }
    for (at, library) in libraries.iter().enumerate() {
        if !connections.iter().any(|it| it.from == at + 1) {
            return Err(unused(library, &parts[at + 1].exports));
        }
    }
    match (1..parts.len()).find(|it| needs_itself(*it, &connections)) {
        Some(at) => {
            let why = "it needs a library that needs it".to_owned();
            let hint = "move what both use into a third library";
            Err(PlugError::new(libraries[at - 1].file(), why, hint).into())
        }
        None => Ok(connections),
    }
}

/// Whether a library is among those that it needs.
fn needs_itself(library: usize, connections: &[Connection<'_>]) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![library]);
    while let Some(part) = next.pop() {
        let needed = connections.iter().filter(|it| it.to == part).map(|it| it.from);
        next.extend(needed.filter(|it| seen.insert(*it)));
    }
    seen.contains(&library)
}

/// The libraries that export what a part imports, each with the name of its export.
fn answers<'n>(parts: &'n [Interfaces], to: usize, import: &str) -> Vec<(usize, &'n str)> {
    let libraries = parts.iter().enumerate().skip(1).filter(|(at, _)| *at != to);
    libraries
        .filter_map(|(at, part)| {
            let same = part.exports.iter().find(|it| *it == import);
            let export = same.or_else(|| part.exports.iter().find(|it| satisfies(it, import)))?;
            Some((at, export.as_str()))
        })
        .collect()
}

/// Whether an export is a later version of an import, which has all of it: `acme:text/case@1.3.0` of `acme:text/case@1.2.0`.
fn satisfies(export: &str, import: &str) -> bool {
    let (Some((export, later)), Some((import, version))) =
        (export.rsplit_once('@'), import.rsplit_once('@'))
    else {
        return false;
    };
    let later = Version::parse(later);
    let wanted = Version::parse(version).and_then(|_| VersionReq::parse(&format!("^{version}")));
    export == import && matches!((later, wanted), (Ok(later), Ok(wanted)) if wanted.matches(&later))
}

fn compose(
    plugin: &[u8],
    libraries: &[Library],
    connections: &[Connection<'_>],
) -> Result<Vec<u8>, Error> {
    let mut validator = Validator::new();
    let mut graph = CompositionGraph::new();
    let mut instances: Vec<(ComponentId, InstanceId)> = Vec::new();
    let bytes = std::iter::once(plugin).chain(libraries.iter().map(Library::component));
    for (at, bytes) in bytes.enumerate() {
        // The name of the plugin's own part is that of no library.
        let name = if at == 0 { "plugin".to_owned() } else { format!("library{at}") };
        let added = Component::from_bytes(&mut validator, name, bytes)
            .and_then(|it| graph.add_component(it))
            .and_then(|it| Ok((it, graph.instantiate(it)?)));
        let library = &libraries[at.saturating_sub(1)];
        instances.push(added.map_err(|error| unfit(library, &format!("{error:#}")))?);
    }
    for it in connections {
        let (from, to) = (instances[it.from], instances[it.to]);
        let import = graph.get_component(to.0).and_then(|part| part.import_by_name(it.import));
        let export = graph.get_component(from.0).and_then(|part| part.export_by_name(it.export));
        let (Some((import, _)), Some((export, _, _))) = (import, export) else { continue };
        graph.connect(from.1, Some(export), to.1, import).map_err(|_| {
            let library = &libraries[it.from - 1];
            let user = it
                .to
                .checked_sub(1)
                .map_or_else(|| "the plugin".to_owned(), |it| libraries[it].shown());
            let export = in_code(it.export);
            let why = format!("its {export} has other functions or types than {user} expects");
            let hint = "build both with the same WIT file of the interface";
            PlugError::new(library.file(), why, hint)
        })?;
    }
    let options = EncodeOptions {
        define_components: true,
        export: instances.first().map(|it| it.1),
        validate: true,
    };
    graph.encode(options).map_err(|error| unfit(&libraries[0], &format!("{error:#}")))
}

/// The error of what is well formed and fits nowhere.
fn unfit(library: &Library, why: &str) -> Error {
    let hint =
        "build it again; `wasm-tools validate` and `wasm-tools component wit` show what it is";
    PlugError::new(library.file(), why.to_owned(), hint).into()
}

/// The error of a library that needs what neither the host nor another library has.
fn unanswered(library: &Library, missing: &[String]) -> Error {
    let hints = EncodeError::Imports(missing.to_vec()).hints();
    PlugError::new(library.file(), format!("it imports {}", names(missing)), &hints.join("; "))
        .into()
}

/// The error of a library that answers nothing: its interface has another name, or another version.
fn unused(library: &Library, exports: &[String]) -> Error {
    let (why, hint) = if exports.is_empty() {
        ("it exports nothing".to_owned(), BINDINGS)
    } else {
        let why = format!("it exports {}, which the plugin does not import", names(exports));
        (why, "call it in the plugin's code, or do not plug it in")
    };
    PlugError::new(library.file(), why, hint).into()
}

/// A library that has another version of an interface than the one that is missing, the export, and the import.
fn near<'n, 'm>(
    parts: &'n [Interfaces],
    missing: &'m [String],
) -> Option<(usize, &'n str, &'m str)> {
    let name = |it: &str| it.rsplit_once('@').map(|it| it.0.to_owned());
    missing.iter().find_map(|import| {
        parts.iter().enumerate().skip(1).find_map(|(at, part)| {
            let mut exports = part.exports.iter();
            let export = exports.find(|it| name(it).is_some() && name(it) == name(import))?;
            Some((at, export.as_str(), import.as_str()))
        })
    })
}

/// The error of a library with another version of an interface.
fn unlike(library: &Library, export: &str, import: &str) -> Error {
    let why = format!("it exports {}, and {} is imported", in_code(export), in_code(import));
    let hint =
        "build both with the same version of the interface, or plug in a library with this one";
    PlugError::new(library.file(), why, hint).into()
}
