//! What the policy makes of one image.

use std::collections::BTreeMap;

use wellhead_plugin::Rejection;

use crate::Config;
use crate::reference::{Reference, is_digest};

/// A config whose images are read and found right.
pub(crate) struct Policy<'a> {
    config: &'a Config,
    /// Digests by complete reference, tag included.
    digests: BTreeMap<String, &'a str>,
}

/// What an image becomes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) image: String,
    pub(crate) reason: String,
}

/// Why an image is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl<'a> Policy<'a> {
    /// Reads the images of the config. The rejection names the field that is wrong.
    pub(crate) fn new(config: &'a Config) -> Result<Self, Rejection> {
        let mut digests: BTreeMap<String, &str> = BTreeMap::new();
        for (image, digest) in &config.digests {
            let at = || format!("config.digests[{image:?}]");
            let reference: Reference = image
                .parse()
                .map_err(|reason| wrong(format!("`{image}` is no image: {reason}")).at(at()))?;
            if reference.digest.is_some() {
                return Err(wrong(format!("`{image}` has a digest already"))
                    .at(at())
                    .hint("write the image without it, e.g. `nginx:1.27.3`"));
            }
            if !is_digest(digest) {
                return Err(wrong(format!("`{digest}` is no digest"))
                    .at(at())
                    .hint("write `sha256:` and 64 digits of 0-9 and a-f"));
            }
            let other = digests.insert(reference.with_tag().to_string(), digest.as_str());
            if other.is_some_and(|other| other != digest) {
                return Err(wrong(format!("`{image}` is listed with two digests"))
                    .at(at())
                    .hint("write each image once: one without a tag has the tag `latest`"));
            }
        }
        for (prefix, mirror) in &config.mirrors {
            // Any name below the mirror has to be a name.
            if format!("{mirror}/x").parse::<Reference>().is_err() {
                return Err(wrong(format!("`{mirror}` is no registry"))
                    .at(format!("config.mirrors[{prefix:?}]"))
                    .hint("write a host name and, when needed, a path"));
            }
        }
        Ok(Self { config, digests })
    }

    /// What an image becomes; `None` when it stays as it is.
    pub(crate) fn apply(&self, image: &str) -> Result<Option<Change>, Violation> {
        let original: Reference = image.parse().map_err(|reason| Violation {
            code: "invalid-image",
            message: format!("`{image}` is no image: {reason}"),
            hint: "write `registry/repository:tag`".to_owned(),
        })?;
        let (mut result, mut reasons) = (original.clone(), Vec::new());
        if let Some((prefix, mirrored)) = self.mirror(&original) {
            reasons.push(format!("images of `{prefix}` come from its mirror"));
            result = mirrored;
        }
        if result.digest.is_none()
            && let Some(digest) = self.digest(&original, &result)
        {
            reasons.push("the config pins its digest".to_owned());
            result.digest = Some(digest);
        }
        self.check(image, &result)?;
        let reason = reasons.join("; ");
        Ok((!reasons.is_empty()).then(|| Change { image: result.to_string(), reason }))
    }

    /// The same image in the mirror of the longest prefix that covers it.
    fn mirror(&self, image: &Reference) -> Option<(&'a str, Reference)> {
        let name = image.name();
        let (prefix, mirror) = self
            .config
            .mirrors
            .iter()
            .filter(|(prefix, _)| covers(prefix, &name))
            .max_by_key(|(prefix, _)| prefix.len())?;
        let mirrored = image.with_name(&format!("{mirror}{}", &name[prefix.len()..]))?;
        Some((prefix, mirrored))
    }

    /// The digest of an image, under its own name or the mirror's.
    fn digest(&self, original: &Reference, mirrored: &Reference) -> Option<String> {
        let mut names = [original, mirrored].into_iter().map(|it| it.with_tag().to_string());
        let found = names.find_map(|name| self.digests.get(&name))?;
        Some((*found).to_owned())
    }

    fn check(&self, image: &str, result: &Reference) -> Result<(), Violation> {
        let name = result.name();
        if !self.config.allow.iter().any(|prefix| covers(prefix, &name)) {
            let allowed = self.config.allow.iter().map(|prefix| format!("`{prefix}`"));
            return Err(Violation {
                code: "registry-not-allowed",
                message: format!(
                    "`{image}` comes from `{}`, which is not allowed",
                    result.registry
                ),
                hint: match allowed.collect::<Vec<_>>().join(", ") {
                    none if none.is_empty() => "add its registry to `allow`".to_owned(),
                    allowed => format!("use an image of {allowed}"),
                },
            });
        }
        if result.digest.is_some() {
            return Ok(());
        }
        let (code, what) = match result.tag.as_deref() {
            None if !self.config.allow_latest => ("tag-missing", "has no tag"),
            Some("latest") if !self.config.allow_latest => ("tag-latest", "has the tag `latest`"),
            _ if self.config.require_digest => {
                return Err(Violation {
                    code: "digest-missing",
                    message: format!("`{image}` has no digest"),
                    hint: "write `@sha256:…` after the image, or add it to `digests`".to_owned(),
                });
            }
            _ => return Ok(()),
        };
        Err(Violation {
            code,
            message: format!("`{image}` {what}"),
            hint: "write a tag that is not `latest`, or a digest; the config may pin it in `digests`, or say \
                   `allowLatest: true`"
                .to_owned(),
        })
    }
}

/// A rejection of the config.
fn wrong(message: String) -> Rejection {
    Rejection::new(message).code("invalid-config")
}

/// Whether a prefix covers a name: at its start, up to a slash or the end.
fn covers(prefix: &str, name: &str) -> bool {
    !prefix.is_empty()
        && name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
