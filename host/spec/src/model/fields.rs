//! The table of a spec's fields: what makes a row the field of a type, of an object, and of a list.

use std::collections::BTreeMap;

use crate::{ObjectName, ServiceSettings};

/// A field of a [`PipelineSpec`](crate::PipelineSpec).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecField {
    /// Its name in a document, e.g. `hostUsers`.
    pub name: &'static str,
    /// Which object has it.
    pub of: FieldOwner,
}

/// Which object has a field of a spec under the same name and in the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldOwner {
    /// None: the field is the pipeline's own.
    Pipeline,
    /// The StatefulSet, in its `spec`.
    StatefulSet,
    /// The pods, in their `spec`.
    Pod,
}

/// A field that may be left out.
pub(super) trait Optional {
    /// Whether it is.
    fn is_left_out(&self) -> bool;
}

impl<T> Optional for Option<T> {
    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T> Optional for Vec<T> {
    fn is_left_out(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Optional for BTreeMap<K, V> {
    fn is_left_out(&self) -> bool {
        self.is_empty()
    }
}

impl Optional for ServiceSettings {
    fn is_left_out(&self) -> bool {
        self.is_empty()
    }
}

/// A field of a spec as an object has it: an empty list or map is left out, and a name is a text.
pub(super) trait Native<T> {
    /// The value in the object.
    fn native(&self) -> Option<T>;
}

impl<T: Clone> Native<T> for Option<T> {
    fn native(&self) -> Self {
        self.clone()
    }
}

impl<T: Clone> Native<Self> for Vec<T> {
    fn native(&self) -> Option<Self> {
        (!self.is_empty()).then(|| self.clone())
    }
}

impl<K: Clone, V: Clone> Native<Self> for BTreeMap<K, V> {
    fn native(&self) -> Option<Self> {
        (!self.is_empty()).then(|| self.clone())
    }
}

impl Native<String> for Option<ObjectName> {
    fn native(&self) -> Option<String> {
        self.as_ref().map(ToString::to_string)
    }
}

/// Makes `PipelineSpec` from rows: documentation, which object has the field, its names in code and in documents, and
/// its type.
///
/// `own` is a field of the pipeline alone, `set` one of the StatefulSet's `spec`, and `pod` one of the pods' `spec`. For
/// a field of these two, the row is all that takes it from a document to the object.
macro_rules! pipeline_spec {
    (
        $(#[$about:meta])*
        optional { $($(#[$meta:meta])* $of:ident $field:ident $name:literal: $type:ty,)* }
        required { $(#[$must_meta:meta])* own $must:ident $must_name:literal: $must_type:ty, }
        optional { $($(#[$more_meta:meta])* $more_of:ident $more:ident $more_name:literal: $more_type:ty,)* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct PipelineSpec {
            $(
                $(#[$meta])*
                #[serde(rename = $name, default, skip_serializing_if = "Optional::is_left_out")]
                pub $field: $type,
            )*
            $(#[$must_meta])*
            #[serde(rename = $must_name)]
            pub $must: $must_type,
            $(
                $(#[$more_meta])*
                #[serde(rename = $more_name, default, skip_serializing_if = "Optional::is_left_out")]
                pub $more: $more_type,
            )*
        }

        impl PipelineSpec {
            /// Every field, in the order in which documents are written.
            pub const FIELDS: &'static [SpecField] = &[
                $(SpecField { name: $name, of: pipeline_spec!(@owner $of) },)*
                SpecField { name: $must_name, of: FieldOwner::Pipeline },
                $(SpecField { name: $more_name, of: pipeline_spec!(@owner $more_of) },)*
            ];

            /// The fields that the pods have under the same name.
            pub fn pod_fields(&self) -> PodSpec {
                let mut object = PodSpec::default();
                $(pipeline_spec!(@pod $of object.$field = self.$field);)*
                $(pipeline_spec!(@pod $more_of object.$more = self.$more);)*
                object
            }

            /// The fields that the StatefulSet has under the same name.
            pub fn stateful_set_fields(&self) -> StatefulSetSpec {
                let mut object = StatefulSetSpec::default();
                $(pipeline_spec!(@set $of object.$field = self.$field);)*
                $(pipeline_spec!(@set $more_of object.$more = self.$more);)*
                object
            }
        }
    };
    (@owner own) => { FieldOwner::Pipeline };
    (@owner set) => { FieldOwner::StatefulSet };
    (@owner pod) => { FieldOwner::Pod };
    (@pod pod $to:ident.$field:ident = $from:ident.$same:ident) => { $to.$field = $from.$same.native() };
    (@set set $to:ident.$field:ident = $from:ident.$same:ident) => { $to.$field = $from.$same.native() };
    (@pod $of:ident $($field:tt)*) => {};
    (@set $of:ident $($field:tt)*) => {};
}

pub(super) use pipeline_spec;
