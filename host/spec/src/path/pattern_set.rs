//! Many patterns at once.

use super::pattern::Step;
use crate::{FieldPath, PathMap, PathPattern};

/// Patterns of fields with all that stands in them. Those that name one field step for step, which is what there may be
/// thousands of, cost nothing where they do not match.
#[derive(Clone, Debug, Default)]
pub struct PatternSet {
    exact: PathMap<Vec<usize>>,
    others: Vec<(usize, PathPattern)>,
}

impl PatternSet {
    /// The positions of the patterns that name a field or what it stands in, in no order.
    pub fn matching(&self, path: &FieldPath) -> impl Iterator<Item = usize> {
        let others = self.others.iter().filter(|(_, pattern)| pattern.matches(path));
        self.exact.at_or_above(path).flatten().copied().chain(others.map(|(at, _)| *at))
    }
}

impl<'p> FromIterator<&'p PathPattern> for PatternSet {
    fn from_iter<I: IntoIterator<Item = &'p PathPattern>>(patterns: I) -> Self {
        let mut set = Self::default();
        for (at, pattern) in patterns.into_iter().enumerate() {
            let pattern = pattern.and_below();
            let exact = pattern.steps().iter().filter(|it| **it != Step::Many).map(|it| match it {
                Step::Exactly(segment) => Some(segment.clone()),
                Step::One | Step::Many | Step::Added => None,
            });
            let many = pattern.steps().iter().filter(|it| **it == Step::Many).count();
            // `**` stands at the end, and nowhere else.
            match exact.collect::<Option<FieldPath>>() {
                Some(path) if many == 1 => set.exact.entry(path).push(at),
                _ => set.others.push((at, pattern)),
            }
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_matches_what_its_patterns_match() {
        let texts = [
            "replicas",
            "containers.a",
            "containers.*.env",
            "**",
            "a.**",
            "a.**.b",
            "containers.a.**",
        ];
        let patterns: Vec<PathPattern> = texts.iter().map(|it| it.parse().unwrap()).collect();
        let set: PatternSet = patterns.iter().collect();
        for text in [
            "replicas",
            "containers",
            "containers.a",
            "containers.a.env.X",
            "a",
            "a.c.b",
            "containers.b",
        ] {
            let path: FieldPath = text.parse().unwrap();
            let mut found: Vec<_> = set.matching(&path).collect();
            found.sort_unstable();
            let each = patterns.iter().map(PathPattern::and_below).enumerate();
            let each = each.filter(|it| it.1.matches(&path)).map(|it| it.0);
            assert_eq!(found, each.collect::<Vec<_>>(), "{text}");
        }
    }
}
