//! Many pipelines in one run: what is printed, and how often each step is taken for each of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Output;

use wellhead_tests::guest::Guest;

use crate::context::{Context, output};

/// Pipelines of a fleet: enough for several threads.
const FLEET: usize = 100;

/// A folder with a fleet in `fleet`, three plugins that edit, and their customization in `team.yaml`.
fn fleet() -> Context {
    let granted: &[&str] = &["grants: ['**']", "overrides: ['**']"];
    let context = Context::with_guests(&[
        ("one", &Guest::sets_replicas(5), granted),
        ("two", &Guest::sets_label("example.com/tier", "storage"), granted),
        ("three", &Guest::sets_replicas(7), granted),
    ]);
    for number in 0..FLEET {
        let pipeline =
            crate::context::PIPELINE.replace("name: db\n", &format!("name: p{number:03}\n"));
        context.write(&format!("fleet/{number:03}.yaml"), pipeline);
    }
    context
}

fn render(context: &Context, arguments: &[&str], log: &str) -> Output {
    let mut command = context.command(&["render", "-f", "fleet", "-c", "team.yaml"]);
    output(command.args(arguments).env("WELLHEAD_LOG", log))
}

/// How often each step is taken by the log.
fn steps(output: &Output) -> BTreeMap<String, usize> {
    let log = String::from_utf8_lossy(&output.stderr);
    let mut steps = BTreeMap::new();
    for step in log.lines().filter_map(|line| line.split_once("TRACE ").map(|it| it.1)) {
        let step = step.trim().rsplit(": ").next().unwrap_or_default();
        *steps.entry(step.to_owned()).or_default() += 1;
    }
    steps
}

#[test]
fn each_step_is_taken_as_often_as_it_must_for_each_pipeline() {
    let context = fleet();
    let log = "wellhead_spec=trace,wellhead_render=trace";
    for arguments in [&[][..], &["-o", "json"]] {
        let output = render(&context, arguments, log);
        assert!(output.status.success(), "{output:?}");
        let mut taken = String::new();
        for (step, times) in steps(&output) {
            let _ = writeln!(taken, "{times} {step}");
        }
        // A pipeline is checked as it was read, and as the plugins left it; the customization is read, too.
        let expected = "101 a document is parsed\n\
                        201 a document is read into its type\n\
                        100 a pipeline is rendered\n\
                        200 a pipeline is validated\n\
                        100 a pipeline is written as a draft\n";
        assert_eq!(taken, expected, "{arguments:?}");
    }
}

/// Objects come in the order of the files, and in one format as in the other.
#[test]
fn a_fleet_is_printed_in_the_order_of_its_files() {
    let context = fleet();
    let yaml = render(&context, &[], "off").stdout;
    let text = String::from_utf8(yaml).unwrap();
    let sets: Vec<_> = text.split("---\n").filter(|it| it.contains("kind: StatefulSet")).collect();
    assert_eq!(sets.len(), FLEET);
    for (number, set) in sets.iter().enumerate() {
        assert!(set.contains(&format!("  name: p{number:03}\n")), "{set}");
        assert!(
            set.contains("replicas: 7\n") && set.contains("example.com/tier: storage\n"),
            "{set}"
        );
    }
    let list = render(&context, &["-o", "json"], "off").stdout;
    let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
    let items = list["items"].as_array().unwrap().iter();
    let names = items.filter(|it| it["kind"] == "StatefulSet").map(|it| &it["metadata"]["name"]);
    let expected: Vec<_> = (0..FLEET).map(|number| format!("p{number:03}")).collect();
    assert_eq!(names.collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
}

#[test]
fn nothing_is_printed_when_the_last_of_a_fleet_fails() {
    let context = fleet();
    let last = crate::context::PIPELINE.replace("name: db\n", "name: last\n");
    context
        .write("fleet/zz.yaml", last.replace("replicas: 3", "replicas: 3\n  minReadySeconds: -1"));
    for arguments in [&[][..], &["-o", "json"]] {
        let output = render(&context, arguments, "off");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("StatefulSet"));
    }
    // A plugin that refuses one pipeline alone: the last.
    context.write("fleet/zz.yaml", last);
    context.write("no.wasm", Guest::rejects("no").build());
    let select = "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {name: no}\n\
                  spec:\n  select: {names: [last]}\n  plugins:\n    - {name: no, source: no.wasm}\n";
    context.write("no.yaml", select);
    let output = render(&context, &["-c", "no.yaml"], "off");
    assert_ne!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("plugin `no` refuses the pipeline") && said.contains("last"), "{said}");
}
