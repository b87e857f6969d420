//! What a plugin says about itself.
//!
//! Its name and version stand where people decide whom to trust, so that neither can be a sentence: a name
//! is a word, a version a semantic version.

use semver::Version;
use serde_json::Value;

use crate::bindings::describe::PluginInfo;
use crate::error::Fault;
use crate::text::{SHOWN_CHARACTERS, quote, sanitize, sanitize_name};
use crate::words;

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

/// Characters of the longest licence: an expression of several.
const LICENSE_BYTES: usize = 200;

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
    /// Patterns of the protected fields that it asks to write.
    #[serde(default)]
    pub opens: Vec<String>,
    /// Names of the facts that it asks to read.
    #[serde(default)]
    pub facts: Vec<String>,
    /// Its licence, as an SPDX expression.
    #[serde(default)]
    pub license: Option<String>,
    /// Its page, an `https` URL.
    #[serde(default)]
    pub homepage: Option<String>,
    /// The oldest version of Wellhead that it works with, a semantic version.
    #[serde(default)]
    pub min_host: Option<String>,
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
            opens: Vec::new(),
            facts: Vec::new(),
            license: None,
            homepage: None,
            min_host: None,
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
            writes: few(&info.writes),
            opens: few(&info.opens),
            facts: few(&info.facts),
            license: info.license.as_deref().map(license).transpose().map_err(bad)?,
            homepage: info.homepage.as_deref().map(homepage).transpose().map_err(bad)?,
            min_host: info.min_host.as_deref().map(min_host).transpose().map_err(bad)?,
            transforms,
            validates,
        })
    }
}

/// Patterns and names that it asks for.
fn few(texts: &[String]) -> Vec<String> {
    texts.iter().take(WRITES).map(|text| sanitize_name(text, PATTERN_CHARACTERS)).collect()
}

fn license(text: &str) -> Result<String, String> {
    // https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/
    let form = |byte: u8| byte.is_ascii_alphanumeric() || b" -.+:()".contains(&byte);
    if !text.trim().is_empty() && text.len() <= LICENSE_BYTES && text.bytes().all(form) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "its licence is {}, not an SPDX expression of at most {LICENSE_BYTES} characters, e.g. `Apache-2.0`",
        quoted(text, LICENSE_BYTES)
    ))
}

fn homepage(text: &str) -> Result<String, String> {
    words::https(text).ok_or_else(|| {
        let shown = quoted(text, SHOWN_CHARACTERS);
        format!("its homepage is {shown}, not a URL that begins with `https://`")
    })
}

fn min_host(text: &str) -> Result<String, String> {
    if text.len() <= VERSION_CHARACTERS && Version::parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    let shown = quoted(text, VERSION_CHARACTERS);
    Err(format!("the oldest host that it names is {shown}, not a semantic version, e.g. `0.2.0`"))
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

    fn info(name: &str, version: &str) -> PluginInfo {
        PluginInfo {
            name: name.to_owned(),
            version: version.to_owned(),
            description: String::new(),
            config_schema: "{}".to_owned(),
            writes: Vec::new(),
            opens: Vec::new(),
            facts: Vec::new(),
            license: None,
            homepage: None,
            min_host: None,
            extra: Vec::new(),
        }
    }

    fn describe(name: &str, version: &str) -> Result<Description, String> {
        described(&info(name, version))
    }

    fn described(info: &PluginInfo) -> Result<Description, String> {
        match Description::new(info, true, false) {
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
    #[test]
    fn licence_homepage_and_oldest_host_have_their_forms() {
        let some = |text: &str| Some(text.to_owned());
        let with = |license: &str, homepage: &str, min_host: &str| PluginInfo {
            license: some(license),
            homepage: some(homepage),
            min_host: some(min_host),
            ..info("a", "1.0.0")
        };
        let good = with("MIT OR (Apache-2.0 WITH LLVM-exception)", "https://a.example", "0.2.0");
        let about = described(&good).unwrap();
        assert_eq!(about.license.as_deref(), Some("MIT OR (Apache-2.0 WITH LLVM-exception)"));
        for (bad, reason) in [
            (with("", "https://a.example", "0.2.0"), "its licence is empty"),
            (with("MIT\n", "https://a.example", "0.2.0"), "its licence is "),
            (with("MIT", "http://a.example", "0.2.0"), "its homepage is "),
            (with("MIT", "https://a.example/\u{1b}", "0.2.0"), "its homepage is "),
            (with("MIT", "https://a.example", "2"), "the oldest host that it names is "),
        ] {
            let told = described(&bad).unwrap_err();
            assert!(told.starts_with(reason) && told.is_ascii() && told.len() < 600, "{told}");
        }
    }

    #[test]
    fn what_a_plugin_asks_for_is_bounded() {
        let many = vec!["\u{1b}".repeat(1_000); WRITES + 1];
        let about =
            described(&PluginInfo { opens: many.clone(), facts: many, ..info("a", "1.0.0") });
        let about = about.unwrap();
        assert_eq!((about.opens.len(), about.facts.len()), (WRITES, WRITES));
        assert!(about.opens[0].len() < 4_000 && !about.opens[0].contains(char::is_control));
    }
}
