//! Amounts in Kubernetes' notation.
//!
//! Grammar, rounding and canonical form are apimachinery's:
//! <https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go>.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Rejection;

/// Billionths in one.
const NANOS: i128 = 1_000_000_000;
/// Largest amount with a binary suffix that is read; Kubernetes caps there.
const BINARY_MAX: i128 = (i64::MAX as i128) * NANOS;
/// Exponents beyond this make nothing that fits, whatever the digits.
const EXPONENT_MAX: i64 = 256;
/// Most characters of a number.
const DIGITS_MAX: usize = 128;
const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const PATTERN: &str =
    r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

/// An amount, e.g. `500m` or `10Gi`: exact, to a billionth.
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
///
/// Quantities are equal and ordered by their amounts: `1Gi` equals `1024Mi`. They are printed as
/// Kubernetes prints them: without a fraction, with the largest suffix of the kind that they were
/// read with. A field of a config can have this type.
///
/// ```
/// use wellhead_plugin::Quantity;
///
/// let size: Quantity = "1.5Gi".parse()?;
/// assert!(size > "1G".parse()?);
/// assert_eq!(size.to_string(), "1536Mi");
/// assert_eq!(size.checked_mul(2).unwrap().to_string(), "3Gi");
/// assert_eq!("10gb".parse::<Quantity>().unwrap_err().to_string().split(": ").next(), Some("`10gb` is not a quantity"));
/// # Ok::<(), wellhead_plugin::InvalidQuantity>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// How a quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `n u m "" k M G T P E`.
    Decimal,
    /// `Ki Mi Gi Ti Pi Ei`.
    Binary,
    /// `e3`, `E-3`.
    Exponent,
}

/// Why a text is no quantity; its words name the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidQuantity {
    text: String,
    reason: &'static str,
}

impl Quantity {
    /// So many whole units: bytes, cores.
    pub const fn of(units: i64) -> Self {
        Self { nanos: units as i128 * NANOS, format: Format::Decimal }
    }

    /// The amount in billionths.
    pub const fn nanos(self) -> i128 {
        self.nanos
    }

    /// The amount in whole units, rounded up (away from zero).
    pub const fn whole(self) -> i128 {
        self.nanos / NANOS + (self.nanos % NANOS).signum()
    }

    /// The sum, written as this one is; as the other one where this one is zero. `None` when it is too large.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Some(Self { nanos: self.nanos.checked_add(other.nanos)?, format })
    }

    /// The difference, written likewise.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Self { nanos: other.nanos.checked_neg()?, ..other })
    }

    /// The product, written as this one is. `None` when it is too large.
    #[must_use]
    pub fn checked_mul(self, by: i64) -> Option<Self> {
        Some(Self { nanos: self.nanos.checked_mul(by.into())?, ..self })
    }
}

impl FromStr for Quantity {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        parse(text).map_err(|reason| InvalidQuantity { text: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<Quantity, &'static str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || number.len() == usize::from(number.contains('.')) {
        return Err("it is a number with an optional suffix, e.g. `500m`, `2` or `10Gi`");
    }
    if number.len() > DIGITS_MAX {
        return Err("it has more than 128 digits");
    }
    let (scale, mut format) = scale(suffix).ok_or(
        "its suffix is one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or an exponent such as e3",
    )?;
    let nanos = match scale {
        Scale::Unit(unit) => multiply(whole.bytes(), fraction.bytes(), unit),
        Scale::Exponent(exponent) => shifted(whole, fraction, exponent),
    };
    let mut nanos = match nanos {
        None if format == Format::Binary => BINARY_MAX,
        nanos => nanos.ok_or("it is too large")?,
    };
    if format == Format::Binary {
        nanos = nanos.min(BINARY_MAX);
        if nanos < NANOS {
            format = Format::Decimal;
        }
    }
    let nanos = if text.starts_with('-') { -nanos } else { nanos };
    Ok(Quantity { nanos, format })
}

enum Scale {
    /// One of it is so many billionths.
    Unit(i128),
    /// One of it is ten to this power.
    Exponent(i64),
}

fn scale(suffix: &str) -> Option<(Scale, Format)> {
    let power = |of: &[&str]| (0_u32..).zip(of).find_map(|(at, it)| (*it == suffix).then_some(at));
    if let Some(power) = power(&DECIMAL) {
        return Some((Scale::Unit(1000_i128.pow(power)), Format::Decimal));
    }
    if let Some(power) = power(&BINARY) {
        return Some((Scale::Unit(NANOS << (10 * power)), Format::Binary));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse().unwrap_or(EXPONENT_MAX).min(EXPONENT_MAX);
    let exponent = if exponent.starts_with('-') { -size } else { size };
    Some((Scale::Exponent(exponent), Format::Exponent))
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
    // From the last digit to the first. Floors nest, so what is lost is below one, and `inexact`
    // says whether something is.
    let (mut below, mut inexact) = (0_i128, false);
    for digit in fraction.rev() {
        let sum = unit.checked_mul(i128::from(digit - b'0'))?.checked_add(below)?;
        inexact |= sum % 10 != 0;
        below = sum / 10;
    }
    total.checked_add(below)?.checked_add(i128::from(inexact))
}

/// Digits times a power of ten, in billionths: the point moves.
fn shifted(whole: &str, fraction: &str, exponent: i64) -> Option<i128> {
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    if digits.iter().all(|digit| *digit == b'0') {
        return Some(0);
    }
    let point = i64::try_from(whole.len()).ok()? + exponent + 9;
    let Ok(point) = usize::try_from(point) else {
        // Below a billionth, and not zero.
        return Some(1);
    };
    let zeros = std::iter::repeat_n(b'0', point.saturating_sub(digits.len()));
    let fraction = digits.get(point..).unwrap_or_default();
    multiply(digits.iter().copied().chain(zeros).take(point), fraction.iter().copied(), 1)
}

/// `CanonicalizeBytes` of apimachinery. It has no suffix beyond `E` and `Ei`; here the number grows.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nanos, format } = *self;
        if nanos == 0 {
            return f.write_str("0");
        }
        let whole = nanos / NANOS;
        let binary = format == Format::Binary && nanos % NANOS == 0 && whole.abs() >= 1024;
        let (mut number, base, most) =
            if binary { (whole, 1024, 6) } else { (nanos, 1000, DECIMAL.len() - 1) };
        let mut power = 0;
        while number % base == 0 && (power < most || format == Format::Exponent) {
            number /= base;
            power += 1;
        }
        match format {
            _ if binary => write!(f, "{number}{}", BINARY[power]),
            Format::Exponent if power < 3 => write!(f, "{number}e-{}", 9 - 3 * power),
            Format::Exponent if power > 3 => write!(f, "{number}e{}", 3 * power - 9),
            _ => write!(f, "{number}{}", DECIMAL[power]),
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl fmt::Display for InvalidQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a quantity: {}", self.text, self.reason)
    }
}

impl std::error::Error for InvalidQuantity {}

/// Lets `?` end the plugin with these words.
impl From<InvalidQuantity> for Rejection {
    fn from(error: InvalidQuantity) -> Self {
        Self::new(error.to_string())
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    /// A text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount, e.g. `500m` or `10Gi`.",
            "type": "string",
            "pattern": PATTERN,
        })
    }
}
