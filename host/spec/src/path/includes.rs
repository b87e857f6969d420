//! Patterns that name no more than others.

use super::pattern::Step;
use crate::PathPattern;

impl PathPattern {
    /// Whether every field that the other pattern names is one of those that this one names, step by step. (Of patterns
    /// that say the same in different ways, such as `*.**` and `**.*`, it may say no.)
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.steps(), other.steps());
        // Whether the steps from here on include theirs from each place on, from the last step to the first.
        let mut after: Vec<bool> = theirs.iter().map(|_| false).chain([true]).collect();
        for step in ours.iter().rev() {
            let mut here = vec![false; after.len()];
            for at in (0..after.len()).rev() {
                let next = theirs.get(at);
                here[at] = match (step, next) {
                    (Step::Many, _) => after[at] || here.get(at + 1).is_some_and(|it| *it),
                    (Step::One, Some(Step::One | Step::Exactly(_)))
                    | (Step::Added, Some(Step::Added)) => after[at + 1],
                    (Step::Exactly(a), Some(Step::Exactly(b))) => a == b && after[at + 1],
                    _ => false,
                };
            }
            after = here;
        }
        after[0]
    }
}

#[cfg(test)]
mod tests {
    use crate::PathPattern;

    #[test]
    fn a_pattern_includes_those_that_name_less() {
        let includes = |wide: &str, narrow: &str| {
            let parsed = |text: &str| text.parse::<PathPattern>().unwrap();
            parsed(wide).includes(&parsed(narrow))
        };
        for (wide, narrow) in [
            ("replicas", "replicas"),
            ("containers.**", "containers.*.image"),
            ("containers.**", "containers"),
            ("**", "labels.**"),
            ("containers.*.image", "containers.db.image"),
            ("**.image", "containers.*.image"),
            ("tolerations[+]", "tolerations[+]"),
        ] {
            assert!(includes(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("replicas", "labels"),
            ("containers.*.image", "containers.**"),
            ("containers.db.image", "containers.*.image"),
            ("containers.*", "containers"),
            ("containers", "containers.db"),
        ] {
            assert!(!includes(wide, narrow), "{wide} {narrow}");
        }
    }
}
