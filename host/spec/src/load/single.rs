//! Files that hold one document: those of a plugin's project, and a plugin's config.

pub(super) mod facts;

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::document::{Document, Located, Tree};
use super::header::wrong_header;
use super::source::{File, Source};
use super::tree::Place;
use super::yaml::{Chunk, Parsed, SyntaxError};
use super::{Loaded, yaml};
use crate::distribution::check::{validate_lock, validate_trust_policy};
use crate::distribution::conflict;
use crate::model::pipeline::API_VERSION;
use crate::read::Kind;
use crate::validate::{validate_case, validate_project};
use crate::{FieldPath, Finding, Lock, PluginCase, PluginProject, TrustPolicy};

/// Reads a plugin's project (`plugin.yaml`). What is wrong comes back as the findings.
pub fn load_project(source: &Source) -> Result<Located<PluginProject>, Loaded> {
    load_one(source, "PluginProject", validate_project)
}

/// Reads what differs in a test case (`case.yaml`). What is wrong comes back as the findings.
pub fn load_case(source: &Source) -> Result<Located<PluginCase>, Loaded> {
    load_one(source, "PluginCase", validate_case)
}

/// Reads a plugin's config: any value, as strictly as in a customization. A file without a document
/// is an empty config. What is wrong comes back as the findings.
pub fn load_config(source: &Source) -> Result<Value, Loaded> {
    let mut loaded = Loaded::default();
    let document = loaded.single(source, &CONFIG);
    if loaded.findings.is_empty() {
        let value = document.and_then(|it| it.tree.into_inner()).map(|it| it.value);
        return Ok(value.unwrap_or_else(|| Value::Object(serde_json::Map::new())));
    }
    Err(loaded)
}

/// Reads a lock (`wellhead.lock`). What is wrong comes back as the findings; of a merge conflict, its place alone.
pub fn load_lock(source: &Source) -> Result<Located<Lock>, Loaded> {
    let mut loaded = Loaded::default();
    let Some(file) = source.files(&mut loaded.findings).into_iter().next() else {
        return Err(loaded);
    };
    if let Some(marker) = conflict::first(&file.text) {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let [line, start, end] = [marker.line, marker.start, marker.end].map(small);
        let message = "a merge left conflict markers in the lock";
        let finding = Finding::error(Code::InvalidLock, FieldPath::root(), message)
            .hint("resolve the customizations first; `wellhead lock` then resolves the lock");
        loaded.findings.push(finding.at(Some(file.location(Place {
            line,
            column: 1,
            start,
            end,
        }))));
        loaded.texts.insert(file.path, file.text);
        return Err(loaded);
    }
    let source = Source::Text { name: file.path.to_path_buf(), text: file.text.to_string() };
    load_one(&source, "Lock", validate_lock)
}

/// Reads a trust policy. What is wrong comes back as the findings.
pub fn load_trust_policy(source: &Source) -> Result<Located<TrustPolicy>, Loaded> {
    load_one(source, "TrustPolicy", validate_trust_policy)
}

fn load_one<T: Kind>(
    source: &Source,
    kind: &str,
    check: fn(&T) -> Vec<Finding>,
) -> Result<Located<T>, Loaded> {
    let mut loaded = Loaded::default();
    let Some(mut document) = loaded.single(source, &DOCUMENT) else {
        if loaded.findings.is_empty() {
            let message = format!("there is no document of `kind: {kind}`");
            loaded.findings.push(Finding::error(Code::NothingToRead, FieldPath::root(), message));
        }
        return Err(loaded);
    };
    let expected = [("apiVersion", API_VERSION), ("kind", kind)];
    let headers: Vec<_> = expected.iter().filter_map(|it| document.header(it.0, it.1)).collect();
    if !headers.is_empty() {
        loaded.findings.extend(headers);
        return Err(loaded);
    }
    let typed = document.read(std::mem::take(&mut loaded.findings), check);
    loaded.findings = typed.findings;
    typed.value.filter(|_| !loaded.has_errors()).ok_or(loaded)
}

/// How a document is read, and how many bytes it may have.
struct Parser {
    parse: fn(Chunk<'_>) -> Result<Parsed, SyntaxError>,
    bytes: usize,
}

const DOCUMENT: Parser = Parser { parse: yaml::parse, bytes: yaml::MAX_DOCUMENT };
const CONFIG: Parser = Parser { parse: yaml::parse_config, bytes: yaml::MAX_DOCUMENT };

impl Loaded {
    /// The one document of a source; none for an empty one, and for one that cannot be read.
    fn single(&mut self, source: &Source, parser: &Parser) -> Option<Document> {
        let files = source.files(&mut self.findings);
        self.single_of(files.first()?, parser)
    }

    /// The one document of a file.
    fn single_of(&mut self, file: &File, parser: &Parser) -> Option<Document> {
        self.texts.insert(file.path.clone(), file.text.clone());
        let mut chunks = yaml::chunks(&file.text).into_iter();
        let (first, second) = (chunks.next()?, chunks.next());
        let mut refuse = |code, message: String, place: Place| {
            let finding = Finding::error(code, FieldPath::root(), message);
            self.findings.push(finding.at(Some(file.location(place))));
        };
        if let Some(second) = second {
            refuse(Code::UnknownKind, "the file holds one document".to_owned(), second.place());
        }
        if first.text.len() > parser.bytes {
            let most = parser.bytes >> 20;
            let message = format!("the document has more than {most} MiB");
            refuse(Code::DocumentTooLarge, message, first.place());
            return None;
        }
        match (parser.parse)(first) {
            Ok(parsed) => {
                let tree = Tree { value: parsed.value, node: parsed.node };
                let document = Document::new(file, 1, first, tree);
                self.findings.extend(parsed.issues.iter().map(|issue| document.issue(issue)));
                Some(document)
            }
            Err(error) => {
                self.findings.push(error.finding(file));
                None
            }
        }
    }
}

impl Document {
    /// Takes a field that tells what the document is; a finding where it says otherwise.
    fn header(&mut self, field: &'static str, expected: &str) -> Option<Finding> {
        let fields = self.tree.get_mut().and_then(|it| it.value.as_object_mut());
        let value = fields.and_then(|fields| fields.remove(field));
        let fits = value.as_ref().and_then(Value::as_str) == Some(expected);
        (!fits).then(|| self.locate(wrong_header(field, value.as_ref(), &[expected])))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Source {
        Source::Text { name: "plugin.yaml".into(), text: text.to_owned() }
    }

    fn wrong<T>(loaded: Result<T, Loaded>) -> Vec<String> {
        let Err(loaded) = loaded else { return Vec::new() };
        let told = |it: &Finding| {
            let place = it.location.as_ref().map_or("-".to_owned(), ToString::to_string);
            format!("{place} {}: {}", it.path, it.message)
        };
        loaded.findings.iter().map(told).collect()
    }

    const HEADER: &str = "apiVersion: wellhead.dev/v1alpha1\nkind: PluginProject\n";

    #[test]
    fn a_project_is_read() {
        let project = load_project(&text(&format!(
            "{HEADER}component: build/p.wasm\nbudget: {{fuel: 10, memory: 2Mi}}\n"
        )))
        .unwrap();
        assert_eq!(project.component.as_deref(), Some("build/p.wasm"));
        assert_eq!(project.budget.fuel, Some(10));
        assert_eq!(project.budget.memory.as_ref().unwrap().whole(), 2 << 20);
        assert_eq!(load_project(&text(HEADER)).unwrap().value, PluginProject::default());
    }

    #[test]
    fn everything_that_is_wrong_has_its_place() {
        let project = format!("{HEADER}budget:\n  feul: 10\n  edits: many\nname: x\n");
        assert_eq!(
            wrong(load_project(&text(&project))),
            [
                "plugin.yaml:4:3 budget.feul: unknown field `feul`",
                "plugin.yaml:5:10 budget.edits: found a string, expected an integer",
                "plugin.yaml:6:1 name: unknown field `name`",
            ]
        );
        assert_eq!(
            wrong(load_project(&text("kind: Pipeline\n"))),
            [
                "plugin.yaml:1:1 apiVersion: `apiVersion` is missing",
                "plugin.yaml:1:7 kind: unknown kind `Pipeline`",
            ]
        );
        assert_eq!(wrong(load_project(&text("# empty\n"))).len(), 1);
        assert_eq!(wrong(load_case(&text("a: [")))[0].split(' ').next(), Some("plugin.yaml:1:4"));
    }

    #[test]
    fn a_config_is_any_value_and_one_document() {
        assert_eq!(load_config(&text("a: [1, yes]\n")).unwrap(), json!({"a": [1, "yes"]}));
        assert_eq!(load_config(&text("{\"a\": 1}")).unwrap(), json!({"a": 1}));
        assert_eq!(load_config(&text("# nothing\n")).unwrap(), json!({}));
        assert_eq!(
            load_config(&text("a: null\nb: [{c: ~}]\n")).unwrap(),
            json!({"a": null, "b": [{"c": null}]}),
            "a null is a value, as it is in the config of a customization"
        );
        assert_eq!(
            wrong(load_config(&text("a: 1\na: 2\nb:\n---\nc: 1\n"))),
            [
                "plugin.yaml:4:1 : the file holds one document",
                "plugin.yaml:2:1 a: duplicate key, first in line 1",
            ]
        );
        assert_eq!(wrong(load_config(&"no/such/file".into())).len(), 1);
    }

    #[test]
    fn what_a_case_gives_is_held_to_the_rules_of_an_entry() {
        let header = HEADER.replace("PluginProject", "PluginCase");
        let told = wrong(load_case(&text(&format!(
            "{header}grants: [a..b]\nopens: [replicas, '**']\nlimits: {{memory: '0'}}\n\
             budget: {{memory: '-1'}}\n"
        ))));
        let places: Vec<_> = told.iter().filter_map(|it| Some(it.split_once(": ")?.0)).collect();
        assert_eq!(
            places,
            [
                "plugin.yaml:3:10 grants[0]",
                "plugin.yaml:4:19 opens[1]",
                "plugin.yaml:5:18 limits.memory",
                "plugin.yaml:6:18 budget.memory",
            ],
            "{told:?}"
        );
        assert_eq!(
            wrong(load_project(&text(&format!("{HEADER}budget: {{memory: '0'}}\n")))).len(),
            1
        );
    }

    #[test]
    fn a_case_may_say_everything_and_nothing() {
        let header = HEADER.replace("PluginProject", "PluginCase");
        let case = load_case(&text(&format!(
            "{header}grants: []\nlimits: {{fuel: 1}}\nbudget: {{edits: 0}}\n"
        )))
        .unwrap();
        assert_eq!((case.grants.as_deref(), case.opens.as_deref()), (Some(&[][..]), None));
        assert_eq!((case.limits.fuel, case.budget.edits), (Some(1), Some(0)));
    }
}
