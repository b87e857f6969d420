//! How much all files of a command may have together. Each document has bounds of its own, and there may be many.

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::{File, at_start};
use crate::{FieldPath, Finding};

/// Most documents. Ten thousand pipelines between `---` and `...` have 20,000 marks.
const MAX_DOCUMENTS: usize = 50_000;
/// Most values of pipelines and customizations: ten thousand pipelines of the largest size that people write have
/// 3,000,000.
pub(crate) const OF_DOCUMENTS: usize = 6_000_000;
/// Most values of manifests: ten thousand objects as a cluster prints them have 10,000,000.
pub(crate) const OF_MANIFESTS: usize = 12_000_000;
/// Bytes of text that weigh as much as a value.
const TEXT: usize = 32;
/// What is said of files that are too much.
const HINT: &str = "split it, or name fewer files in one command";

/// What is counted of documents whose values are kept until the end of a command.
#[derive(Debug)]
pub(crate) struct Whole {
    /// Most values.
    most: usize,
    /// Values so far.
    count: usize,
}

impl Whole {
    /// At most so many values.
    pub(crate) fn of(most: usize) -> Self {
        Self { most, count: 0 }
    }

    /// Counts the values of one more document. A finding where all together are too many.
    pub(crate) fn add(&mut self, values: usize, file: &File, number: usize) -> Option<Finding> {
        self.count = self.count.saturating_add(values);
        (self.count > self.most).then(|| {
            let (name, most) = (file.path.display(), self.most);
            let message = format!(
                "document {number} of `{name}` and those before it have more than {most} values"
            );
            too_large(message, file)
        })
    }
}

/// The files up to the one with which there are too many documents, which is a finding. They are counted by their marks,
/// so that nothing is made of them before.
pub(crate) fn few(mut files: Vec<File>, findings: &mut Vec<Finding>) -> Vec<File> {
    let mut documents = 0;
    let over = files.iter().position(|file| {
        documents += marks(&file.text);
        documents > MAX_DOCUMENTS
    });
    let Some(at) = over else { return files };
    let name = files[at].path.display();
    let with = if at > 0 { " and the files before it have" } else { " has" };
    let message = format!("`{name}`{with} more than {MAX_DOCUMENTS} documents");
    findings.push(too_large(message, &files[at]));
    files.truncate(at);
    files
}

/// Lines that may end a document, and the end of the last.
fn marks(text: &str) -> usize {
    1 + text.matches("\n---").count() + text.matches("\n...").count()
}

fn too_large(message: String, file: &File) -> Finding {
    let finding = Finding::error(Code::DocumentTooLarge, FieldPath::root(), message);
    at_start(finding.hint(HINT), &file.path)
}

/// The values of a document that is kept as text. Its texts count, since aliases repeat them.
pub(crate) fn values(value: &Value) -> usize {
    weight(value, 0)
}

/// The same of one that is kept as values: an object has room for eleven fields, which is that of ten values.
pub(crate) fn kept_values(value: &Value) -> usize {
    weight(value, 10)
}

fn weight(value: &Value, object: usize) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / TEXT,
        Value::Array(items) => 1 + items.iter().map(|it| weight(it, object)).sum::<usize>(),
        Value::Object(fields) => {
            let field = |(name, it): (&String, &Value)| name.len() / TEXT + weight(it, object);
            1 + object + fields.iter().map(field).sum::<usize>()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::{Source, load};

    fn file(text: &str) -> File {
        File { path: Arc::new("a.yaml".into()), text: text.into() }
    }

    fn loaded(text: String) -> Vec<String> {
        let source = Source::Text { name: "a.yaml".into(), text };
        load(&[source]).findings.into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn the_documents_of_all_files_are_counted_together() {
        let kept = |texts: &[&str]| {
            let mut findings = Vec::new();
            let kept = few(texts.iter().map(|it| file(it)).collect(), &mut findings);
            (kept.len(), findings.pop().map(|it| it.message))
        };
        let half = "a\n---\n".repeat(MAX_DOCUMENTS / 2 - 1);
        assert_eq!(kept(&[&half, &half]), (2, None));
        let message = "`a.yaml` and the files before it have more than 50000 documents";
        assert_eq!(kept(&[&half, &half, "a"]), (2, Some(message.to_owned())));
        let message = "`a.yaml` has more than 50000 documents";
        let ends = "a\n...\n".repeat(MAX_DOCUMENTS);
        assert_eq!(kept(&[&ends, "a"]), (0, Some(message.to_owned())));
    }

    #[test]
    fn values_and_long_texts_are_counted() {
        let value = json!({"a": [1, true, null, {}], "b": "x".repeat(130)});
        assert_eq!((values(&value), kept_values(&value)), (11, 31));
        let mut whole = Whole::of(10);
        assert_eq!(whole.add(10, &file(""), 1), None);
        let message = whole.add(1, &file(""), 2).unwrap().message;
        assert_eq!(message, "document 2 of `a.yaml` and those before it have more than 10 values");
    }

    #[test]
    fn what_aliases_repeat_counts_for_every_document() {
        let config = format!("s: &a {}\n      l: [{}]", "x".repeat(45_000), "*a,".repeat(90));
        let customization = |number: usize| {
            format!(
                "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {{name: a{number}}}\nspec:\n  \
                 plugins:\n  - name: p\n    source: p.wasm\n    config:\n      {config}\n---\n"
            )
        };
        // Each has the text of 127,000 values, and 45 KB.
        assert_eq!(loaded((0..46).map(customization).collect()), Vec::<String>::new());
        let messages = loaded((0..50).map(customization).collect());
        let message = "document 47 of `a.yaml` and those before it have more than 6000000 values";
        assert_eq!(messages, [message]);
    }

    #[test]
    fn a_document_that_its_aliases_make_too_large_says_what_to_write() {
        let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(50));
        let findings = load(&[Source::Text { name: "a.yaml".into(), text }]).findings;
        assert_eq!(findings[0].code, Code::Syntax);
        assert!(findings[0].hint.as_ref().unwrap().contains("aliases"), "{findings:?}");
    }
}
