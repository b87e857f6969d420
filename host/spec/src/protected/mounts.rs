//! Who mounts what: protected by what a plugin's edits come to, wherever each of them stands.
//!
//! A mount is harmless or not by the volume behind it and by the mounts beside it, so no single field can
//! be judged by itself. Two things are held: a container gets no volume of a protected source that it did
//! not have, and the data that a container has stays mounted where it is.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Touched, is_node_volume, tree};
use crate::FieldPath;
use crate::values::mount_path::{normal, overlap};

/// Why a mount of a protected volume counts as the volume.
const GETS: &str = "would get this volume, or more of it than it has";
/// Why an edit of a mount of data is protected.
const LOST: &str = "data would not be mounted where it is";
const COVERED: &str = "a mount at, above or below data would cover it";
const FROZEN: &str = "data that is written would become read-only";
const WRITABLE: &str = "data that is mounted read-only would become writable";

/// What a container sees of a volume, without where.
type View<'v> = (&'v str, Option<&'v str>, Option<&'v str>);

/// One mount of a container.
struct Mount<'v> {
    view: View<'v>,
    place: Cow<'v, str>,
    read_only: bool,
    at: FieldPath,
}

impl Mount<'_> {
    fn volume(&self) -> &str {
        self.view.0
    }
}

/// What is found of the mounts of all containers of a pipeline before and after.
pub(super) fn touched(before: &Value, after: &Value) -> Vec<Touched> {
    let volumes = Volumes { before: by_name(before, "volumes"), after: by_name(after, "volumes") };
    let mut found = Vec::new();
    for list in ["containers", "initContainers"] {
        let old = by_name(before, list);
        let is_main = |draft, name| {
            list == "containers"
                && items(draft, list).first().and_then(|it| text(it, "name")) == Some(name)
        };
        for container in items(after, list) {
            let Some(name) = text(container, "name") else { continue };
            let own = || FieldPath::of([list, name]);
            let is = mounts(after, container, &own(), is_main(after, name));
            let was = old.get(name).map(|it| mounts(before, it, &own(), is_main(before, name)));
            let was = was.unwrap_or_default();
            volumes.taken(&own(), &was, &is, &mut found);
            volumes.kept(before, &was, &is, &mut found);
        }
    }
    found
}

struct Volumes<'v> {
    before: HashMap<&'v str, &'v Value>,
    after: HashMap<&'v str, &'v Value>,
}

impl Volumes<'_> {
    /// Finds the protected volumes that a container mounts and did not mount in the same way.
    fn taken(
        &self,
        container: &FieldPath,
        was: &[Mount<'_>],
        is: &[Mount<'_>],
        found: &mut Vec<Touched>,
    ) {
        // What is seen read-only may be seen so again, and what is seen for writing in either way.
        let views = |read_only| was.iter().filter(move |it| it.read_only <= read_only);
        let writable: HashSet<_> = views(false).map(|it| it.view).collect();
        let any: HashSet<_> = views(true).map(|it| it.view).collect();
        let mut told = HashSet::new();
        for mount in is {
            let had = if mount.read_only { &any } else { &writable };
            let Some(volume) = self.after.get(mount.volume()) else { continue };
            let whole = (mount.volume(), None, None);
            if had.contains(&mount.view) || had.contains(&whole) || !told.insert(mount.volume()) {
                continue;
            }
            let why = format!("`{container}` {GETS}");
            let sources = sources(mount.volume(), volume);
            found.extend(sources.map(|path| Touched { path, why: why.clone().into() }));
        }
    }

    /// Finds the edits after which data is not where it was.
    fn kept(&self, before: &Value, was: &[Mount<'_>], is: &[Mount<'_>], found: &mut Vec<Touched>) {
        let claims = by_name(before, "claims");
        let lasts = |name: &str| {
            claims.contains_key(name) || self.before.get(name).is_some_and(|it| is_lasting(it))
        };
        let data: Vec<_> = was.iter().filter(|it| lasts(it.volume())).collect();
        if data.is_empty() {
            return;
        }
        let mut tell = |at: &FieldPath, why: &'static str| {
            found.push(Touched { path: at.clone(), why: why.into() });
        };
        let now: HashSet<_> = is.iter().map(|it| (it.view, &*it.place)).collect();
        // A volume of the same name with another source has other data.
        let other = |name: &str| self.before.get(name) != self.after.get(name);
        let stays = |it: &&&Mount<'_>| now.contains(&(it.view, &*it.place)) && !other(it.volume());
        for mount in data.iter().filter(|it| !stays(it)) {
            tell(&mount.at, LOST);
        }
        let writable: HashSet<_> =
            data.iter().filter(|it| !it.read_only).map(|it| it.volume()).collect();
        let read: HashSet<_> = data.iter().map(|it| it.volume()).collect();
        for mount in is.iter().filter(|it| !it.read_only && read.contains(it.volume())) {
            if !writable.contains(mount.volume()) {
                tell(&mount.at, WRITABLE);
            }
        }
        let written: HashSet<_> =
            data.iter().filter(|it| !it.read_only).map(|it| (it.view, &*it.place)).collect();
        let frozen = |it: &&Mount<'_>| it.read_only && written.contains(&(it.view, &*it.place));
        for mount in is.iter().filter(frozen) {
            tell(&mount.at, FROZEN);
        }
        let known: HashSet<_> = was.iter().map(|it| (it.view, &*it.place)).collect();
        for mount in is.iter().filter(|it| !known.contains(&(it.view, &*it.place))) {
            if data.iter().any(|it| overlap(&it.place, &mount.place)) {
                tell(&mount.at, COVERED);
            }
        }
    }
}

/// The protected sources of a volume: what adding it would touch. What a claim that goes with its pod is
/// made from gives nothing to a container that the pod does not have.
fn sources(name: &str, volume: &Value) -> impl Iterator<Item = FieldPath> {
    let path = FieldPath::of(["volumes", name]);
    let found = tree::touched(&Value::Null, &path, None, Some(volume));
    let ephemeral = path.key("ephemeral");
    found.into_iter().map(|it| it.path).filter(move |it| !ephemeral.contains(it))
}

/// Whether what is written to a volume outlives the pod.
fn is_lasting(volume: &Value) -> bool {
    let Value::Object(fields) = volume else { return false };
    let lasts = |key: &str| matches!(key, "persistentVolumeClaim" | "csi") || is_node_volume(key);
    fields.keys().any(|key| lasts(key))
}

/// The mounts of a container and its devices; the main container has those that claims ask for, too.
fn mounts<'v>(
    draft: &'v Value,
    container: &'v Value,
    at: &FieldPath,
    main: bool,
) -> Vec<Mount<'v>> {
    let listed = |list: &'static str, key: &'static str| {
        let items = container.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().filter_map(move |item| {
            let place = text(item, key)?;
            Some(Mount {
                view: (text(item, "name")?, given(item, "subPath"), given(item, "subPathExpr")),
                place: normal(place),
                read_only: item.get("readOnly") == Some(&Value::Bool(true)),
                at: at.key(list).then(place),
            })
        })
    };
    let claimed = items(draft, if main { "claims" } else { "" }).iter().filter_map(|claim| {
        let (name, place) = (text(claim, "name")?, text(claim, "mountPath")?);
        let at = FieldPath::of(["claims", name, "mountPath"]);
        Some(Mount { view: (name, None, None), place: normal(place), read_only: false, at })
    });
    let mounted = listed("volumeMounts", "mountPath");
    mounted.chain(listed("volumeDevices", "devicePath")).chain(claimed).collect()
}

fn items<'v>(draft: &'v Value, list: &str) -> &'v [Value] {
    draft.get(list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn by_name<'v>(draft: &'v Value, list: &str) -> HashMap<&'v str, &'v Value> {
    let items = items(draft, list).iter();
    items.filter_map(|item| Some((text(item, "name")?, item))).collect()
}

fn text<'v>(item: &'v Value, field: &str) -> Option<&'v str> {
    item.get(field)?.as_str()
}

/// A text that may be left out; an empty one counts as that.
fn given<'v>(item: &'v Value, field: &str) -> Option<&'v str> {
    text(item, field).filter(|it| !it.is_empty())
}
