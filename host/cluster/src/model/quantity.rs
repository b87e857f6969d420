//! Amounts of resources: comparing them, and saying them.

use wellhead_spec::Quantity;

/// Billionths in one.
const ONE: i128 = 1_000_000_000;
const BINARY: [(&str, u32); 5] = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20)];

/// The amount in billionths, or `None` for what is no quantity, such as "".
pub(crate) fn amount(text: &str) -> Option<i128> {
    Quantity::new(text).ok().map(|quantity| quantity.nanos())
}

/// So many billionths in Kubernetes' notation. What is below a thousandth is rounded up.
pub(crate) fn shown(amount: i128) -> String {
    if amount % ONE != 0 {
        let thousandth = ONE / 1_000;
        let rest = i128::from(amount % thousandth > 0);
        return format!("{}m", amount / thousandth + rest);
    }
    let whole = amount / ONE;
    let suffix = BINARY.iter().find(|(_, bits)| whole != 0 && whole % (1 << bits) == 0);
    suffix.map_or_else(|| whole.to_string(), |(suffix, bits)| format!("{}{suffix}", whole >> bits))
}

#[cfg(test)]
mod tests {
    use super::{amount, shown};

    #[test]
    fn an_amount_is_said_as_it_is_written() {
        for text in ["0", "3", "1500m", "1Gi", "1536Mi", "1000", "2Ti"] {
            assert_eq!(shown(amount(text).expect("a quantity")), text);
        }
        assert_eq!(shown(1), "1m");
    }
}
