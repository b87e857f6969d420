//! JSON as the text that it is sent as: a tenth of what it takes in memory otherwise.
//!
//! A run holds thousands of objects at once, and works on a few of them at a time.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::model::json::typed::lenient;

/// A value as JSON text. It reads and writes what the value does, and has values of no more than one in memory for it.
pub struct Packed<T = Value> {
    text: Box<[u8]>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Packs a value.
    ///
    /// # Panics
    /// When it has keys that are no texts, which no object of Kubernetes has.
    pub fn of(value: &T) -> Self {
        let text = serde_json::to_vec(value).expect("because the keys are texts");
        Self { text: text.into(), of: PhantomData }
    }

    /// The value.
    ///
    /// # Panics
    /// When it writes what it does not read.
    pub fn unpack(&self) -> T {
        serde_json::from_slice(&self.text).expect("because it was written from a value")
    }
}

impl Packed {
    /// The object as its type; see [`lenient`].
    pub(crate) fn read<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_slice(&self.text).unwrap_or_else(|_| lenient(&self.unpack()))
    }
}

impl<T> fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text))
    }
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), of: PhantomData }
    }
}

impl<T> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T: Serialize + DeserializeOwned> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.unpack().serialize(to)
    }
}

impl<'de, T: Serialize + DeserializeOwned> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(|value| Self::of(&value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Packed;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let value = json!({"a": [1, 2.5, -3, u64::MAX, null, true], "b": {"\u{1b}é\"": ""}});
        let packed = Packed::of(&value);
        assert_eq!(packed.unpack(), value);
        assert_eq!(serde_json::to_value(&packed).unwrap(), value);
        assert_eq!(serde_json::from_value::<Packed<Value>>(value).unwrap(), packed);
    }
}
