//! The task of checking a config against its schema.

use std::io;

use serde_json::{Deserializer, Value};

use super::protocol::Reply;
use crate::plugin::config;

/// What the child reads: the schema and the config.
pub(super) fn question(schema: &Value, config: &Value) -> Vec<u8> {
    format!("{schema}\n{config}").into_bytes()
}

/// The child's answer.
pub(super) fn answer(question: &[u8]) -> io::Result<Reply> {
    let mut values = Deserializer::from_slice(question).into_iter::<Value>();
    let mut next = || values.next().unwrap_or(Ok(Value::Null));
    let (schema, given) = (next()?, next()?);
    Ok(match config::compile(&schema) {
        Ok(validator) => Reply::Violations(config::violations(&validator, &schema, &given)),
        Err(reason) => Reply::BadSchema(reason),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_child_tells_what_this_process_would() {
        let ask = |schema: &Value, config: &Value| answer(&question(schema, config)).unwrap();
        let schema = json!({"required": ["size"]});
        assert_eq!(ask(&schema, &json!({"size": 1})), Reply::Violations(Vec::new()));
        let Reply::Violations(told) = ask(&schema, &json!({})) else { panic!("it is a schema") };
        assert_eq!(told[0].0, "config");
        assert!(matches!(ask(&json!({"type": 7}), &json!({})), Reply::BadSchema(_)));
        // As deep as a schema can be read.
        let deep = (0..126).fold(json!({}), |inner, _| json!([inner]));
        assert!(matches!(ask(&json!({}), &deep), Reply::Violations(_)));
    }
}
