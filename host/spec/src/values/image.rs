//! References of container images.
//!
//! The grammar is that of `distribution/reference`, which container runtimes and registries share:
//! <https://github.com/distribution/reference/blob/v0.6.0/reference.go>. It is parsed here and not
//! by `oci-spec`, whose regular expression takes 39 ms to compile, ten times what a whole cold run
//! may take; a test shows that the two agree.

use std::fmt;
use std::str::FromStr;

use super::name::is_hyphenated;
use crate::text::Escaped as _;

/// The image that a reference without a tag means.
/// <https://kubernetes.io/docs/concepts/containers/images/#image-names>
const DEFAULT_TAG: &str = "latest";
/// The registry of references that name none, and the folder of its images that name none.
const DEFAULT_REGISTRY: &str = "docker.io";
const DEFAULT_FOLDER: &str = "library";
/// Most characters of a registry and repository together.
const NAME_MAX: usize = 255;
/// Most characters of a tag.
const TAG_MAX: usize = 128;

/// Reference of a container image, spelt as the user spelt it, e.g. `nginx:1.14.2`.
///
/// Registry and repository are answered as they are resolved (`nginx` is `docker.io` and
/// `library/nginx`), tag and digest as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageReference {
    text: String,
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// Why a text is no image reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not an image reference: {reason}", text.escaped())]
pub struct InvalidImage {
    text: String,
    reason: &'static str,
}

impl ImageReference {
    /// Checks a text and takes it as a reference.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidImage> {
        let text = text.into();
        match parse(&text) {
            Ok(parts) => {
                let owned = |part: &str| part.to_owned();
                let library = parts.registry.is_none_or(|it| it == DEFAULT_REGISTRY)
                    && !parts.repository.contains('/');
                Ok(Self {
                    registry: owned(parts.registry.unwrap_or(DEFAULT_REGISTRY)),
                    repository: if library {
                        format!("{DEFAULT_FOLDER}/{}", parts.repository)
                    } else {
                        owned(parts.repository)
                    },
                    tag: parts.tag.map(owned),
                    digest: parts.digest.map(owned),
                    text,
                })
            }
            Err(reason) => Err(InvalidImage { text, reason }),
        }
    }

    /// Checks a text without taking it.
    pub fn check(text: &str) -> Result<(), InvalidImage> {
        parse(text).map(drop).map_err(|reason| InvalidImage { text: text.to_owned(), reason })
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The registry, e.g. `docker.io`, with its port if it has one.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository in the registry, e.g. `library/nginx`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, if one is written. Without tag and digest, `latest` is pulled.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, if one is written, e.g. `sha256:...`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Whether the reference may mean another image tomorrow by its own words: neither a digest nor
    /// a tag but `latest`.
    pub fn is_latest(&self) -> bool {
        self.digest.is_none() && self.tag().unwrap_or(DEFAULT_TAG) == DEFAULT_TAG
    }

    /// The same image in another registry, which may have a path: `mirror.example.com/hub`.
    pub fn with_registry(&self, registry: &str) -> Result<Self, InvalidImage> {
        Self::new(assemble(registry, &self.repository, self.tag(), self.digest()))
    }

    /// The same image with another tag, and without a digest.
    pub fn with_tag(&self, tag: &str) -> Result<Self, InvalidImage> {
        Self::new(format!("{}:{tag}", self.name()))
    }

    /// The same image, with its tag if it has one, pinned to a digest.
    pub fn with_digest(&self, digest: &str) -> Result<Self, InvalidImage> {
        let tag = self.tag().map_or_else(String::new, |tag| format!(":{tag}"));
        Self::new(format!("{}{tag}@{digest}", self.name()))
    }

    /// What is written before tag and digest.
    fn name(&self) -> &str {
        let end = |part: &Option<String>| part.as_ref().map_or(0, |part| part.len() + 1);
        &self.text[..self.text.len() - end(&self.tag) - end(&self.digest)]
    }
}

fn assemble(registry: &str, repository: &str, tag: Option<&str>, digest: Option<&str>) -> String {
    let tag = tag.map_or_else(String::new, |tag| format!(":{tag}"));
    let digest = digest.map_or_else(String::new, |digest| format!("@{digest}"));
    format!("{registry}/{repository}{tag}{digest}")
}

/// The parts of a reference as they are written.
struct Parts<'t> {
    registry: Option<&'t str>,
    repository: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

impl<'t> Parts<'t> {
    fn split(text: &'t str) -> Self {
        let (rest, digest) =
            text.split_once('@').map_or((text, None), |(rest, it)| (rest, Some(it)));
        let (name, tag) = match rest.rsplit_once(':') {
            // A colon before a slash belongs to the registry's port.
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (Some(first), rest)
            }
            _ => (None, name),
        };
        Self { registry, repository, tag, digest }
    }

    /// Bytes of registry and repository together.
    fn name_len(&self) -> usize {
        self.registry.map_or(0, |it| it.len() + 1) + self.repository.len()
    }

    fn are_right(&self) -> bool {
        self.name_len() <= NAME_MAX
            && self.registry.is_none_or(is_registry)
            && self.repository.split('/').all(is_component)
            && self.tag.is_none_or(is_tag)
            && self.digest.is_none_or(is_digest)
    }
}

fn parse(text: &str) -> Result<Parts<'_>, &'static str> {
    let parts = Parts::split(text);
    if parts.are_right() { Ok(parts) } else { Err(reason(text, &parts)) }
}

/// Why a text is no reference.
fn reason(text: &str, parts: &Parts<'_>) -> &'static str {
    if text.is_empty() {
        "it is empty"
    } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        "it has a blank or a control character"
    } else if text.contains("://") {
        "it has no scheme: write it without `https://`"
    } else if parts.repository.chars().any(char::is_uppercase) {
        "a repository is lower case"
    } else if parts.digest.is_some_and(|it| !is_digest(it)) {
        "a digest is `sha256:` and 64, or `sha512:` and 128, lower-case hex digits"
    } else if parts.name_len() > NAME_MAX {
        "registry and repository have more than 255 characters"
    } else {
        "it is written `registry/repository:tag` or `registry/repository@sha256:...`"
    }
}

/// A host name, with or without a port.
fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, it)| (host, Some(it)));
    let label = |it: &[u8]| is_hyphenated(it, u8::is_ascii_alphanumeric);
    host.as_bytes().split(|b| *b == b'.').all(label)
        && port.is_none_or(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit()))
}

/// Lower-case letters and digits, joined by `.`, `_`, `__` or any number of `-`.
fn is_component(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(plain) && text.bytes().last().is_some_and(plain);
    ends && text
        .split(|c: char| c.is_ascii() && plain(c as u8))
        .all(|joint| matches!(joint, "" | "." | "_" | "__") || joint.bytes().all(|b| b == b'-'))
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= TAG_MAX
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

/// <https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms>
fn is_digest(text: &str) -> bool {
    let hex = |it: &str, len: usize| {
        it.len() == len && it.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    text.strip_prefix("sha256:").is_some_and(|it| hex(it, 64))
        || text.strip_prefix("sha512:").is_some_and(|it| hex(it, 128))
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ImageReference {
    type Err = InvalidImage;
    fn from_str(text: &str) -> Result<Self, InvalidImage> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use oci_spec::distribution::Reference;
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn image(text: &str) -> ImageReference {
        ImageReference::new(text).unwrap()
    }

    #[test]
    fn parts_are_answered_resolved_or_as_written() {
        for (text, registry, repository, tag) in [
            ("nginx", "docker.io", "library/nginx", None),
            ("nginx:1.14.2", "docker.io", "library/nginx", Some("1.14.2")),
            ("team/app:v1", "docker.io", "team/app", Some("v1")),
            ("localhost:5000/x/y", "localhost:5000", "x/y", None),
            ("ghcr.io/a/b/c:latest", "ghcr.io", "a/b/c", Some("latest")),
        ] {
            let it = image(text);
            assert_eq!((it.registry(), it.repository(), it.tag()), (registry, repository, tag));
            assert_eq!((it.digest(), it.as_str()), (None, text));
        }
        let pinned = image(&format!("nginx:1@{DIGEST}"));
        assert_eq!((pinned.tag(), pinned.digest()), (Some("1"), Some(DIGEST)));
        assert_eq!(image(&format!("nginx@{DIGEST}")).tag(), None);
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            ("nginx 1", "it has a blank"),
            ("nginx\n", "it has a blank"),
            ("https://ghcr.io/a/b", "it has no scheme"),
            ("UPPER/x", "a repository is lower case"),
            ("ghcr.io/a/B", "a repository is lower case"),
            ("nginx@sha256:abc", "a digest is"),
            (
                "nginx@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
                "a digest is",
            ),
            ("nginx:", "it is written"),
            ("nginx:a:b", "it is written"),
            ("/nginx", "it is written"),
            ("a//b", "it is written"),
            ("a.b_c/d", "it is written"),
        ] {
            let error = ImageReference::new(text).unwrap_err();
            assert!(error.reason.starts_with(reason), "{text}: {error}");
        }
    }

    #[test]
    fn parts_are_replaced() {
        let it = image("nginx:1.14.2");
        assert_eq!(
            it.with_registry("mirror.example.com/hub").unwrap().as_str(),
            "mirror.example.com/hub/library/nginx:1.14.2"
        );
        assert_eq!(it.with_tag("1.15").unwrap().as_str(), "nginx:1.15");
        let pinned = it.with_digest(DIGEST).unwrap();
        assert_eq!(pinned.as_str(), format!("nginx:1.14.2@{DIGEST}"));
        assert_eq!(pinned.with_tag("2").unwrap().as_str(), "nginx:2");
        assert!(it.with_digest("sha256:1").is_err());
    }

    #[test]
    fn latest_is_written_or_meant() {
        assert!(image("nginx").is_latest());
        assert!(image("nginx:latest").is_latest());
        assert!(!image("nginx:1").is_latest());
        assert!(!image(&format!("nginx:latest@{DIGEST}")).is_latest());
    }

    proptest! {
        #[test]
        fn a_reference_is_read_as_oci_spec_reads_it(
            text in r"([a-z0-9.:-]{1,8}/)?[a-z0-9._/-]{1,10}(:[A-Za-z0-9_.-]{0,6})?"
        ) {
            let ours = ImageReference::new(text.as_str());
            match Reference::from_str(&text) {
                // It reads `a.b_c/d` as a repository, and then takes its first part for the registry.
                Ok(theirs) if !is_registry(theirs.registry()) => prop_assert!(ours.is_err()),
                Ok(theirs) => {
                    let ours = ours.unwrap();
                    prop_assert_eq!(ours.registry(), theirs.registry());
                    prop_assert_eq!(ours.repository(), theirs.repository());
                    prop_assert_eq!(ours.tag().unwrap_or(DEFAULT_TAG), theirs.tag().unwrap());
                }
                Err(_) => prop_assert!(ours.is_err(), "{}", text),
            }
        }

        #[test]
        fn any_text_is_a_reference_or_an_error(text in any::<String>()) {
            let _ = ImageReference::new(text);
        }
    }
}
