//! Values of objects without what may be secret.

use std::collections::BTreeMap;

use serde_json::Value;
use wellhead::FieldPath;
use wellhead_chain::{MASKED, mask};
use wellhead_render::{object_leaves, replace_leaves};

/// Whether values that look like secrets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// They are replaced.
    Masked,
    /// The user asked for them.
    Shown,
}

/// A value as it may be shown.
pub(crate) fn value(value: &Value, values: Values) -> Value {
    match values {
        Values::Masked => masked(value, |_| false),
        Values::Shown => value.clone(),
    }
}

/// Two states of a value. A secret that differs is marked as another value.
pub(crate) fn pair(before: &Value, after: &Value) -> (Value, Value) {
    let old: BTreeMap<_, _> = object_leaves(before).into_iter().collect();
    let new: BTreeMap<_, _> = object_leaves(after).into_iter().collect();
    let differs = |path: &FieldPath| old.get(path).is_some_and(|it| Some(it) != new.get(path));
    (masked(before, |_| false), masked(after, differs))
}

/// A value with its secrets masked; those that `differs` names are marked as another value.
pub(crate) fn masked(value: &Value, differs: impl Fn(&FieldPath) -> bool) -> Value {
    let mut shown = mask(&FieldPath::root(), value);
    replace_leaves(&mut shown, |path, leaf| {
        if *leaf == MASKED && differs(path) {
            *leaf = "(masked, another value)".into();
        }
    });
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_masked_and_its_change_is_seen() {
        let env = |value: &str| {
            json!({"spec": {"template": {"spec": {"containers": [
                {"name": "db", "env": [{"name": "DB_PASSWORD", "value": value}]}]}}}})
        };
        let (before, after) = pair(&env("one"), &env("two"));
        assert_eq!(before, env("(masked)"));
        assert_eq!(after, env("(masked, another value)"));
        assert_eq!(pair(&env("one"), &env("one")).1, env("(masked)"));
        assert_eq!(value(&env("one"), Values::Shown), env("one"));
    }
}
