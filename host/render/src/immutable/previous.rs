//! What was rendered before.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::claim::{BETA_CLASS, ordinal};
use super::stateful_set::name as template_name;
use super::{CLAIM, Named};
use crate::Object;
use crate::objects::labels;

/// How a line of a note begins that holds a claim.
const NOTE: &str = "# wellhead-claim: ";

/// Kind, namespace and name.
type Key = (String, String, String);

/// What was rendered before, of one pipeline or of many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Previous {
    objects: BTreeMap<Key, Value>,
    /// The names of claims by namespace and pipeline.
    claims: HashMap<(String, String), BTreeSet<String>>,
    /// Claims of replicas that were gone already.
    gone: BTreeMap<Key, Value>,
}

impl Previous {
    /// Whether nothing is known to have been rendered.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.gone.is_empty()
    }

    /// Adds an object. What is no object, and what no pipeline renders, is passed over.
    pub fn add(&mut self, object: Value) {
        let Some(key) = key(&object) else { return };
        if let (CLAIM, Some(pipeline)) = (key.0.as_str(), pipeline_of(&object)) {
            let of = (key.1.clone(), pipeline.to_owned());
            self.claims.entry(of).or_default().insert(key.2.clone());
        }
        self.objects.insert(key, object);
    }

    /// Adds the claims that a [note](Self::note) in a text names, wherever it stands. Lines that are no such note, or
    /// are damaged, are passed over: what they are about is then not known.
    pub fn add_notes(&mut self, text: &str) {
        let claims = text.lines().filter_map(|line| line.strip_prefix(NOTE));
        for claim in claims.filter_map(|it| serde_json::from_str(it).ok()) {
            if let Some(key) = key(&claim) {
                self.gone.insert(key, claim);
            }
        }
    }

    /// Claims that are [gone](super::Frozen::gone) as lines of comments, for the text of the StatefulSet that had them:
    /// no tool applies them, and the next rendering knows them. Empty where there are none.
    pub fn note(gone: &[Value]) -> String {
        if gone.is_empty() {
            return String::new();
        }
        let mut text = "\
# Claims that left this tree. They are still in the cluster, with their volumes, and come back unchanged.
# Delete the line of one that you deleted there.
"
        .to_owned();
        for claim in gone {
            let _ = writeln!(text, "{NOTE}{claim}");
        }
        text
    }

    /// The earlier form of an object.
    pub(super) fn of(&self, object: &Object) -> Option<&Value> {
        self.objects.get(&key_of(object))
    }

    /// The earlier form of a claim, also of one that was gone.
    pub(super) fn claim(&self, object: &Object) -> Option<&Value> {
        self.of(object).or_else(|| self.gone.get(&key_of(object)))
    }

    /// An earlier Service.
    pub(super) fn service(&self, namespace: Option<&str>, name: &str) -> Option<Object> {
        let key = ("Service".to_owned(), namespace.unwrap_or_default().to_owned(), name.to_owned());
        let value = self.objects.get(&key)?.clone();
        let api_version = value["apiVersion"].as_str()?.to_owned();
        let (kind, _, name) = key;
        Some(Object { api_version, kind, namespace: namespace.map(str::to_owned), name, value })
    }

    /// What a StatefulSet had and has not any more: its Service and claims that are not rendered now and were, and all of
    /// its claims that are gone. `set` is as it is asked for.
    pub(super) fn left_by(&self, set: &Object, objects: &[Object]) -> (Vec<Named>, Vec<Value>) {
        let rendered: HashSet<Key> = objects.iter().map(key_of).collect();
        let namespace = set.namespace.as_deref().unwrap_or_default();
        let before = self.of(set);
        let (mut left, mut gone) = (Vec::new(), Vec::new());
        let service = before.and_then(|it| it["spec"]["serviceName"].as_str());
        let service = service.map(|it| ("Service".to_owned(), namespace.to_owned(), it.to_owned()));
        if let Some(key) =
            service.filter(|it| self.objects.contains_key(it) && !rendered.contains(it))
        {
            left.push(Named { kind: key.0, name: key.2 });
        }
        for template in templates(set, before) {
            let prefix = format!("{template}-{}-", set.name);
            let missing = |(key, _): &(&Key, &Value)| !rendered.contains(*key);
            gone.extend(
                claims(&self.gone, namespace, &prefix).filter(missing).map(|it| it.1.clone()),
            );
            for ((kind, _, name), claim) in
                claims(&self.objects, namespace, &prefix).filter(missing)
            {
                left.push(Named { kind: kind.clone(), name: name.clone() });
                gone.push(noted(claim));
            }
        }
        // Those of a template of another name, where the StatefulSet that had it is not there to tell.
        let told: HashSet<_> = left.iter().map(|it| it.name.clone()).collect();
        let pipeline = pipeline_of(&set.value).unwrap_or_default();
        let known = self.claims.get(&(namespace.to_owned(), pipeline.to_owned()));
        let of_set = |name: &&String| {
            let parts = name.rsplit_once('-').and_then(|(of, _)| of.strip_suffix(&set.name));
            before.is_none() && parts.is_some_and(|template| template.ends_with('-'))
        };
        let missing = known.into_iter().flatten().filter(of_set).filter(|name| {
            let key = (CLAIM.to_owned(), namespace.to_owned(), (*name).clone());
            !told.contains(*name) && !rendered.contains(&key)
        });
        left.extend(missing.map(|name| Named { kind: CLAIM.to_owned(), name: name.clone() }));
        (left, gone)
    }
}

/// The pipeline of an object, by its label.
fn pipeline_of(object: &Value) -> Option<&str> {
    object["metadata"]["labels"][labels::INSTANCE].as_str()
}

/// The names of claim templates that a StatefulSet has or had.
fn templates<'v>(set: &'v Object, before: Option<&'v Value>) -> BTreeSet<&'v str> {
    let sets = std::iter::once(&set.value).chain(before);
    sets.filter_map(|it| it["spec"]["volumeClaimTemplates"].as_array())
        .flatten()
        .map(template_name)
        .collect()
}

/// The claims whose names are a prefix and an ordinal.
fn claims<'o>(
    objects: &'o BTreeMap<Key, Value>,
    namespace: &str,
    prefix: &str,
) -> impl Iterator<Item = (&'o Key, &'o Value)> {
    let first = (CLAIM.to_owned(), namespace.to_owned(), prefix.to_owned());
    let (namespace, prefix) = (namespace.to_owned(), prefix.to_owned());
    let begins = {
        let prefix = prefix.clone();
        move |key: &Key| key.0 == CLAIM && key.1 == namespace && key.2.starts_with(&prefix)
    };
    let begin = objects.range(first..).take_while(move |it| begins(it.0));
    begin.filter(move |it| ordinal(&it.0.2, &prefix).is_some())
}

/// What of a claim cannot change, and what tells which one it is.
fn noted(claim: &Value) -> Value {
    let metadata = &claim["metadata"];
    let mut identity = json!({"name": metadata["name"]});
    if !metadata["namespace"].is_null() {
        identity["namespace"] = metadata["namespace"].clone();
    }
    let class = &metadata["annotations"][BETA_CLASS];
    if !class.is_null() {
        identity["annotations"] = json!({BETA_CLASS: class});
    }
    json!({"apiVersion": "v1", "kind": CLAIM, "metadata": identity, "spec": claim["spec"]})
}

fn key(object: &Value) -> Option<Key> {
    let metadata = &object["metadata"];
    let namespace = metadata["namespace"].as_str().unwrap_or_default();
    Some((
        object["kind"].as_str()?.to_owned(),
        namespace.to_owned(),
        metadata["name"].as_str()?.to_owned(),
    ))
}

fn key_of(object: &Object) -> Key {
    let namespace = object.namespace.clone().unwrap_or_default();
    (object.kind.clone(), namespace, object.name.clone())
}
