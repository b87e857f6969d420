//! The leaves of one object. The claims of replicas share those that they have alike: ten thousand of them need little
//! more memory than one.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wellhead_spec::FieldPath;

use super::{LeafRecord, ObjectRecord};

/// Most leaves in which an object differs from one that it shares the others with: a claim's name, size and class, and
/// some to spare.
const MOST_OWN: usize = 8;

/// The leaves of one object, by their paths.
#[derive(Clone, Default)]
pub struct Leaves {
    /// What other objects may have, too.
    alike: Arc<BTreeMap<FieldPath, LeafRecord>>,
    /// What this object has for itself, in the order of the paths: it has precedence over what is alike.
    own: Vec<(FieldPath, LeafRecord)>,
}

impl Leaves {
    /// The leaf at a path.
    pub fn get(&self, path: &FieldPath) -> Option<&LeafRecord> {
        match self.own.binary_search_by(|(own, _)| own.cmp(path)) {
            Ok(at) => Some(&self.own[at].1),
            Err(_) => self.alike.get(path),
        }
    }

    /// All leaves, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldPath, &LeafRecord)> {
        let mut alike = self.alike.iter().peekable();
        let mut own = self.own.iter().map(|(path, leaf)| (path, leaf)).peekable();
        iter::from_fn(move || {
            let order = match (alike.peek(), own.peek()) {
                (Some((alike, _)), Some((own, _))) => alike.cmp(own),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            if order.is_eq() {
                alike.next();
            }
            if order.is_lt() { alike.next() } else { own.next() }
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let over = self.own.iter().filter(|(path, _)| self.alike.contains_key(path)).count();
        self.alike.len() + self.own.len() - over
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.alike.is_empty() && self.own.is_empty()
    }

    /// Leaves out what is not wanted. What is left is shared with no other object.
    pub fn retain(&mut self, wanted: impl Fn(&FieldPath) -> bool) {
        let kept = self.iter().filter(|(path, _)| wanted(path));
        *self = kept.map(|(path, leaf)| (path.clone(), leaf.clone())).collect();
    }

    /// The same, and what one object has for itself.
    pub(super) fn and(&self, own: impl IntoIterator<Item = (FieldPath, LeafRecord)>) -> Self {
        let mut own: Vec<_> = own.into_iter().collect();
        own.sort_by(|one, other| one.0.cmp(&other.0));
        Self { alike: Arc::clone(&self.alike), own }
    }

    /// Shares what is alike with another object, if that has nearly nothing else.
    fn share_with(&mut self, other: &Self) {
        if !other.alike.keys().all(|path| self.get(path).is_some()) {
            return;
        }
        let own = self.iter().filter(|(path, leaf)| other.alike.get(*path) != Some(*leaf));
        let own: Vec<_> = own.take(MOST_OWN + 1).collect();
        if own.len() <= MOST_OWN {
            *self = other.and(own.into_iter().map(|(path, leaf)| (path.clone(), leaf.clone())));
        }
    }
}

impl FromIterator<(FieldPath, LeafRecord)> for Leaves {
    fn from_iter<I: IntoIterator<Item = (FieldPath, LeafRecord)>>(leaves: I) -> Self {
        Self { alike: Arc::new(leaves.into_iter().collect()), own: Vec::new() }
    }
}

impl PartialEq for Leaves {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Leaves {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Leaves {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Leaves {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let leaves = BTreeMap::deserialize(deserializer)?;
        Ok(Self { alike: Arc::new(leaves), own: Vec::new() })
    }
}

/// Reads objects, each of which shares with the one before what they have alike.
pub(super) fn objects<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ObjectRecord>, D::Error> {
    struct Objects;

    impl<'de> Visitor<'de> for Objects {
        type Value = Vec<ObjectRecord>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list of objects")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut objects: Vec<ObjectRecord> = Vec::new();
            while let Some(mut object) = items.next_element::<ObjectRecord>()? {
                if let Some(last) = objects.last().filter(|last| last.kind == object.kind) {
                    object.fields.share_with(&last.fields);
                }
                objects.push(object);
            }
            Ok(objects)
        }
    }

    deserializer.deserialize_seq(Objects)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(fields: &[(&str, i32)]) -> Leaves {
        let leaf = |value: i32| LeafRecord { from: None, value: Some(value.into()), reason: None };
        fields.iter().map(|(path, value)| (path.parse().unwrap(), leaf(*value))).collect()
    }

    #[test]
    fn objects_share_what_they_have_alike_and_nobody_sees_it() {
        let first = leaves(&[("a", 1), ("b", 2), ("d", 4)]);
        let wanted = leaves(&[("a", 1), ("b", 3), ("c", 3), ("d", 4)]);
        let mut second = wanted.clone();
        second.share_with(&first);
        assert!(Arc::ptr_eq(&second.alike, &first.alike));
        assert_eq!((second.own.len(), second.len(), second.is_empty()), (2, 4, false));
        assert_eq!(second, wanted);
        for path in ["a", "b", "c", "d", "e"] {
            let path = path.parse().unwrap();
            assert_eq!(second.get(&path), wanted.get(&path));
        }
        let json = |it: &Leaves| serde_json::to_string(it).unwrap();
        assert_eq!(json(&second), json(&wanted));
        second.retain(|path| path.to_string() != "a");
        assert_eq!(second, leaves(&[("b", 3), ("c", 3), ("d", 4)]));
    }

    #[test]
    fn objects_that_differ_much_share_nothing() {
        let first = leaves(&[("a", 1), ("b", 2)]);
        let mut second = leaves(&[("a", 1)]);
        second.share_with(&first);
        assert_eq!(second, leaves(&[("a", 1)]));
        let names: Vec<_> = (0..=MOST_OWN).map(|it| format!("c{it}")).collect();
        let mut fields = vec![("a", 1), ("b", 2)];
        fields.extend(names.iter().map(|it| (it.as_str(), 1)));
        let mut third = leaves(&fields);
        third.share_with(&first);
        assert!(!Arc::ptr_eq(&third.alike, &first.alike));
    }
}
