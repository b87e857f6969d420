//! Names of plugins.

use crate::Error;

/// Longest name. With a version it still fits into a line of a terminal, and into a file's name.
const MAX: usize = 40;
/// Words that some language, its build tool or Wellhead's own packages have taken.
/// <https://doc.rust-lang.org/reference/keywords.html>, <https://docs.python.org/3/library/keyword.html>,
/// <https://go.dev/ref/spec#Keywords>
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "case",
    "chan",
    "class",
    "const",
    "continue",
    "core",
    "crate",
    "def",
    "default",
    "defer",
    "del",
    "deps",
    "do",
    "dyn",
    "elif",
    "else",
    "enum",
    "examples",
    "except",
    "extern",
    "fallthrough",
    "false",
    "final",
    "finally",
    "fn",
    "for",
    "from",
    "func",
    "gen",
    "global",
    "go",
    "goto",
    "if",
    "impl",
    "import",
    "in",
    "incremental",
    "interface",
    "internal",
    "is",
    "json",
    "lambda",
    "let",
    "loop",
    "macro",
    "main",
    "map",
    "match",
    "mod",
    "move",
    "mut",
    "none",
    "nonlocal",
    "not",
    "or",
    "override",
    "package",
    "pass",
    "plugin",
    "priv",
    "proc-macro",
    "pub",
    "raise",
    "range",
    "ref",
    "return",
    "sdk",
    "select",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "switch",
    "sys",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "var",
    "vendor",
    "virtual",
    "wellhead",
    "wellhead-plugin",
    "where",
    "while",
    "with",
    "yield",
];

/// Checks a name.
pub(crate) fn check(name: &str) -> Result<(), Error> {
    let error = |why| Err(Error::Name { name: name.to_owned(), why });
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return error("a name begins with a lower-case letter");
    }
    if !name.chars().all(allowed) {
        return error("a name has lower-case letters, digits and hyphens");
    }
    if name.ends_with('-') || name.contains("--") {
        return error("a hyphen joins two words");
    }
    if name.len() > MAX {
        return error("a name has at most 40 characters");
    }
    if TAKEN.contains(&name) {
        return error("it is a keyword in a language of plugins");
    }
    Ok(())
}

/// The same name as a type: `team-label` is `TeamLabel`.
pub(crate) fn as_type(name: &str) -> String {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(capitalized).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_joined_by_hyphens() {
        for name in ["team-label", "a", "x2", "s3-mirror", &"a".repeat(40)] {
            assert!(check(name).is_ok(), "{name}");
        }
        for name in
            ["", "2x", "-a", "a-", "a--b", "Team", "team_label", "täm", "a/b", "..", "crate", "a b"]
        {
            assert!(check(name).is_err(), "{name}");
        }
        assert!(check(&"a".repeat(41)).is_err());
    }

    #[test]
    fn a_type_is_written_without_hyphens() {
        assert_eq!(as_type("team-label"), "TeamLabel");
        assert_eq!(as_type("s3-mirror-2"), "S3Mirror2");
    }
}
