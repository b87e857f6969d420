//! What must be installed to build a project.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Error;
use crate::shown::in_code;

/// Most characters of a tool's complaint that a message repeats.
const SAID: usize = 400;

/// A program that a build needs.
pub(crate) struct Requirement<'a> {
    /// What people call it, e.g. `Go`.
    pub(crate) what: &'static str,
    /// The program.
    pub(crate) program: &'a OsStr,
    /// What makes it print its version.
    pub(crate) arguments: &'a [&'a str],
    /// The oldest version that will do.
    pub(crate) minimum: Version,
    /// What to type to get it, or a newer one.
    pub(crate) install: &'static str,
    /// The project's folder, which may choose a version for version managers.
    pub(crate) folder: &'a Path,
}

/// A version: as many numbers as are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Requirement<'_> {
    /// The installed version.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Outdated`] and [`Error::Broken`].
    pub(crate) fn check(&self) -> Result<Version, Error> {
        let install = self.install.to_owned();
        let mut command = Command::new(self.program);
        command.args(self.arguments).current_dir(self.folder).stdin(Stdio::null());
        let output = match command.output() {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let why =
                    format!("there is no program {}", in_code(&self.program.to_string_lossy()));
                return Err(Error::Missing { what: self.what, why, install });
            }
            Err(error) => return Err(self.broken(&error.to_string())),
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if !output.status.success() {
            let said = text(&output.stderr);
            return Err(self.broken(if said.is_empty() { "it fails" } else { &said }));
        }
        let said = text(&output.stdout);
        let Some(found) = Version::find(&said) else {
            return Err(self.broken(&format!("it prints no version, but {}", in_code(&said))));
        };
        if found < self.minimum {
            let minimum = self.minimum;
            return Err(Error::Outdated { what: self.what, found, minimum, install });
        }
        Ok(found)
    }

    fn broken(&self, why: &str) -> Error {
        let command: Vec<_> = std::iter::once(self.program.to_string_lossy())
            .chain(self.arguments.iter().map(|it| (*it).into()))
            .collect();
        Error::Broken {
            what: self.what,
            command: command.join(" "),
            why: why.chars().take(SAID).collect(),
            install: self.install.to_owned(),
        }
    }
}

impl Version {
    /// The first version in a text: numbers with dots between them, of which there are at least two.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let mut parts = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
        parts.find_map(Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(str::parse);
        let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Self(major, minor, numbers.next().and_then(Result::ok).unwrap_or_default()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)?;
        if self.2 > 0 { write!(f, ".{}", self.2) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement<'a>(program: &'a str, arguments: &'a [&'a str]) -> Requirement<'a> {
        Requirement {
            what: "Tool",
            program: program.as_ref(),
            arguments,
            minimum: Version(1, 20, 0),
            install: "install it",
            folder: Path::new("."),
        }
    }

    #[test]
    fn versions_are_found_in_what_tools_print() {
        for (text, version) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", Version(1, 95, 0)),
            ("go version go1.26 linux/amd64", Version(1, 26, 0)),
            ("v20.19.3", Version(20, 19, 3)),
            ("Python 3.11.2", Version(3, 11, 2)),
            ("Debian clang version 14.0.6\nTarget: x86_64-pc-linux-gnu", Version(14, 0, 6)),
        ] {
            assert_eq!(Version::find(text), Some(version), "{text}");
        }
        assert_eq!(Version::find("no version, 12 words."), None);
    }

    #[test]
    fn what_is_missing_too_old_or_broken_is_told_apart() {
        let missing = requirement("wellhead-no-such-program", &[]).check();
        assert!(matches!(missing, Err(Error::Missing { .. })));
        let old = requirement("echo", &["tool 1.19.9"]).check();
        assert!(matches!(old, Err(Error::Outdated { found: Version(1, 19, 9), .. })));
        let silent = requirement("echo", &["hello"]).check();
        assert!(matches!(silent, Err(Error::Broken { .. })));
        let failing = requirement("sh", &["-c", "echo 'no such pyenv' >&2; exit 3"]).check();
        let Err(Error::Broken { why, .. }) = failing else { panic!("it is not broken") };
        assert_eq!(why, "no such pyenv");
        let forging = requirement("echo", &["x` help: y"]).check();
        let Err(Error::Broken { why, .. }) = forging else { panic!("it is not broken") };
        assert_eq!(why, r"it prints no version, but `x\u{60} help: y`");
        assert_eq!(requirement("echo", &["tool 1.20"]).check().unwrap(), Version(1, 20, 0));
    }
}
