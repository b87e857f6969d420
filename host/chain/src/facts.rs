//! What the operator tells plugins, and what an entry grants of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::digest::digest;

/// Facts as plugins get them: JSON texts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    texts: BTreeMap<String, Arc<str>>,
}

impl Facts {
    /// These facts. The keys of their objects are in order, so that the same facts have the same text.
    pub fn new(facts: &wellhead_spec::Facts) -> Self {
        let text = |(name, value): (&String, &serde_json::Value)| {
            (name.clone(), Arc::from(value.to_string()))
        };
        Self { texts: facts.spec.iter().map(text).collect() }
    }

    /// Those of them that an entry grants.
    pub(crate) fn granted(&self, names: &[String]) -> Granted {
        let text = |name: &String| (name.clone(), self.texts.get(name).cloned());
        Granted { texts: names.iter().map(text).collect() }
    }
}

/// The facts that an entry grants, each with its text where the operator tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Granted {
    texts: BTreeMap<String, Option<Arc<str>>>,
}

/// The entry does not grant a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotGranted;

impl Granted {
    /// Names of the facts that the entry grants.
    pub(crate) fn names(&self) -> Vec<String> {
        self.texts.keys().cloned().collect()
    }

    /// The text of a fact that is granted, where the operator tells it.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, NotGranted> {
        self.texts.get(name).map(Option::as_deref).ok_or(NotGranted)
    }

    /// SHA-256 of the facts that are granted and told, as one JSON object without blanks whose keys are in order:
    /// `sha256:` and 64 hexadecimal digits. `None` without any.
    pub(crate) fn digest(&self) -> Option<String> {
        let told: Vec<_> =
            self.texts.iter().filter_map(|(name, text)| Some((name, text.as_ref()?))).collect();
        // A name has no character that JSON escapes.
        let fields: Vec<_> = told.iter().map(|(name, text)| format!("\"{name}\":{text}")).collect();
        (!told.is_empty()).then(|| digest(format!("{{{}}}", fields.join(",")).as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(spec: &serde_json::Value) -> Facts {
        Facts::new(&serde_json::from_value(json!({"spec": spec})).unwrap())
    }

    fn digest_of(facts: &Facts, names: &[&str]) -> Option<String> {
        facts.granted(&names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()).digest()
    }

    #[test]
    fn the_digest_is_of_what_is_granted_in_any_order() {
        let one = facts(&json!({"b": {"y": 1, "x": [2]}, "a": "ä", "c": 3}));
        let other = facts(&json!({"a": "ä", "b": {"x": [2], "y": 1}, "c": 4}));
        assert_eq!(digest_of(&one, &["a", "b"]), digest_of(&other, &["b", "a", "a", "none"]));
        assert_eq!(
            digest_of(&one, &["a", "b"]).unwrap(),
            digest(r#"{"a":"ä","b":{"x":[2],"y":1}}"#.as_bytes())
        );
        assert_ne!(digest_of(&one, &["c"]), digest_of(&other, &["c"]));
        assert_eq!(digest_of(&one, &[]), None);
        assert_eq!(digest_of(&one, &["none"]), None);
    }

    #[test]
    fn what_is_granted_and_not_told_is_known_to_be_so() {
        let names = ["a".to_owned(), "none".to_owned()];
        let granted = facts(&json!({"a": null, "c": 3})).granted(&names);
        assert_eq!(granted.get("a"), Ok(Some("null")));
        assert_eq!(granted.get("none"), Ok(None));
        assert_eq!(granted.get("c"), Err(NotGranted));
    }
}
