//! The reference of the contract, for authors of plugins.

use std::fmt::Write as _;

use wit_parser::{
    Docs, Function, Interface, Resolve, TypeDef, TypeDefKind, TypeId, World, WorldKey,
};

use super::package::Package;
use super::surface::item_name;
use super::wit::{Writer, own_name};

/// What comes before everything else.
const HEAD: &str = "\
<!-- Written by `cargo xtask contract` from wit/v0.2. -->

# The plugin contract

Everything that a plugin can call, and everything that it must answer to. The languages write the
names in their own way: `set-image` is `set_image` in Rust and Python, `setImage` in JavaScript,
`SetImage` in Go, and ends in `_set_image` in C.
";

/// The interface that edits, and what holds for all of its setters.
const EDITED: &str = "pipeline";
const SETTERS: &str = "
A setter changes what it names and nothing else. What a record has no field for stays as it was, e.g. the `hostPort` of a
port or the `subPathExpr` of a mount; where that excludes the new value, the edit is `invalid`, and `remove-mount` comes first. A
variable has a value or a source, so that one takes the place of the other. What crosses as JSON is replaced whole, and its
getter gives all of it.
";

/// The whole page.
pub(super) fn markdown(package: &Package) -> String {
    let resolve = &package.resolve;
    let package = &resolve.packages[package.id];
    let mut page = format!("{HEAD}\nVersion: `{}`\n\n", package.name);
    let worlds: Vec<&World> = package.worlds.values().map(|id| &resolve.worlds[*id]).collect();
    let _ = writeln!(page, "## Worlds\n\nA plugin is built for one of these.\n");
    page += "| world | what it is | exports | may import |\n|---|---|---|---|\n";
    for world in &worlds {
        let list = |keys: Vec<&WorldKey>| links(resolve, &keys);
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            world.name,
            cell(&world.docs),
            list(world.exports.keys().collect()),
            list(world.imports.keys().collect())
        );
    }
    // What a plugin exports comes first: that is where its author begins.
    let is_exported = |name: &str| {
        let key = |key: &WorldKey| interface_name(resolve, key) == Some(name);
        worlds.iter().any(|world| world.exports.keys().any(key))
    };
    let (exported, others): (Vec<_>, Vec<_>) =
        package.interfaces.iter().partition(|(name, _)| is_exported(name));
    for (name, id) in exported.into_iter().chain(others) {
        let interface = &resolve.interfaces[*id];
        let verb = if is_exported(name) { "a plugin exports it" } else { "the host offers it" };
        let _ = write!(page, "\n<a id=\"{name}\"></a>\n\n## Interface `{name}`: {verb}\n\n");
        page += &text(&interface.docs);
        if name == EDITED {
            page += SETTERS;
        }
        page += &of_interface(resolve, name, interface);
    }
    page
}

fn of_interface(resolve: &Resolve, name: &str, interface: &Interface) -> String {
    let functions = |of: Option<TypeId>| -> Vec<&Function> {
        interface.functions.values().filter(|it| it.kind.resource() == of).collect()
    };
    let mut page = table_of_functions(resolve, name, &functions(None));
    for (type_name, id) in &interface.types {
        // What is only used here is described where it is defined.
        if own_name(resolve, *id).is_none_or(|(owner, _)| owner == name) {
            page += &of_type(resolve, name, type_name, &resolve.types[*id]);
        }
        page += &table_of_functions(resolve, name, &functions(Some(*id)));
    }
    page
}

fn of_type(resolve: &Resolve, interface: &str, name: &str, ty: &TypeDef) -> String {
    let writer = Writer { resolve, name: link };
    // `use` gives a type of another interface a name here.
    if let TypeDefKind::Type(wit_parser::Type::Id(id)) = &ty.kind
        && own_name(resolve, *id).is_some()
    {
        return String::new();
    }
    let mut page =
        format!("\n<a id=\"{interface}.{name}\"></a>\n\n### {} `{name}`\n\n", ty.kind.as_str());
    page += &text(&ty.docs);
    let mut rows: Vec<(String, String)> = Vec::new();
    match &ty.kind {
        TypeDefKind::Record(it) => rows.extend(it.fields.iter().map(|field| {
            (code(&format!("{}: {}", field.name, writer.ty(&field.ty))), cell(&field.docs))
        })),
        TypeDefKind::Variant(it) => rows.extend(it.cases.iter().map(|case| {
            let of = case.ty.map(|ty| format!("({})", writer.ty(&ty))).unwrap_or_default();
            (code(&format!("{}{of}", case.name)), cell(&case.docs))
        })),
        TypeDefKind::Enum(it) => {
            rows.extend(it.cases.iter().map(|case| (code(&case.name), cell(&case.docs))));
        }
        TypeDefKind::Flags(it) => {
            rows.extend(it.flags.iter().map(|flag| (code(&flag.name), cell(&flag.docs))));
        }
        TypeDefKind::Resource => {}
        other => {
            let _ = writeln!(page, "{}\n", code(&writer.definition(other)));
        }
    }
    if !rows.is_empty() {
        page += "| | |\n|---|---|\n";
        for (what, docs) in rows {
            let _ = writeln!(page, "| {what} | {docs} |");
        }
    }
    page
}

fn table_of_functions(resolve: &Resolve, interface: &str, functions: &[&Function]) -> String {
    if functions.is_empty() {
        return String::new();
    }
    let writer = Writer { resolve, name: link };
    let mut page = "| function | |\n|---|---|\n".to_owned();
    for function in functions {
        let _ = writeln!(
            page,
            "| <a id=\"{interface}.{}\"></a>{} | {} |",
            item_name(resolve, function),
            code(&format!("{}{}", function.item_name(), writer.signature(function))),
            cell(&function.docs)
        );
    }
    page
}

/// Marks a named type in a signature, for [`code`] to make it a link.
fn link(resolve: &Resolve, id: TypeId) -> Option<String> {
    own_name(resolve, id).map(|(interface, name)| format!("\u{1}{interface}.{name}\u{2}"))
}

/// A signature as code, whose named types are links.
fn code(signature: &str) -> String {
    let mut parts = signature.split('\u{1}');
    let mut text = format!("`{}`", parts.next().unwrap_or_default());
    for part in parts {
        let (target, rest) = part.split_once('\u{2}').unwrap_or((part, ""));
        let name = target.rsplit('.').next().unwrap_or(target);
        let _ = write!(text, "[`{name}`](#{target})");
        if !rest.is_empty() {
            let _ = write!(text, "`{rest}`");
        }
    }
    // A signature may begin with a type.
    text.strip_prefix("``").map_or(text.clone(), str::to_owned)
}

fn links(resolve: &Resolve, keys: &[&WorldKey]) -> String {
    let names = keys.iter().filter_map(|key| interface_name(resolve, key));
    names.map(|name| format!("[`{name}`](#{name})")).collect::<Vec<_>>().join(", ")
}

fn interface_name<'r>(resolve: &'r Resolve, key: &WorldKey) -> Option<&'r str> {
    match key {
        WorldKey::Interface(id) => resolve.interfaces[*id].name.as_deref(),
        WorldKey::Name(_) => None,
    }
}

/// Documentation as paragraphs.
fn text(docs: &Docs) -> String {
    docs.contents.as_ref().map(|text| format!("{}\n\n", text.trim())).unwrap_or_default()
}

/// Documentation as one cell of a table.
fn cell(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default().trim();
    let paragraphs = text.split("\n\n").map(|it| it.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("<br><br>").replace('|', "\\|")
}
