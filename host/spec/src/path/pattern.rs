//! Patterns of field paths, as grants and overrides write them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ParsePathError, Token, is_plain, parse};
use crate::{FieldPath, Segment};

/// A pattern of field paths, e.g. `claims.*.storageClass` or `affinity.**`.
///
/// It is written like a [`FieldPath`] (`path.rs` has the grammar), with two more steps: `*` (in a list also `[*]`) stands for
/// exactly one segment, `**` for any number of segments, none included: `affinity.**` matches
/// `affinity` and everything below it. A pattern without them matches one field only, not the
/// fields below it. A key that is really called `*` is written `["*"]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathPattern(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    Exactly(Segment),
    /// `*`: one segment.
    One,
    /// `**`: any number of segments.
    Many,
    /// `[+]`: an item that an edit adds. It stands last.
    Added,
}

impl PathPattern {
    /// The steps, from the document down.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether a field, or what it stands in, is one of those that the pattern names. A pattern
    /// with a `**` never covers anything: this is for patterns that name a field step for step.
    pub fn covers(&self, path: &FieldPath) -> bool {
        let steps = &self.0;
        steps.len() <= path.segments().len()
            && steps.iter().zip(path.segments()).all(|(step, segment)| match step {
                Step::Exactly(it) => it == segment,
                Step::One => true,
                Step::Many | Step::Added => false,
            })
    }

    /// The pattern of the same fields and of all that stands in them.
    #[must_use]
    pub fn and_below(&self) -> Self {
        let is_end = |it: &&Step| matches!(it, Step::Many | Step::Added);
        let last = self.0.last().filter(|it| !is_end(it)).map(|_| Step::Many);
        Self(self.0.iter().cloned().chain(last).collect())
    }

    /// The pattern of the lists to which items are added, where the pattern names such items.
    #[must_use]
    pub fn added_to(&self) -> Option<Self> {
        match self.0.split_last()? {
            (Step::Added, list) => Some(Self(list.to_vec())),
            _ => None,
        }
    }

    /// Whether an item that an edit adds at this path is one of those that the pattern names.
    pub fn matches_added(&self, path: &FieldPath) -> bool {
        let Some((Step::Added, list)) = self.0.split_last() else { return self.matches(path) };
        path.segments().split_last().is_some_and(|(_, above)| matches(list, above))
    }

    /// Whether a field is one of those that the pattern names.
    pub fn matches(&self, path: &FieldPath) -> bool {
        matches(&self.0, path.segments())
    }
}

fn matches(steps: &[Step], segments: &[Segment]) -> bool {
    let (mut step, mut segment) = (0, 0);
    // Where to go on when the steps after the last `**` do not fit: `**` takes one more.
    let mut last_many: Option<(usize, usize)> = None;
    while segment < segments.len() {
        match steps.get(step) {
            Some(Step::Many) => {
                last_many = Some((step, segment));
                step += 1;
            }
            Some(Step::One) => (step, segment) = (step + 1, segment + 1),
            Some(Step::Exactly(it)) if *it == segments[segment] => {
                (step, segment) = (step + 1, segment + 1);
            }
            _ => match &mut last_many {
                Some((many, taken)) => {
                    *taken += 1;
                    (step, segment) = (*many + 1, *taken);
                }
                None => return false,
            },
        }
    }
    steps[step..].iter().all(|step| *step == Step::Many)
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            let quoted = match step {
                Step::Exactly(Segment::Key(key)) => !is_plain(key),
                Step::Exactly(Segment::Index(_)) | Step::Added => true,
                Step::One | Step::Many => false,
            };
            if position > 0 && !quoted {
                f.write_str(".")?;
            }
            match step {
                Step::Exactly(segment) => write!(f, "{segment}")?,
                Step::One => f.write_str("*")?,
                Step::Many => f.write_str("**")?,
                Step::Added => f.write_str("[+]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for PathPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PathPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for PathPattern {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        parse(text, |token| match token {
            Token::Plain("*") | Token::Star => Ok(Step::One),
            Token::Plain("**") => Ok(Step::Many),
            Token::Plus => Ok(Step::Added),
            Token::Plain(key) if is_plain(key) => Ok(Step::Exactly(Segment::Key(key.into()))),
            Token::Plain(key) if key.contains('*') => {
                Err("`*` matches a whole key, not a part of one")
            }
            Token::Plain(_) => Err("a key with such characters is written [\"in quotes\"]"),
            Token::Bracket(segment) => Ok(Step::Exactly(segment)),
        })
        .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::path::tests::segment;

    fn pattern(text: &str) -> PathPattern {
        text.parse().unwrap()
    }

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    /// The definition, as short as it can be said.
    fn matches_by_definition(steps: &[Step], segments: &[Segment]) -> bool {
        match (steps, segments) {
            ([], []) => true,
            ([Step::Many, rest @ ..], _) => {
                (0..=segments.len()).any(|skip| matches_by_definition(rest, &segments[skip..]))
            }
            ([Step::One, steps @ ..], [_, rest @ ..]) => matches_by_definition(steps, rest),
            ([Step::Exactly(it), steps @ ..], [first, rest @ ..]) => {
                it == first && matches_by_definition(steps, rest)
            }
            _ => false,
        }
    }

    /// Few different keys, so that patterns and paths meet.
    fn few() -> impl Strategy<Value = Segment> {
        prop_oneof![
            Just(Segment::Key("a".into())),
            Just(Segment::Key("b".into())),
            Just(Segment::Index(0)),
        ]
    }

    fn step(segment: impl Strategy<Value = Segment>) -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => segment.prop_map(Step::Exactly),
            1 => Just(Step::One),
            1 => Just(Step::Many),
        ]
    }

    proptest! {
        #[test]
        fn a_pattern_reads_back_as_it_was_written(
            steps in prop::collection::vec(step(segment()), 1..6)
        ) {
            let pattern = PathPattern(steps);
            prop_assert_eq!(pattern.to_string().parse::<PathPattern>(), Ok(pattern));
        }

        #[test]
        fn matching_follows_the_definition(
            steps in prop::collection::vec(step(few()), 1..7),
            segments in prop::collection::vec(few(), 0..7),
        ) {
            let expected = matches_by_definition(&steps, &segments);
            let path = segments.into_iter().collect();
            prop_assert_eq!(PathPattern(steps).matches(&path), expected);
        }

        #[test]
        fn every_path_is_a_pattern_of_itself(
            segments in prop::collection::vec(segment(), 1..6)
        ) {
            let path: FieldPath = segments.into_iter().collect();
            prop_assert!(path.to_string().parse::<PathPattern>().unwrap().matches(&path));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_pattern_or_an_error(text in prop_oneof![
            any::<String>(),
            "[a.*\\[\\]\"0\\\\u]{0,12}",
        ]) {
            if let Ok(pattern) = text.parse::<PathPattern>() {
                prop_assert_eq!(pattern.to_string().parse::<PathPattern>(), Ok(pattern));
            }
        }

        #[test]
        fn a_pattern_of_a_path_matches_no_other_path(
            one in prop::collection::vec(few(), 1..4),
            other in prop::collection::vec(few(), 1..4),
        ) {
            let (one, other): (FieldPath, FieldPath) =
                (one.into_iter().collect(), other.into_iter().collect());
            let pattern: PathPattern = one.to_string().parse().unwrap();
            prop_assert_eq!(pattern.matches(&other), one == other);
            prop_assert_eq!(pattern.covers(&other), one.contains(&other));
        }
    }

    /// A matcher that tries every way to spread the steps would not come back.
    #[test]
    fn many_stars_take_no_longer_than_steps_times_segments() {
        let many = pattern(&["**", "a"].repeat(500).join("."));
        let path = |last: &str| FieldPath::of(std::iter::repeat_n("a", 2_000).chain([last]));
        assert!(many.matches(&path("a")));
        assert!(!many.matches(&path("b")));
    }

    #[test]
    fn a_star_is_one_segment() {
        let images = pattern("containers.*.image");
        assert!(images.matches(&path("containers.nginx.image")));
        assert!(!images.matches(&path("containers.nginx.resources.image")));
        assert!(!images.matches(&path("initContainers.nginx.image")));
        assert!(!pattern("containers.*").matches(&path("containers")));
        assert!(pattern("tolerations[*].key").matches(&path("tolerations[3].key")));
    }

    #[test]
    fn two_stars_are_any_number_of_segments() {
        let affinity = pattern("affinity.**");
        assert!(affinity.matches(&path("affinity")));
        assert!(affinity.matches(&path("affinity.nodeAffinity.x[0]")));
        assert!(!affinity.matches(&path("affinities")));
        assert!(pattern("**").matches(&FieldPath::root()));
    }

    #[test]
    fn a_field_does_not_stand_for_the_fields_below_it() {
        assert!(!pattern("affinity").matches(&path("affinity.nodeAffinity")));
    }

    #[test]
    fn what_stands_in_a_field_can_be_added_to_a_pattern() {
        let affinity = pattern("affinity").and_below();
        assert!(affinity.matches(&path("affinity")));
        assert!(affinity.matches(&path("affinity.nodeAffinity.x[0]")));
        assert!(!affinity.matches(&path("affinities")));
        assert_eq!(affinity.and_below(), affinity);
    }

    #[test]
    fn a_plus_is_an_item_that_is_added_and_no_other() {
        let added = pattern("tolerations[+]");
        assert!(added.matches_added(&path("tolerations[3]")));
        assert!(!added.matches(&path("tolerations[3]")));
        assert!(!added.matches_added(&path("tolerations[3].key")));
        assert!(!added.matches_added(&path("tolerations")));
        assert!(pattern("containers.*.args[+]").matches_added(&path("containers.db.args[0]")));
        assert!(pattern("containers[+]").matches_added(&path("containers.side")));
        assert!(pattern("tolerations[*]").matches_added(&path("tolerations[3]")));
        for text in ["tolerations[+]", "containers.*.args[+]"] {
            assert_eq!(pattern(text).to_string(), text);
        }
        assert_eq!(added.added_to(), Some(pattern("tolerations")));
        assert_eq!(pattern("tolerations[*]").added_to(), None);
        assert!("tolerations[+].key".parse::<PathPattern>().is_err());
        assert!("tolerations[+]".parse::<FieldPath>().is_err());
    }

    #[test]
    fn a_quoted_star_is_a_key() {
        assert!(!pattern("labels[\"*\"]").matches(&path("labels.a")));
        assert!(pattern("labels[\"*\"]").matches(&path("labels[\"*\"]")));
    }

    #[test]
    fn a_star_inside_a_key_is_an_error() {
        let error = "labels.app-*".parse::<PathPattern>().unwrap_err().to_string();
        assert!(error.contains("`*` matches a whole key"), "{error}");
    }
}
