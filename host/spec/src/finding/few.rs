//! The first of many findings, and how many more there are.

use super::{Finding, Severity};
use crate::FieldPath;

/// Most findings of one document that are kept; who has a thousand to correct looks at the first.
const MAX_OF_ONE: usize = 1_000;
/// Most findings of all documents together.
pub(crate) const MAX_OF_ALL: usize = 10_000;

/// What there is to say beyond what is kept.
#[derive(Debug, Default)]
pub(crate) struct More {
    count: usize,
    is_error: bool,
    first: Option<Finding>,
}

impl More {
    /// Shortens a list of findings that gets longer.
    pub(crate) fn shorten(&mut self, findings: &mut Vec<Finding>, most: usize) {
        for finding in findings.drain(most.min(findings.len())..) {
            self.count += 1;
            self.is_error |= finding.severity == Severity::Error;
            self.first.get_or_insert(finding);
        }
    }

    /// One finding for all that are not kept, at the place of the first.
    pub(crate) fn finding(self, place: &str) -> Option<Finding> {
        let first = self.first?;
        let message = format!("there are {} more findings in {place}", self.count);
        let more = Finding::error(first.code, FieldPath::root(), message)
            .hint("correct those before, and run the same command again")
            .at(first.location);
        let severity = if self.is_error { Severity::Error } else { Severity::Warning };
        Some(Finding { severity, ..more })
    }
}

/// Keeps the first findings of a document, and says how many more there are.
pub(crate) fn of_document(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut more = More::default();
    more.shorten(&mut findings, MAX_OF_ONE);
    findings.extend(more.finding("this document"));
    findings.shrink_to_fit();
    findings
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use wellhead_diagnostics::Code;

    use super::*;
    use crate::{Loaded, Source, load};

    fn loaded(text: String) -> Loaded {
        load(&[Source::Text { name: "a.yaml".into(), text }])
    }

    const START: &str =
        "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: a}\nspec:\n";

    #[test]
    fn a_document_says_its_first_findings_and_how_many_more_there_are() {
        let mut text = format!("{START}  containers: [{{name: a, image: 'b:1'}}]\n");
        (0..1_500).for_each(|at| writeln!(text, "  x{at}: 1").unwrap());
        let loaded = loaded(text);
        assert_eq!(loaded.findings.len(), MAX_OF_ONE + 1);
        let last = loaded.findings.last().unwrap();
        assert_eq!(last.message, "there are 500 more findings in this document");
        assert_eq!((last.code, last.location.as_ref().unwrap().line), (Code::UnknownField, 1_006));
        assert!(loaded.pipelines.is_empty() && loaded.has_errors());
    }

    #[test]
    fn all_documents_together_say_no_more_than_can_be_read() {
        let loaded = loaded(format!("{START}  x: 1\n---\n").repeat(MAX_OF_ALL));
        assert_eq!(loaded.findings.len(), MAX_OF_ALL + 1);
        let last = loaded.findings.last().unwrap();
        assert_eq!(last.message, "there are 10000 more findings in these files");
        assert!(loaded.has_errors() && loaded.pipelines.is_empty());
    }
}
