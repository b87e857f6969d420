//! Reading and writing fields by their kind: texts, lists of texts, maps, JSON.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wasmtime::Result;
use wellhead_spec::FieldPath;

use super::bindings::pipeline::Protocol;
use super::{Host, check, native};
use crate::session::fault::{EditFault, invalid};
use crate::session::size::size_of_value;

type Edited = Result<(), EditFault>;

/// Bytes of a text in a list besides its own: where it stands, and how long it is.
const PLACE: usize = 8;

impl Host {
    pub(super) fn text(&self, path: &FieldPath) -> Result<Option<String>> {
        let text = self.session.read(path)?.and_then(Value::as_str);
        self.given(text.map(str::to_owned), text.map_or(0, str::len))
    }

    pub(super) fn texts(&self, path: &FieldPath) -> Result<Vec<String>> {
        let texts = items_of(self.session.read(path)?).iter().filter_map(Value::as_str);
        self.given_texts(texts.map(str::to_owned).collect())
    }

    /// Whether a field is set to `true`.
    pub(super) fn flag(&self, path: &FieldPath) -> Result<bool> {
        Ok(self.session.read(path)?.and_then(Value::as_bool).unwrap_or(false))
    }

    pub(super) fn number<N: TryFrom<i64>>(&self, path: &FieldPath) -> Result<Option<N>> {
        let number = self.session.read(path)?.and_then(Value::as_i64);
        Ok(number.and_then(|it| N::try_from(it).ok()))
    }

    /// The keys and values of a map of texts, by key.
    pub(super) fn entries(&self, path: &FieldPath) -> Result<Vec<(String, String)>> {
        let Some(Value::Object(map)) = self.session.read(path)? else { return Ok(Vec::new()) };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let entries: Vec<_> = map.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        let bytes = entries.iter().map(|(key, value)| key.len() + value.len() + 2 * PLACE).sum();
        self.given(entries, bytes)
    }

    /// One field of each item of a list, e.g. the names of the containers.
    pub(super) fn names(&self, list: &FieldPath, field: &str) -> Result<Vec<String>> {
        let name = |item: &Value| Some(item.get(field)?.as_str()?.to_owned());
        let names: Vec<String> = self.items(list).iter().filter_map(name).collect();
        self.session.saw(list, || Some(json!(names)));
        self.given_texts(names)
    }

    /// The items of a list, which a trace notes.
    pub(super) fn read_items(&self, list: &FieldPath) -> Result<&[Value]> {
        let value = self.session.read(list)?;
        self.given(items_of(value), value.map_or(0, size_of_value))
    }

    /// The items of a list.
    pub(super) fn items(&self, list: &FieldPath) -> &[Value] {
        items_of(self.session.value(list))
    }

    pub(super) fn json(&self, path: &FieldPath) -> Result<Option<String>> {
        let json = self.session.read(path)?.map(Value::to_string);
        let bytes = json.as_ref().map_or(0, String::len);
        self.given(json, bytes)
    }

    fn given_texts(&self, texts: Vec<String>) -> Result<Vec<String>> {
        let bytes = texts.iter().map(|it| it.len() + PLACE).sum();
        self.given(texts, bytes)
    }

    /// Hands out a value, whose bytes are counted.
    fn given<T>(&self, value: T, bytes: usize) -> Result<T> {
        self.session.exchange(bytes)?;
        Ok(value)
    }

    /// Sets a text after a check of its form.
    pub(super) fn set_text<E: Display>(
        &mut self,
        path: FieldPath,
        value: String,
        check: impl FnOnce(&str) -> Result<(), E>,
    ) -> Edited {
        self.short(&path, &value)?;
        check(&value).map_err(|error| invalid(&path, error))?;
        self.session.edit(path, Some(Value::String(value)))
    }

    /// Sets a text after a check of its form, or removes it.
    pub(super) fn set_optional<E: Display>(
        &mut self,
        path: FieldPath,
        value: Option<String>,
        check: impl FnOnce(&str) -> Result<(), E>,
    ) -> Edited {
        match value {
            Some(value) => self.set_text(path, value, check),
            None => self.remove(path),
        }
    }

    pub(super) fn set_texts(&mut self, path: FieldPath, values: &[String]) -> Edited {
        self.session.exchange(values.len() * PLACE)?;
        for value in values {
            self.free(&path, value)?;
        }
        let new = (!values.is_empty()).then(|| json!(values));
        if new.is_none() {
            return self.remove(path);
        }
        self.session.edit(path, new)
    }

    pub(super) fn set_number<N: Into<Value>>(
        &mut self,
        path: FieldPath,
        value: Option<N>,
    ) -> Edited {
        match value {
            Some(value) => self.session.edit(path, Some(value.into())),
            None => self.remove(path),
        }
    }

    /// Sets a number that is not negative, or removes it.
    pub(super) fn set_count<N: Into<Value> + Default + PartialOrd>(
        &mut self,
        path: FieldPath,
        value: Option<N>,
    ) -> Edited {
        if value.as_ref().is_some_and(|it| *it < N::default()) {
            return Err(invalid(&path, "it is less than 0"));
        }
        self.set_number(path, value)
    }

    /// Sets a Kubernetes-native part from JSON, or removes it.
    pub(super) fn set_json<T: Serialize + DeserializeOwned>(
        &mut self,
        path: FieldPath,
        json: Option<String>,
    ) -> Edited {
        let Some(json) = json else { return self.remove(path) };
        self.short(&path, &json)?;
        let value = native::parse::<T>(&path, &json).map_err(|error| invalid(&path, error))?;
        self.session.edit(path, Some(value))
    }

    /// Removes a field. One that is not set stays so, without an edit.
    pub(super) fn remove(&mut self, path: FieldPath) -> Edited {
        self.session.edit(path, None)
    }

    /// Refuses what no text may be: one over the budget, or with a character that ends it.
    pub(super) fn free(&self, path: &FieldPath, text: &str) -> Edited {
        self.short(path, text)?;
        check::free_text(text).map_err(|error| invalid(path, error))
    }

    /// Refuses a text over the budget, before it is looked at.
    pub(super) fn short(&self, path: &FieldPath, text: &str) -> Edited {
        self.session.exchange(text.len())?;
        let limit = self.session.limits().text;
        if text.len() > limit {
            return Err(invalid(path, format!("{} bytes; a text has at most {limit}", text.len())));
        }
        Ok(())
    }
}

fn items_of(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// One of several words.
pub(super) fn one_of(words: &'static [&'static str]) -> impl Fn(&str) -> Result<(), String> {
    move |text| {
        if words.contains(&text) {
            Ok(())
        } else {
            Err(format!("it must be one of {}", words.join(", ")))
        }
    }
}

/// Refuses a name that another port of the list has.
pub(super) fn unused_port_name(path: &FieldPath, ports: &[Value], port: &Value) -> Edited {
    let Some(name) = port.get("name") else { return Ok(()) };
    let is_same = |it: &Value| {
        ["containerPort", "port"].iter().all(|field| it.get(field) == port.get(field))
            && protocol_name(protocol_of(it)) == protocol_name(protocol_of(port))
    };
    if ports.iter().any(|it| it.get("name") == Some(name) && !is_same(it)) {
        return Err(invalid(path, format!("another port is named {name}")));
    }
    Ok(())
}

/// A port number.
pub(super) fn port_number(path: &FieldPath, number: i32) -> Edited {
    if (1..=65_535).contains(&number) {
        return Ok(());
    }
    Err(invalid(path, format!("{number} is not a port: 1 to 65535")))
}

/// A protocol as Kubernetes writes it.
pub(super) fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
    }
}

/// The protocol of a port, which is TCP where none is named.
pub(super) fn protocol_of(port: &Value) -> Protocol {
    match port.get("protocol").and_then(Value::as_str) {
        Some("UDP") => Protocol::Udp,
        Some("SCTP") => Protocol::Sctp,
        _ => Protocol::Tcp,
    }
}

/// The number in a field of a port.
pub(super) fn number_of(port: &Value, field: &str) -> i32 {
    port.get(field)
        .and_then(Value::as_i64)
        .and_then(|number| i32::try_from(number).ok())
        .unwrap_or(0)
}

/// A field of an item that may be left out.
pub(super) fn text_of(item: &Value, field: &str) -> Option<String> {
    Some(item.get(field)?.as_str()?.to_owned())
}
