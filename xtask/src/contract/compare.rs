//! What a version of the contract breaks of an older one. `wit/README.md` states the rules.

use super::package::Package;
use super::surface::Surface;

/// Every change that a plugin of the older version does not survive, in words.
pub(super) fn breaking(old: &Package, new: &Package) -> Vec<String> {
    let (was, is) = (Surface::of(old), Surface::of(new));
    let mut found = version(old, new, &was, &is);
    found.extend(is.unversioned.iter().map(|it| {
        format!("{it}, which is no interface of the package and therefore carries no version")
    }));
    let missing = was.interfaces.difference(&is.interfaces);
    found.extend(missing.map(|name| format!("interface `{name}` is gone")));
    found.extend(items(&was, &is));
    found.extend(additions_to_exports(&was, &is));
    found.extend(worlds(&was, &is));
    found
}

/// A version with other functions is a later one of the same track.
fn version(old: &Package, new: &Package, was: &Surface, is: &Surface) -> Vec<String> {
    let name = |package: &Package| package.resolve.packages[package.id].name.clone();
    let (old, new) = (name(old), name(new));
    if (&old.namespace, &old.name) != (&new.namespace, &new.name) {
        return vec![format!("the package was `{old}` and is `{new}`")];
    }
    let (Some(before), Some(after)) = (&old.version, &new.version) else {
        return vec![format!("`{new}` has no version")];
    };
    let track = wit_parser::PackageName::version_compat_track;
    if track(before) != track(after) {
        return vec![format!("{after} is of another track than {before}")];
    }
    if after < before {
        return vec![format!("{after} is older than {before}")];
    }
    let grew = is.items.keys().any(|name| !was.items.contains_key(name))
        || is.interfaces != was.interfaces
        || is.worlds != was.worlds;
    if grew && after == before {
        return vec![format!("it has more than {before}, and still calls itself {after}")];
    }
    Vec::new()
}

fn items(was: &Surface, is: &Surface) -> Vec<String> {
    let change = |(name, before): (&String, &super::surface::Item)| match is.items.get(name) {
        None if !is.interfaces.contains(&before.interface) => None,
        None => Some(format!("`{name}` is gone")),
        Some(after) if after.definition != before.definition => {
            Some(format!("`{name}` was `{}` and is `{}`", before.definition, after.definition))
        }
        Some(_) => None,
    };
    was.items.iter().filter_map(change).collect()
}

/// A plugin that exists does not have what was added to an interface that it exports.
fn additions_to_exports(was: &Surface, is: &Surface) -> Vec<String> {
    let is_new = |name: &String| !was.items.contains_key(name);
    let added = is
        .items
        .iter()
        .filter(|(name, item)| is_new(name) && was.exported.contains(&item.interface));
    added
        .map(|(name, item)| {
            format!(
                "`{name}` is new, and plugins that exist export `{}` without it",
                item.interface
            )
        })
        .collect()
}

/// A world may import more. Everything else of it is what its authors implement or call.
fn worlds(was: &Surface, is: &Surface) -> Vec<String> {
    let mut found = Vec::new();
    for (name, before) in &was.worlds {
        let Some(after) = is.worlds.get(name) else {
            found.push(format!("world `{name}` is gone"));
            continue;
        };
        let gone = before.difference(after);
        found.extend(gone.map(|it| format!("world `{name}` no longer {it}")));
        let added = after.difference(before).filter(|it| it.starts_with("exports "));
        found.extend(added.map(|it| format!("world `{name}` now {it}")));
    }
    found
}

#[cfg(test)]
mod tests;
