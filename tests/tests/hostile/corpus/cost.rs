//! What a plugin makes the host do before and outside of its calls.
//!
//! Every component of the corpus is loaded by a process of its own, and so are shapes that are no attack by what
//! they end in, but by what they might cost. That process must stay small: what is expensive happens in a child, or
//! not at all.

mod commands;
mod definitions;
mod schemas;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use wellhead_tests::built;
use wellhead_tests::guest::Guest;

/// Most processor time and memory that a process spends on a plugin of at most 1 MiB outside of calls.
const MILLISECONDS: u64 = 1_000;
const BYTES: u64 = 128 << 20;
/// The largest file that this holds for.
const FILE: usize = 1 << 20;

/// A component, and a config that it is given.
struct Shape {
    what: String,
    plugin: Vec<u8>,
    config: String,
}

/// Holds the host to what a component may cost it besides its children: what is over it, in words.
fn over(shape: &Shape) -> Option<String> {
    if shape.plugin.len() > FILE {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.wasm");
    std::fs::write(&file, &shape.plugin).unwrap();
    let config = folder.path().join("config.json");
    std::fs::write(&config, &shape.config).unwrap();
    let spent = spent(&file, &config);
    let milliseconds = spent["milliseconds"].as_u64().unwrap();
    let bytes = spent["bytes"].as_u64().unwrap();
    let is_over = milliseconds >= MILLISECONDS || bytes >= BYTES;
    is_over.then(|| format!("{}: {spent}", shape.what))
}

fn spent(plugin: &Path, config: &Path) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loaded"));
    let output = command.arg(built::wellhead()).arg(plugin).arg(config).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn hold(shapes: impl Iterator<Item = Shape>) {
    let mut count = 0;
    let over: Vec<_> = shapes.inspect(|_| count += 1).filter_map(|it| over(&it)).collect();
    assert!(over.is_empty(), "of {count}: {over:#?}");
    assert!(count > 20, "there are shapes");
}

#[test]
fn the_host_spends_little_on_any_component_of_the_corpus() {
    let attacks =
        super::all().flat_map(|case| (case.attacks)().into_iter().map(move |it| (case.number, it)));
    hold(attacks.map(|(number, attack)| Shape {
        what: format!("case {number}, {}", attack.what),
        plugin: attack.plugin,
        config: "{}".to_owned(),
    }));
}

#[test]
fn the_host_spends_little_on_sections_that_mean_nothing_to_it() {
    let name = |name: &str| [&[u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
    let times = |piece: &[u8], times: usize| piece.repeat(times);
    let sections = [
        ("one large section", custom(&name("a"), &[&times(b"x", 900_000)]), 1),
        ("many small sections", custom(&name("a"), &[b"x"]), 150_000),
        (
            "a producers section",
            custom(&name("producers"), &[&leb(90_000), &times(&name("a\x01"), 90_000)]),
            1,
        ),
        (
            "names of nothing",
            custom(&name("component-name"), &[&times(&[0, 3, 1, b'a', 0], 180_000)]),
            1,
        ),
        ("many names sections", custom(&name("component-name"), &[&[0, 2, 1, b'a']]), 40_000),
        (
            "names of a module in a component",
            custom(&name("name"), &[&[1], &leb(800_000), &times(&[0xff], 800_000)]),
            1,
        ),
        (
            "a source map",
            custom(&name("sourceMappingURL"), &[&leb(800_000), &times(b"a", 800_000)]),
            1,
        ),
    ];
    let shapes = sections.into_iter().map(|(what, section, count)| {
        let plugin = [Guest::new().build(), section.repeat(count)].concat();
        assert!(plugin.len() < FILE, "{what}: {}", plugin.len());
        Shape { what: what.to_owned(), plugin, config: "{}".to_owned() }
    });
    let described = [0, 1, 2, 3, 4].map(|field| {
        let guest = Guest::new().memory("200").describes_with(field, 0, 900_000);
        let what = format!("field {field} of the description has 900,000 bytes or items");
        Shape { what, plugin: guest.build(), config: "{}".to_owned() }
    });
    let written = ["ab".repeat(200_000), "a.".repeat(200_000), "[\"".repeat(200_000)].map(|text| {
        let guest = Guest::new().memory("20").data(100_000, &text);
        let guests = [0, 1, 2].map(|it| guest.clone().describes_with(it, 100_000, 400_000).build());
        guests.map(|plugin| Shape { what: text[..2].to_owned(), plugin, config: "{}".to_owned() })
    });
    hold(shapes.chain(described).chain(written.into_iter().flatten()).chain(lists()));
}

/// Descriptions that ask to write much: each item is of its own, or all are one text.
fn lists() -> impl Iterator<Item = Shape> {
    let mut items = Vec::new();
    for at in 0..20_000_u32 {
        items.extend_from_slice(&(300_000 + at % 7).to_le_bytes());
        items.extend_from_slice(&9_u32.to_le_bytes());
    }
    let guest = Guest::new().memory("20").data(300_000, "a.b.*.c[\"d\"].e.f");
    let guest = guest.data(400_000, items);
    [5_000, 20_000].into_iter().map(move |count| Shape {
        what: format!("{count} fields that it asks to write"),
        plugin: guest.clone().describes_with(4, 400_000, count).build(),
        config: "{}".to_owned(),
    })
}

fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

/// A custom section of these parts, the first of which is its name.
fn custom(name: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let content = [name, &parts.concat()].concat();
    [&[0], leb(u32::try_from(content.len()).unwrap()).as_slice(), &content].concat()
}
