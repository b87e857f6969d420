//! Comparing the sizes of claims.

use wellhead_spec::Quantity;

/// The amount in billionths, or `None` for what is no quantity, such as "".
pub(crate) fn amount(text: &str) -> Option<i128> {
    Quantity::new(text).ok().map(|quantity| quantity.nanos())
}
