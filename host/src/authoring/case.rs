//! A test case: a folder with a pipeline, a config, and what should come out.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_spec::{
    FieldPath, Finding, Loaded, Location, MAX_FILE, Pipeline, PluginCase, Severity, Source,
    closest, load, load_case, load_config, load_facts, read_text_file,
};

use super::expected::{ERROR, Ending, PIPELINE, WARNINGS, plain};
use crate::error::{InvalidInput, Texts};

/// The base spec.
const INPUT: &str = "pipeline.yaml";
/// The plugin's config.
const CONFIG: &str = "config.yaml";
/// Rights, limits and budget.
const SETTINGS: &str = "case.yaml";
/// Facts for the plugin.
const FACTS: &str = "facts.yaml";
/// All files of a case.
const FILES: [&str; 7] = [INPUT, CONFIG, FACTS, SETTINGS, PIPELINE, ERROR, WARNINGS];

/// A test case that was read.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) pipeline: Pipeline,
    pub(super) config: Value,
    pub(super) settings: PluginCase,
    pub(super) facts: wellhead_chain::Facts,
    /// What should come out; `None` where no file says it.
    pub(super) expected: Option<Ending>,
}

/// Whether a name in a folder of cases, or of a case, is not a part of the case.
pub(super) fn is_ignored(name: &str) -> bool {
    name.starts_with('.') || name.eq_ignore_ascii_case("README.md")
}

/// Reads the files of a case, and finds everything that is wrong with them.
pub(super) fn read(folder: &Path) -> Result<Case, InvalidInput> {
    let mut reader = Reader { folder, findings: Vec::new(), texts: Vec::new() };
    if !folder.is_dir() {
        let hint = format!("make a folder of this name, with the pipeline as {INPUT}");
        reader.wrong(folder.to_owned(), "a test case is a folder".to_owned(), hint);
        return Err(InvalidInput { findings: reader.findings, texts: Texts::default() });
    }
    reader.check_files();
    if !reader.check_places() {
        return Err(InvalidInput { findings: reader.findings, texts: Texts::default() });
    }
    let pipeline = reader.pipeline(INPUT);
    let config = reader.optional(CONFIG, load_config).unwrap_or_default();
    let settings = reader.optional(SETTINGS, |it| load_case(it).map(|it| it.value));
    let facts = reader.optional(FACTS, |it| match load_facts(std::slice::from_ref(it)) {
        (facts, loaded) if !loaded.has_errors() => Ok(wellhead_chain::Facts::new(&facts)),
        (_, loaded) => Err(loaded),
    });
    let facts = facts.unwrap_or_default();
    let expected = reader.expected();
    let Reader { findings, texts, .. } = reader;
    match pipeline {
        Some(pipeline) if findings.is_empty() => {
            let settings = settings.unwrap_or_default();
            Ok(Case { pipeline, config, settings, facts, expected })
        }
        _ => Err(InvalidInput { findings, texts: Texts(texts) }),
    }
}

struct Reader<'f> {
    folder: &'f Path,
    findings: Vec<Finding>,
    texts: Vec<Loaded>,
}

impl Reader<'_> {
    fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    fn wrong(&mut self, at: PathBuf, message: String, hint: String) {
        let finding = Finding::error(Code::InvalidTestCase, FieldPath::root(), message);
        self.findings.push(finding.hint(hint).at(Some(whole(at))));
    }

    fn check_files(&mut self) {
        let mut names: Vec<String> = match fs::read_dir(self.folder) {
            Ok(entries) => entries
                .filter_map(|it| Some(it.ok()?.file_name().to_string_lossy().into_owned()))
                .collect(),
            Err(error) => {
                let message = format!("the folder cannot be read: {error}");
                return self.wrong(self.folder.to_owned(), message, "check its rights".to_owned());
            }
        };
        names.sort();
        for name in names.iter().filter(|it| !is_ignored(it) && !FILES.contains(&it.as_str())) {
            let hint = match closest(name, &FILES) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("a case has {}", FILES.join(", ")),
            };
            self.wrong(self.folder.join(name), "no file of a test case has this name".into(), hint);
        }
        if self.has(PIPELINE) && self.has(ERROR) {
            let message = format!("the case has both {PIPELINE} and {ERROR}");
            let hint = "remove the one that is wrong".to_owned();
            self.wrong(self.folder.join(ERROR), message, hint);
        }
        if self.has(ERROR) && self.has(WARNINGS) {
            let message = format!("warnings belong to {PIPELINE}, not to {ERROR}");
            let hint = "remove it: a run that fails warns of nothing".to_owned();
            self.wrong(self.folder.join(WARNINGS), message, hint);
        }
    }

    /// The one pipeline of a file.
    fn pipeline(&mut self, name: &str) -> Option<Pipeline> {
        let path = self.folder.join(name);
        if !path.is_file() {
            let message = format!("the case has no {name}");
            self.wrong(path, message, "write the pipeline that the plugin gets into it".to_owned());
            return None;
        }
        let mut loaded = load(&[Source::Path(path.clone())]);
        let errors = loaded.findings.drain(..).filter(|it| it.severity == Severity::Error);
        let errors: Vec<_> = errors.collect();
        let is_clean = errors.is_empty();
        self.findings.extend(errors);
        let count = loaded.pipelines.len() + loaded.customizations.len();
        let pipeline = loaded.pipelines.pop().map(|it| it.value);
        if is_clean && (count != 1 || pipeline.is_none()) {
            let message = format!("{name} holds {count} documents, and not one pipeline");
            self.wrong(path, message, "a case is about one pipeline".to_owned());
        }
        loaded.pipelines.clear();
        self.texts.push(loaded);
        pipeline.filter(|_| is_clean && count == 1)
    }

    fn optional<T>(
        &mut self,
        name: &str,
        read: impl Fn(&Source) -> Result<T, Loaded>,
    ) -> Option<T> {
        if !self.has(name) {
            return None;
        }
        match read(&Source::Path(self.folder.join(name))) {
            Ok(value) => Some(value),
            Err(mut loaded) => {
                self.findings.append(&mut loaded.findings);
                self.texts.push(loaded);
                None
            }
        }
    }

    fn expected(&mut self) -> Option<Ending> {
        if self.has(ERROR) {
            return self.text(ERROR).map(Ending::Failed);
        }
        if !self.has(PIPELINE) {
            return None;
        }
        let pipeline = self.pipeline(PIPELINE).map(Box::new);
        let warnings = if self.has(WARNINGS) { self.text(WARNINGS)? } else { String::new() };
        pipeline.map(|pipeline| Ending::Done { pipeline, warnings })
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let path = self.folder.join(name);
        match read_text_file(&path, MAX_FILE) {
            Ok(text) => Some(plain(&text)),
            Err(error) => {
                self.wrong(path, format!("it cannot be read: {error}"), "write text".to_owned());
                None
            }
        }
    }

    /// Whether all files are files of the project, and tells those that are not: what a link leads to would be shown as a
    /// difference, or given to the plugin. The folder of the case may be such a link, too, or that of all cases.
    fn check_places(&mut self) -> bool {
        let before = self.findings.len();
        let folder = std::path::absolute(self.folder);
        let project = folder.and_then(|it| it.ancestors().nth(2).unwrap_or(&it).canonicalize());
        for name in FILES {
            let path = self.folder.join(name);
            let Ok(file) = path.canonicalize() else { continue };
            let is_inside = project.as_ref().is_ok_and(|project| file.starts_with(project));
            if !is_inside || !file.is_file() {
                let message = format!("{name} is not a file of the project");
                self.wrong(path, message, "write a regular file in its place".to_owned());
            }
        }
        self.findings.len() == before
    }
}

/// What is wrong with a case that does not say what should come out.
pub(super) fn without_expectation(folder: &Path) -> Finding {
    let message = format!("the case has neither {PIPELINE} nor {ERROR}");
    Finding::error(Code::InvalidTestCase, FieldPath::root(), message)
        .hint("`--bless` writes the one that comes out; read it before you keep it")
        .at(Some(whole(folder.join(PIPELINE))))
}

/// A file as a whole.
pub(super) fn whole(file: PathBuf) -> Location {
    Location { file: file.into(), line: 1, column: 1, span: 0..0 }
}
