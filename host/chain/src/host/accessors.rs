//! The table of accessors: a row is the getter and the setters of one field in the contract.

use wasmtime::Result;
use wasmtime::component::Resource;
use wellhead_spec::FieldPath;

/// Where the fields of a resource of the contract are in a pipeline.
pub(super) trait Fields<H> {
    /// The path of a field of the resource that a handle names.
    fn at(&self, handle: &Resource<H>, field: &str) -> Result<FieldPath>;
}

/// Makes functions of a resource from rows, in the `impl` of its trait.
///
/// A row has the kind of the field, its functions, its name in a pipeline, and the check or type of its value:
///
/// - `text`: a text that is always there; `optional`: one that may be unset; `texts`: a list of them,
/// - `flag`: a truth value that is `false` where it is unset; `count`: a number of this type that is not negative,
/// - `labels`, `annotations`: a map with its getter, and what sets and removes one of its entries,
/// - `json`: a part in the form of a Kubernetes type.
macro_rules! accessors {
    (@text $this:ty, $get:ident, $set:ident, $field:literal, $check:expr) => {
        fn $get(&mut self, this: $this) -> Result<String> {
            let path = self.at(&this, $field)?;
            Ok(self.text(&path)?.unwrap_or_default())
        }

        fn $set(&mut self, this: $this, value: String) -> Edited {
            let path = self.at(&this, $field)?;
            self.set_text(path, value, $check)
        }
    };
    (@optional $this:ty, $get:ident, $set:ident, $field:literal, $check:expr) => {
        fn $get(&mut self, this: $this) -> Result<Option<String>> {
            let path = self.at(&this, $field)?;
            self.text(&path)
        }

        fn $set(&mut self, this: $this, value: Option<String>) -> Edited {
            let path = self.at(&this, $field)?;
            self.set_optional(path, value, $check)
        }
    };
    (@texts $this:ty, $get:ident, $set:ident, $field:literal) => {
        fn $get(&mut self, this: $this) -> Result<Vec<String>> {
            let path = self.at(&this, $field)?;
            self.texts(&path)
        }

        fn $set(&mut self, this: $this, value: Vec<String>) -> Edited {
            let path = self.at(&this, $field)?;
            self.set_texts(path, &value)
        }
    };
    (@flag $this:ty, $get:ident, $set:ident, $field:literal) => {
        fn $get(&mut self, this: $this) -> Result<bool> {
            let path = self.at(&this, $field)?;
            self.flag(&path)
        }

        fn $set(&mut self, this: $this, value: bool) -> Edited {
            let path = self.at(&this, $field)?;
            self.session.edit(path, Some(value.into()))
        }
    };
    (@count $this:ty, $get:ident, $set:ident, $field:literal, $number:ty) => {
        fn $get(&mut self, this: $this) -> Result<Option<$number>> {
            let path = self.at(&this, $field)?;
            self.number(&path)
        }

        fn $set(&mut self, this: $this, value: Option<$number>) -> Edited {
            let path = self.at(&this, $field)?;
            self.set_count(path, value)
        }
    };
    (@labels $this:ty, $get:ident, $set:ident, $remove:ident, $field:literal) => {
        accessors!(@map $this, $get, $set, $remove, $field, set_label_at);
    };
    (@annotations $this:ty, $get:ident, $set:ident, $remove:ident, $field:literal) => {
        accessors!(@map $this, $get, $set, $remove, $field, set_annotation_at);
    };
    (@map $this:ty, $get:ident, $set:ident, $remove:ident, $field:literal, $set_at:ident) => {
        fn $get(&mut self, this: $this) -> Result<Vec<(String, String)>> {
            let path = self.at(&this, $field)?;
            self.entries(&path)
        }

        fn $set(&mut self, this: $this, key: String, value: String) -> Edited {
            let path = self.at(&this, $field)?;
            self.$set_at(&path, &key, value)
        }

        fn $remove(&mut self, this: $this, key: String) -> Edited {
            let path = self.at(&this, $field)?.then(key);
            self.remove(path)
        }
    };
    (@json $this:ty, $get:ident, $set:ident, $field:literal, $type:ty) => {
        fn $get(&mut self, this: $this) -> Result<Option<String>> {
            let path = self.at(&this, $field)?;
            self.json(&path)
        }

        fn $set(&mut self, this: $this, json: Option<String>) -> Edited {
            let path = self.at(&this, $field)?;
            self.set_json::<$type>(path, json)
        }
    };
    ($this:ty: $($kind:ident($($row:tt)*);)*) => {
        $(accessors!(@$kind $this, $($row)*);)*
    };
}

pub(super) use accessors;
