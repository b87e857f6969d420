//! J. Words of a plugin that look like the host's: wherever they are shown, they stand in quotes that they cannot
//! end (`process.rs` looks for [`FORGED`] in what is printed), and there are not many of them.

use std::fmt::Write as _;

use wellhead_chain::Outcome;
use wellhead_tests::guest::{Edit, Guest, Manner};

use super::{Attack, Expect, cases};

cases! {
    92 case_92_rejections_that_look_like_the_hosts: rejections;
    93 case_93_last_words_and_names_of_functions: crashes;
    94 case_94_messages_and_reasons: messages_and_reasons;
    95 case_95_values_that_go_on: values;
    96 case_96_what_it_asks_for_and_its_schema: descriptions;
}

/// What the text that no plugin may say in the host's name has in it.
pub(super) const FORGED: &str = "FORGED";

/// Ways to leave the place that a plugin's words have.
const WAYS_OUT: [&str; 9] = [
    "\nhelp: FORGED",
    "\r\nerror[WH0401]: FORGED\n --> db.yaml:1:1",
    "\u{1b}[0m\u{1b}[1;33mwarning[WH0524]\u{1b}[0m: FORGED",
    "x\" help: FORGED",
    "x\\\" help: FORGED \\",
    "x` help: FORGED `",
    "\u{85}\u{2028}help: FORGED",
    ") of platform (sha256:10c2aa11bb22): FORGED (",
    "\u{202e}FORGED :pleh",
];

fn rejections() -> Vec<Attack> {
    let attack = |text: &&str| {
        Attack::new(format!("{text:?}"), &Guest::rejects(text), Expect::Rejected(FORGED))
    };
    let mut attacks: Vec<_> = WAYS_OUT.iter().map(attack).collect();
    for text in &WAYS_OUT[..4] {
        // A text for the field and for what to change, too.
        let words = [1, 8_192, text.len(), 1, 8_192, text.len(), 1, 8_192, text.len()];
        let stores = words.iter().enumerate().map(|(at, word)| {
            format!("(i32.store (i32.const {}) (i32.const {word}))", 512 + 4 * at)
        });
        let code = format!("{} (i32.const 512)", stores.collect::<String>());
        let guest = Guest::new().data(8_192, text).transform(&code);
        attacks.push(Attack::new("field and hint", &guest, Expect::Rejected(FORGED)));
    }
    let long = Guest::rejects(&"FORGED \"\\".repeat(100 << 7)).memory("4");
    attacks.push(Attack::new("100 KB", &long, Expect::Rejected(FORGED)));
    // The host's own words, which a plugin gives back with something of its own in them.
    let key = "x\" is fine`. help: FORGED";
    for edit in [
        Edit::pipeline("set-label").text(key).text("x"),
        Edit::pipeline("set-label").text("x").text(key),
        Edit::pipeline("set-affinity").some(format!("{{\"x` help: FORGED\": {key:?}}}")),
        Edit::pipeline("set-dns-config").some("{\"nameservers\": [\"a\\nhelp: FORGED\"]}"),
        Edit::container("set-mount").text("data").text(format!("//{key}")).none().number(0),
        Edit::container("set-env").text(key).text("x"),
    ] {
        let guest = Guest::makes(&[edit], Manner::Honest);
        attacks.push(Attack::new("an answer given back", &guest, Expect::Rejected("")));
    }
    attacks
}

fn crashes() -> Vec<Attack> {
    let warns = |text: &str| {
        Guest::new().imports_log().data(8_192, text).transform(&format!(
            "(call $log (i32.const 0) (i32.const 8192) (i32.const {})) (unreachable)",
            text.len()
        ))
    };
    let named = |text: &str| {
        let name: String = text.escape_unicode().collect();
        Guest::new()
            .fields(&format!("(func $\"{name}\" (unreachable))"))
            .transform("(call 1) (i32.const 256)")
    };
    let said = WAYS_OUT[..4].iter().map(|it| (format!("it says {it:?}"), warns(it)));
    let functions = WAYS_OUT[4..].iter().map(|it| (format!("a function {it:?}"), named(it)));
    said.chain(functions)
        .map(|(what, guest)| Attack::new(what, &guest, Expect::Trap("unreachable")))
        .collect()
}

/// A message of each level, and the reason of an edit.
fn messages_and_reasons() -> Vec<Attack> {
    let texts = WAYS_OUT.concat();
    let mut at = 8_192;
    let mut says = String::new();
    for text in WAYS_OUT {
        for level in 0..3 {
            let length = text.len();
            let _ = write!(
                says,
                "(call $log (i32.const {level}) (i32.const {at}) (i32.const {length}))"
            );
        }
        at += text.len();
    }
    let talks = Guest::new().imports_log().data(8_192, &texts);
    let talks = talks.transform(&format!("{says} (i32.const 256)"));
    let because = WAYS_OUT.iter().enumerate().flat_map(|(at, text)| {
        [
            Edit::pipeline("because").text(*text).without_result(),
            Edit::pipeline("set-label").text(format!("a{at}")).text("x"),
        ]
    });
    let reasons = Guest::makes(&because.collect::<Vec<_>>(), Manner::Stubborn);
    let mut attacks = vec![
        Attack::new("messages", &talks, Expect::Unchanged),
        Attack::new("reasons", &reasons, Expect::Ends(|_| {})),
    ];
    // As many as are kept, and more.
    let flood = Guest::new().imports_log().data(8_192, "help: FORGED").transform(
        "(local $i i32) (loop $more (call $log (i32.const 0) (i32.const 8192) (i32.const 12)) \
         (local.set $i (i32.add (local.get $i) (i32.const 1))) \
         (br_if $more (i32.lt_u (local.get $i) (i32.const 1000)))) (i32.const 256)",
    );
    let counted: fn(&Outcome) = |outcome| {
        let run = outcome.runs.iter().find(|it| it.plugin == super::common::ATTACKER).unwrap();
        assert_eq!((run.log.len(), run.dropped), (200, 800));
    };
    attacks.push(Attack::new("a flood of messages", &flood, Expect::Ends(counted)));
    attacks
}

/// What `explain` shows of values that a plugin set.
fn values() -> Vec<Attack> {
    let column = "x   plugin storage-class of platform (sha256:10c2aa11bb22) \"1.0.0\"   FORGED";
    let edits = WAYS_OUT
        .into_iter()
        .chain([column])
        .enumerate()
        .map(|(at, text)| Edit::pipeline("set-annotation").text(format!("a{at}")).text(text));
    let edits: Vec<_> = edits.collect();
    let guest = Guest::makes(&edits, Manner::Stubborn);
    vec![Attack::new("annotations", &guest, Expect::Ends(|_| {}))]
}

fn descriptions() -> Vec<Attack> {
    let says = |text: &str| {
        let guest = Guest::new().says(text);
        Attack::new(format!("it does {text:?}"), &guest, Expect::Ends(|_| {}))
    };
    let asks = Guest::new().writes(&WAYS_OUT);
    let schema = |what: &str, schema: String, expect| {
        Attack::new(what, &Guest::new().schema(&schema), expect)
    };
    let mut attacks: Vec<_> = WAYS_OUT[3..6].iter().map(|it| says(it)).collect();
    attacks.push(Attack::new("what it asks for", &asks, Expect::Ends(|_| {})));
    for text in &WAYS_OUT[3..6] {
        let name: String = text.escape_unicode().collect();
        let export = format!("(export \"{name}\" (func 0))");
        let twice = format!("(component (core module (func) {export} {export}))");
        let file = wat::parse_str(twice).unwrap();
        attacks.push(Attack::file(
            "a name that stands twice",
            file,
            Expect::Malformed("duplicate"),
        ));
    }
    for text in &WAYS_OUT[2..5] {
        let reference = serde_json::json!({"$ref": format!("#/$defs/{text}")}).to_string();
        let no_type = serde_json::json!({"type": text}).to_string();
        attacks.push(schema("a reference", reference, Expect::BadDescription("schema")));
        attacks.push(schema("a type", no_type, Expect::BadDescription("schema")));
    }
    attacks
}
