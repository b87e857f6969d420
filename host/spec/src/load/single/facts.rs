//! Files of facts.

use std::collections::BTreeMap;

use wellhead_diagnostics::Code;

use super::Parser;
use crate::finding::few;
use crate::load::source::whole::Whole;
use crate::load::source::{File, Source, whole};
use crate::load::tree::Place;
use crate::load::{Loaded, yaml};
use crate::model::facts::{FACT_NAME_RULE, Facts, is_fact_name};
use crate::model::pipeline::API_VERSION;
use crate::text::Escaped as _;
use crate::{FieldPath, Finding, Severity};

const FACTS: Parser = Parser { parse: yaml::parse_facts, bytes: yaml::MAX_FACTS };

/// Where a file begins.
const START: Place = Place { line: 1, column: 1, start: 0, end: 0 };

/// Reads facts: each file holds one document of `kind: Facts`, and no two of them the same name. Everything that is
/// wrong comes back as findings.
pub fn load_facts(sources: &[Source]) -> (Facts, Loaded) {
    let mut loaded = Loaded::default();
    let (mut all, mut whole) = (Facts::default(), Whole::of(whole::OF_DOCUMENTS));
    let mut files: BTreeMap<String, File> = BTreeMap::new();
    for source in sources {
        let read = source.files(&mut loaded.findings);
        for file in &read {
            let facts = loaded.facts_of(file).spec;
            let values = facts.values().map(whole::kept_values).sum();
            if let Some(over) = whole.add(values, file, 1) {
                loaded.findings.push(over);
                return (Facts::default(), loaded);
            }
            for (name, value) in facts {
                if let Some(first) = files.get(&name) {
                    let message = format!(
                        "fact `{name}` is in two files, first in {}",
                        first.path.display().to_string().escaped()
                    );
                    let path = FieldPath::of([name.as_str()]);
                    let finding = Finding::error(Code::DuplicateKey, path, message);
                    let place = file.location(START);
                    loaded.findings.push(finding.hint("remove one of them").at(Some(place)));
                    continue;
                }
                files.insert(name.clone(), file.clone());
                all.spec.insert(name, value);
            }
        }
    }
    (all, loaded)
}

impl Loaded {
    /// The facts of one file; none where it has an error.
    fn facts_of(&mut self, file: &File) -> Facts {
        let before = self.findings.len();
        let Some(mut document) = self.single_of(file, &FACTS) else {
            if self.findings.len() == before {
                let message = format!("`{}` has no document of `kind: Facts`", file.path.display());
                let finding = Finding::error(Code::NothingToRead, FieldPath::root(), message);
                self.findings.push(finding.at(Some(file.location(START))));
            }
            return Facts::default();
        };
        let expected = [("apiVersion", API_VERSION), ("kind", "Facts")];
        let headers: Vec<_> =
            expected.iter().filter_map(|it| document.header(it.0, it.1)).collect();
        if !headers.is_empty() {
            self.findings.extend(headers);
            return Facts::default();
        }
        let earlier = self.findings.split_off(before);
        let typed = document.read(earlier, validate_facts);
        let is_error = |it: &Finding| it.severity == Severity::Error;
        let value = typed.value.filter(|_| !typed.findings.iter().any(is_error));
        self.findings.extend(few::of_document(typed.findings));
        value.map(|it| it.value).unwrap_or_default()
    }
}

/// Everything that is wrong with facts beside their form.
fn validate_facts(facts: &Facts) -> Vec<Finding> {
    let wrong = facts.spec.keys().filter(|name| !is_fact_name(name));
    let finding = |name: &String| {
        let message = format!("`{}` is not the name of a fact", name.escaped());
        let path = FieldPath::of([name.as_str()]);
        Finding::error(Code::InvalidName, path, message).hint(FACT_NAME_RULE)
    };
    wrong.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(texts: &[&str]) -> (Facts, Vec<String>) {
        let source = |(at, text): (usize, &&str)| Source::Text {
            name: format!("{at}.yaml").into(),
            text: (*text).to_owned(),
        };
        let sources: Vec<_> = texts.iter().enumerate().map(source).collect();
        let (facts, loaded) = load_facts(&sources);
        let told = |it: &Finding| {
            let place = it.location.as_ref().map_or("-".to_owned(), ToString::to_string);
            format!("{place} {}: {}", it.path, it.message)
        };
        (facts, loaded.findings.iter().map(told).collect())
    }

    const HEADER: &str = "apiVersion: wellhead.dev/v1alpha1\nkind: Facts\nspec:\n";

    #[test]
    fn facts_are_any_values_by_name_from_several_files() {
        let one = format!("{HEADER}  storageClasses: [{{name: fast, reclaimPolicy: null}}]\n");
        let other = format!("{HEADER}  acme.tiers: {{gold: 3}}\n");
        let (facts, findings) = read(&[&one, &other]);
        assert_eq!(findings, [""; 0]);
        assert_eq!(facts.spec["storageClasses"], json!([{"name": "fast", "reclaimPolicy": null}]));
        assert_eq!(facts.spec["acme.tiers"], json!({"gold": 3}));
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let (facts, findings) = read(&[
            &format!("{HEADER}  nodes: []\n  nodes: []\n"),
            &format!("{HEADER}  \"a b\": 1\n"),
            "kind: Pipeline\n",
            "# nothing\n",
            &format!("{HEADER}  tiers: 1\nmetadata: {{name: a}}\n"),
        ]);
        assert_eq!(facts, Facts::default());
        assert_eq!(
            findings,
            [
                "0.yaml:5:3 nodes: duplicate key, first in line 4",
                "1.yaml:4:10 [\"a b\"]: `a b` is not the name of a fact",
                "2.yaml:1:1 apiVersion: `apiVersion` is missing",
                "2.yaml:1:7 kind: unknown kind `Pipeline`",
                "3.yaml:1:1 : `3.yaml` has no document of `kind: Facts`",
                "4.yaml:5:1 metadata: unknown field `metadata`",
            ]
        );
        let one = format!("{HEADER}  tiers: 1\n");
        let (_, findings) = read(&[&one, &one]);
        assert_eq!(findings, ["1.yaml:1:1 tiers: fact `tiers` is in two files, first in 0.yaml"]);
    }

    #[test]
    fn more_than_a_cluster_has_is_refused_unread() {
        let many = format!("{HEADER}  many: [{}0]\n", "0,".repeat(700_000));
        assert!(read(&[&many]).1[0].contains("0.yaml"), "{:?}", read(&[&many]).1);
        let long = format!("{HEADER}  long: {}\n", "x".repeat(17 << 20));
        assert_eq!(read(&[&long]).1, ["0.yaml:1:1 : the document has more than 16 MiB"]);
    }
}
