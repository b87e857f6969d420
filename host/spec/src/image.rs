//! References of container images.

use std::fmt;
use std::str::FromStr;

use oci_spec::distribution::Reference;

/// The image that a reference without a tag means.
/// <https://kubernetes.io/docs/concepts/containers/images/#image-names>
const DEFAULT_TAG: &str = "latest";

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
#[error("`{}` is not an image reference: {reason}", text.escape_debug())]
pub struct InvalidImage {
    text: String,
    reason: &'static str,
}

impl ImageReference {
    /// Checks a text and takes it as a reference.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidImage> {
        let text = text.into();
        match parse(&text) {
            Ok((reference, tagged)) => Ok(Self {
                registry: reference.registry().to_owned(),
                repository: reference.repository().to_owned(),
                tag: reference.tag().filter(|_| tagged).map(str::to_owned),
                digest: reference.digest().map(str::to_owned),
                text,
            }),
            Err(reason) => Err(InvalidImage { text, reason }),
        }
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

/// Parses with the library, and checks what it lets through. The answer says whether a tag is
/// written: the library fills in `latest`.
fn parse(text: &str) -> Result<(Reference, bool), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it has a blank or a control character");
    }
    if text.contains("://") {
        return Err("it has no scheme: write it without `https://`");
    }
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, it)| (name, Some(it)));
    let (name, tag) = match name.rsplit_once(':') {
        // A colon before a slash belongs to the registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    let registry_ends = name.find('/').filter(|&end| {
        let first = &name[..end];
        first.contains(['.', ':']) || first == "localhost"
    });
    if name[registry_ends.unwrap_or(0)..].chars().any(char::is_uppercase) {
        return Err("a repository is lower case");
    }
    if let Some(digest) = digest {
        let hex = |it: &str, len: usize| {
            it.len() == len && it.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let known = digest.strip_prefix("sha256:").is_some_and(|it| hex(it, 64))
            || digest.strip_prefix("sha512:").is_some_and(|it| hex(it, 128));
        if !known {
            return Err(
                "a digest is `sha256:` and 64, or `sha512:` and 128, lower-case hex digits",
            );
        }
    }
    let reference = Reference::from_str(text).map_err(
        |_| "it is written `registry/repository:tag` or `registry/repository@sha256:...`",
    )?;
    Ok((reference, tag.is_some()))
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
}
