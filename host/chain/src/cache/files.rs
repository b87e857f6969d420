//! The files of the cache: their names, and which of them go when they become too many.

use std::fs;
use std::fs::Metadata;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use wellhead_spec::PrivateFolder as Folder;

/// How names of entries end.
const SUFFIX: &str = ".cwasm";
/// How names end of the marks of [`Cache::accept`](super::Cache::accept).
const ACCEPTED: &str = ".accepted";
/// How names end of what [`Cache::note`](super::Cache::note) writes.
const NOTED: &str = ".noted";
/// Age at which such a mark or note goes: a schema or a plugin's files are then looked at again, which
/// takes a millisecond.
const FORGOTTEN: Duration = Duration::from_hours(30 * 24);
/// Age at which the time of an entry's last use is renewed, so that most uses write nothing.
const RENEW: Duration = Duration::from_hours(1);

/// A compiled plugin in the [`Cache`](crate::Cache).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// The plugin's SHA-256: 64 hexadecimal digits.
    pub plugin: String,
    /// The budgets of the check that it passed before: a digest, 16 hexadecimal digits.
    pub budgets: String,
    /// What it was compiled for: a digest of Wellhead's version, wasmtime's version and all settings
    /// that decide how code is compiled, 16 hexadecimal digits.
    pub engine: String,
    /// Size of the file.
    pub bytes: u64,
    /// When a run last used it, to about an hour.
    pub used: SystemTime,
    /// The file.
    pub path: PathBuf,
}

impl CacheEntry {
    /// The name of its file.
    pub(super) fn name(&self) -> &str {
        self.path.file_name().and_then(|it| it.to_str()).unwrap_or_default()
    }
}

/// Name of an entry. Its key is that of [`LoadOptions`](crate::LoadOptions): the digests of the plugin
/// and of the budgets that it passed.
pub(super) fn name(key: &str, engine: &str) -> String {
    format!("{key}-{engine}{SUFFIX}")
}

/// Name of the mark of a config (a digest in hexadecimal) that fits its plugin's schema.
pub(super) fn mark(config: &str) -> String {
    format!("{config}{ACCEPTED}")
}

/// Name of a note about a file.
pub(super) fn note(file: &str) -> String {
    format!("{file}{NOTED}")
}

/// Whether a file is a mark or a note, which clearing the cache removes with the entries.
fn is_remark(name: &str) -> bool {
    name.ends_with(ACCEPTED) || name.ends_with(NOTED)
}

/// All entries. What else is in the folder does not count.
pub(super) fn scan(folder: &Folder) -> io::Result<Vec<CacheEntry>> {
    let files = folder.files()?;
    Ok(files.iter().filter_map(|(name, metadata)| entry(folder, name, metadata)).collect())
}

fn entry(folder: &Folder, name: &str, metadata: &Metadata) -> Option<CacheEntry> {
    let mut parts = name.strip_suffix(SUFFIX)?.split('-');
    let mut part = |digits| {
        let is_hex = |it: u8| it.is_ascii_digit() || b"abcdef".contains(&it);
        parts.next().filter(|part| part.len() == digits && part.bytes().all(is_hex))
    };
    let (plugin, budgets, engine) = (part(64)?, part(16)?, part(16)?);
    parts.next().is_none().then_some(())?;
    Some(CacheEntry {
        plugin: plugin.to_owned(),
        budgets: budgets.to_owned(),
        engine: engine.to_owned(),
        bytes: metadata.len(),
        used: metadata.modified().ok()?,
        path: folder.path().join(name),
    })
}

/// Removes entries until the rest has at most `capacity` bytes: first those for other engines, then
/// those that were not used for longest. What `in_use` names stays.
pub(super) fn evict(
    folder: &Folder,
    capacity: u64,
    engine: &str,
    in_use: impl Fn(&str) -> bool,
) -> io::Result<()> {
    remove_stale(folder)?;
    for entry in victims(scan(folder)?, capacity, engine, in_use) {
        tracing::debug!(path = %entry.path.display(), "removed from the cache");
        folder.remove(entry.name())?;
    }
    Ok(())
}

fn victims(
    mut entries: Vec<CacheEntry>,
    capacity: u64,
    engine: &str,
    in_use: impl Fn(&str) -> bool,
) -> Vec<CacheEntry> {
    let mut total: u64 = entries.iter().map(|it| it.bytes).sum();
    entries.retain(|it| !in_use(it.name()));
    entries.sort_by_key(|it| (it.engine == engine, it.used));
    let mut victims = Vec::new();
    for entry in entries {
        if total <= capacity {
            break;
        }
        total -= entry.bytes;
        victims.push(entry);
    }
    victims
}

/// Removes what writers that crashed have left, and marks and notes that are old.
fn remove_stale(folder: &Folder) -> io::Result<()> {
    folder.remove_unfinished()?;
    for (name, metadata) in folder.files()? {
        if is_remark(&name)
            && let Ok(modified) = metadata.modified()
            && modified.elapsed().is_ok_and(|age| age > FORGOTTEN)
        {
            folder.remove(&name)?;
        }
    }
    Ok(())
}

/// Removes all entries, and tells which.
pub(super) fn clear(folder: &Folder) -> io::Result<Vec<CacheEntry>> {
    let entries = scan(folder)?;
    for entry in &entries {
        folder.remove(entry.name())?;
    }
    for (name, _) in folder.files()? {
        if is_remark(&name) {
            folder.remove(&name)?;
        }
    }
    remove_stale(folder)?;
    Ok(entries)
}

/// Notes that an entry is used now, from what the system says about its file.
pub(super) fn touch(file: &fs::File, entry: &fs::Metadata) -> io::Result<()> {
    let age = entry.modified()?.elapsed();
    // A time in the future is wrong, too.
    if age.is_ok_and(|age| age < RENEW) { Ok(()) } else { file.set_modified(SystemTime::now()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: &str = "0123456789abcdef";
    const OLD: &str = "fedcba9876543210";
    const BUDGETS: &str = "0000000000000001";

    fn an_entry(number: usize, engine: &str, bytes: u64, used: u64) -> CacheEntry {
        let plugin = format!("{number:064x}");
        CacheEntry {
            path: name(&format!("{plugin}-{BUDGETS}"), engine).into(),
            plugin,
            budgets: BUDGETS.to_owned(),
            engine: engine.to_owned(),
            bytes,
            used: SystemTime::UNIX_EPOCH + Duration::from_secs(used),
        }
    }

    fn numbers(victims: &[CacheEntry]) -> Vec<u64> {
        victims.iter().map(|it| u64::from_str_radix(&it.plugin, 16).unwrap()).collect()
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let entries =
            vec![an_entry(1, NOW, 10, 300), an_entry(2, NOW, 10, 100), an_entry(3, NOW, 10, 200)];
        assert_eq!(numbers(&victims(entries.clone(), 30, NOW, |_| false)), [0; 0]);
        assert_eq!(numbers(&victims(entries.clone(), 29, NOW, |_| false)), [2]);
        assert_eq!(numbers(&victims(entries, 10, NOW, |_| false)), [2, 3]);
    }

    #[test]
    fn what_is_for_another_engine_goes_before_all_others() {
        let entries =
            vec![an_entry(1, NOW, 10, 100), an_entry(2, OLD, 10, 300), an_entry(3, OLD, 10, 200)];
        assert_eq!(numbers(&victims(entries, 0, NOW, |_| false)), [3, 2, 1]);
    }

    #[test]
    fn what_is_in_use_stays_even_when_it_is_too_much() {
        let entries = vec![an_entry(1, NOW, 10, 100), an_entry(2, NOW, 10, 200)];
        let first = entries[0].name().to_owned();
        assert_eq!(numbers(&victims(entries, 0, NOW, |name| name == first)), [2]);
    }

    proptest! {
        #[test]
        fn the_rest_fits_and_no_more_goes_than_must(
            sizes in prop::collection::vec((0..1_000_u64, 0..1_000_u64, any::<bool>()), 0..20),
            capacity in 0..10_000_u64,
        ) {
            let entries: Vec<_> = sizes
                .iter()
                .enumerate()
                .map(|(at, &(bytes, used, old))| an_entry(at, if old { OLD } else { NOW }, bytes, used))
                .collect();
            let total: u64 = entries.iter().map(|it| it.bytes).sum();
            let victims = victims(entries, capacity, NOW, |_| false);
            let gone: u64 = victims.iter().map(|it| it.bytes).sum();
            prop_assert!(total - gone <= capacity);
            if let Some(last) = victims.last() {
                prop_assert!(total - gone + last.bytes > capacity);
            }
        }
    }

    #[test]
    fn only_entries_count() {
        let folder = tempfile::tempdir().unwrap();
        let entry = name(&format!("{}-{BUDGETS}", "a".repeat(64)), NOW);
        let short = name(&"a".repeat(64), NOW);
        for file in [&entry, &short, "notes.txt", ".new-x", "x.cwasm"] {
            fs::write(folder.path().join(file), "12345").unwrap();
        }
        fs::create_dir(folder.path().join(name(&format!("{}-{BUDGETS}", "b".repeat(64)), NOW)))
            .unwrap();
        let held = Folder::open(folder.path()).unwrap();
        let found = scan(&held).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].engine.as_str(), found[0].bytes), (NOW, 5));
        assert_eq!(clear(&held).unwrap(), found);
        assert!(!folder.path().join(entry).exists());
        assert!(folder.path().join(short).exists(), "what is not the cache's stays");
    }

    #[test]
    fn what_a_crashed_writer_left_is_removed_and_what_is_being_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (new, stale) = (folder.path().join(".new-1"), folder.path().join(".new-2"));
        for path in [&new, &stale] {
            fs::write(path, "").unwrap();
        }
        let long_ago = SystemTime::now() - Duration::from_hours(2);
        fs::File::open(&stale).unwrap().set_modified(long_ago).unwrap();
        evict(&Folder::open(folder.path()).unwrap(), 0, NOW, |_| false).unwrap();
        assert!(new.exists() && !stale.exists());
    }

    #[test]
    fn a_use_is_noted_once_an_hour() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let modified = || file.as_file().metadata().unwrap().modified().unwrap();
        let now = SystemTime::now();
        for (age, renewed) in [(Duration::from_mins(10), false), (Duration::from_hours(2), true)] {
            file.as_file().set_modified(now - age).unwrap();
            touch(file.as_file(), &file.as_file().metadata().unwrap()).unwrap();
            assert_eq!(modified() >= now, renewed, "{age:?}");
        }
    }
}
