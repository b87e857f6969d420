//! The templates and SDKs in this program.

use crate::Language;

/// A file: its path in the tree, with `/`, and its content.
pub(crate) type File = (&'static str, &'static [u8]);

/// Each tree by its folder in the repository; `build.rs` makes them.
static TREES: &[(&str, &[File])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The template of a language.
pub(crate) fn template(language: Language) -> &'static [File] {
    tree(&format!("host/toolchain/templates/{}", language.id()))
}

/// What the projects of all languages have.
pub(crate) fn common() -> &'static [File] {
    tree("host/toolchain/templates/common")
}

/// The SDK of a language.
pub(crate) fn sdk(language: Language) -> &'static [File] {
    tree(language.sdk())
}

fn tree(name: &str) -> &'static [File] {
    TREES.iter().find(|it| it.0 == name).map_or(&[], |it| it.1)
}
