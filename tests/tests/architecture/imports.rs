//! Which file of a crate imports which other: its `use` declarations and paths, parsed.
//!
//! An item counts for the file that defines it, so that a re-export hides nothing. Tests are left out: they may import
//! what they need.

use std::collections::{BTreeMap, BTreeSet};

use syn::buffer::Cursor;
use syn::parse::ParseStream;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Macro, UseTree};

/// The place of a module in its crate; the root has no segment.
type Module = Vec<String>;

/// The modules of one crate, one a file.
pub(crate) struct Crate {
    modules: BTreeMap<Module, Source>,
}

/// What one file says.
#[derive(Default)]
struct Source {
    /// Where it is, below the folder of the crate's sources.
    file: String,
    /// Names that it defines.
    defines: BTreeSet<String>,
    /// Names that it imports, with what they stand for.
    names: BTreeMap<String, Module>,
    /// Modules of which it imports everything.
    globs: Vec<Module>,
    /// Every path that it follows.
    paths: BTreeSet<Module>,
    /// Modules that only its tests have.
    tests: BTreeSet<String>,
}

/// Files with the files that they import.
pub(crate) type Imports = BTreeMap<String, BTreeSet<String>>;

impl Crate {
    /// Reads all sources below a folder of the repository.
    pub(crate) fn read(folder: &str) -> Self {
        let files = super::sources(folder).into_iter().map(|file| {
            let path = super::root().join(folder).join(&file);
            let text = std::fs::read_to_string(path).expect("a source is readable");
            (file, text)
        });
        Self::parse(files)
    }

    /// Parses sources: their places below the folder, with their texts.
    pub(crate) fn parse(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            let module = module_of(&file);
            let parsed = syn::parse_file(&text).map_err(|error| format!("{file}: {error}"));
            let parsed = parsed.expect("a source parses");
            let source: &mut Source = modules.entry(module.clone()).or_default();
            source.file = file;
            let mut reader = Reader { inline: Vec::new(), source };
            for item in &parsed.items {
                reader.define(item);
                reader.visit_item(item);
            }
        }
        let tests: BTreeSet<Module> = modules
            .iter()
            .flat_map(|(module, source)| {
                source
                    .tests
                    .iter()
                    .map(|name| [module.as_slice(), std::slice::from_ref(name)].concat())
            })
            .collect();
        modules.retain(|module: &Module, _| !tests.iter().any(|test| module.starts_with(test)));
        Self { modules }
    }

    /// Which file imports which.
    pub(crate) fn imports(&self) -> Imports {
        let imports = self.modules.iter().map(|(module, source)| {
            let found = source.paths.iter().filter_map(|path| self.origin(module, path, 0));
            let found = found.filter(|it| *it != source.file).map(str::to_owned);
            (source.file.clone(), found.collect())
        });
        imports.collect()
    }

    /// The file that defines what a path names; none outside the crate.
    fn origin(&self, from: &Module, path: &Module, depth: usize) -> Option<&str> {
        let path = self.absolute(from, path)?;
        let length = (0..=path.len()).rev().find(|it| self.modules.contains_key(&path[..*it]))?;
        let (module, rest) = (path[..length].to_vec(), &path[length..]);
        let source = &self.modules[&module];
        let Some(name) = rest.first() else { return Some(&source.file) };
        if depth < 8 && !source.defines.contains(name) {
            if let Some(target) = source.names.get(name) {
                let target = [target.as_slice(), &rest[1..]].concat();
                return self.origin(&module, &target, depth + 1);
            }
            for glob in &source.globs {
                let inside =
                    self.absolute(&module, glob).filter(|it| self.modules.contains_key(it));
                let defined = inside.filter(|it| self.modules[it].defines.contains(name));
                if let Some(inside) = defined {
                    return Some(&self.modules[&inside].file);
                }
            }
        }
        // What the root of a crate says stands above everything.
        Some(&source.file)
    }

    /// A path from the root of the crate; none for one that leads out of it.
    fn absolute(&self, from: &Module, path: &Module) -> Option<Module> {
        let first = path.first()?.as_str();
        let below = |base: &[String]| [base, &path[1..]].concat();
        match first {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some(below(from)),
            "super" => {
                let parent = &from[..from.len().checked_sub(1)?];
                let rest = &path[1..];
                if rest.first().is_some_and(|it| it == "super") {
                    return self.absolute(&parent.to_vec(), &rest.to_vec());
                }
                Some([parent, rest].concat())
            }
            _ => {
                let child = [from.as_slice(), &path[..1]].concat();
                if self.modules.contains_key(&child) {
                    return Some([from.as_slice(), path].concat());
                }
                let target = self.modules.get(from)?.names.get(first)?;
                // A name that stands for itself is a crate.
                if target.first().is_some_and(|it| it == first) {
                    return None;
                }
                self.absolute(from, &[target.as_slice(), &path[1..]].concat())
            }
        }
    }
}

/// The module that a file is.
fn module_of(file: &str) -> Module {
    let mut module: Module = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|it| matches!(it.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

struct Reader<'s> {
    /// Modules within the file around what is read now.
    inline: Vec<String>,
    source: &'s mut Source,
}

impl Reader<'_> {
    fn define(&mut self, item: &Item) {
        let name = match item {
            Item::Const(it) => &it.ident,
            Item::Enum(it) => &it.ident,
            Item::Fn(it) => &it.sig.ident,
            Item::Static(it) => &it.ident,
            Item::Struct(it) => &it.ident,
            Item::Trait(it) => &it.ident,
            Item::Type(it) => &it.ident,
            Item::Union(it) => &it.ident,
            Item::Mod(it) if it.content.is_some() => &it.ident,
            Item::Macro(it) => match &it.ident {
                Some(name) => name,
                None => return,
            },
            _ => return,
        };
        self.source.defines.insert(name.to_string());
    }

    /// Notes a path, seen from the file.
    fn follow(&mut self, path: &[String]) {
        let leaves = path.iter().take_while(|it| *it == "super").count();
        // Within a module of the file, `super` leads to the file first.
        let path = if leaves > 0 && leaves <= self.inline.len() {
            [&["self".to_owned()], &path[leaves..]].concat()
        } else {
            path[leaves.min(self.inline.len())..].to_vec()
        };
        if path.len() > 1 {
            self.source.paths.insert(path);
        }
    }

    fn import(&mut self, tree: &UseTree, before: &Module) {
        let with = |name: String| [before.as_slice(), std::slice::from_ref(&name)].concat();
        match tree {
            UseTree::Path(it) => self.import(&it.tree, &with(it.ident.to_string())),
            UseTree::Group(it) => it.items.iter().for_each(|tree| self.import(tree, before)),
            UseTree::Glob(_) => {
                self.source.globs.push(before.clone());
                self.follow(before);
            }
            UseTree::Name(it) if it.ident == "self" => {
                let name = before.last().cloned().unwrap_or_default();
                self.name(name, before.clone());
            }
            UseTree::Name(it) => self.name(it.ident.to_string(), with(it.ident.to_string())),
            UseTree::Rename(it) if it.ident == "self" => {
                self.name(it.rename.to_string(), before.clone());
            }
            UseTree::Rename(it) => self.name(it.rename.to_string(), with(it.ident.to_string())),
        }
    }

    fn name(&mut self, name: String, path: Module) {
        self.follow(&path);
        self.source.names.entry(name).or_insert(path);
    }

    /// The paths within the tokens of a macro.
    fn tokens(&mut self, mut cursor: Cursor<'_>) {
        let mut path = Module::new();
        let mut joins = false;
        while !cursor.eof() {
            if let Some((name, next)) = cursor.ident() {
                if !joins {
                    self.follow(&std::mem::take(&mut path));
                }
                path.push(name.to_string());
                (cursor, joins) = (next, false);
            } else if let Some((punct, next)) = cursor.punct() {
                let second = next.punct().filter(|(it, _)| it.as_char() == ':');
                match second {
                    Some((_, after)) if punct.as_char() == ':' && !path.is_empty() => {
                        (cursor, joins) = (after, true);
                    }
                    _ => {
                        self.follow(&std::mem::take(&mut path));
                        (cursor, joins) = (next, false);
                    }
                }
            } else {
                self.follow(&std::mem::take(&mut path));
                joins = false;
                if let Some((inside, _, _, next)) = cursor.any_group() {
                    self.tokens(inside);
                    cursor = next;
                } else if let Some((_, next)) = cursor.token_tree() {
                    cursor = next;
                } else {
                    break;
                }
            }
        }
        self.follow(&path);
    }
}

/// Whether something is compiled for tests alone.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| {
        it.path().is_ident("cfg")
            && it.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(it) => &it.attrs,
            Item::Fn(it) => &it.attrs,
            Item::Impl(it) => &it.attrs,
            Item::Use(it) => &it.attrs,
            _ => return visit::visit_item(self, item),
        };
        match item {
            Item::Mod(it) if is_test(attributes) => {
                self.source.tests.insert(it.ident.to_string());
            }
            _ if is_test(attributes) => {}
            Item::Mod(it) if it.content.is_some() => {
                self.inline.push(it.ident.to_string());
                visit::visit_item(self, item);
                self.inline.pop();
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &Module::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Module = path.segments.iter().map(|it| it.ident.to_string()).collect();
        self.follow(&names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        let read = |input: ParseStream<'_>| {
            input.step(|cursor| {
                self.tokens(*cursor);
                let mut rest = *cursor;
                while let Some((_, next)) = rest.token_tree() {
                    rest = next;
                }
                Ok(((), rest))
            })
        };
        item.parse_body_with(read).expect("tokens can be read");
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}
