//! `wellhead render --output-dir`: a tree for GitOps.

use std::fs;
use std::path::Path;

use crate::context::{Context, PIPELINE, output};

/// Files below a folder, sorted.
fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).expect("the folder was written") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(
                    path.strip_prefix(folder)
                        .expect("it is below the folder")
                        .display()
                        .to_string(),
                );
            }
        }
    }
    found.sort();
    found
}

fn render(context: &Context, arguments: &[&str]) -> String {
    let mut all = vec!["render", "-f", "db.yaml", "--output-dir", "out"];
    all.extend(arguments);
    let run = output(&mut context.command(&all));
    assert!(run.status.success() && run.stdout.is_empty(), "{run:?}");
    String::from_utf8(run.stderr).expect("messages are text")
}

fn with_claim(replicas: usize) -> String {
    let claims = "  claims: [{name: data, size: 1Gi, mountPath: /data}]\n";
    format!("{PIPELINE}{claims}").replace("replicas: 3", &format!("replicas: {replicas}"))
}

/// Each object has a file, by namespace, pipeline, kind and name.
#[test]
fn each_object_has_a_file() {
    let context = Context::new();
    context.write("db.yaml", with_claim(1));
    assert_eq!(render(&context, &["-n", "demo"]), "out: 3 written, 0 unchanged, 0 removed\n");
    let files = [
        "demo/db/persistentvolumeclaim-data-db-0.yaml",
        "demo/db/service-db.yaml",
        "demo/db/statefulset-db.yaml",
    ];
    assert_eq!(tree(&context.path("out")), files);
    let text = fs::read_to_string(context.path("out/demo/db/service-db.yaml")).unwrap();
    assert!(text.starts_with("apiVersion: v1\nkind: Service\n"), "{text}");
}

/// Pipelines without a namespace have a folder that no namespace can have.
#[test]
fn without_a_namespace_the_folder_is_an_underscore() {
    let context = Context::with_pipeline();
    render(&context, &[]);
    assert_eq!(tree(&context.path("out")), ["_/db/service-db.yaml", "_/db/statefulset-db.yaml"]);
}

/// A second run writes nothing, and files of objects that are gone are removed; what is not
/// Wellhead's stays.
#[test]
fn stale_files_of_the_pipeline_are_removed() {
    let context = Context::new();
    context.write("db.yaml", with_claim(2));
    render(&context, &["-n", "demo"]);
    assert_eq!(render(&context, &["-n", "demo"]), "out: 0 written, 4 unchanged, 0 removed\n");
    context.write("out/demo/db/kustomization.yaml", "resources: []\n");
    context.write("out/demo/db/service-mine.yaml", "kind: Service\n");
    context
        .write("out/demo/other/statefulset-other.yaml", "app.kubernetes.io/managed-by: wellhead\n");
    context.write("db.yaml", with_claim(1));
    let said = render(&context, &["-n", "demo"]);
    assert!(said.ends_with("\nout: 1 written, 2 unchanged, 1 removed\n"), "{said}");
    let left = tree(&context.path("out"));
    assert!(!left.contains(&"demo/db/persistentvolumeclaim-data-db-1.yaml".to_owned()), "{left:?}");
    for kept in ["kustomization.yaml", "service-mine.yaml"] {
        assert!(left.contains(&format!("demo/db/{kept}")), "{left:?}");
    }
    assert!(left.contains(&"demo/other/statefulset-other.yaml".to_owned()), "{left:?}");
}

/// The tree has its own format, so the two options exclude each other.
#[test]
fn a_format_cannot_be_chosen_with_a_tree() {
    let context = Context::with_pipeline();
    let arguments = ["render", "-f", "db.yaml", "--output-dir", "out", "-o", "json"];
    assert_eq!(output(&mut context.command(&arguments)).status.code(), Some(2));
}

/// Who can write to the folder decides neither where else files are written, nor which device becomes a file.
#[test]
fn nothing_is_written_through_a_link_or_in_the_place_of_a_pipe() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let context = Context::new();
    context.write("db.yaml", with_claim(1));
    fs::create_dir_all(context.path("elsewhere")).unwrap();
    fs::create_dir_all(context.path("out/demo")).unwrap();
    for link in ["out/demo/db", "out/other"] {
        std::os::unix::fs::symlink(context.path("elsewhere"), context.path(link)).unwrap();
        let namespace = link.split('/').nth(1).unwrap();
        let arguments = ["render", "-f", "db.yaml", "--output-dir", "out", "-n", namespace];
        let run = output(&mut context.command(&arguments));
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(!run.status.success() && said.contains("is a link"), "{said}");
    }
    assert_eq!(tree(&context.path("elsewhere")), Vec::<String>::new());
    let pipe = context.path("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let run = output(&mut context.command(&["render", "-f", "db.yaml", "--provenance", "pipe"]));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(!run.status.success() && said.contains("not a regular file"), "{said}");
    assert!(!pipe.metadata().unwrap().is_file());
}
