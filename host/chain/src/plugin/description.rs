//! What a plugin says about itself.
//!
//! Its name and version stand where people decide whom to trust, so that neither can be a sentence: a name
//! is a word, a version a semantic version.

use semver::Version;
use serde_json::Value;

use crate::bindings::describe::PluginInfo;
use crate::error::Fault;
use crate::text::{SHOWN_CHARACTERS, quote, sanitize, sanitize_name};

/// Bytes of the largest config schema that is compiled.
const SCHEMA_BYTES: usize = 256 << 10;
/// Characters of the longest name; registries of packages have names of up to 64.
const NAME_CHARACTERS: usize = 100;
/// Characters of the longest version: room for three numbers, a commit and a date.
const VERSION_CHARACTERS: usize = 64;
/// Patterns that are kept of those that it asks for.
const WRITES: usize = 1_000;
/// Characters of the longest of these patterns.
const PATTERN_CHARACTERS: usize = 300;

/// What a plugin says about itself: the name and the version in their forms, the rest sanitized.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The plugin's name: 1 to 100 ASCII letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
    pub name: String,
    /// Its version, as [semantic versioning](https://semver.org) has it, of at most 64 characters.
    pub version: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its config.
    pub config_schema: Value,
    /// Patterns of the fields that it asks to write.
    pub writes: Vec<String>,
    /// Whether it edits.
    pub transforms: bool,
    /// Whether it judges.
    pub validates: bool,
}

impl Description {
    /// That of a plugin which was not asked yet.
    pub(crate) fn empty() -> Self {
        Self {
            name: String::new(),
            version: String::new(),
            description: String::new(),
            config_schema: Value::Null,
            writes: Vec::new(),
            transforms: false,
            validates: false,
        }
    }

    /// Checks an answer.
    pub(crate) fn new(info: &PluginInfo, transforms: bool, validates: bool) -> Result<Self, Fault> {
        let bad = |reason: String| Fault::BadDescription { reason };
        if info.config_schema.len() > SCHEMA_BYTES {
            return Err(bad(format!("its config schema has more than {SCHEMA_BYTES} bytes")));
        }
        let config_schema = serde_json::from_str(&info.config_schema)
            .map_err(|error| bad(format!("its config schema is not JSON: {error}")))?;
        Ok(Self {
            name: name(&info.name).map_err(bad)?,
            version: version(&info.version).map_err(bad)?,
            description: sanitize(&info.description, SHOWN_CHARACTERS),
            config_schema,
            writes: info
                .writes
                .iter()
                .take(WRITES)
                .map(|path| sanitize_name(path, PATTERN_CHARACTERS))
                .collect(),
            transforms,
            validates,
        })
    }
}

fn name(text: &str) -> Result<String, String> {
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let is_name = text.len() <= NAME_CHARACTERS
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    if is_name {
        return Ok(text.to_owned());
    }
    Err(format!(
        "its name is {}, not 1 to {NAME_CHARACTERS} letters of ASCII, digits, `-`, `_` and `.`, with a letter or \
         digit at both ends, e.g. `team-label`",
        quoted(text, NAME_CHARACTERS)
    ))
}

fn version(text: &str) -> Result<String, String> {
    if text.len() <= VERSION_CHARACTERS && Version::parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(format!(
        "its version is {}, not a semantic version of at most {VERSION_CHARACTERS} characters, e.g. `1.0.0` or \
         `1.2.0-rc.1`",
        quoted(text, VERSION_CHARACTERS)
    ))
}

/// A plugin's words, as ASCII between quotes.
fn quoted(text: &str, limit: usize) -> String {
    if text.is_empty() {
        "empty".to_owned()
    } else {
        quote(&sanitize_name(text, limit), usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(name: &str, version: &str) -> Result<Description, String> {
        let info = PluginInfo {
            name: name.to_owned(),
            version: version.to_owned(),
            description: String::new(),
            config_schema: "{}".to_owned(),
            writes: Vec::new(),
        };
        match Description::new(&info, true, false) {
            Ok(description) => Ok(description),
            Err(Fault::BadDescription { reason }) => Err(reason),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_are_words() {
        for name in ["a", "7", "team-label", "Team_Label.v2", &"n".repeat(NAME_CHARACTERS)] {
            assert_eq!(describe(name, "1.0.0").unwrap().name, name);
        }
        let long = "n".repeat(NAME_CHARACTERS + 1);
        for name in ["", "-a", "a.", "a b", "a\n", "ä", "а", "@a/b", "a\u{200b}b", "a\"b", &long]
        {
            let reason = describe(name, "1.0.0").unwrap_err();
            assert!(reason.starts_with("its name is "), "{name:?}: {reason}");
            assert!(reason.is_ascii() && reason.len() < 400, "{reason}");
        }
    }

    #[test]
    fn versions_are_semantic_versions() {
        for version in ["0.1.0", "1.2.3-rc.1+build.5", "1.0.0-alpha-a.b"] {
            assert_eq!(describe("a", version).unwrap().version, version);
        }
        let long = format!("1.0.0-{}", "a".repeat(VERSION_CHARACTERS));
        for version in [
            "",
            "1",
            "1.0",
            "v1.0.0",
            "1.0.0 ",
            "01.0.0",
            "1.0.0 of platform (sha256:10c2aa11bb22)",
            "1.0.0-ä",
            "1.0.0\n",
            "1.0.0-",
            "1.0.0rc1",
            &long,
        ] {
            let reason = describe("a", version).unwrap_err();
            assert!(reason.starts_with("its version is "), "{version:?}: {reason}");
            assert!(reason.is_ascii() && reason.len() < 400, "{reason}");
        }
    }
}
