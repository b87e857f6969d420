//! The languages of plugins.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::Error;

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Language {
    /// Rust, by cargo.
    Rust,
    /// JavaScript or TypeScript, by npm and componentize-js.
    JavaScript,
    /// Python, by componentize-py.
    Python,
    /// Go, by its own compiler.
    Go,
    /// C, by clang and wasi-libc.
    C,
}

impl Language {
    /// Every language, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Rust, Self::JavaScript, Self::Python, Self::Go, Self::C];

    /// The name that is typed, e.g. `javascript`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::Go => "go",
            Self::C => "c",
        }
    }

    /// The name that is read, e.g. `JavaScript`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::C => "C",
        }
    }

    /// The file in a project's folder that tells its language.
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::JavaScript => "package.json",
            Self::Python => "pyproject.toml",
            Self::Go => "go.mod",
            Self::C => "plugin.c",
        }
    }

    /// The folder of its SDK, from the repository's root.
    pub(crate) const fn sdk(self) -> &'static str {
        match self {
            Self::Rust => "plugins/sdk",
            Self::JavaScript => "plugins/sdk-javascript",
            Self::Python => "plugins/sdk-python",
            Self::Go => "plugins/sdk-go",
            Self::C => "plugins/sdk-c",
        }
    }

    /// The language that people call so, too, or whose project has it.
    fn known_as(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "rs" | "rust" | "cargo" => Self::Rust,
            "js" | "javascript" | "ts" | "typescript" | "node" | "nodejs" => Self::JavaScript,
            "py" | "python" | "python3" => Self::Python,
            "go" | "golang" | "tinygo" => Self::Go,
            "c" | "clang" | "c99" => Self::C,
            _ => return None,
        })
    }

    /// The language of the project in a folder.
    ///
    /// # Errors
    /// [`Error::NoProject`] without a marker, [`Error::Ambiguous`] with those of several languages.
    pub fn detect(folder: &Path) -> Result<Self, Error> {
        let found: Vec<Self> =
            Self::ALL.into_iter().filter(|it| folder.join(it.marker()).is_file()).collect();
        match found[..] {
            [] => Err(Error::NoProject { folder: folder.to_owned() }),
            [one] => Ok(one),
            _ => Err(Error::Ambiguous { folder: folder.to_owned(), languages: found }),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// Reads the [`id`](Language::id).
impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|it| it.id() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|it| it.id()).collect();
            let meant = Self::known_as(text);
            let meant = meant.map(|it| format!("did you mean `{}`? ", it.id())).unwrap_or_default();
            format!("{meant}known languages are {}", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_has_the_language_whose_marker_it_has() {
        for language in Language::ALL {
            let folder = tempfile::tempdir().unwrap();
            assert!(matches!(Language::detect(folder.path()), Err(Error::NoProject { .. })));
            fs::write(folder.path().join(language.marker()), "").unwrap();
            assert_eq!(Language::detect(folder.path()).unwrap(), language);
            assert_eq!(language.id().parse(), Ok(language));
        }
    }

    #[test]
    fn a_language_by_another_name_is_suggested() {
        for (text, meant) in [("typescript", "javascript"), ("Golang", "go"), ("py", "python")] {
            let error = text.parse::<Language>().unwrap_err();
            assert!(error.starts_with(&format!("did you mean `{meant}`? known ")), "{error}");
        }
        assert!("cobol".parse::<Language>().unwrap_err().starts_with("known languages"));
    }

    #[test]
    fn two_markers_are_not_guessed_about() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("go.mod"), "").unwrap();
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let Err(Error::Ambiguous { languages, .. }) = Language::detect(folder.path()) else {
            panic!("it was guessed")
        };
        assert_eq!(languages, [Language::Rust, Language::Go]);
    }
}
