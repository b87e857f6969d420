//! Locks beside customizations.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use wellhead_spec::{
    Customization, Loaded, Located, Lock, Source, conflict_sides, load_lock, read_text_file,
};

use super::settings::Distribution;

/// How a lock's file is called.
const FILE: &str = "wellhead.lock";
/// Most bytes of a lock.
pub(super) const MOST: u64 = 1 << 20;

/// The lock of a customization.
pub(super) fn path_of(
    customization: &Located<Customization>,
    distribution: &Distribution,
) -> PathBuf {
    let beside = || customization.file().parent().map_or_else(|| FILE.into(), |it| it.join(FILE));
    distribution.lock.clone().unwrap_or_else(beside)
}

/// Locks that were read, each once.
#[derive(Debug, Default)]
pub(super) struct Locks {
    read: HashMap<PathBuf, Lock>,
    /// What is wrong with some of them.
    pub(super) wrong: Vec<Loaded>,
}

impl Locks {
    /// A lock; an empty one where there is no file, and where it is wrong.
    pub(super) fn get(&mut self, path: &Path) -> &Lock {
        let wrong = &mut self.wrong;
        self.read.entry(path.to_owned()).or_insert_with(|| {
            if !path.exists() {
                return Lock::default();
            }
            load_lock(&Source::Path(path.to_owned())).map_or_else(
                |loaded| {
                    wrong.push(loaded);
                    Lock::default()
                },
                |it| it.value,
            )
        })
    }

    /// A lock that may have conflicts of a merge: of these, what both sides have alike, or one of them has alone.
    pub(super) fn get_merged(&mut self, path: &Path) -> Lock {
        let text = read_text_file(path, MOST).ok();
        let Some(sides) = text.as_deref().and_then(conflict_sides) else {
            return self.get(path).clone();
        };
        let read = |text: &String| {
            let source = Source::Text { name: path.to_owned(), text: text.clone() };
            load_lock(&source).map(|it| it.value.plugins).unwrap_or_default()
        };
        let [ours, theirs] = sides.each_ref().map(read);
        let agrees = |side: &[wellhead_spec::LockedPlugin], one: &wellhead_spec::LockedPlugin| {
            side.iter().all(|it| it.source != one.source || it == one)
        };
        let mut plugins: Vec<_> = ours.iter().filter(|it| agrees(&theirs, it)).cloned().collect();
        for plugin in theirs {
            if agrees(&ours, &plugin) && !plugins.contains(&plugin) {
                plugins.push(plugin);
            }
        }
        Lock { plugins }
    }
}
