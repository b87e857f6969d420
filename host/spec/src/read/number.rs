//! Numbers that a reader of YAML does not take as such, and the whole number that they mean.

use serde_json::{Number, Value};

/// The whole number that a text means to kubectl and Helm, which read YAML 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    value: i64,
    /// Whether it is written with a leading zero, as octal numbers were before YAML 1.2.
    octal: bool,
}

impl Meant {
    /// Reads a text: `0644`, `1_000`, `0x1F`, `3.0`.
    pub(crate) fn by(text: &str) -> Option<Self> {
        let plain = text.trim().replace('_', "");
        let (sign, digits) = match plain.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
        };
        let (radix, digits) = match digits.split_at_checked(2) {
            Some(("0o" | "0O", rest)) => (8, rest),
            Some(("0x" | "0X", rest)) => (16, rest),
            Some(("0b" | "0B", rest)) => (2, rest),
            _ => (10, digits),
        };
        let (radix, octal) = match digits.strip_prefix('0') {
            Some(rest) if radix == 10 && is_octal(rest) => (8, true),
            _ => (radix, false),
        };
        if digits.starts_with(['+', '-']) {
            return None;
        }
        let whole = i64::from_str_radix(&format!("{sign}{digits}"), radix).ok();
        let value = whole.or_else(|| whole_of(plain.parse().ok()?))?;
        Some(Self { value, octal })
    }

    /// What to write instead of the text; `mode` is true for permissions of files, which nobody
    /// counts in tens.
    pub(crate) fn hint(self, text: &str, mode: bool) -> String {
        let Self { value, octal } = self;
        if octal {
            let written = octal_text(value);
            let tens: i64 = text.trim().replace('_', "").parse().unwrap_or(value);
            let write = format!("write `{written}` or `{value}`");
            if mode {
                return write;
            }
            if tens == value {
                return format!("write `{value}`");
            }
            return format!(
                "to kubectl a leading zero is octal: {write}; if `{tens}` is meant, `{tens}`"
            );
        }
        // A text that is a number without its quotes has quotes.
        match text.trim().parse::<i64>() {
            Ok(_) if !text.trim().trim_start_matches(['+', '-']).starts_with('0') || value == 0 => {
                format!("write `{value}`, without quotes")
            }
            _ => format!("write `{value}`"),
        }
    }
}

/// A number as YAML 1.2 and Go write it in octal: `0o644`.
pub(crate) fn octal_text(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}0o{:o}", value.unsigned_abs())
}

fn is_octal(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte))
}

/// A number without a fraction that an integer holds exactly.
fn whole_of(number: f64) -> Option<i64> {
    /// Up to here, each whole number is a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = number.fract() == 0.0 && number.abs() < EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and far below 2^63")]
    whole.then_some(number as i64)
}

/// The whole number that a float is: `3` for `3.0` and for `3e0`.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    let number = value.as_number().filter(|it| it.is_f64())?;
    whole_of(number.as_f64()?)
}

/// The same value, in which floats that are whole numbers are integers, as JSON has one kind of number:
/// a schema takes `3.0` for an integer, and types of programs do not.
#[must_use]
pub fn with_whole_numbers(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(with_whole_numbers).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, with_whole_numbers(value))).collect()
        }
        other => whole(&other).map_or(other, |it| Value::Number(Number::from(it))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hint(text: &str) -> Option<String> {
        Meant::by(text).map(|it| it.hint(text, true))
    }

    /// What `strconv.ParseInt(text, 0, 64)` of Go gives, by which kubectl and Helm read YAML.
    #[test]
    fn a_text_means_the_number_that_kubectl_reads() {
        for (text, value) in [
            ("0644", 420),
            ("00644", 420),
            ("-0644", -420),
            ("+0644", 420),
            ("0_644", 420),
            ("00", 0),
            ("080", 80),
            ("0o644", 420),
            ("-0o644", -420),
            ("0x1A4", 420),
            ("0X1_a4", 420),
            ("0b110", 6),
            ("1_000", 1000),
            ("80", 80),
            ("3.0", 3),
            ("1e3", 1000),
            ("-2.50e2", -250),
        ] {
            assert_eq!(Meant::by(text).map(|it| it.value), Some(value), "{text}");
        }
        for text in ["", "0o", "0o8", "abc", "--5", "0x-5", "1.5", "99999999999999999999", "~"] {
            assert_eq!(Meant::by(text), None, "{text}");
        }
    }

    #[test]
    fn a_leading_zero_keeps_its_meaning() {
        assert_eq!(hint("0644").as_deref(), Some("write `0o644` or `420`"));
        assert_eq!(hint("-017").as_deref(), Some("write `-0o17` or `-15`"));
        let user = Meant::by("0100").map(|it| it.hint("0100", false));
        assert_eq!(
            user.as_deref(),
            Some(
                "to kubectl a leading zero is octal: write `0o100` or `64`; if `100` is meant, `100`"
            )
        );
    }

    #[test]
    fn only_a_number_in_quotes_is_told_to_lose_them() {
        assert_eq!(hint("80").as_deref(), Some("write `80`, without quotes"));
        assert_eq!(hint("080").as_deref(), Some("write `80`"));
        assert_eq!(hint("1_000").as_deref(), Some("write `1000`"));
        assert_eq!(hint("0x10").as_deref(), Some("write `16`"));
    }

    #[test]
    fn whole_floats_become_integers() {
        let config =
            json!({"a": 3.0, "b": [1e1, 0.5, -0.0], "c": {"d": 1e300}, "e": "3.0", "f": 7});
        let expected = json!({"a": 3, "b": [10, 0.5, 0], "c": {"d": 1e300}, "e": "3.0", "f": 7});
        assert_eq!(with_whole_numbers(config), expected);
    }
}
