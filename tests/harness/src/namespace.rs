//! Names that keep tests apart.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Returns a namespace name that no other call returns on this machine: `<prefix>-<process
/// id>-<number>`. The prefix may have at most 40 characters of `a-z`, `0-9` and `-`.
pub fn fresh_namespace(prefix: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}-{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_differ_and_the_longest_is_a_dns_label() {
        let prefix = "p".repeat(40);
        let (one, two) = (fresh_namespace(&prefix), fresh_namespace(&prefix));
        assert_ne!(one, two);
        let longest_suffix = format!("-{}-{}", u32::MAX, u32::MAX).len();
        assert!(prefix.len() + longest_suffix <= 63);
    }
}
