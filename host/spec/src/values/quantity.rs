//! Amounts in Kubernetes' notation.
//!
//! The grammar and its semantics are apimachinery's:
//! <https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go>.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NANOS: i128 = 1_000_000_000;
/// Largest amount with a binary suffix; apimachinery caps there.
const BINARY_MAX: i128 = (i64::MAX as i128) * NANOS;
/// Exponents beyond this are zero or too large for any digits before them that matter.
const EXPONENT_MAX: isize = 256;
/// Digits that are read; more make no amount that anything can have.
const DIGITS_MAX: usize = 128;

/// The grammar as a regular expression, for JSON Schema.
pub(crate) const PATTERN: &str =
    r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";
/// The rule in words.
pub(crate) const RULE: &str =
    "a quantity: a number with an optional suffix, e.g. `500m`, `2` or `10Gi`";

/// An amount, e.g. `500m` or `10Gi`, spelt as the user spelt it.
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
///
/// Equality is that of the spelling, because the spelling is what is written to objects and shown
/// in a diff: `1Gi` and `1024Mi` are not equal. [`cmp_value`](Self::cmp_value) compares amounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Quantity {
    text: String,
    nanos: i128,
}

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a quantity: {reason}")]
pub struct InvalidQuantity {
    text: String,
    reason: &'static str,
}

/// How the suffix of a quantity is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// `n u m "" k M G T P E`.
    Decimal,
    /// `Ki Mi Gi Ti Pi Ei`.
    Binary,
    /// `e3`, `E-3`.
    Exponent,
}

impl Quantity {
    /// Checks a text and takes it as a quantity. Parts below a billionth are rounded up (away from
    /// zero), and amounts with a binary suffix are capped at 2^63 - 1, both as Kubernetes does.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidQuantity> {
        let text = text.into();
        match parse(&text) {
            Ok((nanos, _)) => Ok(Self { text, nanos }),
            Err(reason) => Err(InvalidQuantity { text, reason }),
        }
    }

    /// The amount that a text says, in billionths, without taking the text.
    pub fn nanos_of(text: &str) -> Result<i128, InvalidQuantity> {
        let amount = parse(text).map(|(nanos, _)| nanos);
        amount.map_err(|reason| InvalidQuantity { text: text.to_owned(), reason })
    }

    /// The quantity as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The amount in billionths, exactly.
    pub fn nanos(&self) -> i128 {
        self.nanos
    }

    /// The amount in whole units (bytes, cores), rounded up (away from zero).
    pub fn whole(&self) -> i128 {
        round_up(self.nanos, NANOS)
    }

    /// Compares the amounts, whatever their spelling: `1Gi` equals `1024Mi`.
    pub fn cmp_value(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }

    /// Whether the amount is below zero.
    pub fn is_negative(&self) -> bool {
        self.nanos < 0
    }

    /// Whether the amount is zero.
    pub fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// The amount as the API server writes it: no fraction, the largest suffix that fits.
    pub fn canonical(&self) -> String {
        // It keeps what is short enough already; only an exponent of zero would come out otherwise.
        if self.text.strip_suffix("e0").is_some_and(is_short) {
            return self.text.clone();
        }
        let format = parse(&self.text).map_or(Format::Decimal, |(_, format)| format);
        canonical(self.nanos, format)
    }
}

/// Whether the server keeps a whole number as it is written.
fn is_short(number: &str) -> bool {
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits && !number.starts_with('0') && !number.ends_with("000")
}

fn round_up(amount: i128, unit: i128) -> i128 {
    amount / unit + (amount % unit).signum()
}

/// The amount in billionths, and how it was written.
fn parse(text: &str) -> Result<(i128, Format), &'static str> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let suffix_at =
        unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(suffix_at);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return Err("it is a number with an optional suffix, e.g. `500m`, `2` or `10Gi`");
    }
    if number.len() > DIGITS_MAX {
        return Err("it has more than 128 digits");
    }
    let (unit, format) = unit(suffix)?;
    let nanos = match unit {
        Unit::Nanos(unit) => multiply(whole.bytes(), fraction.bytes(), unit),
        Unit::Exponent(exponent) => shifted(whole, fraction, exponent),
    };
    let nanos = nanos.ok_or("it is too large")?;
    let nanos = if format == Format::Binary { nanos.min(BINARY_MAX) } else { nanos };
    Ok((if negative { -nanos } else { nanos }, format))
}

enum Unit {
    /// One of it is so many billionths.
    Nanos(i128),
    /// One of it is ten to this power.
    Exponent(isize),
}

fn unit(suffix: &str) -> Result<(Unit, Format), &'static str> {
    const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let power = |of: &[&str]| (0_u32..).zip(of).find_map(|(at, it)| (*it == suffix).then_some(at));
    if let Some(power) = power(&DECIMAL) {
        return Ok((Unit::Nanos(1000_i128.pow(power)), Format::Decimal));
    }
    if let Some(power) = power(&BINARY) {
        return Ok((Unit::Nanos(NANOS * 1024_i128.pow(power + 1)), Format::Binary));
    }
    let exponent = suffix.strip_prefix(['e', 'E']).and_then(|digits| digits.parse::<isize>().ok());
    if let Some(exponent) = exponent {
        let exponent = exponent.clamp(-EXPONENT_MAX, EXPONENT_MAX);
        return Ok((Unit::Exponent(exponent), Format::Exponent));
    }
    let bare = suffix.trim_end_matches(['b', 'B']).to_ascii_lowercase();
    Err(match bare.trim_end_matches('i') {
        "k" => "the suffix for 1000 is `k`, for 1024 `Ki`",
        "m" => "the suffix for 1000^2 is `M`, for 1024^2 `Mi`",
        "g" => "the suffix for 1000^3 is `G`, for 1024^3 `Gi`",
        "t" => "the suffix for 1000^4 is `T`, for 1024^4 `Ti`",
        "p" => "the suffix for 1000^5 is `P`, for 1024^5 `Pi`",
        _ => "the suffix is one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei",
    })
}
/// Digits times a unit, rounded up; `None` when it is too large.
fn multiply(
    whole: impl Iterator<Item = u8>,
    fraction: impl DoubleEndedIterator<Item = u8>,
    unit: i128,
) -> Option<i128> {
    let mut total: i128 = 0;
    for digit in whole {
        total = total.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    total = total.checked_mul(unit)?;
    // From the last digit to the first; floors nest, so nothing is lost but the part below one,
    // and whether there is such a part is known.
    let (mut below, mut inexact) = (0_i128, false);
    for digit in fraction.rev() {
        let sum = unit.checked_mul(i128::from(digit - b'0'))?.checked_add(below)?;
        inexact |= sum % 10 != 0;
        below = sum / 10;
    }
    total.checked_add(below)?.checked_add(i128::from(inexact))
}

/// Digits times a power of ten, in billionths: the point moves.
fn shifted(whole: &str, fraction: &str, exponent: isize) -> Option<i128> {
    if whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0') {
        return Some(0);
    }
    let digits = whole.bytes().chain(fraction.bytes());
    let Some(point) = whole.len().checked_add_signed(exponent + 9) else {
        // Below a billionth, and not zero.
        return Some(1);
    };
    let padded = digits.chain(std::iter::repeat(b'0'));
    let mut whole_part = padded.take(point.max(whole.len() + fraction.len())).collect::<Vec<_>>();
    let fraction_part = whole_part.split_off(point);
    multiply(whole_part.into_iter(), fraction_part.into_iter(), 1)
}

/// <https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go>,
/// `CanonicalizeBytes`.
fn canonical(nanos: i128, format: Format) -> String {
    if nanos == 0 {
        return "0".to_owned();
    }
    if format == Format::Binary && nanos.abs() >= 1024 * NANOS {
        let (mut amount, mut suffixes) =
            (round_up(nanos, NANOS), ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter());
        let mut suffix = suffixes.next();
        while amount % 1024 == 0
            && let Some(next) = suffixes.next()
        {
            (amount, suffix) = (amount / 1024, Some(next));
        }
        return format!("{amount}{}", suffix.unwrap_or(&""));
    }
    let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    let (mut amount, mut power) = (nanos, 0);
    while amount % 1000 == 0 && power + 1 < suffixes.len() {
        (amount, power) = (amount / 1000, power + 1);
    }
    match format {
        Format::Exponent if power != 3 => {
            let exponent = ["-9", "-6", "-3", "", "3", "6", "9", "12", "15", "18"][power];
            format!("{amount}e{exponent}")
        }
        _ => format!("{amount}{}", suffixes[power]),
    }
}

impl TryFrom<String> for Quantity {
    type Error = InvalidQuantity;
    fn try_from(text: String) -> Result<Self, InvalidQuantity> {
        Self::new(text)
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.text
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    /// A string, or a number as users write it: `size: 10`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text =
            k8s_openapi::apimachinery::pkg::api::resource::Quantity::deserialize(deserializer)?;
        Self::new(text.0).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount, e.g. `500m` or `10Gi`.",
            "type": ["string", "number"],
            "pattern": PATTERN,
            "x-rule": RULE,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::new(text).unwrap()
    }

    /// Text, billionths, canonical text. From apimachinery's `TestQuantityParse` and
    /// `TestQuantityString`, and its documentation.
    #[test]
    fn amounts_are_those_of_apimachinery() {
        for (text, nanos, canonical) in [
            ("0", 0, "0"),
            ("0Mi", 0, "0"),
            ("1n", 1, "1n"),
            ("1u", 1_000, "1u"),
            ("1m", 1_000_000, "1m"),
            ("1", NANOS, "1"),
            ("+1", NANOS, "1"),
            ("1.", NANOS, "1"),
            (".5", NANOS / 2, "500m"),
            ("1.5", 3 * NANOS / 2, "1500m"),
            ("1000", 1_000 * NANOS, "1k"),
            ("1000m", NANOS, "1"),
            ("1500m", 3 * NANOS / 2, "1500m"),
            ("100k", 100_000 * NANOS, "100k"),
            ("12E", 12 * 10_i128.pow(18) * NANOS, "12E"),
            ("12E2", 1_200 * NANOS, "1200"),
            ("12e2", 1_200 * NANOS, "1200"),
            ("12E3", 12_000 * NANOS, "12e3"),
            ("1e0", NANOS, "1e0"),
            ("1e3", 1_000 * NANOS, "1e3"),
            ("1e+3", 1_000 * NANOS, "1e3"),
            ("1e-3", 1_000_000, "1e-3"),
            ("1.5e3", 1_500 * NANOS, "1500"),
            ("1Ki", 1_024 * NANOS, "1Ki"),
            ("1024Mi", (1 << 30) * NANOS, "1Gi"),
            ("1.5Gi", 3 * (1 << 29) * NANOS, "1536Mi"),
            ("0.5Ki", 512 * NANOS, "512"),
            ("1.953125Ki", 2_000 * NANOS, "2000"),
            ("1Ei", (1 << 60) * NANOS, "1Ei"),
            ("8Ei", BINARY_MAX, "9223372036854775807"),
            ("9999Ei", BINARY_MAX, "9223372036854775807"),
            ("9223372036854775807", i128::from(i64::MAX) * NANOS, "9223372036854775807"),
            ("-2Gi", -(2 << 30) * NANOS, "-2Gi"),
            ("-9999Ei", -BINARY_MAX, "-9223372036854775807"),
            // Rounded up, away from zero.
            ("0.1n", 1, "1n"),
            ("1.1n", 2, "2n"),
            ("-0.1n", -1, "-1n"),
            ("1e-10", 1, "1e-9"),
            ("1e-999999999999", 1, "1e-9"),
            ("0e999999999999", 0, "0"),
            ("0.0000000000000000000000000000000001Ei", 1, "1n"),
            ("0.000001Ki", 1_024_000, "1024u"),
        ] {
            let quantity = quantity(text);
            assert_eq!(
                (quantity.nanos(), quantity.canonical().as_str()),
                (nanos, canonical),
                "{text}"
            );
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "it is a number"),
            ("Gi", "it is a number"),
            (".", "it is a number"),
            ("1.2.3", "it is a number"),
            ("--1", "it is a number"),
            (" 1", "it is a number"),
            ("1 ", "the suffix is one of"),
            ("1e", "the suffix is one of"),
            ("1e3Ki", "the suffix is one of"),
            ("1e3.5", "the suffix is one of"),
            ("1ki", "the suffix for 1000 is `k`"),
            ("1K", "the suffix for 1000 is `k`"),
            ("10gb", "the suffix for 1000^3 is `G`"),
            ("10GiB", "the suffix for 1000^3 is `G`"),
            ("1e99", "it is too large"),
            ("999999999999999999999999999999", "it is too large"),
        ] {
            let error = Quantity::new(text).unwrap_err();
            assert!(error.reason.starts_with(reason), "{text}: {error}");
        }
    }

    #[test]
    fn the_same_amount_spelt_differently_is_the_same_amount() {
        assert_eq!(quantity("1Gi").cmp_value(&quantity("1024Mi")), Ordering::Equal);
        assert_ne!(quantity("1Gi"), quantity("1024Mi"));
        assert_eq!(quantity("500m").cmp_value(&quantity("0.5")), Ordering::Equal);
        assert_eq!(quantity("2G").cmp_value(&quantity("2Gi")), Ordering::Less);
        assert_eq!(quantity("1500m").whole(), 2);
    }

    #[test]
    fn a_number_in_a_file_is_a_quantity() {
        let quantity: Quantity = serde_json::from_str("10").unwrap();
        assert_eq!(quantity.as_str(), "10");
        let quantity: Quantity = serde_json::from_str("0.5").unwrap();
        assert_eq!(quantity.nanos(), NANOS / 2);
        assert!(serde_json::from_str::<Quantity>("true").is_err());
    }

    fn text() -> impl Strategy<Value = String> {
        r"[+-]?[0-9]{1,9}(\.[0-9]{0,9})?([numkMGTP]|[KMGT]i|[eE][+-]?[0-9])?"
    }

    proptest! {
        #[test]
        fn canonical_text_keeps_the_amount(text in text()) {
            let first = quantity(&text);
            let canonical = quantity(&first.canonical());
            let rounds = text.ends_with('i') && first.nanos() % NANOS != 0;
            if !rounds {
                prop_assert_eq!(first.nanos(), canonical.nanos(), "{} {}", text, canonical);
            }
            // Bytes that no binary suffix fits are written without one, and read back as decimal.
            let forgets = text.ends_with('i') && !canonical.as_str().ends_with('i');
            if !forgets {
                prop_assert_eq!(canonical.canonical(), canonical.as_str());
            }
            prop_assert_eq!(quantity(&canonical.canonical()).nanos(), canonical.nanos());
        }

        #[test]
        fn order_is_that_of_the_numbers(a in -10_000_i128..10_000, b in -10_000_i128..10_000) {
            let milli = |value: i128| quantity(&format!("{value}m"));
            let plain = |value: i128| {
                let sign = if value < 0 { "-" } else { "" };
                quantity(&format!("{sign}{}.{:03}", value.abs() / 1000, value.abs() % 1000))
            };
            prop_assert_eq!(milli(a).cmp_value(&plain(b)), a.cmp(&b));
        }

        #[test]
        fn the_reader_and_the_pattern_of_the_schema_agree(text in "[+-]?[0-9.]{0,4}[numkMGTPEKie+-]{0,2}[0-9]{0,2}") {
            let schema = serde_json::json!({ "pattern": PATTERN });
            let accepted = jsonschema::is_valid(&schema, &text.as_str().into());
            let read = Quantity::new(text.as_str());
            let too_large = matches!(&read, Err(error) if error.reason == "it is too large");
            prop_assert_eq!(accepted, read.is_ok() || too_large, "{}", text);
        }

        #[test]
        fn any_text_is_a_quantity_or_an_error(text in any::<String>()) {
            let _ = Quantity::new(text);
        }
    }
}
