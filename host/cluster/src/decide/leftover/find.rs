//! What of an object the pipeline does not set, and another field manager still owns.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};
use wellhead_render::item_name;
use wellhead_spec::FieldPath;

use super::entry::{Entry, Found, Role, Unit};
use super::unions;
use super::unions::Names;
use crate::managed_fields::recorded::Items;
use crate::managed_fields::unchanged;
use crate::model::object::Kind;

/// Annotations that tools keep for themselves, or that are an order and no state.
const OF_TOOLS: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", "kubectl.kubernetes.io/restartedAt"];

/// Fields of a pod template that no controller reads: pods have names of their own.
const UNREAD: [&str; 3] = ["generateName", "name", "namespace"];

/// Maps and structs of which each field is reported.
const OPENED: [&str; 3] = ["metadata", "labels", "annotations"];

struct Place<'a> {
    path: FieldPath,
    pointer: String,
    record: Vec<String>,
    /// The name of the field, or of the list that an item is of.
    field: &'a str,
    wanted: &'a Value,
    live: &'a Value,
    /// What each entry of the managedFields says of it.
    records: Vec<(usize, &'a Value)>,
}

struct Search<'a> {
    entries: &'a [Entry<'a>],
    /// The names of the claim templates.
    claims: HashSet<&'a str>,
    names: Names<'a>,
    shared: &'a BTreeSet<FieldPath>,
    open: Vec<Place<'a>>,
    found: Found,
}

/// Compares an object with what is wanted of it.
pub(super) fn find<'a>(
    kind: Kind,
    wanted: &'a Value,
    live: &'a Value,
    entries: &'a [Entry<'a>],
    shared: &'a BTreeSet<FieldPath>,
) -> Found {
    let names = Names::of(wanted);
    let templates = wanted.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let claims = templates.into_iter().flatten().filter_map(|it| it["metadata"]["name"].as_str());
    let (claims, found) = (claims.collect(), Found::default());
    let mut search = Search { entries, claims, names, shared, open: Vec::new(), found };
    let root = Place {
        path: FieldPath::root(),
        pointer: String::new(),
        record: Vec::new(),
        field: "",
        wanted,
        live,
        records: entries.iter().enumerate().map(|(at, entry)| (at, entry.fields)).collect(),
    };
    let metadata = root.child("metadata");
    let parts = metadata.iter().flat_map(|it| ["labels", "annotations"].map(|key| it.child(key)));
    // What a claim asks for is fixed, and its controller fills in the rest.
    let spec = Some(root.child("spec")).filter(|_| kind != Kind::PersistentVolumeClaim);
    search.open.extend(parts.chain(spec).flatten());
    while let Some(place) = search.open.pop() {
        match place.live {
            Value::Object(fields) => search.fields(&place, fields),
            Value::Array(items) => search.items(&place, items),
            _ => {}
        }
    }
    search.found.units.sort_by(|one, other| one.path.cmp(&other.path));
    search.found
}

impl<'a> Place<'a> {
    /// A field, with nothing wanted where it is not.
    fn child(&self, key: &'a str) -> Option<Self> {
        let recorded = format!("f:{key}");
        let records = self.records.iter();
        Some(Self {
            path: self.path.key(key),
            pointer: format!("{}/{}", self.pointer, key.replace('~', "~0").replace('/', "~1")),
            records: records
                .filter_map(|(entry, record)| Some((*entry, record.get(&recorded)?)))
                .collect(),
            record: [self.record.as_slice(), &[recorded]].concat(),
            field: key,
            wanted: self.wanted.get(key).unwrap_or(unions::nothing()),
            live: self.live.get(key)?,
        })
    }

    /// Whether the server knows the items of this list by keys.
    fn has_keys(&self) -> bool {
        let mut keys = self.records.iter().filter_map(|(_, it)| it.as_object()).flat_map(Map::keys);
        keys.any(|key| key.starts_with("k:"))
    }
}

impl<'a> Search<'a> {
    fn fields(&mut self, place: &Place<'a>, fields: &'a Map<String, Value>) {
        for key in fields.keys() {
            let Some(child) = place.child(key) else { continue };
            if self.shared.contains(&child.path) {
                self.found.shared.push(child.record);
                continue;
            }
            let is_said = place.wanted.get(key).is_some();
            let opened = OPENED.contains(&key.as_str()) || child.has_keys();
            if is_said && unchanged::is_whole(key) {
                continue;
            }
            if is_said || (opened && (child.live.is_object() || child.live.is_array())) {
                self.open.push(child);
            } else {
                let of_tool = place.field == "annotations" && OF_TOOLS.contains(&key.as_str());
                let in_the_way = unions::displaced(place.field, key, place.wanted);
                let unread = UNREAD.contains(&key.as_str())
                    && place.path == FieldPath::of(["spec", "template", "metadata"]);
                if !of_tool && !unread {
                    self.unit(child, in_the_way, false, None);
                }
            }
        }
    }

    fn items(&mut self, place: &Place<'a>, items: &'a [Value]) {
        let records: Vec<_> =
            place.records.iter().map(|(entry, record)| (*entry, Items::of(record))).collect();
        let key = |item: &Value| records.iter().find_map(|(_, it)| Some(it.get(item)?.0));
        let identity = |index: usize, item: &Value| match key(item) {
            Some(key) => key.to_owned(),
            None => item_name(&place.path, item, index).to_string(),
        };
        let wanted = place.wanted.as_array().map_or(&[][..], Vec::as_slice);
        let beside = unions::names(wanted);
        let by_identity: HashMap<_, _> =
            wanted.iter().enumerate().map(|(index, item)| (identity(index, item), item)).collect();
        let mut last: HashMap<String, usize> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            last.insert(identity(index, item), index);
        }
        for (index, live) in items.iter().enumerate() {
            let identity = identity(index, live);
            let twice = last.get(&identity) != Some(&index);
            let wanted = by_identity.get(&identity).copied();
            let Some(key) = key(live) else {
                // What no record names has no keys that could be written down.
                continue;
            };
            let found = records.iter().filter_map(|(entry, it)| Some((*entry, it.get(live)?.1)));
            let item = Place {
                path: place.path.with(item_name(&place.path, live, index)),
                pointer: format!("{}/{index}", place.pointer),
                record: [place.record.as_slice(), &[key.to_owned()]].concat(),
                field: place.field,
                wanted: wanted.unwrap_or(unions::nothing()),
                live,
                records: found.collect(),
            };
            match wanted {
                Some(_) if !twice => self.open.push(item),
                Some(_) => self.unit(item, true, true, Some(place.field)),
                None if self.does_nothing(place.field, live) => {}
                None => {
                    let in_the_way = self.names.takes(place.field, live, &beside);
                    self.unit(item, in_the_way, false, Some(place.field));
                }
            }
        }
    }

    /// Whether an item changes nothing: the claim of a template takes the place of a volume of its name, and a pull secret
    /// without a name is none.
    fn does_nothing(&self, list: &str, item: &Value) -> bool {
        let name = item["name"].as_str().unwrap_or_default();
        match list {
            "volumes" => self.claims.contains(name),
            "imagePullSecrets" => name.is_empty(),
            _ => false,
        }
    }

    fn unit(&mut self, place: Place<'a>, in_the_way: bool, twice: bool, list: Option<&str>) {
        let role = |at: &usize| self.entries[*at].role;
        let owners = place.records.iter().map(|(entry, _)| *entry);
        let (ours, entries): (Vec<_>, Vec<_>) = owners.partition(|at| role(at) == Role::Ours);
        let ours = !ours.is_empty();
        let stays = entries.iter().any(|at| ours || role(at) == Role::Applier);
        // What no manager owns stays, too: a default of the server.
        if ours && entries.is_empty() {
            self.found.goes.push((place.pointer, place.record));
        } else if stays || in_the_way {
            let Place { path, pointer, record, live, .. } = place;
            let (value, list) = (live.clone(), list.map(str::to_owned));
            let unit =
                Unit { path, pointer, record, value, entries, ours, in_the_way, twice, list };
            self.found.units.push(unit);
        }
    }
}
