//! Edits of scalars in the text of a customization. All else of the file stays: comments, order, quotes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use wellhead_spec::{Customization, FieldPath, Located};

/// What is replaced in a text, by its first byte.
type Parts = BTreeMap<usize, (Range<usize>, String)>;

/// The texts of some files, and what is replaced in them.
#[derive(Default)]
pub(super) struct Edits(BTreeMap<Arc<PathBuf>, (Arc<str>, Parts)>);

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedFile {
    /// Its path.
    pub path: PathBuf,
    /// What was read.
    pub before: String,
    /// What it has to hold.
    pub after: String,
}

impl Edits {
    /// Notes that a scalar gets another text. `None` where its text is not in the file as it is: it has escapes, is folded, or
    /// is an alias of another one.
    #[must_use]
    pub(super) fn replace(
        &mut self,
        customization: &Located<Customization>,
        path: &FieldPath,
        [old, new]: [&str; 2],
    ) -> Option<()> {
        let span = customization.location(path)?.span;
        let raw = customization.text().get(span.clone())?;
        if raw.matches(old).count() != 1 {
            return None;
        }
        let text = raw.replacen(old, new, 1);
        let file = Arc::clone(customization.file());
        let known = self.0.entry(file);
        let (_, parts) = known.or_insert_with(|| (customization.text().clone(), Parts::new()));
        parts.insert(span.start, (span, text));
        Some(())
    }

    /// The files that are edited.
    pub(super) fn files(self) -> Vec<EditedFile> {
        let file = |(path, (before, parts)): (Arc<PathBuf>, (Arc<str>, Parts))| {
            let mut after = String::with_capacity(before.len());
            let mut done = 0;
            for (span, text) in parts.into_values() {
                after.push_str(&before[done..span.start]);
                after.push_str(&text);
                done = span.end;
            }
            after.push_str(&before[done..]);
            EditedFile { path: path.to_path_buf(), before: before.to_string(), after }
        };
        self.0.into_iter().map(file).collect()
    }
}
