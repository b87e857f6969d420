//! Whether a value would be written with the fields that it was read from, without writing it.
//!
//! A typed value walks through the document as it would through a writer. Where both have the same fields and items,
//! nothing was passed over by reading, and nothing was filled in.

use std::fmt;

use serde::ser::{Impossible, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use serde::{Serialize, ser};
use serde_json::{Map, Value};

/// Whether every map and list has the same fields and items in both. Scalars are not compared.
pub(super) fn is_same(typed: &impl Serialize, document: &Value) -> bool {
    typed.serialize(Shape(document)).is_ok()
}

/// A part of the document, which what is written is compared with.
struct Shape<'d>(&'d Value);

/// The shapes differ.
#[derive(Debug)]
struct Differs;

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another shape")
    }
}

impl std::error::Error for Differs {}

impl ser::Error for Differs {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Compared = Result<(), Differs>;

/// The fields of a map, and how many of them were written.
struct Fields<'d> {
    map: &'d Map<String, Value>,
    /// The value of the key that was written last.
    value: Option<&'d Value>,
    written: usize,
}

impl Fields<'_> {
    fn end(self) -> Compared {
        if self.written == self.map.len() { Ok(()) } else { Err(Differs) }
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Differs;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Compared {
        self.written += 1;
        value.serialize(Shape(self.map.get(key).ok_or(Differs)?))
    }

    fn end(self) -> Compared {
        self.end()
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Differs;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Compared {
        self.written += 1;
        self.value = Some(key.serialize(Key(self.map))?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Compared {
        value.serialize(Shape(self.value.take().ok_or(Differs)?))
    }

    fn end(self) -> Compared {
        self.end()
    }
}

/// The items of a list that were not written yet.
struct Items<'d>(std::slice::Iter<'d, Value>);

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Differs;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Compared {
        value.serialize(Shape(self.0.next().ok_or(Differs)?))
    }

    fn end(self) -> Compared {
        if self.0.len() == 0 { Ok(()) } else { Err(Differs) }
    }
}

/// Methods of a [`Serializer`] that all do the same.
macro_rules! all {
    ($result:ty, $method:ident: $($name:ident($($argument:ty),*))+) => {
        $(fn $name(self, $(_: $argument),*) -> Result<$result, Differs> {
            self.$method()
        })+
    };
}

/// What no type of a document is written as.
macro_rules! never {
    () => {
        type SerializeTuple = Impossible<Self::Ok, Differs>;
        type SerializeTupleStruct = Impossible<Self::Ok, Differs>;
        type SerializeTupleVariant = Impossible<Self::Ok, Differs>;
        type SerializeStructVariant = Impossible<Self::Ok, Differs>;

        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Differs> {
            Err(Differs)
        }

        fn serialize_tuple_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleStruct, Differs> {
            Err(Differs)
        }

        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, Differs> {
            Err(Differs)
        }

        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, Differs> {
            Err(Differs)
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Differs> {
            Err(Differs)
        }
    };
}

impl Shape<'_> {
    fn scalar(self) -> Compared {
        if self.0.is_object() || self.0.is_array() { Err(Differs) } else { Ok(()) }
    }
}

impl<'d> Serializer for Shape<'d> {
    type Ok = ();
    type Error = Differs;
    type SerializeSeq = Items<'d>;
    type SerializeMap = Fields<'d>;
    type SerializeStruct = Fields<'d>;
    never!();

    all! { (), scalar:
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_f32(f32)
        serialize_f64(f64) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Compared {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Compared {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'d>, Differs> {
        self.0.as_array().map(|items| Items(items.iter())).ok_or(Differs)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'d>, Differs> {
        let map = self.0.as_object().ok_or(Differs)?;
        Ok(Fields { map, value: None, written: 0 })
    }

    fn serialize_struct(self, _: &'static str, fields: usize) -> Result<Fields<'d>, Differs> {
        self.serialize_map(Some(fields))
    }
}

/// Finds the value of a key of a map, which is text.
struct Key<'d>(&'d Map<String, Value>);

impl<'d> Key<'d> {
    #[expect(clippy::unused_self, reason = "it is called as the others are")]
    fn no_text(self) -> Result<&'d Value, Differs> {
        Err(Differs)
    }
}

impl<'d> Serializer for Key<'d> {
    type Ok = &'d Value;
    type Error = Differs;
    type SerializeSeq = Impossible<Self::Ok, Differs>;
    type SerializeMap = Impossible<Self::Ok, Differs>;
    type SerializeStruct = Impossible<Self::Ok, Differs>;
    never!();

    all! { &'d Value, no_text:
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_f32(f32)
        serialize_f64(f64) serialize_char(char) serialize_bytes(&[u8])
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    fn serialize_str(self, key: &str) -> Result<&'d Value, Differs> {
        self.0.get(key).ok_or(Differs)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<&'d Value, Differs> {
        key.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        key: &T,
    ) -> Result<&'d Value, Differs> {
        key.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Differs> {
        Err(Differs)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Differs> {
        Err(Differs)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Differs> {
        Err(Differs)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_have_one_shape_where_they_have_the_same_fields_and_items() {
        let typed = json!({"a": 1, "b": [{"c": "x"}, []], "d": {}});
        assert!(is_same(&typed, &json!({"a": "1", "b": [{"c": null}, []], "d": {}})));
        for other in [
            json!({"a": 1, "b": [{"c": "x"}, []]}),
            json!({"a": 1, "b": [{"c": "x"}, []], "d": {}, "e": 1}),
            json!({"a": 1, "b": [{"c": "x", "e": 1}, []], "d": {}}),
            json!({"a": 1, "b": [{"c": "x"}], "d": {}}),
            json!({"a": 1, "b": [{"c": "x"}, [], 1], "d": {}}),
            json!({"a": [], "b": [{"c": "x"}, []], "d": {}}),
            json!({"a": 1, "b": {}, "d": {}}),
            json!([1, 2, 3]),
        ] {
            assert!(!is_same(&typed, &other), "{other}");
        }
    }
}
