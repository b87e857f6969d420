//! Any field of the pipeline in memory by its path.

use serde_json::Value;

use super::Pipeline;
use super::node::Node;
use super::path::{self, By, Step};
use crate::{EditError, EditFailure, Place};

/// Fields of a pipeline that stand in its `metadata`; all others stand in its `spec`.
const METADATA: [&str; 4] = ["name", "namespace", "labels", "annotations"];
/// Lists that share the names of their items.
const SHARED: [[&str; 2]; 2] = [["containers", "initContainers"], ["claims", "volumes"]];

/// A place, and what leads there.
struct At {
    node: Node,
    /// The steps to it; an index is an empty text.
    names: Vec<String>,
    /// What the items beside it are known by, when it is an item of a list with keys.
    by: By,
}

impl Pipeline {
    /// The value at any path as JSON, e.g. of `hostAliases` or `containers.db.restartPolicy`; `None`
    /// where it is not set. A text that is no path is invalid.
    pub fn get(&self, path: &str) -> Result<Option<String>, EditError> {
        Ok(self.at(path)?.node.value().map(|value| value.to_string()))
    }

    /// Sets the value at any path from JSON. What stands in it and is not in the JSON goes. Lists of
    /// containers and of claims are not set as a whole: set, insert and remove their items.
    pub fn set(&self, path: &str, json: &str) -> Result<(), EditError> {
        let at = self.at(path)?;
        let mut value = json_of(&at.node, json)?;
        self.changeable(&at)?;
        if let (By::Field(field), Some(name)) = (at.by, at.names.last())
            && let Value::Object(fields) = &mut value
        {
            fields.entry(field).or_insert_with(|| name.as_str().into());
        }
        if at.by != By::Index && at.by.label(&value).as_ref() != at.names.last() {
            let message = format!("the item has another {} than its path", at.by.said());
            return Err(invalid(&at.node, &message));
        }
        if !at.node.exists() {
            self.unused_name(&at)?;
        }
        at.node.replace(Some(value))
    }

    /// Removes the value at any path. What is not there stays so. A claim and the main container cannot be removed.
    pub fn remove(&self, path: &str) -> Result<(), EditError> {
        let at = self.at(path)?;
        self.changeable(&at)?;
        if at.names.len() == 2 && at.names[0] == "claims" {
            let message = "a claim cannot be removed, because its data goes by it";
            return Err(invalid(&at.node, message));
        }
        if at.node.exists() { at.node.replace(None) } else { Ok(()) }
    }

    /// Puts an item at the end of any list, e.g. of `tolerations` or `containers.db.args`, which is made
    /// when it is not there; returns the path of the item. It is invalid when the list has names and an
    /// item of this name.
    pub fn append(&self, items: &str, json: &str) -> Result<String, EditError> {
        self.insert(items, json, &Place::Last)
    }

    /// Puts an item at a place of any list, as [`append`](Self::append) does at the end. In a list
    /// without names, the items after it have another index then.
    pub fn insert(&self, items: &str, json: &str, at: &Place) -> Result<String, EditError> {
        let list = self.at(items)?;
        let value = json_of(&list.node, json)?;
        let mut all = match list.node.value() {
            None => Vec::new(),
            Some(Value::Array(all)) => all,
            Some(_) => return Err(invalid(&list.node, "it is not a list")),
        };
        let index = self.place_in(&list, all.len(), at)?;
        let names: Vec<&str> = list.names.iter().map(String::as_str).collect();
        let item = match By::of(&names) {
            By::Index => list.node.nth(index),
            by => {
                let wrong = || {
                    let message = format!("an item of this list has a {}", by.said());
                    invalid(&list.node, &message)
                };
                let name = by.label(&value).ok_or_else(wrong)?;
                let key = by.key(&name).ok_or_else(wrong)?;
                let node = list.node.item(&key);
                if node.exists() {
                    let message =
                        format!("it is there already; to change it, set `{}`", node.path());
                    return Err(invalid(&node, &message));
                }
                let names = list.names.iter().cloned().chain([name]).collect();
                self.unused_name(&At { node: node.clone(), names, by })?;
                node
            }
        };
        if list.names == ["containers"] && index == 0 {
            return Err(invalid(&item, "the first container is the main one, and stays first"));
        }
        all.insert(index, value);
        list.node.replace_as(Some(all.into()), item.path().to_owned())?;
        Ok(item.path().to_owned())
    }

    /// The index that a place in a list means.
    fn place_in(&self, list: &At, length: usize, place: &Place) -> Result<usize, EditError> {
        let (text, after) = match place {
            Place::First => return Ok(0),
            Place::Last => return Ok(length),
            Place::Before(text) => (text, 0),
            Place::After(text) => (text, 1),
        };
        let beside = self.at(text)?;
        let in_list = beside.names.split_last().is_some_and(|(_, above)| above == list.names);
        let index = beside.node.position().filter(|_| in_list);
        index.map(|index| index + after).ok_or_else(|| {
            let message = format!("`{}` has no such item", list.node.path());
            EditError::NotFound(beside.node.failure(&message))
        })
    }

    /// What a text names.
    fn at(&self, text: &str) -> Result<At, EditError> {
        let wrong = |message: String| {
            EditError::Invalid(EditFailure { path: text.to_owned(), message, hint: None })
        };
        let steps = path::parse(text)
            .map_err(|reason| wrong(format!("`{text}` is not a field path: {reason}")))?;
        let in_metadata = matches!(&steps[0], Step::Key(key) if METADATA.contains(&key.as_str()));
        let mut node = if in_metadata { self.metadata.clone() } else { self.spec.clone() };
        let (mut names, mut by) = (Vec::<String>::new(), By::Index);
        for step in steps {
            let above: Vec<&str> = names.iter().map(String::as_str).collect();
            by = By::of(&above);
            let (next, name) = match step {
                Step::Index(_) if by != By::Index => {
                    return Err(wrong(format!("items of this list go by their {}", by.said())));
                }
                Step::Index(index) => (node.nth(index), String::new()),
                Step::Key(name) => match by.key(&name) {
                    Some(key) => (node.item(&key), name),
                    None => (node.child(&name), name),
                },
            };
            node = next;
            names.push(name);
        }
        Ok(At { node, names, by })
    }

    /// Refuses what no edit may change.
    fn changeable(&self, at: &At) -> Result<(), EditError> {
        let names: Vec<&str> = at.names.iter().map(String::as_str).collect();
        let message = match &names[..] {
            ["containers" | "initContainers" | "claims"] => {
                "it is not changed as a whole: change its items"
            }
            ["containers", name] if self.container_names().first().is_some_and(|it| it == name) => {
                "the main container is not removed or replaced: change its fields"
            }
            _ => return Ok(()),
        };
        Err(invalid(&at.node, message))
    }

    /// Refuses the name of a new item that an item of another list has, where both share their names.
    fn unused_name(&self, at: &At) -> Result<(), EditError> {
        let [list, name] = &at.names[..] else { return Ok(()) };
        let Some(lists) = SHARED.iter().find(|lists| lists.contains(&list.as_str())) else {
            return Ok(());
        };
        if lists.iter().any(|list| self.spec.names(list).contains(name)) {
            let what = if lists[0] == "containers" { "container" } else { "claim or volume" };
            return Err(invalid(&at.node, &format!("there is a {what} of this name")));
        }
        Ok(())
    }
}

/// A value that is meant for a place, or for an item of the list there.
fn json_of(node: &Node, json: &str) -> Result<Value, EditError> {
    match node.parse(json)? {
        Value::Null => Err(invalid(node, "null is not a value: to remove a field, call `remove`")),
        value => Ok(value),
    }
}

fn invalid(node: &Node, message: &str) -> EditError {
    EditError::Invalid(node.failure(message))
}
