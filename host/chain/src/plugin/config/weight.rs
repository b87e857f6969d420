//! How much work checking a config against a schema can be, found without doing it.
//!
//! Where a schema is written out, every reference replaced by what it names, each of its parts looks at
//! each value of a config at most once: the way to the part says which values it is about. So the parts
//! times the values bound the work, and the parts are summed over the references without writing anything
//! out. What has no such bound (references in a circle, or to another place than a part of the schema by
//! its pointer, and keywords that look at the same value again) has no weight, and is never light.

use std::collections::HashMap;

use serde_json::Value;

/// Parts of a schema times parts of a config that are checked without limits: at most 0.2 s, also of what
/// is made to take long. Honest ones have some hundreds of parts and some dozens of values.
const LIGHT: u64 = 300_000;
/// Depth of a schema that is written out. The library recurses over it.
const DEPTH: usize = 100;
/// Parts that a regular expression counts as. Compiling one takes up to 5 ms.
const PATTERN: u64 = 5_000;
/// Characters that count as one part more.
const CHARACTERS: u64 = 16;

/// Keywords whose work is not bounded by parts and values, or that make a reference name something else.
const UNBOUNDED: [&str; 6] = [
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveRef",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Parts of a schema that is written out. None: there is no bound, or it is far above what is light.
pub(crate) fn weight(schema: &Value) -> Option<u64> {
    Weigher { schema, weighed: HashMap::new() }.weigh(schema, 0).map(|it| it.parts)
}

/// Whether a config is checked against a schema of this weight without limits.
pub(crate) fn is_light(weight: Option<u64>, config: &Value) -> bool {
    let most = weight.and_then(|weight| LIGHT.checked_div(weight));
    most.is_some_and(|most| count(config, most) <= most)
}

/// What is written out.
#[derive(Clone, Copy, Default)]
struct Weight {
    parts: u64,
    height: usize,
}

struct Weigher<'s> {
    schema: &'s Value,
    /// The weight of each value by its address; none while it is summed.
    weighed: HashMap<*const Value, Option<Weight>>,
}

impl Weigher<'_> {
    fn weigh(&mut self, value: &Value, depth: usize) -> Option<Weight> {
        let address = std::ptr::from_ref(value);
        let known = self.weighed.get(&address).copied();
        let weight = if let Some(weight) = known {
            weight
        } else if depth > DEPTH {
            None
        } else {
            self.weighed.insert(address, None);
            let weight = self.write_out(value, depth);
            self.weighed.insert(address, weight);
            weight
        };
        weight.filter(|it| it.parts <= LIGHT && depth + it.height <= DEPTH)
    }

    fn write_out(&mut self, value: &Value, depth: usize) -> Option<Weight> {
        let mut sum = Weight { parts: 1, height: 0 };
        match value {
            Value::Array(items) => {
                for item in items {
                    sum.add(self.weigh(item, depth + 1)?);
                }
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    sum.parts += characters(key);
                    sum.add(self.weigh(value, depth + 1)?);
                    self.add_keyword(&mut sum, key, value, depth)?;
                }
            }
            Value::String(text) => sum.parts += characters(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Some(sum)
    }

    /// Adds what a keyword is about besides its own value.
    fn add_keyword(
        &mut self,
        sum: &mut Weight,
        key: &str,
        value: &Value,
        depth: usize,
    ) -> Option<()> {
        match (key, value) {
            ("$ref", Value::String(pointer)) => {
                let pointer = pointer.strip_prefix('#').filter(|it| has_one_meaning(it))?;
                let target = self.schema.pointer(pointer)?;
                sum.add(self.weigh(target, depth + 1)?);
            }
            // A name by which a reference means something else than a pointer in this document.
            ("$id" | "id", Value::String(_)) if depth > 0 => return None,
            ("pattern", Value::String(_)) => sum.parts += PATTERN,
            ("patternProperties", Value::Object(fields)) => {
                sum.parts += PATTERN * fields.len() as u64;
            }
            _ if UNBOUNDED.contains(&key) => return None,
            _ => {}
        }
        Some(())
    }
}

impl Weight {
    /// Adds a part one level below.
    fn add(&mut self, part: Self) {
        self.parts += part.parts;
        self.height = self.height.max(part.height + 1);
    }
}

/// Whether a pointer has nothing that is decoded: the library takes `%64` for `d`, and would go on to another part than
/// the one that was weighed.
fn has_one_meaning(pointer: &str) -> bool {
    pointer.bytes().all(|it| it.is_ascii_alphanumeric() || b"/$_-.".contains(&it))
}

fn characters(text: &str) -> u64 {
    text.len() as u64 / CHARACTERS
}

/// Values of a config, and the characters of its texts; not much more than `most`.
fn count(value: &Value, most: u64) -> u64 {
    let sum = |values: &mut dyn Iterator<Item = u64>| {
        let mut sum = 1;
        for value in values {
            sum += value;
            if sum > most {
                break;
            }
        }
        sum
    };
    match value {
        Value::Array(items) => sum(&mut items.iter().map(|item| count(item, most))),
        Value::Object(fields) => {
            sum(&mut fields.iter().map(|(key, value)| characters(key) + count(value, most)))
        }
        Value::String(text) => 1 + characters(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    /// `$defs` in which each level names the next one some times.
    fn doubled(levels: usize, keyword: &str) -> Value {
        let level = |level: usize| {
            let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
            (format!("d{level}"), json!({keyword: [next, next]}))
        };
        let mut defs: Map<String, Value> = (0..levels).map(level).collect();
        defs.insert(format!("d{levels}"), json!({"type": "object"}));
        json!({"$ref": "#/$defs/d0", "$defs": defs})
    }

    /// `$defs` in which each names the one before it.
    fn chain(length: usize) -> Value {
        let link = |at: usize| {
            let before = json!({"$ref": format!("#/$defs/d{:04}", at.saturating_sub(1))});
            (format!("d{at:04}"), if at == 0 { json!({}) } else { before })
        };
        json!({"$defs": (0..length).map(link).collect::<Map<_, _>>()})
    }

    #[test]
    fn a_reference_with_a_second_meaning_has_no_weight() {
        for name in ["d%31", "%641", "a~1b", "a b", "d\t1", "\u{e4}"] {
            let schema = json!({"$ref": format!("#/$defs/{name}"), "$defs": {name: {}, "d1": {}}});
            assert_eq!(weight(&schema), None, "{name}");
        }
        let schema = json!({"$ref": "#/$defs/Rule-1_b.c", "$defs": {"Rule-1_b.c": {}}});
        assert!(weight(&schema).is_some());
    }

    #[test]
    fn the_schema_of_an_honest_plugin_is_light() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://example.com/config",
            "properties": {
                "id": {"type": "string", "pattern": "^[a-z]+$"},
                "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}, "uniqueItems": true},
                "scale": {"anyOf": [{"$ref": "#/$defs/scale"}, {"type": "null"}]},
            },
            "$defs": {
                "rule": {"enum": ["a", "b"]},
                "scale": {"type": "object", "additionalProperties": false},
            },
        });
        let rules = vec!["a"; 20];
        assert!(is_light(weight(&schema), &json!({"id": "a", "rules": rules, "scale": null})));
        assert!(!is_light(weight(&schema), &json!({"rules": vec!["a"; 300_000]})));
    }

    #[test]
    fn what_a_reference_names_counts_each_time() {
        for keyword in ["allOf", "anyOf", "oneOf", "prefixItems"] {
            assert!(weight(&doubled(4, keyword)).is_some());
            assert_eq!(weight(&doubled(40, keyword)), None, "{keyword}");
        }
    }

    #[test]
    fn what_has_no_bound_has_no_weight() {
        for schema in [
            json!({"$ref": "#"}),
            json!({"properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}}}),
            json!({"$ref": "#/$defs/none"}),
            json!({"$ref": "other.json"}),
            json!({"$ref": "#name", "$defs": {"a": {"$anchor": "name"}}}),
            json!({"$dynamicRef": "#a"}),
            json!({"allOf": [{"unevaluatedProperties": false}]}),
            json!({"$defs": {"a": {"$id": "https://example.com/a"}}}),
            (0..=DEPTH).fold(json!({}), |inner, _| json!([inner])),
            chain(DEPTH),
        ] {
            assert_eq!(weight(&schema), None, "{schema}");
        }
    }

    #[test]
    fn patterns_and_long_texts_weigh_more() {
        let patterns = |count: usize| {
            let patterns = (0..count).map(|at| (format!("a{at}"), json!({})));
            json!({"patternProperties": patterns.collect::<Map<_, _>>()})
        };
        assert!(is_light(weight(&patterns(10)), &json!({})));
        assert!(!is_light(weight(&patterns(100)), &json!({})));
        assert!(weight(&json!({"const": "a".repeat(1_600)})) > Some(100));
        assert!(!is_light(Some(100), &json!("a".repeat(100_000))));
    }
}
