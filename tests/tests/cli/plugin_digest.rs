//! Entries with the digest of their component.

use insta::assert_snapshot;
use wellhead_chain::digest;
use wellhead_tests::guest::Guest;

use crate::context::Context;

const RENDER: [&str; 6] = ["render", "-q", "-f", "db.yaml", "-c", "team.yaml"];

/// A file whose entry has the digest of these bytes.
fn pinned_to(bytes: &[u8]) -> Context {
    let line = format!("digest: {}", digest(bytes));
    Context::with_guests(&[("pinned", &Guest::new(), &[&line])])
}

/// The file is not even asked whether it is a component: its digest is compared before all else.
#[test]
fn another_file_is_refused_before_it_is_looked_at() {
    let context = pinned_to(&Guest::new().build());
    assert!(context.run(&RENDER).starts_with("exit code: 0"));
    context.write("pinned.wasm", "#!/bin/sh\n");
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 4
    ----- stdout -----
    ----- stderr -----
    error[WH0517]: plugin `pinned` is not the file whose digest its entry has
     --> team.yaml:8:15
      |
    8 |       digest: sha256:[DIGEST]
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      entry  sha256:[DIGEST]
      file   sha256:[DIGEST]
    help: get the file that the digest is of; or, if the new one is meant, look at it with `wellhead plugin inspect FILE` and write its digest into the entry
    "#);
}

/// What the cache has of a file counts by its digest, too: that of another one is not used.
#[test]
fn a_cached_component_is_held_to_the_digest() {
    let context = pinned_to(b"another");
    let free = Context::with_guests(&[("pinned", &Guest::new(), &[])]);
    let with_cache = |context: &Context| {
        let mut command = context.command(&RENDER);
        command.env("WELLHEAD_CACHE_DIR", free.path("cache"));
        context.show(&crate::context::output(&mut command))
    };
    assert!(with_cache(&free).starts_with("exit code: 0"));
    for _ in 0..2 {
        let shown = with_cache(&context);
        assert!(shown.starts_with("exit code: 4") && shown.contains("WH0517"), "{shown}");
    }
}

/// Two entries of one file: each is held to its own digest.
#[test]
fn entries_of_one_file_are_told_apart_by_their_digests() {
    let wrong = format!("digest: {}", digest(b"another"));
    let context =
        Context::with_guests(&[("one", &Guest::new(), &[]), ("two", &Guest::new(), &[&wrong])]);
    let text = std::fs::read_to_string(context.path("team.yaml")).expect("it was written");
    context.write("team.yaml", text.replace("two.wasm", "one.wasm"));
    let shown = context.run(&RENDER);
    assert!(shown.contains("error[WH0517]: plugin `two`"), "{shown}");
    assert!(!shown.contains("plugin `one`"), "{shown}");
}

#[test]
fn a_text_that_is_no_digest_is_told_before_any_file_is_read() {
    let context = Context::with_guests(&[("pinned", &Guest::new(), &["digest: sha256:4F0C"])]);
    assert_snapshot!(context.run(&RENDER), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0151]: `sha256:[DIGEST]` is not the digest of a component
     --> team.yaml:8:15
      |
    8 |       digest: sha256:[DIGEST]
      |               ^^^^^^^^^^^
    help: write `sha256:[DIGEST]` and 64 hexadecimal digits in lower case, as `wellhead plugin inspect FILE` prints them
    "#);
}
