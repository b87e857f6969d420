//! Reads documents of YAML that leave nothing to explain, which is nearly all of them, in one pass over the parser's
//! events.
//!
//! Anything that is not obvious is left to [`yaml::parse`](super::yaml::parse), which knows all of YAML and explains what
//! cannot be meant: anchors, tags, nulls, keys that stand twice, scalars that might be a number or a word of YAML 1.1, and
//! every error. Where both read a document, they give the same.

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::{Map, Value, map};

use super::tree::{Entry, Many, Node, Parts};
use super::yaml;
use super::yaml::{Chunk, Parsed};

/// Deepest nesting that is read here.
const MAX_DEPTH: usize = 32;
/// Most values of a document that is read here.
const MAX_NODES: usize = 10_000;
/// Words that are no text in some version of YAML, or for some of its readers.
const WORDS: [&str; 12] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity"];
/// Suffixes of quantities. What has one is no number.
const UNITS: [&str; 13] = ["m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi", "n", "u"];

/// The document, where it leaves nothing to explain.
pub(super) fn read(chunk: Chunk<'_>) -> Option<Parsed> {
    let mut events = Events { parser: Parser::new_from_str(chunk.text), chunk, nodes: 0 };
    events.expect(|it| matches!(it, Event::StreamStart))?;
    events.expect(|it| matches!(it, Event::DocumentStart(..)))?;
    let first = events.next()?;
    let (value, node) = events.value(first, MAX_DEPTH)?;
    events.expect(|it| matches!(it, Event::DocumentEnd))?;
    events.expect(|it| matches!(it, Event::StreamEnd))?;
    Some(Parsed { value, node, issues: Vec::new() })
}

/// What the parser finds in a document.
struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    chunk: Chunk<'t>,
    nodes: usize,
}

impl<'t> Events<'t> {
    /// The next event that is no comment.
    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        loop {
            let (event, span) = self.parser.next()?.ok()?;
            if !matches!(event, Event::Comment(..)) {
                return Some((event, span));
            }
        }
    }

    fn expect(&mut self, is: impl Fn(&Event<'t>) -> bool) -> Option<()> {
        is(&self.next()?.0).then_some(())
    }

    /// The value that begins with an event.
    fn value(&mut self, (event, span): (Event<'t>, Span), depth: usize) -> Option<(Value, Node)> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return None;
        }
        let depth = depth.checked_sub(1)?;
        let place = yaml::place_of(&span, self.chunk)?;
        let (value, parts) = match event {
            Event::Scalar(text, style, 0, None) => (scalar(text, style)?, Parts::None),
            Event::SequenceStart(_, 0, None) => self.list(depth)?,
            Event::MappingStart(_, 0, None) => self.map(depth)?,
            _ => return None,
        };
        Some((value, Node { place, parts }))
    }

    fn list(&mut self, depth: usize) -> Option<(Value, Parts)> {
        let (mut values, mut nodes) = (Vec::new(), Vec::new());
        loop {
            let next = self.next()?;
            if matches!(next.0, Event::SequenceEnd) {
                return Some((Value::Array(values), Parts::List(Many::boxed(nodes))));
            }
            let (value, node) = self.value(next, depth)?;
            values.push(value);
            nodes.push(node);
        }
    }

    fn map(&mut self, depth: usize) -> Option<(Value, Parts)> {
        let (mut fields, mut parts) = (Map::new(), Vec::new());
        loop {
            let (key, place) = match self.next()? {
                (Event::MappingEnd, _) => {
                    return Some((Value::Object(fields), Parts::Map(Many::boxed(parts))));
                }
                (Event::Scalar(text, style, 0, None), span) => match scalar(text, style)? {
                    Value::String(key) => (key, yaml::place_of(&span, self.chunk)?),
                    _ => return None,
                },
                _ => return None,
            };
            let first = self.next()?;
            let (value, node) = self.value(first, depth)?;
            parts.push(Entry { key: key.as_str().into(), place, node });
            match fields.entry(key) {
                map::Entry::Vacant(entry) => drop(entry.insert(value)),
                map::Entry::Occupied(_) => return None,
            }
        }
    }
}

/// The value of a scalar; none where it is not obvious.
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Option<Value> {
    if style != ScalarStyle::Plain {
        return Some(Value::String(text.into_owned()));
    }
    match &*text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    let rest = text.strip_prefix('-').unwrap_or(&text);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == rest.len() && (1..=18).contains(&digits) {
        let obvious = !rest.starts_with('0') || text == "0";
        return obvious.then(|| text.parse::<i64>().ok().map(Value::from))?;
    }
    let is_text = match rest.as_bytes().first()? {
        b'0'..=b'9' => {
            let dots = rest.bytes().filter(|it| *it == b'.').count();
            let is_address = dots > 1 && rest.bytes().all(|it| it.is_ascii_digit() || it == b'.');
            digits > 0 && UNITS.contains(&&rest[digits..]) || is_address
        }
        b'a'..=b'z' | b'A'..=b'Z' => !WORDS.iter().any(|word| rest.eq_ignore_ascii_case(word)),
        b'/' | b'_' | b'$' | b'(' => true,
        // `--flag`, of which `---` begins a document.
        b'-' => rest.len() > 1 && !rest.starts_with("--"),
        _ => false,
    };
    is_text.then(|| Value::String(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Source;

    fn whole(text: &str) -> Chunk<'_> {
        Chunk { text, start: 0, lines: 0 }
    }

    /// Holds what is read here to what is read with everything that YAML has. Whether it is read here.
    fn compare(chunk: Chunk<'_>) -> bool {
        let Some(quick) = read(chunk) else { return false };
        let text = chunk.text;
        let Ok(parsed) = yaml::parse(chunk) else { panic!("it is no YAML:\n{text}") };
        assert!(parsed.issues.is_empty(), "there is something to explain:\n{text}");
        assert_eq!(quick.value, parsed.value, "{text}");
        assert_eq!(format!("{:?}", quick.node), format!("{:?}", parsed.node), "{text}");
        true
    }

    #[test]
    fn documents_are_what_they_are_to_who_knows_all_of_yaml() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let golden = std::fs::read_dir(format!("{root}/tests/golden")).unwrap();
        let golden = golden.map(|it| it.unwrap().path());
        let folders =
            ["host/spec/tests/corpus", "examples/minimal"].map(|it| format!("{root}/{it}").into());
        let (mut quick, mut left) = (0, 0);
        for folder in golden.chain(folders) {
            for file in Source::Path(folder).files(&mut Vec::new()) {
                for chunk in yaml::chunks(&file.text) {
                    if compare(chunk) { quick += 1 } else { left += 1 }
                }
            }
        }
        assert!(quick > 20 && left > 10, "{quick} and {left} documents show little");
    }

    #[test]
    fn what_is_obvious_is_read() {
        for text in [
            "a: 1\nb: [x, {c: 'true', d: true}]\ne: {}\n",
            "# of it\na: |\n  text\n  more\nb: 1Gi # so much\nd: \"\\u00e9\"\n",
            "image: docker.io/library/nginx:1.14.2\npath: /data\nargs: [-v, --x=1, $(A)]\n",
            "--- \r\na: 10.0.0.1\r\nb:\r\n- -7\r\n- 0\r\n...\r\n",
            "just text\n",
            "{\"a\": [1, \"b\"]}\n",
        ] {
            assert!(compare(whole(text)), "{text}");
        }
    }

    #[test]
    fn what_is_not_is_left_to_who_explains_it() {
        for text in [
            "a: 1\na: 2\n",
            "a:\n",
            "a: [~]\n",
            "1: a\n",
            "true: a\n",
            "? [a]\n: b\n",
            "a: 99999999999999999999\n",
            "a: 1.5\n",
            "a: 1e3\n",
            "a: 0x1f\n",
            "a: 010\n",
            "a: 1_000\n",
            "a: 12:30\n",
            "a: -.inf\n",
            "a: Yes\n",
            "a: off\n",
            "a: !!binary aGk=\n",
            "a: !!str 1\n",
            "a: [1\n",
            "base: &b {a: 1}\nother: *b\n",
            "<<: {a: 1}\n",
            "",
        ] {
            assert!(!compare(whole(text)), "{text}");
        }
        let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
        assert!(!compare(whole(&deep)));
    }

    proptest! {
        #[test]
        fn scalars_are_what_they_are_to_who_knows_all_of_yaml(
            text in "[-+]?([0-9]{0,3}[._:eExob]?[0-9]{0,3}|[a-zA-Z~.]{1,5}|[ -~]{0,8})[a-zA-Z]{0,2}",
        ) {
            compare(whole(&format!("a: {text}\n")));
            compare(whole(&format!("{text}: a\n")));
            compare(whole(&format!("- [{text}]\n")));
        }
    }
}
