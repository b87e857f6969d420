//! The codes of this crate's errors.

/// One code and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, e.g. `WH0801`. Never given to another meaning.
    pub code: &'static str,
    /// The meaning in a few words.
    pub title: &'static str,
    /// What happened, why, and the ways out.
    pub explanation: &'static str,
}

const fn code(code: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { code, title, explanation }
}

pub(crate) const PROJECT: &str = "WH0801";
pub(crate) const NAME: &str = "WH0802";
pub(crate) const OCCUPIED: &str = "WH0803";
pub(crate) const TOOL: &str = "WH0804";
pub(crate) const BROKEN_TOOL: &str = "WH0805";
pub(crate) const BUILD: &str = "WH0806";
pub(crate) const COMPONENT: &str = "WH0807";
pub(crate) const FILE: &str = "WH0808";

/// Every code that this crate uses, in order.
pub const CODES: &[Code] = &[
    code(
        PROJECT,
        "no plugin project",
        "The language of a project is told by one file in its folder: Cargo.toml for Rust, package.json for \
         JavaScript, pyproject.toml for Python, go.mod for Go, plugin.c for C. With several of them, `--lang` says \
         which one counts. `wellhead plugin new` makes a project that has all that its language's tools need.",
    ),
    code(
        NAME,
        "not the name of a plugin",
        "A plugin's name becomes the name of a package, of a module and of a file, in every language: lower-case \
         letters, digits and single hyphens, beginning with a letter, at most 40 characters, and no word that a \
         language or one of its packages has taken.",
    ),
    code(
        OCCUPIED,
        "a new project where something is already",
        "`wellhead plugin new` writes into a folder that it makes, or into an empty one. It never changes what is \
         there, and where it fails it leaves nothing.",
    ),
    code(
        TOOL,
        "a tool is missing or too old",
        "`wellhead plugin build` runs the ordinary tools of the project's language. The message says which one is \
         needed in which version, and what to type to install it. Nothing is installed unasked.",
    ),
    code(
        BROKEN_TOOL,
        "a tool does not work",
        "A tool that the build needs is there but does not start, or fails already when it is asked for its version. \
         The message has the command and what it said; the same command in a shell should work first.",
    ),
    code(
        BUILD,
        "the build failed",
        "The language's own tools refused the project. What they said stands above; the README of the project has \
         the commands that were run.",
    ),
    code(
        COMPONENT,
        "what was built is no plugin",
        "The tools made a module that does not become a component of the contract `wellhead:plugin`: it exports none \
         of its interfaces, or imports something that the host does not offer, e.g. files, clocks or the network.",
    ),
    code(
        FILE,
        "a file of a project cannot be read or written",
        "Permissions, a full disk or a missing folder. What was there is as it was.",
    ),
];
