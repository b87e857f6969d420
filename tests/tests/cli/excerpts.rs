//! Syntax errors and other mistakes, with the line of the file in which they stand.

use insta::assert_snapshot;

use crate::context::{Context, PIPELINE, json};

/// A file with a mistake: its name, its text, and line, column and excerpt of the error.
struct Mistake(&'static str, String, u64, u64, &'static str);

fn mistakes() -> Vec<Mistake> {
    let head = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata:\n  name: a\nspec:\n";
    let image = |image: &str| {
        format!("{head}  containers:\n    - name: main\n      image: {image}\n  replicas: 1\n")
    };
    vec![
        Mistake("tab", format!("{head}\tcontainers:\n"), 6, 2, "    containers:"),
        Mistake("quote", image("\"nginx"), 8, 14, "      image: \"nginx"),
        Mistake("bracket", image("x\n      args: [a, b"), 10, 11, "  replicas: 1"),
        Mistake("at", image("@nginx"), 8, 14, "      image: @nginx"),
        Mistake("alias", image("*nope"), 8, 14, "      image: *nope"),
        Mistake("colons", format!("{head}  replicas: 3: 4\n"), 6, 14, "  replicas: 3: 4"),
        Mistake("escape", image("\"\\q\""), 8, 14, "      image: \"\\q\""),
        Mistake("indent", image("x\n       command: y"), 9, 15, "       command: y"),
        Mistake("crlf", image("@nginx").replace('\n', "\r\n"), 8, 14, "      image: @nginx"),
        Mistake("mark", format!("\u{feff}{}", image("@x")), 8, 14, "      image: @x"),
        Mistake("second", format!("{PIPELINE}---\n{}", image("@x")), 18, 14, "      image: @x"),
        Mistake("wide", image("größe @x\n      args: 字: 字"), 9, 14, "      args: 字: 字"),
        Mistake("end", format!("{head}  containers: [a,\n\n\n"), 6, 15, "  containers: [a,"),
    ]
}

/// Text and JSON agree on the place, and the text shows the line that stands there.
#[test]
fn a_syntax_error_shows_the_line_it_stands_in() {
    for Mistake(name, text, line, column, excerpt) in mistakes() {
        let context = Context::new();
        context.write("a.yaml", text);
        let document = json(&mut context.command(&["render", "-f", "a.yaml", "-o", "json"]));
        let found = &document["diagnostics"][0];
        let place = (found["location"]["line"].as_u64(), found["location"]["column"].as_u64());
        assert_eq!(place, (Some(line), Some(column)), "{name}: {found:#}");
        let shown = context.run(&["render", "-q", "-f", "a.yaml"]);
        assert!(shown.contains(&format!("--> a.yaml:{line}:{column}\n")), "{name}: {shown}");
        assert!(shown.contains(&format!("{line} | {}", excerpt.trim_end())), "{name}: {shown}");
    }
}

/// A file of another kind is read by the same reader: customizations, configs, projects, manifests.
#[test]
fn every_kind_of_file_shows_the_line() {
    let context = Context::with_pipeline();
    let wrong = "apiVersion: wellhead.dev/v1alpha1\nkind: X\nmetadata:\n  name: @x\n";
    for name in ["team.yaml", "plugin.yaml", "config.yaml", "sts.yaml"] {
        context.write(name, wrong);
    }
    for arguments in [
        &["render", "-q", "-f", "db.yaml", "-c", "team.yaml"][..],
        &["plugin", "check"],
        &["import", "-q", "-f", "sts.yaml"],
    ] {
        let shown = context.run(arguments);
        assert!(shown.contains("yaml:4:9\n"), "{arguments:?}: {shown}");
        assert!(shown.contains("4 |   name: @x\n"), "{arguments:?}: {shown}");
    }
}

/// Of a very long line, the part around the mistake is shown, and its place is that in the file.
#[test]
fn of_a_long_line_the_part_with_the_mistake_is_shown() {
    let context = Context::new();
    let long = "字".repeat(30_000);
    let line = format!("  labels: {{a: '{long}', b: @x, c: '{long}'}}\n");
    context.write("db.yaml", PIPELINE.replace("  name: db\n", &format!("  name: db\n{line}")));
    let shown = context.run(&["render", "-q", "-f", "db.yaml"]);
    assert!(shown.contains(" --> db.yaml:5:30022\n"), "{}", &shown[..shown.len().min(2_000)]);
    assert!(shown.contains("b: @x, c:"), "{}", &shown[..shown.len().min(2_000)]);
    assert!(shown.len() < 4_000, "{} bytes", shown.len());
}

/// What the excerpts look like, with the hints that belong to them.
#[test]
fn excerpts_carry_hints() {
    let context = Context::new();
    context.write("a.yaml", PIPELINE.replace("replicas: 3", "<<: {replicas: 3}"));
    context.write("b.yaml", PIPELINE.replace("name: db\nspec", "name: {{ .Release.Name }}\nspec"));
    assert_snapshot!(context.run(&["render", "-f", "a.yaml", "b.yaml"]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0102]: merge key not allowed here
     --> a.yaml:6:3
      |
    6 |   <<: {replicas: 3}
      |   ^^
    help: merge keys are not read: write the fields out; an alias (`*name`) may replace a whole value
    error[WH0106]: found a mapping, expected a string
     --> b.yaml:4:3
      |
    4 |   name: {{ .Release.Name }}
      |   ^^^^
    error[WH0106]: the key is not text
     --> b.yaml:4:10
      |
    4 |   name: {{ .Release.Name }}
      |          ^
    help: the file is a template: let its tool render it first, e.g. `helm template`
    "#);
}
