//! Storage that changes: a volume grows, and data moves to another storage class, with real bytes before and after.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use wellhead_harness::{Driver, Storage, target_dir, tree_hash};

use super::{Demo, NAMESPACE, expect, heading};

/// Replicas, each with a volume.
const REPLICAS: usize = 2;

impl Demo {
    /// Fills volumes, has them grow, and moves them to another class.
    pub(super) fn storage(&self, storage: &Storage) -> Result<(), String> {
        let file = target_dir().join("demo").join("db.yaml");
        let path = file.to_string_lossy().into_owned();
        let apply = ["apply", "--yes", "-f", &path, "-n", NAMESPACE];

        heading("Storage: a pipeline whose volumes hold bytes");
        write(&file, "1Gi", "csi", "")?;
        self.show(&apply)?;
        let old = volumes(storage)?;
        for (number, volume) in old.iter().enumerate() {
            let folder = folder(storage, volume)?;
            fs::write(folder.join("records"), format!("records of volume {number}\n"))
                .map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
        }
        let before = hashes(storage, &old)?;

        heading("Storage: the volumes grow");
        write(&file, "2Gi", "csi", "")?;
        self.show(&apply)?;
        expect(hashes(storage, &old)? == before, || "bytes changed while they grew".to_owned())?;

        heading("Storage: the data moves to another storage class, one pod after the other");
        write(&file, "2Gi", "csi-fast", "volumeMigration: {methods: [Clone]}")?;
        self.show(&["plan", "-f", &path, "-n", NAMESPACE])?;
        self.show(&apply)?;
        let new: BTreeSet<_> = volumes(storage)?.difference(&old).cloned().collect();
        expect(new.len() == REPLICAS, || format!("{} new volumes, not {REPLICAS}", new.len()))?;
        expect(hashes(storage, &new)? == before, || "other bytes than before".to_owned())?;
        println!("the new volumes hold the same bytes");

        heading("Storage: the old volumes are kept until a person lets them go");
        self.show(&["volumes", "db", "-n", NAMESPACE])?;
        self.show(&["volumes", "release", "db", "--confirm", "db", "-n", NAMESPACE])?;
        self.show(&["delete", "db", "-n", NAMESPACE, "--yes", "--delete-claims", "db"])
    }
}

fn write(file: &PathBuf, size: &str, class: &str, migration: &str) -> Result<(), String> {
    let text = format!(
        "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {{name: db}}\nspec:\n  replicas: {REPLICAS}\n  \
         {migration}\n  containers: [{{name: db, image: \"postgres:17.2\"}}]\n  claims:\n    \
         - {{name: data, size: {size}, storageClass: {class}, mountPath: /data}}\n"
    );
    let failed = |error| format!("{} cannot be written: {error}", file.display());
    fs::create_dir_all(file.parent().unwrap_or(file)).map_err(failed)?;
    fs::write(file, text).map_err(failed)
}

/// The volumes of the driver of the demo.
fn volumes(storage: &Storage) -> Result<BTreeSet<String>, String> {
    let found = storage.volumes(Driver::Folders).map_err(|error| error.to_string())?;
    Ok(found.into_iter().collect())
}

fn folder(storage: &Storage, volume: &str) -> Result<PathBuf, String> {
    let folder = storage.volume(Driver::Folders.name(), volume);
    folder.ok_or_else(|| format!("volume {volume} has no folder"))
}

/// What the volumes hold, whichever of them.
fn hashes(storage: &Storage, volumes: &BTreeSet<String>) -> Result<BTreeSet<String>, String> {
    let hash = |volume: &String| {
        tree_hash(&folder(storage, volume)?).map_err(|error| format!("volume {volume}: {error}"))
    };
    volumes.iter().map(hash).collect()
}
