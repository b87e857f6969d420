//! Every folder of `examples/` does what its README says. `BLESS=1` accepts what it renders to.

use std::fs;
use std::path::{Path, PathBuf};

use wellhead::{Cache, Compiler, Error, FieldPath, Namespace, Request, Run, Source, run, to_yaml};
use wellhead_tests::built;

#[expect(dead_code, reason = "its `main` reads the command line; here its function is called")]
#[path = "../../examples/embed/main.rs"]
mod embed;

/// The examples, each with its test below; that of `languages` is `tests/tests/languages`.
const TESTED: [&str; 7] =
    ["embed", "jupyter", "languages", "minimal", "pytorch", "team-customization", "tensorflow"];

#[test]
fn every_example_has_a_test_and_a_readme() {
    let mut folders: Vec<String> = fs::read_dir(examples())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    folders.sort();
    assert_eq!(folders, TESTED, "add a test to this file, and the folder's name to `TESTED`");
    let index = fs::read_to_string(examples().join("README.md")).unwrap();
    for folder in TESTED {
        assert!(examples().join(folder).join("README.md").is_file(), "{folder} has no README.md");
        assert!(index.contains(&format!("({folder})")), "examples/README.md has no {folder}");
    }
}

#[test]
fn minimal_is_the_seed_workload_and_warns_of_its_unmounted_claim() {
    let run = render(&["minimal"], &[]).unwrap();
    assert_eq!(codes(&run), ["WH0126"]);
    assert_rendered("minimal", &run);
}

#[test]
fn jupyter_renders_without_a_warning() {
    assert_workload("jupyter");
}

#[test]
fn pytorch_renders_without_a_warning_and_its_workers_find_the_first_one() {
    let run = assert_workload("pytorch");
    let spec = &run.outcomes[0].pipeline.spec;
    let service = spec.service.name.as_ref().unwrap();
    let env = spec.containers[0].env.as_ref().unwrap();
    let address = env.iter().find(|it| it.name == "MASTER_ADDR").unwrap();
    assert_eq!(address.value.as_deref(), Some(format!("trainer-0.{service}").as_str()));
    let nodes = format!("--nnodes={}", spec.replicas.unwrap());
    assert!(spec.containers[0].args.as_ref().unwrap().contains(&nodes), "{nodes}");
}

#[test]
fn tensorflow_renders_without_a_warning() {
    assert_workload("tensorflow");
}

const TEAMS: [&str; 2] = ["team-customization/teams/search", "team-customization/teams/fraud"];
const PLATFORM: &str = "team-customization/platform";

#[test]
fn teams_customize_their_pipelines_and_the_platform_has_the_last_word() {
    let run = render(&["team-customization/base"], &[TEAMS[0], TEAMS[1], PLATFORM]).unwrap();
    assert_eq!(codes(&run), [""; 0]);
    assert_rendered("team-customization", &run);

    let event_log =
        run.outcomes.iter().find(|it| it.pipeline.metadata.name.as_str() == "event-log");
    let provenance = &event_log.unwrap().provenance;
    let replicas = FieldPath::of(["replicas"]);
    let history: Vec<_> = provenance
        .history(&replicas)
        .map(|write| (provenance.writer(write).name.as_str(), write.new.clone().unwrap()))
        .collect();
    assert_eq!(history, [("fraud-replicas", 9.into()), ("platform-replicas", 5.into())]);
}

#[test]
fn a_platform_without_the_right_to_override_is_in_conflict_with_the_teams() {
    let file = examples().join(PLATFORM).join("mandatory.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("overrides:")).collect();
    let platform = Source::Text { name: file.to_str().unwrap().into(), text: kept.join("\n") };
    let mut request = request(&["team-customization/base"], &TEAMS);
    request.customizations.push(platform);
    let Err(Error::Plugins(failures)) = run(&request) else { panic!("the override is in the way") };
    let codes: Vec<_> = failures.iter().map(|it| it.error.fault.code().id()).collect();
    assert_eq!(codes, ["WH0601"; 2], "one for each pipeline with a digest: {failures:#?}");
}

#[test]
fn embed_prints_the_objects_and_who_set_a_field() {
    built::plugins();
    let pipeline = examples().join("minimal/pipeline.yaml");
    let customization = examples().join("minimal/customizations/fast-storage.yaml");
    let field: FieldPath = "claims.my-volume-claim.storageClass".parse().unwrap();
    let compiler = Compiler::program(built::wellhead());
    let request = Request { compiler, ..embed::request(&pipeline, &customization) };
    let report = embed::report(&request, &field).unwrap();
    assert!(report.contains("\nkind: StatefulSet\n"), "{report}");
    assert_eq!(
        report.lines().last(),
        Some(
            "# claims.my-volume-claim.storageClass is \"fast\", set by plugin storage-class: \
             the default of the config"
        )
    );
}

/// A workload of one file: it renders as expected, and nothing about it is to be warned of.
fn assert_workload(example: &str) -> Run {
    let run = render(&[example], &[]).expect("an example renders");
    assert_eq!(codes(&run), [""; 0]);
    assert_rendered(example, &run);
    run
}

fn render(pipelines: &[&str], customizations: &[&str]) -> Result<Run, Error> {
    run(&request(pipelines, customizations))
}

fn request(pipelines: &[&str], customizations: &[&str]) -> Request {
    if !customizations.is_empty() {
        built::plugins();
    }
    let sources =
        |names: &[&str]| names.iter().map(|name| Source::Path(examples().join(name))).collect();
    Request {
        pipelines: sources(pipelines),
        customizations: sources(customizations),
        default_namespace: Some(Namespace::new("demo").expect("a name")),
        cache: Some(Cache::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache/compiled"))),
        compiler: Compiler::program(built::wellhead()),
        ..Request::default()
    }
}

fn codes(run: &Run) -> Vec<&str> {
    run.warnings.iter().map(|warning| warning.code.id()).collect()
}

fn assert_rendered(example: &str, run: &Run) {
    let sets: Vec<String> = run.sets().map(|set| to_yaml(set.objects())).collect();
    let rendered = sets.join("---\n");
    let file = examples().join(example).join("rendered/objects.yaml");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &rendered).expect("the folder is there");
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let (old, new) = (expected.lines(), rendered.lines());
    let first = old.zip(new).enumerate().find(|(_, (old, new))| old != new);
    assert!(
        rendered == expected,
        "{example} renders differently (`BLESS=1` accepts it): line, expected, rendered: {first:?}"
    );
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}
