//! Reads a document's value into its type, and finds everything that is in the way.
//!
//! Two ways. The fast one deserializes and is all that a document without a mistake needs. Only when it
//! stumbles, deserializing tells where, and the value is checked against the JSON Schema of the kind,
//! which names every violation and not the first one only.

pub(crate) mod number;
pub(crate) mod part;
mod shape;
mod typed;
mod violation;

use std::collections::HashSet;

use serde_json::Value;
use wellhead_diagnostics::Code;

use crate::schema::Checker;
use crate::{
    Customization, Facts, Finding, Lock, Pipeline, PluginCase, PluginProject, Segment, TrustPolicy,
    draft, schema,
};
use violation::Violation;

/// A kind of document.
pub(crate) trait Kind: serde::de::DeserializeOwned + serde::Serialize {
    /// What checks values of the kind.
    fn checker() -> &'static Checker;
}

impl Kind for Pipeline {
    fn checker() -> &'static Checker {
        schema::pipeline_checker()
    }
}

impl Kind for Customization {
    fn checker() -> &'static Checker {
        schema::customization_checker()
    }
}

impl Kind for PluginProject {
    fn checker() -> &'static Checker {
        schema::project_checker()
    }
}

impl Kind for Lock {
    fn checker() -> &'static Checker {
        schema::lock_checker()
    }
}

impl Kind for TrustPolicy {
    fn checker() -> &'static Checker {
        schema::trust_policy_checker()
    }
}

impl Kind for PluginCase {
    fn checker() -> &'static Checker {
        schema::case_checker()
    }
}

impl Kind for Facts {
    fn checker() -> &'static Checker {
        schema::facts_checker()
    }
}

/// What became of a document's value.
pub(crate) struct Read<T> {
    /// The typed value. With findings beside it, it lacks the fields and items that the findings
    /// name: good for looking for more findings, and for nothing else.
    pub(crate) value: Option<T>,
    pub(crate) findings: Vec<Finding>,
    /// Of each finding, field names and list positions from the document down.
    pub(crate) paths: Vec<Vec<Segment>>,
    /// Whether items of lists are at their positions still.
    pub(crate) in_place: bool,
}

impl<T: Kind> Read<T> {
    fn without_findings(value: Option<T>) -> Self {
        Self { value, findings: Vec::new(), paths: Vec::new(), in_place: true }
    }
}

/// Reads a value, `metadata` and `spec` alone.
pub(crate) fn read<T: Kind>(document: &Value) -> Read<T> {
    tracing::trace!("a document is read into its type");
    if let Ok(value) = T::deserialize(document)
        && shape::is_same(&value, document)
    {
        return Read::without_findings(Some(value));
    }
    let typed = typed::read::<T>(document);
    if typed.error.is_none() && typed.ignored.is_empty() && !typed.defaulted {
        return Read::without_findings(typed.value);
    }
    let mut violations = violation::all(T::checker(), document);
    // The schema is the more talkative of the two; that it is as strict, a test shows. Should it
    // ever not be, the deserializer's finding stands.
    let known: HashSet<_> = violations.iter().map(|it| it.path.clone()).collect();
    let ignored = typed.ignored.into_iter().filter(|path| !known.contains(path));
    violations.extend(ignored.map(|path| violation::unknown_field(path, &[])));
    if let Some((path, message)) = &typed.error
        && violations.is_empty()
    {
        violations.push(Violation::new(Code::WrongType, path.clone(), message.clone()));
    }
    if violations.is_empty() {
        return Read::without_findings(typed.value);
    }
    let (value, in_place) = mended(document, &violations);
    let paths = violations.iter().map(|it| it.path.clone()).collect();
    let findings = violations.into_iter().map(|it| it.finding(document)).collect();
    Read { value, findings, paths, in_place }
}

/// The typed value of what is left of a document without its violations, and whether no item of a
/// list had to go.
fn mended<T: Kind>(document: &Value, violations: &[Violation]) -> (Option<T>, bool) {
    /// Items that are given up before the whole document is.
    const MOST: usize = 32;
    let mut rest = document.clone();
    for violation in violations {
        remove(&mut rest, &violation.path);
    }
    let name = rest.get_mut("metadata").and_then(Value::as_object_mut);
    name.map(|fields| fields.entry("name").or_insert_with(|| "unnamed".into()));
    for removed in 0..MOST {
        let typed = typed::read::<T>(&rest);
        let Some((path, _)) = typed.error else { return (typed.value, removed == 0) };
        if remove_item(&mut rest, &path).is_none() {
            break;
        }
    }
    (None, false)
}

/// The part of a document at a path.
fn part<'d>(document: &'d mut Value, path: &[Segment]) -> Option<&'d mut Value> {
    path.iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(key.as_str()),
        Segment::Index(index) => value.get_mut(index),
    })
}

/// Removes a field; an item of a list stays, for others are named by their position.
fn remove(document: &mut Value, path: &[Segment]) {
    if let Some((Segment::Key(key), above)) = path.split_last()
        && let Some(Value::Object(fields)) = part(document, above)
    {
        fields.remove(key.as_str());
    }
}

/// Removes the item of a list that a path goes through last.
fn remove_item(document: &mut Value, path: &[Segment]) -> Option<()> {
    let last = path.iter().rposition(|segment| matches!(segment, Segment::Index(_)))?;
    match (part(document, &path[..last]), &path[last]) {
        (Some(Value::Array(items)), Segment::Index(index)) if *index < items.len() => {
            items.remove(*index);
            Some(())
        }
        _ => None,
    }
}

/// The path of a field as findings name it.
fn canonical(document: &Value, raw: &[Segment]) -> crate::FieldPath {
    draft::field_path(document, raw)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;
    use serde_json::json;

    use super::*;
    use crate::load::corpus;

    fn accepts<T: Kind>(document: &Value) -> bool {
        let typed = typed::read::<T>(document);
        typed.error.is_none() && typed.ignored.is_empty() && !typed.defaulted
    }

    #[test]
    fn schema_and_reader_agree_on_the_corpus() {
        let (mut good, mut bad) = (0, 0);
        for (name, kind, document) in corpus() {
            let (reader, schema) = match kind.as_str() {
                "Pipeline" => (
                    accepts::<Pipeline>(&document),
                    Pipeline::checker().validator.is_valid(&document),
                ),
                "Customization" => (
                    accepts::<Customization>(&document),
                    Customization::checker().validator.is_valid(&document),
                ),
                _ => continue,
            };
            assert_eq!(reader, schema, "{name}: {document:#}");
            if reader { good += 1 } else { bad += 1 }
        }
        assert!(good > 3 && bad > 3, "{good} good and {bad} bad documents show little");
    }

    /// A document with nearly every field.
    fn full() -> Value {
        static FULL: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| {
            corpus().into_iter().find(|(name, ..)| name == "full.yaml").unwrap().2
        });
        FULL.clone()
    }

    fn paths(value: &Value, at: &mut Vec<Segment>, all: &mut Vec<Vec<Segment>>) {
        all.push(at.clone());
        let parts: Vec<(Segment, &Value)> = match value {
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (Segment::Key(key.into()), value)).collect()
            }
            Value::Array(items) => {
                items.iter().enumerate().map(|(at, value)| (Segment::Index(at), value)).collect()
            }
            _ => Vec::new(),
        };
        for (segment, value) in parts {
            at.push(segment);
            paths(value, at, all);
            at.pop();
        }
    }

    #[derive(Clone, Debug)]
    enum Mutation {
        Replace(Value),
        AddField,
        RemoveField,
    }

    fn mutation() -> impl Strategy<Value = Mutation> {
        let value = prop_oneof![
            Just(json!(true)),
            Just(json!(7)),
            Just(json!(-1)),
            Just(json!(5_000_000_000_i64)),
            Just(json!(1.5)),
            Just(json!("x")),
            Just(json!("")),
            Just(json!("Not A Name")),
            Just(json!([])),
            Just(json!({})),
        ];
        prop_oneof![
            4 => value.prop_map(Mutation::Replace),
            1 => Just(Mutation::AddField),
            2 => Just(Mutation::RemoveField),
        ]
    }

    fn mutate(document: &mut Value, at: &[Segment], mutation: &Mutation) {
        match mutation {
            Mutation::Replace(value) => *part(document, at).unwrap() = value.clone(),
            Mutation::RemoveField => remove(document, at),
            Mutation::AddField => {
                if let Some(Value::Object(fields)) = part(document, at) {
                    fields.insert("surplus".into(), json!("x"));
                }
            }
        }
    }

    /// Serde reads the fields of a struct from a list, too, by their order.
    #[test]
    fn a_list_is_no_map() {
        for list in [json!([]), json!(["x"])] {
            let mut document = full();
            document["spec"]["service"] = list;
            assert!(!accepts::<Pipeline>(&document), "{}", document["spec"]["service"]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn schema_and_reader_agree_on_mutations(at in any::<Index>(), mutation in mutation()) {
            let mut document = full();
            let mut all = Vec::new();
            paths(&document, &mut Vec::new(), &mut all);
            let path: &Vec<Segment> = at.get(&all);
            mutate(&mut document, path, &mutation);
            // The types of Kubernetes hold any text as a quantity; those are checked afterwards.
            let quantities = typed::read::<Pipeline>(&document).value.is_none_or(|pipeline| {
                crate::validate(&pipeline).iter().all(|finding| finding.code != Code::InvalidQuantity)
            });
            prop_assert_eq!(
                accepts::<Pipeline>(&document) && quantities,
                Pipeline::checker().validator.is_valid(&document),
                "{:?} {:?}", at.get(&all), mutation
            );
        }

        #[test]
        fn every_mistake_is_found_however_many_there_are(
            mutations in prop::collection::vec((any::<Index>(), mutation()), 1..6)
        ) {
            let mut document = full();
            for (at, mutation) in mutations {
                let mut all = Vec::new();
                paths(&document, &mut Vec::new(), &mut all);
                let path: &Vec<Segment> = at.get(&all);
            mutate(&mut document, path, &mutation);
            }
            let read = read::<Pipeline>(&document);
            prop_assert_eq!(read.findings.is_empty(), accepts::<Pipeline>(&document));
        }
    }
}
