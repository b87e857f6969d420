//! Where the items of a list stand that is edited.

use std::collections::HashMap;

use serde_json::Value;
use smol_str::SmolStr;
use wellhead_spec::Segment;
use wellhead_spec::draft::ListKey;

/// Items that may be removed before the list is indexed again: each makes every search look at one item more.
const REMOVED: usize = 64;

/// Where the items of one list stand, by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    /// Where each item stands, or would if none had been removed.
    by_key: HashMap<SmolStr, usize>,
    /// Items that were looked at, those removed since included.
    seen: usize,
    removed: usize,
    /// Whether a key stands twice. Then only a look at all items tells which is the first.
    doubled: bool,
}

impl Positions {
    /// What [`ListKey::position`] tells of a key in `items`, which were only added to at the end, or removed as
    /// [`Positions::removed`] was told, since the last call.
    pub(super) fn find(&mut self, items: &[Value], keys: ListKey, key: &SmolStr) -> Option<usize> {
        if self.removed > REMOVED {
            *self = Self::default();
        }
        for (at, item) in items.iter().enumerate().skip(self.seen - self.removed) {
            self.seen += 1;
            if let Some(key) = keys.of(item) {
                self.doubled |= self.by_key.insert(key, at + self.removed).is_some();
            }
        }
        if self.doubled {
            return keys.position(items, &Segment::Key(key.clone()));
        }
        let latest = *self.by_key.get(key)?;
        let earliest = latest.saturating_sub(self.removed);
        let is_it = |at: &usize| items.get(*at).and_then(|it| keys.of(it)).as_ref() == Some(key);
        (earliest..=latest).find(is_it)
    }

    /// Takes note that the item with a key was removed.
    pub(super) fn removed(&mut self, key: &SmolStr) {
        self.by_key.remove(key);
        self.removed += 1;
    }
}
