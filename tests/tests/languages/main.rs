//! One plugin in five languages (`examples/languages`): each does the same, to the byte.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step of a test ends the test")]

mod case;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use wellhead::authoring::{CaseReport, Loading, TestReport, TestRequest, test};
use wellhead::{Cache, Compiler};
use wellhead_chain::{Allocation, Engine, LoadOptions, Plugin};
use wellhead_toolchain::{Language, Output, Project};

/// Where the plugin is, in a folder for each language.
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/languages");
/// Where the components and what is compiled of them are kept between runs.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/languages");

/// Files that pin what a plugin is built from.
const PINS: [&str; 4] = ["Cargo.lock", "go.sum", "package-lock.json", "requirements-build.txt"];

/// The engine of all plugins.
static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap());

fn cache() -> Cache {
    Cache::new(Path::new(BUILT).join("cache"))
}

/// The plugin in a language, built once.
fn component(language: Language) -> PathBuf {
    static BUILDS: [OnceLock<PathBuf>; Language::ALL.len()] =
        [const { OnceLock::new() }; Language::ALL.len()];
    let index = Language::ALL.iter().position(|it| *it == language).unwrap();
    BUILDS[index].get_or_init(|| build(language)).clone()
}

fn build(language: Language) -> PathBuf {
    let folder = Path::new(EXAMPLES).join(language.id());
    let pins = || PINS.map(|file| fs::read(folder.join(file)).ok());
    let before = pins();
    let project = Project::open(&folder, Some(language)).unwrap_or_else(|error| {
        panic!("{error}: {:?}", error.hints());
    });
    let built = project.build(Output::OnFailure, &[]).unwrap_or_else(|error| {
        panic!("{error}\n{}\n{:?}", error.facts().join("\n"), error.hints());
    });
    assert!(pins() == before, "a build changes what {language} pins");
    fs::create_dir_all(BUILT).unwrap();
    let file = Path::new(BUILT).join(format!("{}.wasm", language.id()));
    built.write(&file).unwrap();
    file
}

/// The plugin in a language, compiled once.
fn plugin(language: Language) -> Arc<Plugin> {
    static PLUGINS: Mutex<BTreeMap<Language, Arc<Plugin>>> = Mutex::new(BTreeMap::new());
    let file = component(language);
    let mut plugins = PLUGINS.lock().unwrap();
    let plugin = plugins.entry(language).or_insert_with(|| {
        let cache = cache();
        let options = LoadOptions { cache: Some(&cache), ..LoadOptions::default() };
        Plugin::load(&ENGINE, language.id(), &file, &options).unwrap().into()
    });
    Arc::clone(plugin)
}

/// What the vectors give in a language, as its author sees it.
fn report(language: Language) -> TestReport {
    let request = TestRequest {
        folder: Path::new(EXAMPLES).join(language.id()),
        component: Some(component(language)),
        loading: Loading { cache: Some(cache()), compiler: Compiler::in_process() },
        ..TestRequest::default()
    };
    test(&request).unwrap()
}

/// Runs the vectors as the author of the plugin does, and compares all that can be seen with what
/// Rust's plugin does.
fn holds_to_the_vectors(language: Language) {
    let (theirs, ours) = (report(language), report(Language::Rust));
    for (case, reference) in theirs.cases.iter().zip(&ours.cases) {
        assert!(case.passes(), "{} in {language}: {:#?}", case.name, case.problems);
        let seen = |it: &CaseReport| (it.name.clone(), case::to_users(&it.log), it.usage.edits);
        assert_eq!(seen(case), seen(reference), "{language}");
    }
    let (plugin, reference) = (plugin(language), plugin(Language::Rust));
    assert_eq!(plugin.description(), reference.description());
    for case in case::all() {
        let (actual, expected) = (case.run(&plugin), case.run(&reference));
        assert_eq!(actual, expected, "{} in {language}", case.name);
    }
}

#[test]
fn rust_holds_to_the_vectors() {
    holds_to_the_vectors(Language::Rust);
}

#[test]
fn javascript_holds_to_the_vectors() {
    holds_to_the_vectors(Language::JavaScript);
}

#[test]
fn python_holds_to_the_vectors() {
    holds_to_the_vectors(Language::Python);
}

#[test]
fn go_holds_to_the_vectors() {
    holds_to_the_vectors(Language::Go);
}

#[test]
fn c_holds_to_the_vectors() {
    holds_to_the_vectors(Language::C);
}

#[test]
fn the_languages_are_five_and_the_vectors_at_least_a_hundred_and_twenty() {
    let is_project = |folder: &PathBuf| folder.join("plugin.yaml").is_file();
    let folders = fs::read_dir(EXAMPLES).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<String> = folders
        .filter(is_project)
        .map(|it| it.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, ["c", "go", "javascript", "python", "rust"]);
    assert_eq!(Language::ALL.len(), found.len());
    assert!(case::all().len() >= 120);
}

/// Each language has the same schema, as a file that its author can read.
#[test]
fn the_schema_is_the_same_file_everywhere() {
    let schema = |language: Language| {
        let file = Path::new(EXAMPLES).join(language.id()).join("config.schema.json");
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    for language in Language::ALL {
        assert_eq!(schema(language), schema(Language::Rust), "{language}");
    }
}
