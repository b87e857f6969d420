//! Image references, as container runtimes read them.
//!
//! The grammar and the defaults are those of <https://github.com/distribution/reference>
//! (`regexp.go`, `normalize.go`): `nginx` is `docker.io/library/nginx`.

use std::fmt;
use std::str::FromStr;

const DEFAULT_REGISTRY: &str = "docker.io";
/// The older name of the same registry.
const LEGACY_REGISTRY: &str = "index.docker.io";
/// Where the default registry keeps images without a path.
const OFFICIAL: &str = "library/";
/// `NameTotalLengthMax` in `reference.go`.
const NAME_LIMIT: usize = 255;
/// `TagRegexp` in `regexp.go`: one character and up to 127 more.
const TAG_LIMIT: usize = 128;

/// A complete image reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Host and, where it is not the default, port: `docker.io`, `localhost:5000`.
    pub(crate) registry: String,
    /// Path in the registry: `library/nginx`.
    pub(crate) repository: String,
    pub(crate) tag: Option<String>,
    /// Algorithm and hexadecimal digits: `sha256:…`.
    pub(crate) digest: Option<String>,
}

impl Reference {
    /// Registry and repository.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// The same image with the tag that runtimes take where it has none and no digest.
    pub(crate) fn with_tag(&self) -> Self {
        let tag = self.tag.clone().or_else(|| self.digest.is_none().then(|| "latest".to_owned()));
        Self { tag, ..self.clone() }
    }

    /// The same image, held somewhere else. `None` when `name` is not a name.
    pub(crate) fn with_name(&self, name: &str) -> Option<Self> {
        let (registry, repository) = split_name(name).ok()?;
        Some(Self { registry, repository, ..self.clone() })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl FromStr for Reference {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err("the digest is not `sha256:` and 64 digits of 0-9 and a-f");
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err("the tag is not 1 to 128 letters, digits, `_`, `.` and `-`");
        }
        let (registry, repository) = split_name(name)?;
        let owned = |part: Option<&str>| part.map(str::to_owned);
        Ok(Self { registry, repository, tag: owned(tag), digest: owned(digest) })
    }
}

/// Whether a text is a digest that runtimes verify.
/// <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#registered-algorithms>
pub(crate) fn is_digest(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match text.split_once(':') {
        Some(("sha256", hex)) => hex.len() == 64 && digits(hex),
        Some(("sha512", hex)) => hex.len() == 128 && digits(hex),
        _ => false,
    }
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = text.as_bytes();
    bytes.len() <= TAG_LIMIT
        && bytes.first().is_some_and(|&b| word(b))
        && bytes.iter().all(|&b| word(b) || matches!(b, b'.' | b'-'))
}

/// Splits a name into registry and repository, and fills in the defaults.
fn split_name(name: &str) -> Result<(String, String), &'static str> {
    let (registry, path) = match name.split_once('/') {
        Some((first, path)) if is_registry(first) => (first, path),
        _ => (DEFAULT_REGISTRY, name),
    };
    let registry = if registry == LEGACY_REGISTRY { DEFAULT_REGISTRY } else { registry };
    if !is_host(registry) {
        return Err("the registry is not a host name with an optional port");
    }
    if !path.split('/').all(is_component) {
        return Err("the repository is not lower-case words separated by `/`, `.`, `_` or `-`");
    }
    let official = registry == DEFAULT_REGISTRY && !path.contains('/');
    let repository = if official { format!("{OFFICIAL}{path}") } else { path.to_owned() };
    if registry.len() + 1 + repository.len() > NAME_LIMIT {
        return Err("the name is longer than 255 characters");
    }
    Ok((registry.to_owned(), repository))
}

/// Whether the first part of a name is a registry and not a part of the path.
fn is_registry(first: &str) -> bool {
    first.contains(['.', ':'])
        || first == "localhost"
        || first.bytes().any(|b| b.is_ascii_uppercase())
}

/// A host name or an address, and a port.
fn is_host(text: &str) -> bool {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        let is_address = address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
        return !address.is_empty()
            && is_address
            && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-')
            && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
    };
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

/// A part of a path: words of `a-z` and `0-9`, separated by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends =
        bytes.first().is_some_and(|&b| is_word(b)) && bytes.last().is_some_and(|&b| is_word(b));
    ends && text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()).all(|separator| {
        matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (String, String, Option<String>, Option<String>) {
        let Reference { registry, repository, tag, digest } = text.parse().unwrap();
        (registry, repository, tag, digest)
    }

    #[test]
    fn the_default_registry_is_filled_in_and_no_tag_is() {
        assert_eq!(parts("nginx"), ("docker.io".into(), "library/nginx".into(), None, None));
        assert_eq!(parts("acme/app").1, "acme/app");
        assert_eq!(parts("index.docker.io/nginx:1").0, "docker.io");
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(
            parts("localhost:5000/app"),
            ("localhost:5000".into(), "app".into(), None, None)
        );
        assert_eq!(parts("localhost:5000/app:2").2, Some("2".into()));
        assert_eq!(parts("localhost/app").0, "localhost");
        assert_eq!(parts("[::1]:5000/app:2").0, "[::1]:5000");
        assert_eq!(
            parts("app:5000"),
            ("docker.io".into(), "library/app".into(), Some("5000".into()), None)
        );
    }

    #[test]
    fn a_tag_and_a_digest_are_kept() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        let (_, repository, tag, found) = parts(&format!("ghcr.io/acme/app:1.2@{digest}"));
        assert_eq!(
            (repository.as_str(), tag, found),
            ("acme/app", Some("1.2".into()), Some(digest))
        );
    }

    #[test]
    fn what_runtimes_refuse_is_refused() {
        for text in [
            "",
            ":1",
            "/app",
            "app/",
            "a//b",
            "App",
            "acme/App",
            "app:",
            "app:.x",
            "app@",
            "app@sha256:12",
            "https://ghcr.io/app",
            "ghcr.io:/app",
            "ghcr.io:x/app",
            "a b",
            "app:1 ",
            "-x.io/app",
            "a___b",
            "a..b",
            "app_",
            "[::1/app",
            "[]/app",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text:?} is accepted");
        }
        let upper = format!("app@sha256:{}", "0F".repeat(32));
        assert!(upper.parse::<Reference>().is_err());
        assert!(format!("{}/app", "a".repeat(260)).parse::<Reference>().is_err());
    }

    prop_compose! {
        fn reference()(
            registry in "[a-z][a-z0-9]{0,4}(\\.[a-z][a-z0-9]{0,4}){1,2}(:[0-9]{1,5})?|localhost(:[0-9]{1,5})?",
            repository in "[a-z0-9]{1,5}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}(/[a-z0-9]{1,5}){0,2}",
            tag in prop::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}"),
            digest in prop::option::of("sha256:[0-9a-f]{64}"),
        ) -> Reference {
            Reference { registry, repository, tag, digest }
        }
    }

    proptest! {
        #[test]
        fn a_reference_survives_printing_and_parsing(reference in reference()) {
            prop_assert_eq!(reference.to_string().parse(), Ok(reference));
        }

        #[test]
        fn the_short_form_of_an_official_image_means_the_long_form(
            name in "[a-z0-9]{1,8}", tag in prop::option::of("[a-z0-9.]{1,5}"),
        ) {
            let suffix = tag.filter(|tag| !tag.starts_with('.')).map_or(String::new(), |tag| format!(":{tag}"));
            let short: Reference = format!("{name}{suffix}").parse().unwrap();
            prop_assert_eq!(short.to_string(), format!("docker.io/library/{name}{suffix}"));
        }

        #[test]
        fn no_text_panics_and_what_is_accepted_is_stable(text in "[a-zA-Z0-9:/@._\\[\\] -]{0,40}|.{0,20}") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert_eq!(reference.to_string().parse(), Ok(reference));
            }
        }
    }
}
