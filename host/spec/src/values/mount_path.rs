//! Paths in a container, by what they mean: `/etc//ssl/.` and `/etc/ssl` are one place.

use std::borrow::Cow;

/// The one spelling of an absolute path: single slashes, no `.` and no `..`, no slash at the end. Links in
/// an image are not known here, so `..` leads to the folder above as it is written.
pub fn normal(path: &str) -> Cow<'_, str> {
    if is_normal(path) {
        return Cow::Borrowed(path);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    Cow::Owned(format!("/{}", parts.join("/")))
}

/// Whether a path is in its one spelling.
pub fn is_normal(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|below| {
        below.is_empty() || below.split('/').all(|part| !matches!(part, "" | "." | ".."))
    })
}

/// Whether one of two paths in normal form is the other one, or stands above it.
pub fn overlap(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let below = long.strip_prefix(short.trim_end_matches('/'));
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_a_place_has_one_normal_form() {
        for spelling in
            ["/etc/ssl", "/etc//ssl/.", "/etc/x/../ssl/", "//etc/./ssl//", "/../etc/ssl"]
        {
            assert_eq!(normal(spelling), "/etc/ssl", "{spelling}");
            assert_eq!(is_normal(spelling), spelling == "/etc/ssl", "{spelling}");
        }
        assert_eq!(normal("/etc/.."), "/");
        assert_eq!(normal("/..data"), "/..data");
    }

    #[test]
    fn a_path_overlaps_what_is_at_above_and_below_it() {
        for (one, other, expected) in [
            ("/d", "/d", true),
            ("/d", "/d/pg", true),
            ("/", "/d", true),
            ("/d", "/data", false),
            ("/d/a", "/d/b", false),
        ] {
            assert_eq!(overlap(one, other), expected, "{one} {other}");
            assert_eq!(overlap(other, one), expected, "{other} {one}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(path in "(/(a|b|\\.|\\.\\.|)){1,8}") {
            let once = normal(&path).into_owned();
            prop_assert!(is_normal(&once), "{once}");
            prop_assert_eq!(normal(&once), once.as_str());
        }
    }
}
