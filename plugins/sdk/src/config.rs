//! Reads a plugin's config.

use serde::de::DeserializeOwned;

use crate::Rejection;

/// Reads the config. The rejection names the field in the config: `config.rules[0].class`.
pub(crate) fn read<C: DeserializeOwned>(json: &str) -> Result<C, Rejection> {
    // To know the place of a mistake costs as much as reading, so it is asked for only if there is one.
    if let Ok(config) = serde_json::from_str(json) {
        return Ok(config);
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => "config".to_owned(),
            field => format!("config.{field}"),
        };
        rejection(&error.into_inner().to_string(), path)
    })
}

/// Splits serde's "what is wrong, expected what would be right at line 1 column 20".
fn rejection(text: &str, path: String) -> Rejection {
    // The position is one in the host's JSON, which nobody sees.
    let text = text.rsplit_once(" at line ").map_or(text, |(text, _position)| text);
    match text.split_once(", expected ") {
        Some((message, expected)) => {
            Rejection::new(message).at(path).hint(format!("write {expected}"))
        }
        None => Rejection::new(text).at(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        rules: Vec<Rule>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        class: String,
    }

    fn rejected(json: &str) -> Rejection {
        read::<Config>(json).expect_err("the config is wrong")
    }

    #[test]
    fn a_config_is_read() {
        let config = read::<Config>(r#"{"rules":[{"class":"fast"}]}"#).unwrap();
        assert_eq!(config, Config { rules: vec![Rule { class: "fast".to_owned() }] });
    }

    #[test]
    fn an_unknown_field_is_rejected_with_its_path_and_the_known_fields() {
        assert_eq!(
            rejected(r#"{"rules":[{"class":"fast"},{"clas":"slow"}]}"#),
            Rejection::new("unknown field `clas`").at("config.rules[1].clas").hint("write `class`")
        );
    }

    #[test]
    fn a_wrong_type_is_rejected_with_its_path_and_the_right_type() {
        assert_eq!(
            rejected(r#"{"rules":[{"class":7}]}"#),
            Rejection::new("invalid type: integer `7`")
                .at("config.rules[0].class")
                .hint("write a string")
        );
    }

    #[test]
    fn a_missing_field_is_rejected_where_it_is_missing() {
        assert_eq!(rejected("{}"), Rejection::new("missing field `rules`").at("config"));
    }
}
