//! A place in the document.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::{EditError, EditFailure, Entry};

/// One edit that a plugin made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Path of the field, e.g. `claims.data.storageClass`.
    pub path: String,
    /// What [`because`](crate::Pipeline::because) said last.
    pub reason: Option<String>,
}

/// The document, and what happened to it.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) value: Value,
    /// The value before any edit.
    pub(super) first: Value,
    pub(super) edits: Vec<Edit>,
    pub(super) reason: Option<String>,
}

/// A place in the document: a field, an item of a map or an item of a list. Places below an item
/// that is gone read as absent, and writing to them fails.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) document: Rc<RefCell<Document>>,
    steps: Vec<Step>,
    path: String,
}

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Item(Key),
    Index(usize),
}

/// What tells the items of a list apart: the names and values of some fields.
#[derive(Clone, Debug)]
pub(super) struct Key(Vec<(&'static str, Value)>);

impl Key {
    /// Items told apart by one text.
    pub(super) fn of(field: &'static str, value: &str) -> Self {
        Self(vec![(field, value.into())])
    }

    /// Ports are told apart by number and protocol.
    pub(super) fn port(field: &'static str, number: i32, protocol: &str) -> Self {
        Self(vec![(field, number.into()), ("protocol", protocol.into())])
    }

    fn matches(&self, item: &Value) -> bool {
        self.0.iter().all(|(field, expected)| match item.get(field) {
            Some(value) => value == expected,
            // A port without a protocol is a TCP port.
            None => *field == "protocol" && expected == "TCP",
        })
    }

    /// How paths write it: `nginx`, `80/TCP`.
    fn label(&self) -> String {
        let texts = self
            .0
            .iter()
            .map(|(_, value)| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        texts.collect::<Vec<_>>().join("/")
    }
}

impl Node {
    /// The top level of a document, or what lies under one of its keys. Paths do not show the key.
    pub(super) fn root(document: Rc<RefCell<Document>>, key: &str) -> Self {
        Self { document, steps: vec![Step::Key(key.to_owned())], path: String::new() }
    }

    /// What lies under a key.
    pub(super) fn child(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()), key)
    }

    /// An item of this list, whether it is there or not.
    pub(super) fn item(&self, key: &Key) -> Self {
        self.with(Step::Item(key.clone()), &key.label())
    }

    /// An item of this list, which has no keys.
    pub(super) fn nth(&self, index: usize) -> Self {
        let steps = self.steps.iter().cloned().chain([Step::Index(index)]).collect();
        let path = format!("{}[{index}]", self.path);
        Self { document: Rc::clone(&self.document), steps, path }
    }

    fn with(&self, step: Step, label: &str) -> Self {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/');
        let path = match label {
            label if !label.bytes().all(plain) => format!("{}[{}]", self.path, Value::from(label)),
            label if self.path.is_empty() => label.to_owned(),
            label => format!("{}.{label}", self.path),
        };
        let steps = self.steps.iter().cloned().chain([step]).collect();
        Self { document: Rc::clone(&self.document), steps, path }
    }

    /// The value here; `None` where nothing is.
    pub(super) fn value(&self) -> Option<Value> {
        let document = self.document.borrow();
        let found = self.steps.iter().try_fold(&document.value, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Item(key) => value.as_array()?.iter().find(|item| key.matches(item)),
            Step::Index(index) => value.as_array()?.get(*index),
        });
        found.cloned()
    }

    /// The index of this item in its list; `None` where it is in none.
    pub(super) fn position(&self) -> Option<usize> {
        let (step, above) = self.steps.split_last()?;
        let list = Self { steps: above.to_vec(), ..self.clone() }.value()?;
        let items = list.as_array()?;
        match step {
            Step::Key(_) => None,
            Step::Item(key) => items.iter().position(|item| key.matches(item)),
            Step::Index(index) => Some(*index).filter(|index| *index < items.len()),
        }
    }

    /// Whether a value is here.
    pub(super) fn exists(&self) -> bool {
        self.value().is_some()
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        Some(self.child(key).value()?.as_str()?.to_owned())
    }

    pub(super) fn number<N: TryFrom<i64>>(&self, key: &str) -> Option<N> {
        self.child(key).value()?.as_i64()?.try_into().ok()
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.child(key).value().as_ref().and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn json(&self, key: &str) -> Option<String> {
        Some(self.child(key).value()?.to_string())
    }

    pub(super) fn list(&self, key: &str) -> Vec<Value> {
        match self.child(key).value() {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The names of the items of a list.
    pub(super) fn names(&self, key: &str) -> Vec<String> {
        let name = |item: &Value| Some(item.get("name")?.as_str()?.to_owned());
        self.list(key).iter().filter_map(name).collect()
    }

    pub(super) fn entries(&self, key: &str) -> Vec<Entry> {
        let Some(Value::Object(map)) = self.child(key).value() else { return Vec::new() };
        let entry = |(key, value): (String, Value)| Some((key, value.as_str()?.to_owned()));
        map.into_iter().filter_map(entry).collect()
    }

    /// Sets the value under a key.
    pub(super) fn set(&self, key: &str, value: impl Into<Value>) -> Result<(), EditError> {
        self.child(key).replace(Some(value.into()))
    }

    /// Removes the value under a key; it is no error when nothing is there.
    pub(super) fn remove(&self, key: &str) -> Result<(), EditError> {
        self.child(key).replace(None)
    }

    /// Sets or removes the value under a key.
    pub(super) fn set_or_remove(
        &self,
        key: &str,
        value: Option<impl Into<Value>>,
    ) -> Result<(), EditError> {
        self.child(key).replace(value.map(Into::into))
    }

    /// Sets or removes the value under a key, which is given as JSON.
    pub(super) fn set_json(&self, key: &str, json: Option<&str>) -> Result<(), EditError> {
        let child = self.child(key);
        let value = json.map(|json| child.parse(json)).transpose()?;
        child.replace(value)
    }

    /// Reads JSON that is meant for this place.
    pub(super) fn parse(&self, json: &str) -> Result<Value, EditError> {
        serde_json::from_str(json)
            .map_err(|error| EditError::Invalid(self.failure(&format!("it is not JSON: {error}"))))
    }

    /// Adds this item, which must not be there, to its list.
    pub(super) fn add(&self, value: Value) -> Result<(), EditError> {
        if self.exists() {
            return Err(EditError::Invalid(self.failure("it is there already")));
        }
        self.replace(Some(value))
    }

    /// Removes this item, which must be there, from its list.
    pub(super) fn delete(&self) -> Result<(), EditError> {
        if !self.exists() {
            return Err(EditError::NotFound(self.failure("there is no such item")));
        }
        self.replace(None)
    }

    /// Puts a value here, or removes what is here, and records the edit.
    pub(super) fn replace(&self, value: Option<Value>) -> Result<(), EditError> {
        self.replace_as(value, self.path.clone())
    }

    /// The same as an edit of another path: that of an item that the value got.
    pub(super) fn replace_as(&self, value: Option<Value>, path: String) -> Result<(), EditError> {
        let mut document = self.document.borrow_mut();
        let (last, above) =
            self.steps.split_last().expect("because the root of a document is never written");
        let parent = above
            .iter()
            .try_fold(&mut document.value, |value, step| match step {
                Step::Key(key) => {
                    object(value).map(|map| map.entry(key.clone()).or_insert(Value::Null))
                }
                Step::Item(key) => value.as_array_mut()?.iter_mut().find(|item| key.matches(item)),
                Step::Index(index) => value.as_array_mut()?.get_mut(*index),
            })
            .ok_or_else(|| {
                EditError::NotFound(self.failure("the item that it belongs to is gone"))
            })?;
        put(parent, last, value)
            .ok_or_else(|| EditError::Invalid(self.failure("it has another form")))?;
        let edit = Edit { path, reason: document.reason.clone() };
        document.edits.push(edit);
        Ok(())
    }

    /// How paths write this place.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A failed edit of this place.
    pub(super) fn failure(&self, message: &str) -> EditFailure {
        EditFailure { path: self.path.clone(), message: message.to_owned(), hint: None }
    }
}

/// The value as a map; an absent value becomes an empty one.
fn object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut()
}

/// Sets a field of a map where there is a value for it.
pub(super) fn set_some(map: &mut Value, field: &str, value: Option<impl Into<Value>>) {
    if let (Some(map), Some(value)) = (map.as_object_mut(), value) {
        map.insert(field.to_owned(), value.into());
    }
}

/// Sets a field of a map, or removes it where there is no value.
pub(super) fn set_or_remove(map: &mut Value, field: &str, value: Option<impl Into<Value>>) {
    if let Some(fields) = map.as_object_mut() {
        fields.remove(field);
    }
    set_some(map, field, value);
}

/// Puts a value below `parent`, or removes it; `None` where `parent` has no room for such a step.
fn put(parent: &mut Value, step: &Step, value: Option<Value>) -> Option<()> {
    match step {
        Step::Key(key) => {
            let map = object(parent)?;
            match value {
                Some(value) => drop(map.insert(key.clone(), value)),
                None => drop(map.remove(key)),
            }
        }
        Step::Item(key) => {
            if parent.is_null() {
                *parent = Value::Array(Vec::new());
            }
            let items = parent.as_array_mut()?;
            let at = items.iter().position(|item| key.matches(item));
            match (at, value) {
                (Some(at), Some(value)) => items[at] = value,
                (Some(at), None) => drop(items.remove(at)),
                (None, Some(value)) => items.push(value),
                (None, None) => {}
            }
        }
        Step::Index(index) => {
            let items = parent.as_array_mut()?;
            match value {
                Some(value) => *items.get_mut(*index)? = value,
                None if *index < items.len() => drop(items.remove(*index)),
                None => {}
            }
        }
    }
    Some(())
}
