//! Which version must follow another (<https://semver.org>).

use semver::{Prerelease, Version};
use serde::Serialize;

/// A part of a version, by how much its rise tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// The last number: the plugin does the same, or does it right now.
    Patch,
    /// The middle number: there is more, and what was there works as before.
    Minor,
    /// The first number: an operator must do something.
    Major,
}

impl Part {
    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// The lowest version that may follow an old one when this part must rise. As long as the first number is 0, the second
/// one takes its place, and as long as that is 0, too, the third one. A pre-release is followed by its release, whatever changed.
pub(super) fn least(old: &Version, part: Part) -> Version {
    let Version { major, minor, patch, .. } = *old;
    if !old.pre.is_empty() {
        return Version::new(major, minor, patch);
    }
    match (part, major, minor) {
        (Part::Major, 0, 0) | (Part::Minor, 0, _) | (Part::Patch, ..) => {
            Version::new(major, minor, patch.saturating_add(1))
        }
        (Part::Major, 0, _) | (Part::Minor, ..) => Version::new(major, minor.saturating_add(1), 0),
        (Part::Major, ..) => Version::new(major.saturating_add(1), 0, 0),
    }
}

/// Whether a version is new enough: a pre-release of the lowest one is.
pub(super) fn rises(old: &Version, new: &Version, least: &Version) -> bool {
    let release = Version { pre: Prerelease::EMPTY, ..new.clone() };
    new > old && release >= *least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_must_rise_decides_which_version_follows() {
        for (old, part, expected, lower) in [
            ("1.2.3", Part::Major, "2.0.0", "1.3.0"),
            ("1.2.3", Part::Minor, "1.3.0", "1.2.4"),
            ("1.2.3", Part::Patch, "1.2.4", "1.2.3"),
            ("0.2.3", Part::Major, "0.3.0", "0.2.4"),
            ("0.2.3", Part::Minor, "0.2.4", "0.2.3"),
            ("0.0.3", Part::Major, "0.0.4", "0.0.3"),
            ("1.0.0-rc.1", Part::Major, "1.0.0", "1.0.0-alpha"),
        ] {
            let version = |text: &str| Version::parse(text).unwrap();
            let found = least(&version(old), part);
            assert_eq!(found, version(expected), "{old} {part:?}");
            assert!(rises(&version(old), &found, &found), "{old} {part:?}");
            assert!(!rises(&version(old), &version(lower), &found), "{old} {part:?} {lower}");
        }
        let version = |text: &str| Version::parse(text).unwrap();
        let found = least(&version("1.2.3"), Part::Major);
        assert!(rises(&version("1.2.3"), &version("2.0.0-rc.1"), &found));
        assert!(!rises(&version("1.2.3"), &version("0.9.0"), &found));
    }
}
