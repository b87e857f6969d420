//! Which fields of those that we would set another manager owns, by managedFields.
//!
//! The record's format, `FieldsV1`: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.

use serde_json::{Map, Value};
use wellhead_render::item_name;
use wellhead_spec::{FieldPath, OwnershipPolicy};

use super::Policies;
use crate::managed_fields::items::{Items, Keys};
use crate::managed_fields::{owners, unchanged};
use crate::model::ownership::{Owner, SharedField};

/// A field that we would set, that has a policy, and that another manager owns: a scalar, or what the server replaces as
/// a whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ContestedField {
    pub(crate) shared: SharedField,
    /// Where it is in what will be sent.
    pub(super) pointer: String,
    /// Its live value; none where the server keeps none.
    pub(super) live: Option<Value>,
    /// Whether it is a key by which the server knows the item that it is in.
    pub(super) is_key: bool,
}

impl ContestedField {
    /// Whether we no longer say anything about the field. A value that the server does not keep cannot be shared.
    pub(super) fn is_given_up(&self) -> bool {
        match self.shared.policy {
            OwnershipPolicy::Take => false,
            OwnershipPolicy::Share => self.live.is_none(),
            OwnershipPolicy::Yield => true,
        }
    }
}

/// One place of what will be sent, with what others own there.
struct Place<'a> {
    path: FieldPath,
    pointer: String,
    /// The name of the field, or of the list that an item is of.
    field: &'a str,
    is_item: bool,
    is_key: bool,
    /// Whether it is an item that occurs twice: the server knows both by one key, and who owns them owns them whole.
    is_doubled: bool,
    /// The keys of an item, as the server knows it.
    keys: Map<String, Value>,
    wanted: &'a Value,
    live: Option<&'a Value>,
    /// The records of others, each with the number of its owner.
    records: Vec<(usize, &'a Map<String, Value>)>,
}

/// Every such field of an object, in its order.
pub(super) fn find(policies: &Policies, body: &Value, live: &Value) -> Vec<ContestedField> {
    let others = owners::records_of_others(live);
    let others: Vec<_> =
        others.filter_map(|(it, record)| Some((it, record.as_object()?))).collect();
    let (owners, records): (Vec<Owner>, Vec<_>) = others.into_iter().unzip();
    let mut found = Vec::new();
    let mut open = vec![Place {
        path: FieldPath::root(),
        pointer: String::new(),
        field: "",
        is_item: false,
        is_key: false,
        is_doubled: false,
        keys: Map::new(),
        wanted: body,
        live: Some(live),
        records: records.into_iter().enumerate().collect(),
    }];
    while let Some(place) = open.pop() {
        if place.records.is_empty() {
            continue;
        }
        let is_whole = match place.wanted {
            _ if place.is_doubled => true,
            Value::Object(fields) if fields.is_empty() => true,
            Value::Array(items) if items.is_empty() => true,
            Value::Object(_) | Value::Array(_) if place.is_item => {
                unchanged::has_whole_items(place.field)
            }
            Value::Object(_) | Value::Array(_) => unchanged::is_whole(place.field),
            _ => true,
        };
        match place.wanted {
            _ if is_whole => found.extend(field(policies, &owners, &place)),
            Value::Object(fields) => open.extend(fields.iter().rev().map(|it| place.child(it))),
            Value::Array(items) => open.extend(place.items(items)),
            _ => {}
        }
    }
    found
}

fn field(policies: &Policies, owners: &[Owner], place: &Place<'_>) -> Option<ContestedField> {
    let policy = policies.at(&place.path)?;
    let owners = place.records.iter().map(|(owner, _)| owners[*owner].clone()).collect();
    Some(ContestedField {
        shared: SharedField { path: place.path.clone(), policy, owners },
        pointer: place.pointer.clone(),
        live: place.live.cloned(),
        is_key: place.is_key,
    })
}

impl<'a> Place<'a> {
    fn child(&self, (key, wanted): (&'a String, &'a Value)) -> Self {
        let recorded = format!("f:{key}");
        let records = self.records.iter();
        Self {
            path: self.path.key(key.as_str()),
            pointer: format!("{}/{}", self.pointer, key.replace('~', "~0").replace('/', "~1")),
            field: key,
            is_item: false,
            is_key: self.keys.contains_key(key),
            is_doubled: false,
            keys: Map::new(),
            wanted,
            live: self.live.and_then(|live| live.get(key)),
            records: records
                .filter_map(|(owner, record)| Some((*owner, record.get(&recorded)?.as_object()?)))
                .collect(),
        }
    }

    /// The items of a list, the last first.
    fn items(&self, wanted: &'a [Value]) -> Vec<Self> {
        let records = self.records.iter().map(|(owner, record)| (*owner, Keys::of(record)));
        let records: Vec<_> = records.collect();
        let live = self.live.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut live = (live, Items::of(live));
        let items = wanted.iter().enumerate().rev();
        items.map(|(index, item)| self.item(index, item, &records, &mut live)).collect()
    }

    fn item(
        &self,
        index: usize,
        wanted: &'a Value,
        records: &[(usize, Keys<'a>)],
        (all, live): &mut (&'a [Value], Items<'a>),
    ) -> Self {
        let named = records.iter().filter_map(|(owner, keys)| {
            let found = keys.naming(wanted, |name| unchanged::key_field(wanted, name));
            let entry = found.into_iter().next()?;
            Some((*owner, entry.keys.clone(), entry.record.as_object()?))
        });
        let named: Vec<_> = named.collect();
        let keys = named.first().map(|(_, keys, _)| keys.clone()).unwrap_or_default();
        let is_doubled = !keys.is_empty() && named.iter().any(|(.., record)| record.is_empty());
        let live = match named.first() {
            // Neither of two values can be shared.
            _ if is_doubled => None,
            None => None,
            // Of a set the item is its own key.
            Some(_) if keys.is_empty() => live.value(wanted),
            Some(_) => live.find(&keys, unchanged::key_field).map(|at| &all[at]),
        };
        Self {
            path: self.path.with(item_name(&self.path, wanted, index)),
            pointer: format!("{}/{index}", self.pointer),
            field: self.field,
            is_item: true,
            is_key: false,
            is_doubled,
            keys,
            wanted,
            live,
            records: named.into_iter().map(|(owner, _, record)| (owner, record)).collect(),
        }
    }
}
