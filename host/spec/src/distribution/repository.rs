//! Patterns of repositories, as a trust policy names them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{host, reference};
use crate::PluginReference;

/// Repositories of one registry: `HOST/REPOSITORY`, where `*` is one part between slashes, and `**` at the end is one
/// part or more.
///
/// The host is exact, and a pattern ends at a slash, so that `registry.example.com/acme/**` names nothing of
/// `registry.example.com/acme-evil` or of `registry.example.com.evil.com`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RepositoryPattern {
    host: String,
    parts: Vec<String>,
}

impl RepositoryPattern {
    /// The registry.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it names one repository.
    pub fn is_exact(&self) -> bool {
        !self.parts.iter().any(|it| it.contains('*'))
    }

    /// Whether a plugin is in one of the repositories.
    pub fn matches(&self, plugin: &PluginReference) -> bool {
        let parts: Vec<&str> = plugin.repository().split('/').collect();
        let fits = |(ours, theirs): (&String, &&str)| ours == "*" || ours == theirs;
        self.host == plugin.host()
            && match self.parts.split_last() {
                Some((last, head)) if last == "**" => {
                    parts.len() > head.len() && head.iter().zip(&parts).all(fits)
                }
                _ => parts.len() == self.parts.len() && self.parts.iter().zip(&parts).all(fits),
            }
    }
}

impl fmt::Display for RepositoryPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.parts.join("/"))
    }
}

impl From<RepositoryPattern> for String {
    fn from(pattern: RepositoryPattern) -> Self {
        pattern.to_string()
    }
}

impl TryFrom<String> for RepositoryPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |reason: &str| {
            let text: String = text.chars().take(300).collect();
            format!("`{}` is not a pattern of repositories: {reason}", text.escape_debug())
        };
        if text.contains("://") {
            return Err(wrong("write it without the scheme, e.g. `registry.example.com/acme/**`"));
        }
        let (host, path) = text.split_once('/').ok_or_else(|| {
            wrong("it is a host and repositories, e.g. `registry.example.com/acme/**`")
        })?;
        if !host::is_host(host) {
            return Err(wrong("it names no registry"));
        }
        let host = host::canonical(host).map_err(wrong)?;
        let parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let (last, head) = parts.split_last().map_or(("", &[][..]), |(last, head)| (&**last, head));
        let is_part = |part: &str| part == "*" || reference::check_repository(part).is_ok();
        if !(head.iter().all(|it| is_part(it)) && (last == "**" || is_part(last))) {
            return Err(wrong(
                "each part is a name in lower case or `*`, and only the last one may be `**`",
            ));
        }
        Ok(Self { host, parts })
    }
}

#[cfg(test)]
mod tests {
    use super::RepositoryPattern;

    fn pattern(text: &str) -> Result<RepositoryPattern, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_pattern_ends_at_a_slash_and_its_host_is_exact() {
        let matches = |wide: &str, name: &str| {
            pattern(wide).unwrap().matches(&format!("oci://{name}:1").parse().unwrap())
        };
        for (wide, name) in [
            ("registry.example.com/acme/**", "registry.example.com/acme/a/b"),
            ("registry.example.com/acme/*", "registry.example.com/acme/a"),
            ("registry.example.com/*/a", "registry.example.com/acme/a"),
            ("registry.example.com/**", "registry.example.com/a"),
            ("Registry.Example.com:443/a", "registry.example.com/a"),
        ] {
            assert!(matches(wide, name), "{wide} {name}");
        }
        for (wide, name) in [
            ("registry.example.com/acme/*", "registry.example.com/acme/a/b"),
            ("registry.example.com/acme/**", "registry.example.com/acme"),
            ("registry.example.com/acme/**", "registry.example.com/acme-evil/x"),
            ("registry.example.com/acme/**", "registry.example.com.evil.com/acme/x"),
            ("registry.example.com/**", "registry.example.com:5000/a"),
        ] {
            assert!(!matches(wide, name), "{wide} {name}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "acme",
            "acme/*",
            "*.example.com/a",
            "a.b/",
            "a.b/**/c",
            "a.b/a*",
            "a.b/A",
            "oci://a.b/c",
            "a.b/../c",
        ] {
            assert!(pattern(text).is_err(), "{text}");
        }
        assert_eq!(pattern("a.b/*/**").unwrap().to_string(), "a.b/*/**");
    }
}
