//! References to plugins in registries.

use std::fmt;
use std::str::FromStr;

use super::host;
use crate::text::Escaped as _;
use crate::{Digest, suggest};

/// How every reference begins.
const SCHEME: &str = "oci://";
/// Most characters of host and repository together, and of a tag. <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests>
const MAX_REPOSITORY: usize = 255;
const MAX_TAG: usize = 128;

/// A plugin in a registry: `oci://HOST/REPOSITORY:VERSION`, or `@sha256:...` instead of the version, or both.
///
/// It has one spelling: the host is lower case and without the port of HTTPS, and a repository of Docker Hub has its
/// `library/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginReference {
    host: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is not a reference, and what to write instead where that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a reference to a plugin: {reason}")]
pub struct InvalidReference {
    text: String,
    reason: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl InvalidReference {
    /// Why it is not one.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl PluginReference {
    /// Whether a source is meant as a reference and not as a path: it begins with `oci://`, in any case.
    pub fn is_meant(source: &str) -> bool {
        source.split_once("://").is_some_and(|it| it.0.eq_ignore_ascii_case("oci"))
    }

    /// The registry: a host, with its port where that is not 443.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The repository in the registry, e.g. `acme/storage-class`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Registry and repository, as a trust policy names them: `registry.example.com/acme/storage-class`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// The version.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The same plugin under another version, which is a [tag](is_tag).
    #[must_use]
    pub fn at_tag(&self, tag: &str) -> Self {
        Self { tag: Some(tag.to_owned()), digest: None, ..self.clone() }
    }

    /// The digest of the manifest, where the reference has it.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }
}

impl fmt::Display for PluginReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

impl FromStr for PluginReference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        parse(text).map_err(|(reason, hint)| InvalidReference {
            text: text.chars().take(2 * MAX_REPOSITORY).collect::<String>().escaped(),
            reason: reason.into(),
            hint,
        })
    }
}

/// A reason, and what to write instead.
type Wrong = (&'static str, Option<String>);

fn parse(text: &str) -> Result<PluginReference, Wrong> {
    let rest = after_scheme(text)?;
    let odd = |c: char| c.is_control() || c.is_whitespace() || "?#%\\\"'`".contains(c);
    if rest.contains(odd) {
        return Err((
            "it has blanks, quotes, escapes or a query, and none of them has a meaning",
            None,
        ));
    }
    let (rest, digest) = match rest.split_once('@') {
        // Before the first slash, it is a user name, which the host refuses.
        Some((before, digest)) if before.contains('/') => (before, Some(digest)),
        _ => (rest, None),
    };
    let digest = digest.map(str::parse).transpose().map_err(|_| {
        ("after `@` comes a digest: `sha256:` and 64 hexadecimal digits in lower case", None)
    })?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if !host::is_host(host) && !host.contains('@') && host.is_ascii() {
        let hint = format!("for Docker Hub write `{SCHEME}{}/{rest}`", host::DOCKER_HUB);
        return Err(("it names no registry", (!host.is_empty()).then_some(hint)));
    }
    let host = host::canonical(host).map_err(|reason| (reason, None))?;
    let (path, tag) = path.rsplit_once(':').map_or((path, None), |(path, tag)| (path, Some(tag)));
    check_repository(path)?;
    let in_library = host == host::DOCKER_HUB && !path.contains('/');
    let repository = if in_library { format!("library/{path}") } else { path.to_owned() };
    if host.len() + 1 + repository.len() > MAX_REPOSITORY {
        return Err(("host and repository have more than 255 characters", None));
    }
    let written = format!("{SCHEME}{host}/{repository}");
    check_version(tag, digest.is_some(), &written)?;
    Ok(PluginReference { host, repository, tag: tag.map(str::to_owned), digest })
}

/// What comes behind `oci://`.
fn after_scheme(text: &str) -> Result<&str, Wrong> {
    if let Some(rest) = text.strip_prefix(SCHEME) {
        return Ok(rest);
    }
    let rest = text.split_once("://").map_or(text, |it| it.1);
    Err(("it does not begin with `oci://`", Some(format!("write `{SCHEME}{}`", rest.escaped()))))
}

fn check_version(tag: Option<&str>, pinned: bool, written: &str) -> Result<(), Wrong> {
    match tag {
        None if pinned => Ok(()),
        None => Err((
            "it has no version",
            Some(format!("write its version behind it, e.g. `{written}:0.1.0`")),
        )),
        Some("latest") => Err((
            "`latest` is a different plugin from day to day",
            Some(format!("write a version, e.g. `{written}:0.1.0`")),
        )),
        Some(tag) if is_tag(tag) => Ok(()),
        Some(_) => Err((
            "a version has at most 128 letters, digits, `.`, `_` and `-`, and begins with a letter, a digit or `_`",
            None,
        )),
    }
}

/// Whether a text can be the version of a reference: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
pub fn is_tag(tag: &str) -> bool {
    let of_tag = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_TAG).contains(&tag.len()) && tag.bytes().all(of_tag) && !tag.starts_with(['.', '-'])
}

/// Checks `part(/part)*`.
pub(crate) fn check_repository(path: &str) -> Result<(), Wrong> {
    if path.is_empty() {
        return Err(("it names no repository", None));
    }
    if path.split('/').all(is_part) {
        return Ok(());
    }
    let lower = path.to_ascii_lowercase();
    if lower.split('/').all(is_part) {
        return Err(("a repository is lower case", Some(format!("did you mean `{lower}`?"))));
    }
    let reason = "a repository has lowercase letters, digits and single `.`, `_`, `__` or dashes between them, in parts \
                  between slashes";
    Err((reason, None))
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_part(part: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends = [bytes.first(), bytes.last()].into_iter().all(|it| it.is_some_and(is_letter));
    let separators = part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_separator =
        |it: &str| matches!(it, "" | "." | "_" | "__") || it.bytes().all(|byte| byte == b'-');
    ends && separators.into_iter().all(is_separator)
}

/// The one of some names of repositories (`HOST/REPOSITORY`) that a reference probably means.
pub fn closest_repository<'n>(reference: &PluginReference, names: &[&'n str]) -> Option<&'n str> {
    suggest::closest(&reference.name(), names).filter(|it| *it != reference.name())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:68edb544fea3c354abccea5849ed61bee5cb38332be0b02cb2a5a8aec4fb1088";

    fn reason(text: &str) -> String {
        let error = text.parse::<PluginReference>().unwrap_err();
        format!("{error}; {}", error.hint.as_deref().unwrap_or_default())
    }

    #[test]
    fn a_reference_has_one_spelling() {
        for (text, canonical) in [
            (
                "oci://Registry.Example.com:443/acme/a:0.1.0",
                "oci://registry.example.com/acme/a:0.1.0",
            ),
            ("oci://docker.io/a:1", "oci://docker.io/library/a:1"),
            ("oci://localhost:5000/a.b__c-d/e:v1", "oci://localhost:5000/a.b__c-d/e:v1"),
        ] {
            assert_eq!(text.parse::<PluginReference>().unwrap().to_string(), canonical);
        }
        let pinned = format!("oci://registry.example.com/acme/a:0.1.0@{DIGEST}");
        let reference: PluginReference = pinned.parse().unwrap();
        assert_eq!(reference.name(), "registry.example.com/acme/a");
        assert_eq!(
            (reference.tag(), reference.digest().unwrap().as_str()),
            (Some("0.1.0"), DIGEST)
        );
        assert_eq!(reference.to_string(), pinned);
    }

    #[test]
    fn what_is_wrong_and_what_was_meant_is_said() {
        for (text, said) in [
            ("https://registry.example.com/a:1", "write `oci://registry.example.com/a:1`"),
            ("OCI://registry.example.com/a:1", "write `oci://registry.example.com/a:1`"),
            ("oci://acme/a:1", "write `oci://docker.io/acme/a:1`"),
            ("oci://registry.example.com/a", "no version; write its version behind it"),
            ("oci://registry.example.com/a:latest", "different plugin from day to day"),
            ("oci://registry.example.com/ACME/a:1", "did you mean `acme/a`?"),
            ("oci://registry.example.com/acme/../evil:1", "between slashes"),
            ("oci://registry.example.com/acme//a:1", "between slashes"),
            ("oci://registry.example.com/acme/a/:1", "between slashes"),
            ("oci://registry.example.com/acme-/a:1", "between slashes"),
            ("oci://registry.example.com/%2e%2e/a:1", "escapes"),
            ("oci://registry.example.com/a:1?x=y", "query"),
            ("oci://joe:secret@registry.example.com/a:1", "no user name"),
            ("oci://r\u{435}gistry.example.com/a:1", "outside ASCII"),
            ("oci://registry.example.com:0/a:1", "a port is"),
            ("oci://registry.example.com/a:.1", "begins with a letter"),
            ("oci://registry.example.com/a@sha512:0", "after `@` comes a digest"),
            ("oci://registry.example.com", "names no repository"),
            ("oci:///a:1", "names no registry"),
        ] {
            assert!(reason(text).contains(said), "{}", reason(text));
        }
        assert!(reason(&format!("oci://a.b/{}:1", "a".repeat(300))).contains("255"));
    }

    #[test]
    fn only_a_scheme_tells_a_reference_from_a_path() {
        assert!(PluginReference::is_meant("oci://a") && PluginReference::is_meant("OCI://a"));
        for path in ["a.wasm", "../b/a.wasm", "/oci/a.wasm", "oci:a", "://a", "https://a"] {
            assert!(!PluginReference::is_meant(path), "{path}");
        }
    }

    #[test]
    fn a_near_name_is_suggested() {
        let reference: PluginReference = "oci://registry.examp1e.com/acme/a:1".parse().unwrap();
        let names = ["registry.example.com/acme/a", "ghcr.io/other/b"];
        assert_eq!(closest_repository(&reference, &names), Some(names[0]));
    }

    proptest! {
        #[test]
        fn any_text_is_a_reference_that_reads_back_or_an_error(
            text in prop_oneof![any::<String>(), "oci://[a-zA-Z0-9.:@/_-]{0,30}", "oci://a\\.b/[a-z0-9._/-]{1,12}:[a-z0-9._-]{1,5}"]
        ) {
            if let Ok(reference) = text.parse::<PluginReference>() {
                prop_assert_eq!(reference.to_string().parse::<PluginReference>(), Ok(reference.clone()));
                prop_assert!(!reference.repository().split('/').any(|part| part.starts_with('.')));
            }
        }
    }
}
