//! Manifests of well-known systems, written after the shape of those that their projects publish
//! (`tests/import/SYSTEM/manifest.yaml`): each is imported, and what its pipelines render to is compared with it.
//!
//! `pipeline.yaml` and `findings.txt` beside a manifest are what it becomes and what is said about it;
//! `BLESS=1 cargo test -p wellhead-tests --test import` writes them.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod complete;
mod odd;
mod oracle;
mod systems;
