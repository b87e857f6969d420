//! JSON that means one thing: a key that is there twice is an error, so that no other reader sees another document under
//! the same digest.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use wellhead_spec::JsonBounds;

/// What a document of a registry may have. The manifest of a plugin has 30 values; `oras` and others add annotations.
const BOUNDS: JsonBounds = JsonBounds { bytes: 1 << 20, values: 20_000, nests: 2_000, parts: &[] };

/// What a text says. The error says what is wrong in words of ours and of the parser.
pub(crate) fn strict<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    let Strict(value) = BOUNDS.decode(text)?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneMeaning)
    }
}

struct OneMeaning;

impl<'de> Visitor<'de> for OneMeaning {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Strict(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Strict, A::Error> {
        let mut map = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, _>()? {
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key is there twice"));
            }
        }
        Ok(Strict(map.into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::strict;

    #[test]
    fn a_document_means_one_thing() {
        let value: Value = strict(br#"{"a": [1, -2, 0.5, null, true, "x", {}]}"#).unwrap();
        assert_eq!(value, json!({"a": [1, -2, 0.5, null, true, "x", {}]}));
        for wrong in
            [&br#"{"a": 1, "b": 2, "a": 3}"#[..], br#"{"a": {"b": 1, "b": 1}}"#, b"{} {}", b"\xff"]
        {
            assert!(strict::<Value>(wrong).is_err());
        }
        let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
        assert!(strict::<Value>(&deep).is_err());
        let many = format!("[{}0]", "0,".repeat(30_000));
        assert!(strict::<Value>(many.as_bytes()).is_err());
    }
}
