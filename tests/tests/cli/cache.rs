//! `wellhead cache`.

use insta::assert_snapshot;
use wellhead_tests::guest::Guest;

use crate::context::{Context, json, output};

/// A cache with one plugin.
fn with_one() -> Context {
    let context = Context::new();
    context.write("p.wasm", Guest::new().name("tiny").build());
    assert!(context.run(&["plugin", "inspect", "p.wasm"]).starts_with("exit code: 0"));
    context
}

/// A plugin is listed by the name that it gives itself.
#[test]
fn a_compiled_plugin_is_listed() {
    let document = json(&mut with_one().command(&["cache", "list", "-o", "json"]));
    assert_eq!(document["kind"], "Cache");
    let entry = &document["entries"][0];
    assert_eq!((&entry["plugin"], &entry["version"]), (&"tiny".into(), &"1.0.0".into()));
    assert_eq!((&entry["current"], &entry["bytes"]), (&true.into(), &document["bytes"]));
    let shown = with_one().run(&["cache", "list"]);
    assert!(shown.contains("\ntiny    1.0.0    "), "{shown}");
    assert!(shown.contains("\n1 compiled plugin, "), "{shown}");
}

/// Clearing removes what was listed, and the next run compiles it again.
#[test]
fn the_cache_is_cleared() {
    let context = with_one();
    let cleared = context.run(&["cache", "clear"]);
    assert!(cleared.contains("removed 1 compiled plugin, "), "{cleared}");
    assert_snapshot!(context.run(&["cache", "list"]), @r"
    exit code: 0
    ----- stdout -----
    0 compiled plugins, 0 MiB of 512 MiB
    ----- stderr -----
    ");
    assert!(context.run(&["plugin", "inspect", "p.wasm"]).starts_with("exit code: 0"));
}

/// The size that the environment names is kept.
#[test]
fn the_size_can_be_chosen() {
    let context = Context::new();
    let mut command = context.command(&["cache", "list", "-o", "json"]);
    assert_eq!(json(command.env("WELLHEAD_CACHE_SIZE", "1Gi"))["capacity"], 1 << 30);
    let mut command = context.command(&["cache", "list"]);
    assert_snapshot!(context.show(&output(command.env("WELLHEAD_CACHE_SIZE", "much"))), @r"
    exit code: 0
    ----- stdout -----
    0 compiled plugins, 0 MiB of 512 MiB
    ----- stderr -----
     WARN WELLHEAD_CACHE_SIZE is ignored: it is not a size such as 512Mi or 1Gi
    ");
}

/// The directory is one line, for scripts.
#[test]
fn the_directory_is_printed() {
    assert_snapshot!(Context::new().run(&["cache", "dir"]), @r"
    exit code: 0
    ----- stdout -----
    [FOLDER]/cache/compiled
    ----- stderr -----
    ");
}

/// A cache that is no directory cannot be read.
#[test]
fn what_is_no_directory_cannot_be_read() {
    let context = Context::new();
    context.write("cache/compiled", "a file");
    assert_snapshot!(context.run(&["cache", "list"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0712]: the cache [FOLDER]/cache/compiled cannot be read
      Not a directory (os error 20)
    ");
}
