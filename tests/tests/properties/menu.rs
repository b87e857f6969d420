//! Values to choose from: what is right and at the edge of what is right often, what is wrong seldom, so
//! that most pipelines pass and every rule is met.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

pub(crate) type Json = BoxedStrategy<Value>;

/// One choice of this many is a wrong one.
const WRONG: u32 = 60;

fn items(list: Value) -> Vec<Value> {
    match list {
        Value::Array(items) => items,
        other => vec![other],
    }
}

/// One of the values that are right, or seldom one of those that may be wrong.
pub(crate) fn menu(right: Value, wrong: Value) -> Json {
    let (right, wrong) = (items(right), items(wrong));
    if wrong.is_empty() {
        return select(right).boxed();
    }
    prop_oneof![WRONG - 1 => select(right), 1 => select(wrong)].boxed()
}

/// One of these, and nothing that is wrong.
pub(crate) fn only(right: Value) -> Json {
    select(items(right)).boxed()
}

/// An object; each field is there with its chance in percent.
pub(crate) fn object(fields: Vec<(&'static str, u32, Json)>) -> Json {
    let (names, values): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .map(|(name, percent, value)| {
            (name, (0..100_u32, value).prop_map(move |(at, it)| (at < percent).then_some(it)))
        })
        .unzip();
    values
        .prop_map(move |values| {
            let given = names.iter().zip(values);
            given.filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect()
        })
        .boxed()
}

/// A list of so many items.
pub(crate) fn list(item: Json, most: usize) -> Json {
    vec(item, 0..=most).prop_map(Value::Array).boxed()
}

/// A list that is not empty, of items that differ in a field.
pub(crate) fn keyed(item: Json, key: &'static str, most: usize) -> Json {
    vec(item, 1..=most)
        .prop_map(move |items| {
            let mut seen = Vec::new();
            let mut unlike = items;
            unlike.retain(|item| {
                let new = !seen.contains(&item[key]);
                seen.push(item[key].clone());
                new
            });
            Value::Array(unlike)
        })
        .boxed()
}

/// One of several shapes.
pub(crate) fn either(shapes: Vec<Json>) -> Json {
    proptest::strategy::Union::new(shapes).boxed()
}
