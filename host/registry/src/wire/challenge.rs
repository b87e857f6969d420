//! What a registry wants to see before it answers: the header `WWW-Authenticate`.
//! <https://distribution.github.io/distribution/spec/auth/token/>

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// Most bytes of such a header, and most of them.
const MOST: usize = 4 << 10;
const HEADERS: usize = 8;

/// What a registry wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// A user and a password.
    Basic,
    /// A token.
    Bearer {
        /// Where it comes from.
        realm: String,
        /// What it is for.
        service: Option<String>,
    },
}

/// The challenges of an answer that are known.
pub(crate) fn read(headers: &HeaderMap) -> Vec<Challenge> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter().take(HEADERS);
    let texts = values.filter_map(|it| it.to_str().ok()).filter(|it| it.len() <= MOST);
    texts.filter_map(one).collect()
}

fn one(text: &str) -> Option<Challenge> {
    let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let parameters = parameters(rest);
    let value = |name: &str| {
        let found = parameters.iter().find(|it| it.0.eq_ignore_ascii_case(name));
        found.map(|it| it.1.clone())
    };
    Some(Challenge::Bearer { realm: value("realm")?, service: value("service") })
}

/// `name="value"` or `name=value`, with commas between them.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_owned();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => after
                .split_once(',')
                .map_or((after.to_owned(), ""), |(it, next)| (it.to_owned(), next)),
        };
        found.push((name, value));
        rest = next;
    }
    found
}

/// A quoted text up to its end, without its backslashes, and what comes behind it.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|it| it.1)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.into(), service: service.map(Into::into) })
        };
        for (text, expected) in [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                r#"Bearer realm="https://a.b/t",service="a,b=\"c\"",scope="repository:x:pull""#,
                bearer("https://a.b/t", Some("a,b=\"c\"")),
            ),
            ("bearer Realm=https://a.b/t, service=x", bearer("https://a.b/t", Some("x"))),
            ("Bearer service=\"x\"", None),
            ("Negotiate", None),
        ] {
            assert_eq!(one(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            let _ = one(&text);
            let _ = one(&format!("Bearer {text}"));
        }
    }
}
