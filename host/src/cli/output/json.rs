//! JSON as the command line writes it: all but printable ASCII is escaped, as JSON itself can, so that
//! a program reads the same text, and none of it steers a terminal or looks like something else.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

/// A document in one line.
pub(crate) fn write_line(out: impl io::Write, document: &impl Serialize) -> serde_json::Result<()> {
    let formatter = Escaped(CompactFormatter);
    document.serialize(&mut Serializer::with_formatter(out, formatter))
}

/// A document, indented.
pub(crate) fn write(out: impl io::Write, document: &impl Serialize) -> serde_json::Result<()> {
    let formatter = Escaped(PrettyFormatter::new());
    document.serialize(&mut Serializer::with_formatter(out, formatter))
}

/// A document, indented, as text.
pub(crate) fn pretty(document: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    write(&mut bytes, document)?;
    Ok(String::from_utf8(bytes).expect("because JSON is written as UTF-8"))
}

/// Another formatter, with more characters escaped.
struct Escaped<F>(F);

impl<F: Formatter> Formatter for Escaped<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|it| !matches!(it, ' '..='~')) {
            let (safe, tail) = rest.split_at(at);
            self.0.write_string_fragment(writer, safe)?;
            let mut characters = tail.chars();
            for unit in characters.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        self.0.write_string_fragment(writer, rest)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(crate) fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn all_but_printable_ascii_is_escaped_and_reads_back() {
        let document =
            json!({"a\u{202e}": ["\u{1b}[31m \u{9b}31m", "\u{7f}", "\u{e0041}", "größe"]});
        let mut line = Vec::new();
        write_line(&mut line, &document).unwrap();
        let text = String::from_utf8(line).unwrap();
        assert_eq!(
            text,
            r#"{"a\u202e":["\u001b[31m \u009b31m","\u007f","\udb40\udc41","gr\u00f6\u00dfe"]}"#
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
        let mut indented = Vec::new();
        write(&mut indented, &document).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&indented).unwrap(), document);
        assert!(indented.starts_with(b"{\n  \"a\\u202e\": [\n"));
    }
}
