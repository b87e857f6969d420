//! Values by path, found by where they stand to a path, however many there are.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::{FieldPath, Segment};

/// Values by path. What stands at, above or below a path is found without a look at the others.
#[derive(Clone, Debug)]
pub struct PathMap<T>(BTreeMap<FieldPath, T>);

impl<T> Default for PathMap<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> PathMap<T> {
    /// The value at a path, or the default one, put there.
    pub fn entry(&mut self, path: FieldPath) -> &mut T
    where
        T: Default,
    {
        self.0.entry(path).or_default()
    }

    /// What stands at a path.
    pub fn get(&self, path: &FieldPath) -> Option<&T> {
        self.0.get(path)
    }

    /// What stands at a path or below it, in the order of paths.
    pub fn at_or_below(&self, path: &FieldPath) -> impl Iterator<Item = (&FieldPath, &T)> {
        let bounds = (Bound::Included(path.segments()), Bound::Unbounded);
        // In this order, what stands below a path follows it.
        self.0.range::<[Segment], _>(bounds).take_while(|(it, _)| path.contains(it))
    }

    /// What stands above a path, the nearest last.
    pub fn above(&self, path: &FieldPath) -> impl Iterator<Item = &T> {
        let segments = path.segments();
        (0..segments.len()).filter_map(|depth| self.0.get(&segments[..depth]))
    }

    /// What stands at a path or above it, the nearest last.
    pub fn at_or_above(&self, path: &FieldPath) -> impl Iterator<Item = &T> {
        self.above(path).chain(self.get(path))
    }

    /// Whether anything stands at, above or below a path.
    pub fn touches(&self, path: &FieldPath) -> bool {
        self.at_or_below(path).next().is_some() || self.above(path).next().is_some()
    }
}

impl FromIterator<FieldPath> for PathMap<()> {
    fn from_iter<I: IntoIterator<Item = FieldPath>>(paths: I) -> Self {
        Self(paths.into_iter().map(|path| (path, ())).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path() -> impl Strategy<Value = FieldPath> {
        let step = prop_oneof![
            prop::sample::select(vec!["a", "b", "ab", ""]).prop_map(|it| Segment::Key(it.into())),
            (0..2_usize).prop_map(Segment::Index),
        ];
        prop::collection::vec(step, 0..4).prop_map(|steps| steps.into_iter().collect())
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_look_at_each_path_finds(
            paths in prop::collection::vec(path(), 0..12), asked in path()
        ) {
            let map: PathMap<()> = paths.iter().cloned().collect();
            let mut below: Vec<_> = paths.iter().filter(|it| asked.contains(it)).collect();
            below.sort();
            below.dedup();
            prop_assert_eq!(map.at_or_below(&asked).map(|it| it.0).collect::<Vec<_>>(), below);
            let above = paths.iter().any(|it| it.contains(&asked) && *it != asked);
            prop_assert_eq!(map.above(&asked).next().is_some(), above);
            let touches = paths.iter().any(|it| it.contains(&asked) || asked.contains(it));
            prop_assert_eq!(map.touches(&asked), touches);
        }
    }
}
