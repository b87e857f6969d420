//! What is left behind of an object, and what of it goes.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use wellhead_render::{TakenFields, fields_of};
use wellhead_spec::FieldPath;

use super::entry::{Entry, Found, Role, Unit};
use super::{managers, merged};
use crate::decide::plan::Step;
use crate::model::object::Kind;
use crate::model::ownership::{Owner, SharedField};

/// A field or an item that stays although the pipeline does not say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftBehind {
    /// Where it is in the object. Items of lists are named as in a pipeline.
    pub path: FieldPath,
    /// The field of a pipeline that it would be; none where no pipeline has such a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldPath>,
    /// Its value, as it is.
    pub value: Value,
    /// Who owns it.
    pub owners: Vec<Owner>,
    /// Where it is, as a JSON pointer.
    #[serde(skip)]
    pub(crate) pointer: String,
    /// Whether what the pipeline says cannot be stored beside it.
    #[serde(skip)]
    pub(crate) in_the_way: bool,
    /// Whether it goes along with the entries of earlier appliers.
    #[serde(skip)]
    pub(crate) adoptable: bool,
}

/// What was found of one object.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    /// What the pipeline says, before policies gave up any of it.
    pub(super) wanted: Value,
    pub(super) found: Found,
}

/// A change of the managedFields before an object is applied.
#[derive(Debug, Default)]
pub(crate) struct Takeover {
    /// What goes along with the apply.
    pub(super) drops: Vec<Unit>,
    /// What stays with earlier appliers where their entries end; none where they stay as they are.
    pub(super) kept: Option<Vec<Unit>>,
    /// Those who own anything of the object.
    pub(super) owners: Vec<Owner>,
}

/// A field or an item that goes.
pub(crate) struct Gone {
    pub(crate) path: FieldPath,
    pub(crate) value: Value,
    /// Who owns it now.
    pub(crate) owners: Vec<Owner>,
}

/// Looks for what an object has and the pipeline does not say. `wanted` is what it says before policies give up any of
/// it, `shared` of which they decided.
pub(crate) fn find(kind: Kind, wanted: &Value, live: &Value, shared: &[SharedField]) -> Leftovers {
    let entries = managers::entries(kind, live);
    let shared: BTreeSet<_> = shared.iter().map(|it| it.path.clone()).collect();
    let found = super::find::find(kind, wanted, live, &entries, &shared);
    let wanted = if found.units.is_empty() { Value::Null } else { wanted.clone() };
    Leftovers { wanted, found }
}

impl Leftovers {
    /// Whether a pattern names what stays of an object or goes.
    pub(super) fn takes(&self, kind: Kind, take: &TakenFields) -> bool {
        self.found.units.iter().any(|unit| is_taken(kind, unit, take))
    }
}

impl Takeover {
    /// Whether more changes than the managedFields.
    pub(crate) fn removes(&self) -> bool {
        !self.drops.is_empty()
    }

    /// What goes, as it is reported.
    pub(crate) fn gone(&self) -> impl Iterator<Item = Gone> + '_ {
        let owner = |at: &usize| self.owners.get(*at).cloned();
        self.drops.iter().filter(|unit| !unit.twice).map(move |unit| Gone {
            path: unit.path.clone(),
            value: unit.value.clone(),
            owners: unit.entries.iter().filter_map(owner).collect(),
        })
    }

    /// What goes, as managedFields has it.
    pub(crate) fn record(&self) -> Value {
        let mut record = json!({});
        for unit in &self.drops {
            managers::insert(&mut record, &unit.record, json!({}));
        }
        record
    }

    /// Whether it ends the claim of another manager to a field.
    pub(crate) fn settles(&self, field: &FieldPath) -> bool {
        self.drops.iter().any(|unit| unit.path.contains(field))
    }

    /// The object as it would be, without what goes along and what goes by itself.
    pub(super) fn applied<S>(&self, step: &Step<S>, live: &Value, body: &Value) -> Value {
        let drops = self.drops.iter().map(|unit| (unit.pointer.as_str(), &unit.record));
        let goes = step.leftovers.found.goes.iter();
        let gone: Vec<_> = drops.chain(goes.map(|(at, record)| (at.as_str(), record))).collect();
        let mut object = merged::without(live, in_order(gone.iter().map(|it| it.0)).into_iter());
        // A map of which no manager owns anything goes as a whole.
        let entries = managers::entries(step.object.kind, live);
        for (pointer, record) in &gone {
            let (Some((map, _)), Some((_, parents))) =
                (pointer.rsplit_once('/'), record.split_last())
            else {
                continue;
            };
            let is_map = map.ends_with("/annotations") || map.ends_with("/labels");
            let owned = |key: &String| {
                let path = [parents, &[format!("f:{key}")]].concat();
                entries.iter().enumerate().any(|it| self.leaves(it, &path))
            };
            let rest = object.pointer(map).and_then(Value::as_object);
            if is_map && body.pointer(map).is_none() && !rest.is_some_and(|it| it.keys().any(owned))
            {
                object = merged::without(&object, std::iter::once(map));
            }
        }
        merged::applied(&object, body)
    }

    /// Whether an entry of the record still names a field after the change.
    fn leaves(&self, (number, entry): (usize, &Entry<'_>), path: &[String]) -> bool {
        entry.role != Role::Ours
            && managers::get(entry.fields, path).is_some()
            && match &self.kept {
                Some(kept) if entry.role == Role::Applier => {
                    kept.iter().any(|it| it.record == path && it.entries.contains(&number))
                }
                _ => !self.drops.iter().any(|it| it.record == path),
            }
    }
}

/// A takeover that removes a field.
#[cfg(test)]
pub(crate) fn removing(path: FieldPath) -> Takeover {
    let gone = Unit {
        pointer: format!("/{path}"),
        path,
        record: Vec::new(),
        value: Value::Null,
        entries: Vec::new(),
        ours: false,
        in_the_way: false,
        twice: false,
        list: None,
    };
    Takeover { drops: vec![gone], ..Takeover::default() }
}

/// Places in their order in the object: those of one list by their numbers.
pub(crate) fn in_order<'p>(pointers: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    let mut pointers: Vec<_> = pointers.collect();
    let key = |pointer: &&str| -> Vec<(usize, String)> {
        pointer.split('/').map(|it| (it.parse().unwrap_or_default(), it.to_owned())).collect()
    };
    pointers.sort_by_cached_key(key);
    pointers
}

/// Whether a pattern of fields of pipelines names what is left behind, or what it is inside.
pub(crate) fn is_taken(kind: Kind, unit: &Unit, take: &TakenFields) -> bool {
    let pattern = take.pattern.and_below();
    fields_of(kind.word(), &unit.path).iter().any(|field| pattern.matches(field))
}
