//! Commands of ours in the texts of crates that a program may link as well.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Lit, LitStr, Macro};

use super::imports::is_test;
use super::{root, sources};

/// The crates below the command line.
const BELOW: [&str; 7] = [
    "host/chain/src",
    "host/cluster/src",
    "host/diagnostics/src",
    "host/render/src",
    "host/spec/src",
    "host/src",
    "host/toolchain/src",
];

/// Where texts name commands all the same, and why. Elsewhere what to do is data, such as `Remedy`.
const NAMED: [(&str, &str); 11] = [
    ("host/cluster/src/model/remedy.rs", "the words of remedies, which JSON has as well"),
    ("host/src/cli/", "the command line"),
    ("host/src/authoring/", "for authors of plugins, whose tool is the command line"),
    ("host/toolchain/src/", "for authors of plugins, whose tool is the command line"),
    ("host/chain/src/", "about the file of a plugin, which the command line makes and looks into"),
    ("host/src/import/", "about files, which the command line reads and writes"),
    ("host/spec/src/load/foreign.rs", "about files, which the command line reads"),
    ("host/src/distribution/", "about the lock, which the command line writes"),
    ("host/spec/src/distribution/", "about the lock, which the command line writes"),
    ("host/spec/src/load/single.rs", "about the lock, which the command line writes"),
    ("host/spec/src/validate/", "about files, which the command line reads"),
];

/// The texts of a file, those of its tests aside.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn of(text: &str) -> Vec<String> {
        let mut texts = Self::default();
        texts.visit_file(&syn::parse_file(text).expect("a source parses"));
        texts.0
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Lit::Str(text) = Lit::new(literal) {
                        self.0.push(text.value());
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Fn(it) => &it.attrs,
            Item::Impl(it) => &it.attrs,
            Item::Mod(it) => &it.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.0.push(text.value());
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.tokens(item.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

/// The names of our commands, by their reference.
fn commands() -> BTreeSet<String> {
    let reference = std::fs::read_to_string(root().join("docs/reference/cli.md"));
    let reference = reference.expect("the reference of commands is readable");
    let names = reference.lines().filter_map(|line| line.strip_prefix("## wellhead "));
    names.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn names_command(text: &str, commands: &BTreeSet<String>) -> bool {
    text.split("wellhead ").skip(1).any(|rest| {
        let word = rest.split(|it: char| !it.is_ascii_lowercase()).next().unwrap_or_default();
        commands.contains(word)
    })
}

#[test]
fn what_to_do_names_no_command_below_the_command_line() {
    let commands = commands();
    assert!(commands.contains("apply") && commands.contains("plugin"), "{commands:?}");
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for name in BELOW {
        for file in sources(name).iter().filter(|file| !file.ends_with("tests.rs")) {
            let file = format!("{name}/{file}");
            let text = std::fs::read_to_string(root().join(&file)).expect("a source is readable");
            let texts = Texts::of(&text).into_iter();
            let found: Vec<_> = texts.filter(|text| names_command(text, &commands)).collect();
            match NAMED.iter().find(|(place, _)| file.starts_with(place)) {
                Some((place, _)) if !found.is_empty() => drop(used.insert(place)),
                None if !found.is_empty() => wrong.push(format!("{file}: {found:?}")),
                _ => {}
            }
        }
    }
    let idle = NAMED.iter().filter(|(place, _)| !used.contains(place));
    wrong.extend(idle.map(|(place, _)| format!("{place} needs no exception")));
    assert!(wrong.is_empty(), "say what to do as data: {wrong:#?}");
}

#[test]
fn a_command_is_found_in_any_text() {
    let commands = BTreeSet::from(["apply".to_owned()]);
    let found = |text: &str| Texts::of(text).iter().any(|it| names_command(it, &commands));
    assert!(found("const A: &str = \"type `wellhead apply`\";"));
    assert!(found("fn f() { g(format!(\"{x}: wellhead apply {y}\")) }"));
    assert!(!found("const A: &str = \"a wellhead applied it, and wellhead too\";"));
    assert!(!found(
        "/// `wellhead apply`\n#[cfg(test)]\nmod tests { const A: &str = \"wellhead apply\"; }"
    ));
}
