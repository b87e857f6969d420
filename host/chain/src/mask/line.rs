//! Whether a line of a file may be shown that a message is about: nobody asked for its values.

use wellhead_spec::{FieldPath, Segment};

use super::{CONFIG, NAMED, TOGETHER, key, name};

/// Most lines before and after one that may have the name of its value.
const BEFORE: usize = 6;
const AFTER: usize = 3;
/// Most characters of each that are looked at.
const LONGEST: usize = 400;
/// Fields of Kubernetes whose names are about secrets, and whose values are none.
const REFERENCES: [&str; 10] = [
    "automountserviceaccounttoken",
    "imagepullsecrets",
    "secret",
    "secretkeyref",
    "secretname",
    "secretref",
    "secrets",
    "serviceaccounttoken",
    "tokenexpirationseconds",
    "tokenrequests",
];

/// What a message about a line is about.
#[derive(Clone, Copy, Debug)]
pub enum LineOf<'p> {
    /// A field.
    Field(&'p FieldPath),
    /// The text of a document, which names no field.
    Text,
    /// Something that is not a value, such as an entry of a chain.
    Entry,
}

/// Whether the value in a line may be a secret by the names around it. `before` and `after` are the text of its file.
pub fn is_secret_line(of: LineOf<'_>, before: &str, line: &str, after: &str) -> bool {
    match of {
        LineOf::Field(path) if has_secret_name(path) => true,
        LineOf::Field(path) if !has_no_name(path) => false,
        LineOf::Entry => false,
        LineOf::Field(_) | LineOf::Text => {
            let is_said = |it: &&str| !it.trim().is_empty() && !it.trim_start().starts_with('#');
            let is_break = |it: char| matches!(it, '\n' | '\r');
            let before = before.rsplit(is_break).filter(is_said).take(BEFORE);
            let after = after.split(is_break).filter(is_said).take(AFTER);
            before.chain(after).chain([line]).any(names_secret)
        }
    }
}

/// Whether a field has the name of a secret: a variable, an annotation, an option of a driver, or a field of a config.
fn has_secret_name(path: &FieldPath) -> bool {
    let keys: Vec<_> = path.segments().iter().map(|it| key(Some(it))).collect();
    let is_secret = |name: &&str| name::is_secret(name, "x");
    if let Some(at) = keys.iter().position(|it| *it == "env") {
        return !keys.contains(&"valueFrom") && keys.get(at + 1).is_some_and(is_secret);
    }
    let of_config = matches!(keys[..], ["plugins", _, CONFIG, ..]).then_some(2);
    let map = of_config.or_else(|| keys.iter().position(|it| NAMED.contains(it)));
    map.is_some_and(|at| keys[at + 1..].iter().any(is_secret))
}

/// Whether a field is in a list in which another item or field says what it is.
fn has_no_name(path: &FieldPath) -> bool {
    path.segments().windows(2).any(|it| {
        let list = key(Some(&it[0]));
        matches!(it[1], Segment::Index(_)) && (TOGETHER.contains(&list) || list == "env")
    })
}

/// Whether a line has the name of a secret in it.
fn names_secret(line: &str) -> bool {
    let line = &line[..line.floor_char_boundary(LONGEST)];
    let is_inner = |it: char| it.is_ascii_alphanumeric() || "_.-".contains(it);
    line.split(|it| !is_inner(it)).any(|word| {
        let word = word.trim_matches('-');
        !REFERENCES.contains(&&*word.to_ascii_lowercase()) && name::is_secret_in_text(word, "x")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_field_says_whether_its_line_is_shown() {
        let hidden = |path: &str| is_secret_line(LineOf::Field(&path.parse().unwrap()), "", "", "");
        for path in [
            "containers.main.env.DB_PASSWORD.value",
            "containers.main.env.DB_PASSWORD.valu",
            "containers.main.env.DB_PASSWORD",
            "podAnnotations.db-password",
            "volumes.a.flexVolume.options.apiToken",
            "plugins.p.config.users[0].password",
        ] {
            assert!(hidden(path), "{path}");
        }
        for path in [
            "replicas",
            "containers.main.env.LOG_LEVEL.value",
            "containers.main.env.DB_PASSWORD.valueFrom.secretKeyRef.nam",
            "volumes.token.secret.secretName",
            "volumes.config.secret.secretName",
            "imagePullSecrets[0].name",
        ] {
            assert!(!hidden(path), "{path}");
        }
    }

    #[test]
    fn where_a_value_has_no_name_the_lines_around_it_say() {
        let args: FieldPath = "containers.main.args[1]".parse().unwrap();
        let env: FieldPath = "containers.main.env[0].value".parse().unwrap();
        for of in [LineOf::Field(&args), LineOf::Field(&env), LineOf::Text] {
            assert!(is_secret_line(of, "- --password\n\n# of it\n", "- 1", ""));
            assert!(is_secret_line(of, "", "value: 1", "\n# of it\nname: DB_PASSWORD\n"));
            assert!(is_secret_line(of, "", "[--api-token, 1]", ""));
            assert!(!is_secret_line(of, "secretKeyRef:\n", "- 1", "\nname: LEVEL\n"));
        }
        let far = "DB_PASSWORD\n".to_owned() + &"a\n".repeat(BEFORE);
        assert!(!is_secret_line(LineOf::Text, &far, "x", ""));
        assert!(!is_secret_line(LineOf::Entry, "password: x\n", "name: judge", ""));
    }
}
