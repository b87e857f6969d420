//! Names of images and what mirrors make of them.

use std::collections::BTreeMap;

/// The prefix that covers an image, and the image at the mirror.
pub(crate) fn mirrored<'m>(
    image: &str,
    mirrors: &'m BTreeMap<String, String>,
) -> Option<(&'m str, String)> {
    let full = full_name(image);
    mirrors
        .iter()
        .filter_map(|(prefix, mirror)| {
            let rest = full.strip_prefix(prefix.as_str()).filter(|rest| rest.starts_with('/'))?;
            Some((prefix.as_str(), format!("{mirror}{rest}")))
        })
        .max_by_key(|(prefix, _)| prefix.len())
}

/// An image with its registry, which is Docker Hub where it names none.
/// <https://github.com/distribution/reference/blob/v0.6.0/normalize.go>
fn full_name(image: &str) -> String {
    let (registry, rest) = match image.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => ("docker.io", image),
    };
    let folder = if registry == "docker.io" && !rest.contains('/') { "library/" } else { "" };
    format!("{registry}/{folder}{rest}")
}
