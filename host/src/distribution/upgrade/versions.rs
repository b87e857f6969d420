//! Versions of a plugin by their order: what follows another one, and what its users can take without reading.

use semver::{Comparator, Op, Version};

/// A tag as the semantic version that it means: with `v` or without, and `_` where a version has `+`.
pub(crate) fn semantic(tag: &str) -> Option<Version> {
    let text = tag.strip_prefix('v').unwrap_or(tag).replace('_', "+");
    Version::parse(&text).ok()
}

/// The tags that are semantic versions, the newest first.
pub(crate) fn sorted(tags: Vec<String>) -> Vec<(Version, String)> {
    let mut versions: Vec<_> =
        tags.into_iter().filter_map(|tag| Some((semantic(&tag)?, tag))).collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions
}

/// A version that comes after another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Newer {
    /// As the registry has it.
    pub(super) tag: String,
    /// Whether it is compatible by the rules of semantic versions: as long as the first number is 0, the second one counts.
    pub(super) compatible: bool,
}

/// The tags that come after a version, the newest first, each version once. Where the version is no pre-release, neither are
/// they. `None` where the version is not semantic, so that nothing comes after it.
pub(super) fn newer(tags: Vec<String>, than: &str) -> Option<Vec<Newer>> {
    let current = semantic(than)?;
    let with_v = than.starts_with('v');
    let caret = Comparator {
        op: Op::Caret,
        major: current.major,
        minor: Some(current.minor),
        patch: Some(current.patch),
        pre: current.pre.clone(),
    };
    let mut found: Vec<(Version, String)> = Vec::new();
    for (version, tag) in sorted(tags) {
        let follows = version.cmp_precedence(&current).is_gt();
        let is_meant = version.pre.is_empty() || !current.pre.is_empty();
        if !follows || !is_meant {
            continue;
        }
        match found.last_mut().filter(|it| it.0.cmp_precedence(&version).is_eq()) {
            // One version under two tags: the one that is spelled as the customization spells it.
            Some(last) if tag.starts_with('v') == with_v && last.1.starts_with('v') != with_v => {
                *last = (version, tag);
            }
            Some(_) => {}
            None => found.push((version, tag)),
        }
    }
    let one =
        |(version, tag): (Version, String)| Newer { compatible: caret.matches(&version), tag };
    Some(found.into_iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tags: &[&str], than: &str) -> Option<Vec<String>> {
        let tags = tags.iter().map(|it| (*it).to_owned()).collect();
        let mark = |it: Newer| format!("{}{}", it.tag, if it.compatible { "" } else { "!" });
        newer(tags, than).map(|it| it.into_iter().map(mark).collect())
    }

    #[test]
    fn what_comes_after_a_version_is_sorted_and_says_what_is_compatible() {
        let tags = ["0.2.9", "0.10.0", "0.2.10", "latest", "sha256-00", "0.2.0", "1.0.0", "0.1.0"];
        assert_eq!(shown(&tags, "0.2.9").unwrap(), ["1.0.0!", "0.10.0!", "0.2.10"]);
        assert_eq!(shown(&["1.9.0", "2.0.0", "1.2.3"], "1.2.3").unwrap(), ["2.0.0!", "1.9.0"]);
        assert_eq!(shown(&tags, "1.0.0").unwrap(), [""; 0]);
        assert_eq!(shown(&tags, "stable"), None, "it has no order");
    }

    #[test]
    fn a_pre_release_is_offered_to_those_who_run_one() {
        let tags = ["1.0.0", "1.1.0-rc.1", "1.0.1-rc.2"];
        assert_eq!(shown(&tags, "1.0.0").unwrap(), [""; 0]);
        assert_eq!(shown(&tags, "1.0.1-rc.1").unwrap(), ["1.1.0-rc.1!", "1.0.1-rc.2"]);
    }

    #[test]
    fn a_version_under_two_tags_is_one_and_builds_of_one_version_have_no_order() {
        assert_eq!(shown(&["v1.1.0", "1.1.0"], "1.0.0").unwrap(), ["1.1.0"]);
        assert_eq!(shown(&["v1.1.0", "1.1.0"], "v1.0.0").unwrap(), ["v1.1.0"]);
        assert_eq!(shown(&["1.0.0_build.8", "1.0.0"], "1.0.0_build.7").unwrap(), [""; 0]);
    }
}
