//! What two JSON Schemas of a config take: which configs the new one may refuse.
//!
//! Not a decision whether one schema includes another, which no linear work gives: keywords that narrow are compared one by
//! one, and one that is not known counts as narrower where it differs.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use wellhead_spec::in_code;

use super::{Difference, Part, TEXT};

/// Keywords that allow nothing and forbid nothing.
const NOTES: [&str; 11] = [
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "format",
];
/// Keywords that allow less the larger they are, and those that do the smaller they are.
const LEAST: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const MOST: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
/// Keywords with a list of schemas.
const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords that are compared by their meaning.
const KNOWN: [&str; 7] =
    ["type", "enum", "const", "required", "properties", "additionalProperties", "items"];
/// References that lead to each other, followed no further.
const REFERENCES: usize = 32;
/// Levels that are looked into. What differs below counts as narrower.
const LEVELS: usize = 64;
/// Most parts of schemas that are compared, and most differences that are kept: definitions that refer to each other make
/// more pairs than a schema has bytes. The last difference says so, and counts as narrower.
const WORK: usize = 1_000_000;
const FOUND: usize = 1_000;

/// Everything that differs.
pub(super) fn differences(old: &Value, new: &Value) -> Vec<Difference> {
    let mut walk = Walk { old, new, seen: BTreeSet::new(), work: 0, found: Vec::new() };
    if old != new {
        walk.schema("config", 0, old, new);
    }
    let mut found = walk.found;
    if walk.work > WORK || found.len() > FOUND {
        found.truncate(FOUND);
        let what = "`config` may take fewer values: there is more that differs".to_owned();
        found.push(Difference { part: Part::Major, what });
    }
    found
}

type Object = Map<String, Value>;

struct Walk<'s> {
    old: &'s Value,
    new: &'s Value,
    /// Definitions that were compared: each pair once, whatever refers to it.
    seen: BTreeSet<(&'s str, &'s str)>,
    /// Parts that were compared.
    work: usize,
    found: Vec<Difference>,
}

impl<'s> Walk<'s> {
    fn add(&mut self, part: Part, path: &str, what: &str) {
        let what = format!("{} {what}", in_code(path, TEXT));
        self.found.push(Difference { part, what });
    }

    fn schema(&mut self, path: &str, level: usize, old: &'s Value, new: &'s Value) {
        if level > LEVELS {
            return self.add(Part::Major, path, "may take fewer values: too deep to compare");
        }
        let (old, new) = (resolve(self.old, old), resolve(self.new, new));
        if let (Some(a), Some(b)) = (old.1, new.1)
            && !self.seen.insert((a, b))
        {
            return;
        }
        self.work += 1 + parts(old.0) + parts(new.0);
        if self.work > WORK || self.found.len() > FOUND {
            return;
        }
        let (old, new) = match (old.0, new.0) {
            (Value::Object(old), Value::Object(new)) => (old, new),
            (old, new) if old == new => return,
            (Value::Bool(false), _) | (_, Value::Bool(true)) => {
                return self.add(Part::Minor, path, "takes more values");
            }
            _ => return self.add(Part::Major, path, "takes fewer values"),
        };
        self.types(path, old, new);
        self.values(path, old, new);
        self.bounds(path, old, new);
        self.keys(path, level, old, new);
        let below =
            [("additionalProperties", format!("{path}.*")), ("items", format!("{path}[*]"))];
        for (keyword, below) in below {
            match (old.get(keyword), new.get(keyword)) {
                (Some(old), Some(new)) => self.schema(&below, level + 1, old, new),
                (None, Some(Value::Bool(true)) | None) | (Some(Value::Bool(true)), None) => {}
                (None, Some(_)) => self.add(Part::Major, &below, "takes fewer values"),
                (Some(_), None) => self.add(Part::Minor, &below, "takes more values"),
            }
        }
        self.others(path, level, old, new);
    }

    fn types(&mut self, path: &str, old: &'s Object, new: &'s Object) {
        let gone: Vec<_> = missing(types(old), &types(new));
        if !gone.is_empty() {
            self.add(Part::Major, path, &format!("may no longer be of type {}", gone.join(" or ")));
        }
        let more: Vec<_> = missing(types(new), &types(old));
        if !more.is_empty() {
            self.add(Part::Minor, path, &format!("may be of type {}", more.join(" or ")));
        }
    }

    fn values(&mut self, path: &str, old: &Object, new: &Object) {
        // Each as text, so that each is looked for once.
        let values = |schema: &Object| -> Option<BTreeSet<String>> {
            match (schema.get("enum"), schema.get("const")) {
                (Some(Value::Array(values)), _) => {
                    Some(values.iter().map(Value::to_string).collect())
                }
                (_, value) => value.map(|it| BTreeSet::from([it.to_string()])),
            }
        };
        match (values(old), values(new)) {
            (None, Some(_)) => self.add(Part::Major, path, "takes only some values now"),
            (Some(_), None) => self.add(Part::Minor, path, "takes other values, too"),
            (Some(old), Some(new)) => {
                for value in old.difference(&new) {
                    let what = format!("may no longer be {}", in_code(value, 40));
                    self.add(Part::Major, path, &what);
                }
                for value in new.difference(&old) {
                    let what = format!("may be {}", in_code(value, 40));
                    self.add(Part::Minor, path, &what);
                }
            }
            (None, None) => {}
        }
    }

    fn bounds(&mut self, path: &str, old: &Object, new: &Object) {
        let number = |schema: &Object, keyword| schema.get(keyword)?.as_f64();
        let least = LEAST.map(|it| (it, 1.0));
        for (keyword, sign) in least.into_iter().chain(MOST.map(|it| (it, -1.0))) {
            // The more it forbids, the larger.
            let strict = |schema| number(schema, keyword).map_or(f64::NEG_INFINITY, |it| it * sign);
            let (before, after) = (strict(old), strict(new));
            let said = || new.get(keyword).map_or("gone".to_owned(), Value::to_string);
            if after > before {
                self.add(
                    Part::Major,
                    path,
                    &format!("takes fewer values: `{keyword}` is {}", said()),
                );
            } else if after < before {
                self.add(
                    Part::Minor,
                    path,
                    &format!("takes more values: `{keyword}` is {}", said()),
                );
            }
        }
    }

    fn keys(&mut self, path: &str, level: usize, old: &'s Object, new: &'s Object) {
        let properties = |schema: &'s Object| schema.get("properties")?.as_object();
        let required = |schema: &'s Object| -> BTreeSet<&'s str> {
            let names = schema.get("required").and_then(Value::as_array);
            names.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let (must_old, must_new) = (required(old), required(new));
        for name in must_new.difference(&must_old) {
            self.add(Part::Major, &format!("{path}.{name}"), "is required now");
        }
        for name in must_old.difference(&must_new) {
            self.add(Part::Minor, &format!("{path}.{name}"), "is no longer required");
        }
        let (before, after) = (properties(old), properties(new));
        let stays = |name: &&String| after.is_some_and(|it| it.contains_key(*name));
        for name in before.into_iter().flat_map(Map::keys).filter(|it| !stays(it)) {
            self.add(Part::Major, &format!("{path}.{name}"), "is gone");
        }
        for (name, schema) in after.into_iter().flatten() {
            let path = format!("{path}.{name}");
            match before.and_then(|it| it.get(name)) {
                Some(old) => self.schema(&path, level + 1, old, schema),
                None if must_new.contains(name.as_str()) => {}
                None => self.add(Part::Minor, &path, "is new"),
            }
        }
    }

    fn others(&mut self, path: &str, level: usize, old: &'s Object, new: &'s Object) {
        let keywords: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for keyword in keywords {
            if [&NOTES[..], &LEAST, &MOST, &KNOWN].iter().any(|it| it.contains(&keyword.as_str())) {
                continue;
            }
            match (old.get(keyword), new.get(keyword)) {
                (Some(Value::Array(old)), Some(Value::Array(new)))
                    if LISTS.contains(&keyword.as_str()) && old.len() == new.len() =>
                {
                    for (old, new) in old.iter().zip(new) {
                        self.schema(path, level + 1, old, new);
                    }
                }
                (Some(Value::String(a)), Some(Value::String(b))) if keyword == "$ref" => {
                    if self.seen.insert((a, b)) {
                        let (old, new) = (target(self.old, a), target(self.new, b));
                        self.schema(path, level + 1, old, new);
                    }
                }
                (before, after) if before == after => {}
                (_, None) => {
                    self.add(Part::Minor, path, &format!("takes more values: `{keyword}` is gone"));
                }
                (_, Some(_)) => {
                    let what =
                        format!("may take fewer values: its {} changed", in_code(keyword, 40));
                    self.add(Part::Major, path, &what);
                }
            }
        }
    }
}

/// What a schema refers to that says nothing else, and by which reference; a reference that leads nowhere allows everything.
fn resolve<'s>(root: &'s Value, mut schema: &'s Value) -> (&'s Value, Option<&'s str>) {
    let mut last = None;
    let is_alone =
        |schema: &Object| schema.keys().all(|it| it == "$ref" || NOTES.contains(&it.as_str()));
    for _ in 0..REFERENCES {
        let Some(object) = schema.as_object().filter(|it| is_alone(it)) else { break };
        let Some(reference) = object.get("$ref").and_then(Value::as_str) else { break };
        last = Some(reference);
        schema = target(root, reference);
    }
    (schema, last)
}

fn target<'s>(root: &'s Value, reference: &str) -> &'s Value {
    reference
        .strip_prefix('#')
        .and_then(|pointer| root.pointer(pointer))
        .unwrap_or(&Value::Bool(true))
}

/// How many parts a schema has that are compared without a look into them.
fn parts(schema: &Value) -> usize {
    let of = |value: &Value| match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 1,
    };
    schema.as_object().map_or(0, |it| it.values().map(of).sum())
}

/// The types that a schema allows.
fn types(schema: &Object) -> BTreeSet<&str> {
    const ALL: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];
    match schema.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.as_str()]),
        Some(Value::Array(some)) => some.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::from(ALL),
    }
}

/// Types of the first list that the second one does not have. Whole numbers are numbers.
fn missing<'a>(of: BTreeSet<&'a str>, among: &BTreeSet<&str>) -> Vec<&'a str> {
    let has = |it: &&str| among.contains(it) || (*it == "integer" && among.contains(&"number"));
    of.into_iter().filter(|it| !has(it)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(old: &Value, new: &Value) -> Vec<String> {
        let shown = |it: Difference| format!("{}: {}", it.part.word(), it.what);
        differences(old, new).into_iter().map(shown).collect()
    }

    #[test]
    fn what_a_config_may_not_be_any_more_is_major_and_what_it_may_be_is_minor() {
        let old = json!({"type": "object", "required": ["team"], "properties": {
            "team": {"type": "string"}, "old": {}, "size": {"type": "number", "minimum": 1},
            "mode": {"enum": ["a", "b"]}, "free": {"type": ["string", "null"]}}});
        let new = json!({"type": "object", "required": ["team", "owner"], "properties": {
            "team": {"type": "string", "minLength": 1}, "owner": {"type": "string"},
            "size": {"type": "integer", "minimum": 0, "maximum": 9}, "mode": {"enum": ["a", "c"]},
            "free": {"type": "string"}, "more": {}}, "additionalProperties": false});
        assert_eq!(
            shown(&old, &new),
            [
                "major: `config.owner` is required now",
                "major: `config.old` is gone",
                "major: `config.free` may no longer be of type null",
                "major: `config.mode` may no longer be `\"b\"`",
                "minor: `config.mode` may be `\"c\"`",
                "minor: `config.more` is new",
                "major: `config.size` may no longer be of type number",
                "minor: `config.size` takes more values: `minimum` is 0",
                "major: `config.size` takes fewer values: `maximum` is 9",
                "major: `config.team` takes fewer values: `minLength` is 1",
                "major: `config.*` takes fewer values",
            ]
        );
        let noted = json!({"title": "x", "type": "object", "required": ["team"], "properties": old["properties"]});
        assert_eq!(shown(&old, &noted), Vec::<String>::new());
    }

    #[test]
    fn definitions_are_followed_once_however_often_they_refer_to_each_other() {
        let chain = |last: &str| {
            let mut all = Map::new();
            for at in 0..60 {
                let next = json!({"$ref": format!("#/$defs/{}", at + 1)});
                all.insert(at.to_string(), json!({"properties": {"a": next, "b": next}}));
            }
            all.insert("60".to_owned(), json!({"type": last}));
            json!({"$defs": all, "properties": {"x": {"$ref": "#/$defs/0"}}})
        };
        let found = shown(&chain("string"), &chain("number"));
        assert_eq!(found.len(), 2, "{found:?}");
        let circle = |title: &str| json!({"title": title, "$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}});
        assert_eq!(shown(&circle("1"), &circle("2")), Vec::<String>::new());
    }

    /// Two circles of definitions whose pairs are as many as their product, and chains that are deep.
    #[test]
    fn what_takes_too_long_or_is_too_deep_counts_as_narrower() {
        let circle = |length: usize| {
            let definition = |at: usize| {
                let next = json!({"$ref": format!("#/$defs/{}", (at + 1) % length)});
                (at.to_string(), json!({"anyOf": [next], "minimum": length}))
            };
            let all: Map<_, _> = (0..length).map(definition).collect();
            json!({"$ref": "#/$defs/0", "$defs": all})
        };
        let found = shown(&circle(997), &circle(991));
        assert!(found.iter().any(|it| it.contains("too deep")), "{found:?}");
        let names = |of: &str| (0..5_000).map(|at| (format!("{of}{at}"), json!({}))).collect();
        let wide = |of: &str| json!({"properties": Value::Object(names(of))});
        let found = shown(&wide("a"), &wide("b"));
        assert!(found.len() == FOUND + 1 && found[FOUND].contains("there is more"), "{found:?}");
    }

    #[test]
    fn what_stands_beside_a_reference_counts() {
        let schema = |least: u8, kind: &str| json!({"$ref": "#/$defs/a", "minimum": least, "$defs": {"a": {"type": kind}}});
        assert_eq!(
            shown(&schema(1, "integer"), &schema(2, "number")),
            [
                "major: `config` takes fewer values: `minimum` is 2",
                "minor: `config` may be of type number"
            ]
        );
    }

    #[test]
    fn a_keyword_that_is_not_known_counts_as_narrower() {
        let found = shown(&json!({}), &json!({"not": {"type": "string"}}));
        assert_eq!(found, ["major: `config` may take fewer values: its `not` changed"]);
        assert_eq!(
            shown(&json!({"not": {}}), &json!({})),
            ["minor: `config` takes more values: `not` is gone"]
        );
        let option = |kind: &str| json!({"anyOf": [{"type": kind}, {"type": "null"}]});
        assert_eq!(
            shown(&option("string"), &option("boolean")),
            [
                "major: `config` may no longer be of type string",
                "minor: `config` may be of type boolean"
            ]
        );
    }
}
