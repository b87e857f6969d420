//! A value as a document of YAML.
//!
//! What goes into objects is nearly always a text that needs no quotes, and is written here as it is. How anything else
//! is quoted is left to the library, text by text, or the whole document where its form would depend on its place. The
//! result is the same as if the library had written all of it.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};

/// Words that some reader of YAML takes for something else than text.
const WORDS: [&str; 12] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity"];
/// Suffixes of quantities. What has one is no number.
const UNITS: [&str; 11] = ["m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi"];
/// Bytes of most documents, for which there is room from the start.
const USUAL: usize = 1 << 10;

/// Writes a value behind what was written, with a line feed at the end.
pub(crate) fn write(value: &Value, out: &mut String) {
    let start = out.len();
    out.reserve(USUAL);
    let written = match value {
        Value::Object(fields) if !fields.is_empty() => map(fields, 0, false, out),
        _ => None,
    };
    if written.is_none() {
        out.truncate(start);
        out.push_str(&by_library(value));
    }
}

fn by_library(value: &impl Serialize) -> String {
    // Folding would leave blanks at line ends.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(value, options)
        .expect("because any JSON value is a YAML document")
}

/// Writes the fields of a map; `in_item`: the first of them stands behind the dash of an item.
fn map(fields: &Map<String, Value>, indent: usize, in_item: bool, out: &mut String) -> Option<()> {
    for (at, (key, value)) in fields.iter().enumerate() {
        if at > 0 || !in_item {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        if !is_plain(key, |it| matches!(it, b'.' | b'_' | b'/' | b'-')) {
            return None;
        }
        out.push_str(key);
        out.push(':');
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                out.push('\n');
                map(fields, indent + 2, false, out)?;
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                list(items, indent, out)?;
            }
            value => {
                out.push(' ');
                scalar(value, out)?;
            }
        }
    }
    Some(())
}

/// Writes the items of a list, whose dashes stand below the key that holds them.
fn list(items: &[Value], indent: usize, out: &mut String) -> Option<()> {
    for item in items {
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str("- ");
        match item {
            Value::Object(fields) if !fields.is_empty() => map(fields, indent + 2, true, out)?,
            Value::Array(items) if !items.is_empty() => return None,
            item => scalar(item, out)?,
        }
    }
    Some(())
}

/// Writes what has no lines of its own.
fn scalar(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) if !number.is_f64() => {
            let _ = write!(out, "{number}");
        }
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
        Value::String(text) if is_plain_value(text) => out.push_str(text),
        Value::String(text) if !text.contains(|it: char| it.is_control()) => {
            out.push_str(by_library(text).trim_end_matches('\n'));
        }
        Value::String(_) | Value::Null | Value::Number(_) => return None,
    }
    out.push('\n');
    Some(())
}

/// Whether a text is a value as it stands.
fn is_plain_value(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_quantity = digits > 0 && UNITS.contains(&&text[digits..]);
    let is_sign = |it| matches!(it, b'.' | b'_' | b'/' | b'-' | b':' | b'@' | b'=' | b',' | b'+');
    is_quantity || is_plain(text, is_sign) && !text.ends_with(':')
}

/// Whether a text begins with a letter, has no other signs than these, and means nothing else.
fn is_plain(text: &str, is_sign: impl Fn(u8) -> bool) -> bool {
    let begins = text.bytes().next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'/');
    begins
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || is_sign(it))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        let mut out = String::from("# before\n");
        write(value, &mut out);
        out.split_off("# before\n".len())
    }

    #[test]
    fn maps_lists_and_scalars_are_written_as_the_library_does() {
        for value in [
            json!({"a": {"b": [1, -2, true, "x", {}, []], "c": {}, "d": []}, "e": [{"f": 1, "g": {"h": [{"i": "j"}]}}]}),
            json!({"image": "docker.io/nginx:1.14.2", "size": "1Gi", "cpu": "500m", "port": "80", "on": "off"}),
            json!({"a": "two words", "b": "", "c": "a: b", "d": "# no", "e": "-", "f": "--x", "g": "1.5", "h": "ends:"}),
            json!({"text": "two\nlines\n", "after": 1}),
            json!({"a": null, "b": 1.5}),
            json!({"a": [[1], [2]]}),
            json!({"a b": 1, "1": 2, "true": 3, "": 4}),
            json!({}),
            json!([]),
            json!("text"),
            json!(1),
        ] {
            assert_eq!(written(&value), by_library(&value), "{value}");
        }
    }

    /// Texts as they come and as they are mistaken for something else.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zA-Z/][a-zA-Z0-9._/:@=,+-]{0,12}",
            "[-+~.<=]?[0-9]{0,3}[._:eExob]?[0-9]{0,3}[a-zA-Z]{0,3}",
            "[a-zA-Z~]{0,5}",
            "[ -~]{0,10}",
            "\\PC{0,6}",
            any::<String>(),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            4 => text().prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<bool>().prop_map(Value::from),
            1 => prop::num::f64::NORMAL.prop_map(Value::from),
            1 => Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text(), inner, 0..4)
                    .prop_map(|it| Value::Object(it.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_text_is_quoted_as_the_library_does(text in text()) {
            for value in [json!({"a": text}), json!({"a": [text]}), json!({"a": [{"b": text}]}), json!({&*text: 1})] {
                prop_assert_eq!(written(&value), by_library(&value));
            }
        }

        #[test]
        fn any_value_is_written_as_the_library_does(value in value()) {
            prop_assert_eq!(written(&value), by_library(&value));
        }
    }
}
