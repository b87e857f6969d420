//! What the fuzz targets call of the inside of this crate.

use serde_json::Value;

use crate::compile::Compiler;
use crate::plugin::config;

/// Checks a config against a schema as a host does without a child: where, and what is wrong. `None` when
/// that could be much work.
pub fn check_light_config(schema: &Value, given: &Value) -> Option<Vec<(String, String)>> {
    config::is_light(config::weight(schema), given).then(|| {
        config::compile(schema).map_or_else(
            |reason| vec![(String::new(), reason)],
            |validator| config::violations(&validator, schema, given),
        )
    })
}

/// Finds the source lines of places of a component in this process, and tells how many calls there are.
pub fn count_lines(component: &[u8], places: &[Option<u64>]) -> usize {
    let lines = Compiler::in_process().find_lines(component, places);
    lines.map_or(0, |lines| lines.iter().map(Vec::len).sum())
}
