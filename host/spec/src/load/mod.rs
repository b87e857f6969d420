//! From files to typed documents, with every finding on the way.

mod document;
mod foreign;
mod header;
mod manifest;
mod once;
mod places;
mod quick;
mod single;
mod source;
mod syntax;
mod tree;
mod yaml;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wellhead_diagnostics::Code;

use crate::finding::few;
use crate::{
    Customization, FieldPath, Finding, Form, Pipeline, Severity, parallel, validate,
    validate_customization,
};
use document::{Document, Tree, Typed};
use header::{KindName, take_kind};
use source::whole::Whole;
use source::{File, whole};
use tree::Place;
use yaml::Parsed;

pub use document::Located;
pub use manifest::{Manifest, Manifests, load_manifests};
pub use places::Places;
pub use single::facts::load_facts;
pub use single::{load_case, load_config, load_lock, load_project, load_trust_policy};
pub use source::Source;

/// What was read from [`Source`]s.
#[derive(Debug)]
pub struct Loaded<P = Pipeline> {
    /// The pipelines that have no error, in the order of the sources.
    pub pipelines: Vec<Located<P>>,
    /// The customizations that have no error, in the order of the sources.
    pub customizations: Vec<Located<Customization>>,
    /// Everything that is wrong, in the order of the sources, with its place.
    pub findings: Vec<Finding>,
    texts: HashMap<Arc<PathBuf>, Arc<str>>,
}

/// Reads documents and reports everything that is wrong with them, what [`validate`] and
/// [`validate_customization`] say included. A document with an error is not among the results.
///
/// An empty source is a finding, so that a mistyped path does not pass for success.
pub fn load(sources: &[Source]) -> Loaded {
    load_on(parallel::threads(), sources)
}

/// The same, on at most so many threads, each pipeline kept in a form of its own.
pub fn load_on<P: Form>(threads: NonZero<usize>, sources: &[Source]) -> Loaded<P> {
    let mut loaded = Loaded::default();
    let files = once::files(threads, sources, &mut loaded.findings);
    let files = whole::few(files, &mut loaded.findings);
    let chunks: Vec<_> = files.iter().flat_map(documents).collect();
    let read = |_, (file, number, chunk)| read_document::<P>(file, number, chunk);
    let (mut whole, mut more) = (Whole::of(whole::OF_DOCUMENTS), few::More::default());
    for some in chunks.chunks(AT_ONCE) {
        let read = parallel::map(threads, parallel::SMALL, some.iter().copied(), read);
        let mut read = read.into_iter().zip(some);
        let over = read.find_map(|(read, (file, number, _))| {
            let over = whole.add(read.values, file, *number);
            loaded.add(read);
            over
        });
        more.shorten(&mut loaded.findings, few::MAX_OF_ALL);
        if let Some(over) = over {
            loaded.findings.push(over);
            break;
        }
    }
    loaded.findings.extend(more.finding("these files"));
    loaded.texts = files.into_iter().map(|file| (file.path, file.text)).collect();
    loaded.report_duplicates();
    loaded
}

/// Documents that are read before they are counted.
const AT_ONCE: usize = 128;

/// What was read of a document.
struct Read<P> {
    /// How many values are kept of it.
    values: usize,
    pipeline: Option<Located<P>>,
    customization: Option<Located<Customization>>,
    findings: Vec<Finding>,
}

impl<P> Read<P> {
    /// A document that is neither.
    fn wrong(findings: Vec<Finding>) -> Self {
        Self { values: 1, pipeline: None, customization: None, findings }
    }
}

/// The documents of a file with their numbers; of a file without one, there is none to read.
fn documents(file: &File) -> Vec<(&File, usize, Option<yaml::Chunk<'_>>)> {
    let chunks = yaml::chunks(&file.text);
    if chunks.is_empty() {
        return vec![(file, 0, None)];
    }
    (1..).zip(chunks).map(|(number, chunk)| (file, number, Some(chunk))).collect()
}

fn read_document<P: Form>(file: &File, number: usize, chunk: Option<yaml::Chunk<'_>>) -> Read<P> {
    let wrong = |code, message: String, place| {
        let finding = Finding::error(code, FieldPath::root(), message);
        Read::wrong(vec![finding.at(Some(file.location(place)))])
    };
    let Some(chunk) = chunk else {
        let message = format!("`{}` has no document", file.path.display());
        let start = Place { line: 1, column: 1, ..Place::default() };
        return wrong(Code::NothingToRead, message, start);
    };
    if chunk.text.len() > yaml::MAX_DOCUMENT {
        let message = format!("document {number} has more than 1 MiB");
        return wrong(Code::DocumentTooLarge, message, chunk.place());
    }
    tracing::trace!("a document is parsed");
    let parsed = quick::read(chunk).map_or_else(|| yaml::parse(chunk), Ok);
    let Parsed { mut value, node, issues } = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return Read::wrong(vec![error.finding(file)]),
    };
    let kind = take_kind(&mut value, file);
    let values = match kind {
        Ok(KindName::Customization) => whole::kept_values(&value),
        _ => whole::values(&value),
    };
    let document = Document::new(file, number, chunk, Tree { value, node });
    let mut findings: Vec<_> = issues.iter().map(|issue| document.issue(issue)).collect();
    match kind {
        Ok(KindName::Pipeline) => {
            let Typed { value, findings } = document.read(findings, validate);
            let pipeline = value.map(|it| it.map(P::of));
            Read { values, pipeline, customization: None, findings: few::of_document(findings) }
        }
        Ok(KindName::Customization) => {
            let typed = document.read(findings, validate_customization);
            let Typed { value: customization, findings } = typed;
            Read { values, pipeline: None, customization, findings: few::of_document(findings) }
        }
        Err(wrong) => {
            findings.extend(wrong.into_iter().map(|finding| document.locate(finding)));
            Read::wrong(few::of_document(findings))
        }
    }
}

impl<P> Default for Loaded<P> {
    fn default() -> Self {
        let (pipelines, customizations) = (Vec::new(), Vec::new());
        Self { pipelines, customizations, findings: Vec::new(), texts: HashMap::new() }
    }
}

impl<P> Loaded<P> {
    /// The same texts, without what was read from them.
    pub fn emptied(self) -> Loaded {
        Loaded { texts: self.texts, ..Loaded::default() }
    }

    /// The text of a file that was read, for excerpts. `file` is that of a [`Location`].
    pub fn text(&self, file: &Path) -> Option<&str> {
        self.texts.get(&file.to_owned()).map(|text| &**text)
    }

    /// The files that were read, in no order.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_path(), &**text))
    }

    /// Whether a finding is an error.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn add(&mut self, mut read: Read<P>) {
        self.pipelines.extend(read.pipeline);
        self.customizations.extend(read.customization);
        self.findings.append(&mut read.findings);
    }

    /// Finds pipelines that have one name and namespace.
    fn report_duplicates(&mut self)
    where
        P: Form,
    {
        let mut seen: HashMap<_, &Located<P>> = HashMap::new();
        let name = FieldPath::of(["name"]);
        for pipeline in &self.pipelines {
            let metadata = pipeline.value.metadata();
            match seen.entry((metadata.namespace.as_ref(), &metadata.name)) {
                Entry::Vacant(entry) => {
                    entry.insert(pipeline);
                }
                Entry::Occupied(first) => {
                    let place = first.get().nearest(&name);
                    let message =
                        format!("pipeline `{}` is defined twice, first at {place}", metadata.name);
                    let finding = Finding::error(Code::DuplicatePipeline, name.clone(), message);
                    let finding =
                        finding.hint("rename or remove one, or give them different namespaces");
                    self.findings.push(pipeline.locate(finding));
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) use tests::corpus;

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::Value;

    use super::*;

    /// Every document of the corpus that can be parsed: file, kind, and `metadata` and `spec`.
    pub(crate) fn corpus() -> Vec<(String, String, Value)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
        let mut findings = Vec::new();
        let files = Source::Path(folder).files(&mut findings);
        assert_eq!(findings, []);
        let mut documents = Vec::new();
        for file in files {
            for chunk in yaml::chunks(&file.text) {
                let Ok(mut parsed) = yaml::parse(chunk) else { continue };
                let Value::Object(fields) = &mut parsed.value else { continue };
                fields.remove("apiVersion");
                let kind = fields.remove("kind");
                let kind =
                    kind.and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
                let name = file.path.file_name().unwrap().to_string_lossy().into_owned();
                documents.push((name, kind, parsed.value));
            }
        }
        documents
    }

    fn text(name: &str, text: &str) -> Source {
        Source::Text { name: name.into(), text: text.into() }
    }

    const SEED: &str = include_str!("../../../../examples/minimal/pipeline.yaml");

    #[test]
    fn every_field_has_its_place() {
        let loaded = load(&[text("seed.yaml", SEED)]);
        let pipeline = &loaded.pipelines[0];
        for (path, place) in [
            ("name", "seed.yaml:4:9"),
            ("replicas", "seed.yaml:6:13"),
            ("selector", "seed.yaml:7:3"),
            ("selector.app", "seed.yaml:7:19"),
            ("service.ports.80/TCP.port", "seed.yaml:11:20"),
            ("containers.nginx", "seed.yaml:13:7"),
            ("containers.nginx.image", "seed.yaml:14:14"),
            ("claims.my-volume-claim.size", "seed.yaml:18:13"),
        ] {
            let location = pipeline.location(&path.parse().unwrap()).unwrap();
            assert_eq!(location.to_string(), place, "{path}");
        }
        let image = pipeline.location(&"containers.nginx.image".parse().unwrap()).unwrap();
        assert_eq!(&pipeline.text()[image.span], "nginx:1.14.2");
        assert_eq!(loaded.text(&image.file), Some(SEED));
        let missing = "containers.nginx.command".parse().unwrap();
        assert_eq!(pipeline.location(&missing), None);
        assert_eq!(pipeline.nearest(&missing).to_string(), "seed.yaml:13:7");
    }

    #[test]
    fn the_seed_is_valid_and_its_claim_is_noticed() {
        let loaded = load(&[text("seed.yaml", SEED)]);
        assert!(!loaded.has_errors());
        let codes: Vec<_> = loaded.findings.iter().map(|it| it.code).collect();
        assert_eq!(codes, [Code::UnmountedClaim]);
    }

    #[test]
    fn the_corpus_shows_every_code_and_each_finding_has_a_place() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
        let loaded = load(&[
            Source::Path(folder.clone()),
            Source::Path(folder.join("nothing")),
            Source::Path(folder.join("minimal.yaml")),
            text("empty.yaml", ""),
            text("huge.yaml", &"x".repeat(2 << 20)),
        ]);
        assert!(loaded.findings.len() > 100);
        for finding in &loaded.findings {
            assert!(finding.location.is_some(), "{finding:?}");
        }
        let used: std::collections::BTreeSet<_> =
            loaded.findings.iter().map(|it| it.code).collect();
        let own = Code::ALL.iter().filter(|it| it.id().starts_with("WH01"));
        let unused: Vec<_> = own.filter(|it| !used.contains(it)).collect();
        assert_eq!(unused, Vec::<&Code>::new(), "codes that no case of the corpus shows");
    }

    #[test]
    fn folders_are_read_by_name_and_without_subfolders() {
        let folder = std::env::temp_dir().join(format!("wellhead-spec-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("sub.yaml")).unwrap();
        for name in ["b.yaml", "a.yml", "c.json", "sub.yaml/d.yaml", "notes.txt"] {
            let document = SEED.replace("my-stateful-app", &format!("app-{}", &name[..1]));
            std::fs::write(folder.join(name), document).unwrap();
        }
        let loaded = load(&[Source::Path(folder.clone())]);
        std::fs::remove_dir_all(&folder).unwrap();
        let names: Vec<_> = loaded.pipelines.iter().map(|it| it.metadata.name.as_str()).collect();
        assert_eq!(names, ["app-a", "app-b", "app-c"]);
    }

    #[test]
    fn what_cannot_be_read_is_a_finding() {
        let loaded = load(&["no/such/file.yaml".into(), text("empty.yaml", "# nothing\n---\n")]);
        let messages: Vec<_> = loaded.findings.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "cannot read `no/such/file.yaml`: no such file or directory",
                "`empty.yaml` has no document",
            ]
        );
    }

    #[test]
    fn a_huge_document_is_refused_before_it_is_parsed() {
        let loaded = load(&[text("huge.yaml", &format!("a: {}\n", "x".repeat(1 << 20)))]);
        assert_eq!(loaded.findings[0].code, Code::DocumentTooLarge);
    }

    #[test]
    fn an_alias_bomb_is_refused_quickly() {
        let mut bomb = String::from("a0: &a0 [x]\n");
        for level in 1..40 {
            let below = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{below}]").unwrap();
        }
        let loaded = load(&[text("bomb.yaml", &bomb)]);
        assert_eq!(loaded.findings[0].code, Code::Syntax);
        let nested = load(&[text("deep.yaml", &"[".repeat(100_000))]);
        assert_eq!(nested.findings[0].code, Code::Syntax);
    }
}
