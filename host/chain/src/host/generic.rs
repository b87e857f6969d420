//! Any field by its path: what `get`, `set`, `remove`, `append` and `insert` of a pipeline do.
//!
//! A path has one spelling here: items of a list that has names go by their name, never by their index, because rights
//! and protection go by paths.

use serde_json::Value;
use wellhead_spec::draft::{ListKey, NoPart, list_key, part};
use wellhead_spec::{FieldPath, Segment, sanitize_name};

use super::bindings::pipeline::Place;
use super::fields::unused_port_name;
use super::{Host, check, native, values};
use crate::bindings::types::{EditError, EditFailure};
use crate::session::fault::{EditFault, invalid, not_found};

type Edited = Result<(), EditFault>;

/// Most steps of a path; the deepest field of a pipeline has fewer than half of them.
const MOST_STEPS: usize = 32;
/// Characters of a text that is told although it is no path.
const TOLD_CHARACTERS: usize = 300;

impl Host {
    /// The value at a path as JSON.
    pub(super) fn get_at(&self, text: &str) -> Result<Option<String>, EditFault> {
        let path = self.path_of(text)?;
        if self.session.value(&path).is_none() {
            let probed = part(&path, Value::Null);
            if let Err(NoPart::NoField(at)) = probed {
                return Err(no_field(&path, &at));
            }
        }
        Ok(self.json(&path)?)
    }

    /// Sets the value at a path from JSON.
    pub(super) fn set_at(&mut self, text: &str, json: &str) -> Edited {
        let path = self.path_of(text)?;
        let mut value = self.value_of(&path, json)?;
        self.changeable(&path)?;
        if let Some((key, list)) = item(&path) {
            named(&path, list_key(list), key, &mut value)?;
            if self.session.value(&path).is_none() {
                self.free_for(&path, &value)?;
            }
        }
        let value = typed(&path, &value)?;
        self.unused_port(&path, &value)?;
        self.session.edit(path, Some(value))
    }

    /// Removes the value at a path.
    pub(super) fn remove_at(&mut self, text: &str) -> Edited {
        let path = self.path_of(text)?;
        self.changeable(&path)?;
        if let [Segment::Key(list), _] = path.segments()
            && list == "claims"
        {
            return Err(invalid(&path, "a claim cannot be removed, because its data goes by it"));
        }
        if let [Segment::Key(list), _, Segment::Key(field)] = path.segments()
            && list == "claims"
            && field == "size"
        {
            return Err(invalid(&path, "a claim has a size"));
        }
        if self.session.value(&path).is_none()
            && let Err(NoPart::NoField(at)) = part(&path, Value::Null)
        {
            return Err(no_field(&path, &at));
        }
        self.remove(path)
    }

    /// Puts an item into a list, and gives its path.
    pub(super) fn insert_at(
        &mut self,
        text: &str,
        json: &str,
        place: &Place,
    ) -> Result<String, EditFault> {
        let list = self.path_of(text)?;
        let mut value = self.value_of(&list, json)?;
        let index = self.place_in(&list, place)?;
        let keys = list_key(list.segments());
        let path =
            if keys == ListKey::Index { list.index(index) } else { self.new_item(&list, &value)? };
        if let [Segment::Key(list), _] = path.segments()
            && list == "containers"
            && index == 0
        {
            return Err(invalid(&path, "the first container is the main one, and stays first"));
        }
        value = typed(&path, &value).map_err(|fault| match part(&list, Value::Null) {
            Ok(_) | Err(NoPart::WrongType(..)) if !is_list(&list) => {
                invalid(&list, "it is not a list")
            }
            _ => fault,
        })?;
        self.unused_port(&path, &value)?;
        self.session.insert(path.clone(), index, value)?;
        Ok(path.to_string())
    }

    /// The path of a new item of a list with names.
    fn new_item(&self, list: &FieldPath, item: &Value) -> Result<FieldPath, EditFault> {
        let keys = list_key(list.segments());
        let Some(key) = keys.of(item) else {
            return Err(invalid(list, format!("an item of this list has a {}", by(keys))));
        };
        let path = self.spelt(list.key(key));
        if self.session.value(&path).is_some() {
            let message = format!("it is there already; to change it, set `{path}`");
            return Err(invalid(&path, message));
        }
        self.free_for(&path, item)?;
        Ok(path)
    }

    /// The index that a place in a list means.
    fn place_in(&self, list: &FieldPath, place: &Place) -> Result<usize, EditFault> {
        let length = match self.session.value(list) {
            None => 0,
            Some(Value::Array(items)) => items.len(),
            Some(_) => return Err(invalid(list, "it is not a list")),
        };
        let (text, after) = match place {
            Place::First => return Ok(0),
            Place::Last => return Ok(length),
            Place::Before(text) => (text, 0),
            Place::After(text) => (text, 1),
        };
        let beside = self.path_of(text)?;
        let segments = beside.segments();
        let at = segments.split_last().filter(|it| it.1 == list.segments()).and_then(|_| {
            let found = self.session.position(&beside)?;
            Some(found + after)
        });
        at.ok_or_else(|| not_found(&beside, format!("`{list}` has no such item")))
    }

    /// A text as a path.
    pub(super) fn path_of(&self, text: &str) -> Result<FieldPath, EditFault> {
        self.session.exchange(text.len())?;
        let no_path = |message: String| {
            let path = sanitize_name(text, TOLD_CHARACTERS);
            EditFault::Edit(EditError::Invalid(EditFailure { path, message, hint: None }))
        };
        let limit = self.session.limits().text;
        if text.len() > limit {
            return Err(no_path(format!("{} bytes; a text has at most {limit}", text.len())));
        }
        let path: FieldPath = text
            .parse()
            .map_err(|error: wellhead_spec::ParsePathError| no_path(error.to_string()))?;
        let segments = path.segments();
        if segments.len() > MOST_STEPS {
            let steps = segments.len();
            return Err(no_path(format!("{steps} steps; a path has at most {MOST_STEPS}")));
        }
        for (depth, segment) in segments.iter().enumerate() {
            let keys = list_key(&segments[..depth]);
            if matches!(segment, Segment::Index(_)) && keys != ListKey::Index {
                return Err(invalid(&path, format!("items of this list go by their {}", by(keys))));
            }
        }
        Ok(self.spelt(path))
    }

    /// A path with a mount in the spelling that the base spec has it in.
    fn spelt(&self, path: FieldPath) -> FieldPath {
        let [list, name, mounts @ Segment::Key(field), Segment::Key(place), below @ ..] =
            path.segments()
        else {
            return path;
        };
        if field != "volumeMounts" {
            return path;
        }
        let list: FieldPath = [list, name, mounts].into_iter().cloned().collect();
        let Some(same) = self.spelling(&list, place) else { return path };
        let mut spelt = list.then(same);
        for segment in below {
            spelt = spelt.with(segment.clone());
        }
        spelt
    }

    /// The value that a JSON text has.
    fn value_of(&self, path: &FieldPath, json: &str) -> Result<Value, EditFault> {
        self.short(path, json)?;
        let value = serde_json::from_str(json).map_err(|error| invalid(path, error))?;
        if value == Value::Null {
            return Err(invalid(path, "null is not a value: to remove a field, call `remove`"));
        }
        Ok(value)
    }

    /// Refuses what no edit may change, whatever the operator grants.
    fn changeable(&self, path: &FieldPath) -> Edited {
        match path.segments() {
            [Segment::Key(list)]
                if ["containers", "initContainers", "claims"].contains(&list.as_str()) =>
            {
                Err(invalid(path, "it is not changed as a whole: change its items"))
            }
            [Segment::Key(list), Segment::Key(name)] if list == "containers" => {
                let first = self.items(&FieldPath::of(["containers"])).first();
                let main = first.and_then(|it| it.get("name")).and_then(Value::as_str);
                if main == Some(name) {
                    let message =
                        "the main container is not removed or replaced: change its fields";
                    return Err(invalid(path, message));
                }
                Ok(())
            }
            [above @ .., _, Segment::Key(field)] if list_key(above).is_by(field) => {
                Err(invalid(path, "an item is known by it: remove the item, and add another one"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses the name of a port that another one of its list has.
    fn unused_port(&self, path: &FieldPath, port: &Value) -> Edited {
        let list = match path.segments() {
            [list @ .., Segment::Key(_)] if matches!(list_key(list), ListKey::Port(_)) => list,
            _ => return Ok(()),
        };
        let list: FieldPath = list.iter().cloned().collect();
        unused_port_name(path, self.items(&list), port)
    }

    /// Refuses a new item at a place where none may be: of a mount, a path with another spelling; of what shares its
    /// names with an item of another list, such a name.
    fn free_for(&self, path: &FieldPath, item: &Value) -> Edited {
        if let [_, _, Segment::Key(mounts), Segment::Key(place)] = path.segments()
            && mounts == "volumeMounts"
        {
            return check::mount_path(place).map_err(|error| invalid(path, error));
        }
        if let [Segment::Key(claims), _] = path.segments()
            && claims == "claims"
            && item.get("size").is_none()
        {
            return Err(invalid(path, "a claim has a `size`"));
        }
        let [Segment::Key(list), Segment::Key(name)] = path.segments() else { return Ok(()) };
        let (lists, what) = match list.as_str() {
            "containers" | "initContainers" => (["containers", "initContainers"], "container"),
            "claims" | "volumes" => (["claims", "volumes"], "claim or volume"),
            _ => return Ok(()),
        };
        if lists.iter().any(|it| self.session.value(&FieldPath::of([it, name.as_str()])).is_some())
        {
            return Err(invalid(path, format!("there is a {what} of this name")));
        }
        Ok(())
    }
}

/// Whether a field is a list.
fn is_list(path: &FieldPath) -> bool {
    part(path, Value::Array(Vec::new())).is_ok()
}

/// The key of an item of a list with names, and the list.
fn item(path: &FieldPath) -> Option<(&str, &[Segment])> {
    match path.segments() {
        [list @ .., Segment::Key(key)] if list_key(list) != ListKey::Index => Some((key, list)),
        _ => None,
    }
}

/// Gives an item the name that its path has, and refuses one with another name.
fn named(path: &FieldPath, keys: ListKey, key: &str, item: &mut Value) -> Edited {
    let Value::Object(fields) = item else { return Ok(()) };
    match keys {
        ListKey::Field(field) => drop(fields.entry(field).or_insert_with(|| key.into())),
        ListKey::Port(field) => {
            if let Some((number, protocol)) = key.split_once('/')
                && let Ok(number) = number.parse::<i32>()
            {
                fields.entry(field).or_insert_with(|| number.into());
                if protocol != "TCP" {
                    fields.entry("protocol").or_insert_with(|| protocol.into());
                }
            }
        }
        ListKey::Index => {}
    }
    if keys.of(item).as_deref() == Some(key) {
        return Ok(());
    }
    Err(invalid(path, format!("the item has another {} than its path", by(keys))))
}

/// What the items of a list are known by.
fn by(keys: ListKey) -> String {
    match keys {
        ListKey::Field(field) => format!("`{field}`"),
        ListKey::Port(field) => format!("`{field}` and protocol, e.g. `80/TCP`"),
        ListKey::Index => "index".to_owned(),
    }
}

/// The value of a field as its type and its syntax have it.
fn typed(path: &FieldPath, value: &Value) -> Result<Value, EditFault> {
    values::check(path, value)?;
    let written = part(path, value.clone()).map_err(|no| match no {
        NoPart::NoField(at) => no_field(path, &at),
        NoPart::Unknown(fields) => invalid(path, native::unknown(path, &fields)),
        NoPart::WrongType(at, message) => invalid(path, native::wrong_type(&at, &message)),
    })?;
    // A quantity may be given as a number.
    if written != *value {
        values::check(path, &written)?;
    }
    Ok(written)
}

fn no_field(path: &FieldPath, at: &FieldPath) -> EditFault {
    let message = if at == path {
        "no pipeline has this field".to_owned()
    } else {
        format!("no pipeline has this field: `{at}` leads nowhere")
    };
    invalid(path, message)
}
