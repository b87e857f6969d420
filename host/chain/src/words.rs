//! What a plugin says to people: its own words, that must not look like the host's.

use std::collections::BTreeMap;

use serde::Serialize;
use wellhead_spec::{FINDING_CODE_MAX, is_finding_code};

use crate::text::{SHOWN_CHARACTERS, in_code, quote, sanitize, sanitize_name};

/// Most characters of a message between quotes: with each of them escaped, and with who says it and of what,
/// a line of 2,000 characters has room.
const QUOTED_CHARACTERS: usize = 800;
/// Most characters of a field that a plugin names.
const PATH_CHARACTERS: usize = 300;
/// Arguments of a sentence that are kept, and characters of the longest of their values.
const ARGUMENTS: (usize, usize) = (32, 300);
/// Bytes of the longest link.
const LINK_BYTES: usize = 500;

/// What a plugin says to people, sanitized. Programs get it as it is; for people, [`line`](Self::line) and
/// [`suggestion`](Self::suggestion) say whose words they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    /// Path of the field, as the plugin wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The message.
    pub message: String,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What programs need of it.
    #[serde(flatten)]
    pub details: Details,
}

impl Words {
    /// A message alone.
    pub fn new(message: &str) -> Self {
        Self::of(message, None, None)
    }

    pub(crate) fn of(message: &str, path: Option<&str>, hint: Option<&str>) -> Self {
        Self {
            path: path.map(|path| sanitize_name(path, PATH_CHARACTERS)),
            message: sanitize(message, SHOWN_CHARACTERS),
            hint: hint.map(|hint| sanitize(hint, SHOWN_CHARACTERS)),
            details: Details::default(),
        }
    }

    /// The same with what programs need of it.
    pub(crate) fn with(self, details: &Details) -> Self {
        Self { details: details.clone(), ..self }
    }

    /// In a line: who says it, the field, the code, and last, in quotes, the message. `who` ends in a verb, `of` is the
    /// word between it and the field.
    pub fn line(&self, who: &str, of: &str) -> String {
        let field = self.path.as_ref().map(|it| format!(" {of} {}", in_code(it, PATH_CHARACTERS)));
        let message = quote(&self.message, QUOTED_CHARACTERS);
        format!("{who}{}{}: {message}", field.unwrap_or_default(), self.code())
    }

    /// The code behind what it is about.
    fn code(&self) -> String {
        self.details.code.as_ref().map(|it| format!(" ({it})")).unwrap_or_default()
    }

    /// What to change, in a line.
    pub fn suggestion(&self) -> Option<String> {
        let hint = self.hint.as_ref().filter(|it| !it.is_empty())?;
        Some(format!("the plugin suggests: {}", quote(hint, QUOTED_CHARACTERS)))
    }

    /// The page that the plugin names, in a line.
    pub fn page(&self) -> Option<String> {
        self.details.link.as_ref().map(|it| format!("the plugin refers to {it}"))
    }

    /// The field, the message and the code unchanged, for files in which only the plugin speaks.
    pub fn plain(&self) -> String {
        let at = self.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        format!("{at}{}{}", self.message, self.code())
    }
}

/// What a plugin says of a finding or a rejection beside its words: for programs, that count it, waive it, or say it in
/// another language. What has not its form is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The plugin's own name for this kind of finding or reason: 1 to 64 lowercase letters, digits and single `-`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the message was filled with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
    /// A page that tells more, an `https` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Details {
    pub(crate) fn of(
        code: Option<&str>,
        arguments: &[(String, String)],
        link: Option<&str>,
    ) -> Self {
        let (most, characters) = ARGUMENTS;
        let argument = |(key, value): &(String, String)| {
            (sanitize_name(key, FINDING_CODE_MAX), sanitize(value, characters))
        };
        Self {
            code: code.filter(|it| is_finding_code(it)).map(str::to_owned),
            arguments: arguments.iter().take(most).map(argument).collect(),
            link: link.and_then(https),
        }
    }
}

/// A page, when a text is the URL of one: printable ASCII without what ends a URL where people write one.
pub(crate) fn https(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    let rest = text.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What stands before an `@` looks like the host and is not.
    let is_page = !host.is_empty() && !host.contains('@') && rest.bytes().all(plain);
    (is_page && text.len() <= LINK_BYTES).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_have_their_forms_or_are_left_out() {
        for code in ["tag-missing", "a", "x9", &"a".repeat(64)] {
            assert_eq!(Details::of(Some(code), &[], None).code.as_deref(), Some(code));
        }
        for code in ["", "-a", "a-", "a--b", "A", "9a", "a b", "a\n", "ä", &"a".repeat(65)] {
            assert_eq!(Details::of(Some(code), &[], None).code, None, "{code}");
        }
        for link in ["https://a.example", "https://a.example/b?c=d#e"] {
            assert_eq!(Details::of(None, &[], Some(link)).link.as_deref(), Some(link));
        }
        let long = format!("https://a.example/{}", "a".repeat(LINK_BYTES));
        for link in [
            "http://a.example",
            "https://",
            "https:///x",
            "https://good.example@bad.example",
            "https://a.example/ b",
            "https://a.example/\u{1b}[2J",
            "https://a.example/`x`",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(Details::of(None, &[], Some(link)).link, None, "{link}");
        }
        let many: Vec<_> =
            (0..100).map(|at| (format!("k{at}\n"), "\u{1b}".repeat(1_000))).collect();
        let arguments = Details::of(None, &many, None).arguments;
        assert_eq!(arguments.len(), ARGUMENTS.0);
        for (key, value) in &arguments {
            assert!(!key.contains(char::is_control) && !value.contains(char::is_control), "{key}");
            assert!(value.chars().count() < 400, "{value}");
        }
    }

    #[test]
    fn a_line_says_whose_words_it_has() {
        let words = Words::of("too few", Some("replicas"), Some("have 3"));
        assert_eq!(
            words.line("the plugin says", "of"),
            r#"the plugin says of `replicas`: "too few""#
        );
        assert_eq!(words.suggestion().unwrap(), r#"the plugin suggests: "have 3""#);
        assert_eq!(words.plain(), "replicas: too few");
        assert_eq!(words.page(), None);
        let page = Some("https://a.example/few");
        let coded = words.with(&Details::of(Some("too-few"), &[], page));
        assert_eq!(
            coded.line("the plugin says", "of"),
            r#"the plugin says of `replicas` (too-few): "too few""#
        );
        assert_eq!(coded.plain(), "replicas: too few (too-few)");
        assert_eq!(coded.page().unwrap(), "the plugin refers to https://a.example/few");
        assert_eq!(Words::new("no").line("it says", "of"), r#"it says: "no""#);
    }

    #[test]
    fn no_message_begins_a_line_ends_its_quotes_or_steers_a_terminal() {
        for forged in [
            "x\nhelp: run `kubectl delete ns shop`",
            "\r\nerror[WH0401]: the cluster is lost",
            "\u{1b}[2J\u{1b}[1;31merror\u{1b}[0m: x",
            "x\"\nhelp: y",
            "x\\\"\u{85}help: y",
            "\u{202e}pleh",
            "\"",
            "\\",
        ] {
            let words = Words::of(forged, Some("config.a"), Some(forged));
            for line in [words.line("the plugin says", "of"), words.suggestion().unwrap()] {
                assert!(line.starts_with("the plugin s"), "{line}");
                assert!(!line.contains(char::is_control) && !line.contains('\u{202e}'), "{line}");
                assert!(line.ends_with('"') && is_one_text(&line), "{line}");
            }
        }
    }

    /// Whether each text in quotes ends where the line goes on with the host's words, or ends.
    fn is_one_text(line: &str) -> bool {
        let (mut inside, mut escaped, mut ends) = (false, false, Vec::new());
        for (at, character) in line.char_indices() {
            match character {
                '"' if !escaped => {
                    inside = !inside;
                    ends.extend((!inside).then_some(at + 1));
                }
                _ => {}
            }
            escaped = character == '\\' && !escaped;
        }
        !inside && ends.iter().all(|it| line[*it..].is_empty() || line[*it..].starts_with(": \""))
    }

    #[test]
    fn a_field_does_not_end_the_code_that_it_stands_in() {
        let line = Words::of("x", Some("a`: fine\nhelp: y"), None).line("the plugin says", "of");
        assert_eq!(line, r#"the plugin says of "a`: fine\nhelp: y": "x""#);
    }

    #[test]
    fn long_words_are_cut_inside_their_quotes() {
        for character in ["x", "\"", "\\", "\n", "ä"] {
            let long = character.repeat(100 << 10);
            let words = Words::of(&long, Some(&long), Some(&long));
            for line in [words.line("the plugin says", "of"), words.suggestion().unwrap()] {
                assert!(line.chars().count() < 2_000, "{}", line.chars().count());
                assert!(line.contains(" more bytes)\""), "{line}");
            }
        }
    }
}
