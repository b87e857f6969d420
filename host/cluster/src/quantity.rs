//! Comparing the sizes of claims.

/// The factor of each suffix, in thousandths.
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
const SUFFIXES: &[(&str, i128)] = &[
    ("Ki", 1000 << 10),
    ("Mi", 1000 << 20),
    ("Gi", 1000 << 30),
    ("Ti", 1000 << 40),
    ("Pi", 1000 << 50),
    ("Ei", 1000 << 60),
    ("m", 1),
    ("k", 1_000_000),
    ("M", 1_000_000_000),
    ("G", 1_000_000_000_000),
    ("T", 1_000_000_000_000_000),
    ("P", 1_000_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000_000),
    ("", 1000),
];

/// A size in thousandths of a byte, or `None` for a spelling that no size of a volume has.
pub(crate) fn thousandths(text: &str) -> Option<i128> {
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E'])
        && let Ok(exponent) = exponent.parse::<u32>()
    {
        return scaled(mantissa, 1000_i128.checked_mul(10_i128.checked_pow(exponent)?)?);
    }
    let (suffix, factor) = SUFFIXES.iter().find(|(suffix, _)| text.ends_with(suffix))?;
    scaled(text.strip_suffix(suffix)?, *factor)
}

fn scaled(number: &str, factor: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let divisor = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    Some(digits.checked_mul(factor)? / divisor)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn spellings_of_one_size_are_equal() {
        for same in [["1Gi", "1024Mi"], ["1G", "1e9"], ["1.5Gi", "1536Mi"], ["12E", "12E18"]] {
            assert_eq!(thousandths(same[0]), thousandths(same[1]), "{same:?}");
            assert!(thousandths(same[0]).is_some(), "{same:?}");
        }
    }

    #[test]
    fn sizes_are_ordered() {
        let sizes = ["1m", "1", "1k", "1Ki", "1M", "1Mi", "900Mi", "1G", "1Gi", "1E", "1Ei"];
        assert!(sizes.is_sorted_by_key(|size| thousandths(size)));
    }

    #[test]
    fn nonsense_has_no_size() {
        for text in ["", "Gi", ".", "1Qi", "ten", "1e"] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }
}
