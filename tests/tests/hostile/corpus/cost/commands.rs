//! What the commands cost besides calls of a plugin, with all that they do around them: traces, cases, records.

use wellhead_tests::guest::{Edit, Guest, Manner};

use super::super::{Attack, Expect, all, process};
use super::{BYTES, FILE, MILLISECONDS};

/// What is typed, and how often that calls the plugin to edit. Each call has a budget of its own.
const COMMANDS: [(&str, u64); 6] = [
    ("plugin run --trace", 1),
    ("plugin test", 2),
    ("plugin check", 2),
    ("plugin inspect", 0),
    ("explain", 1),
    ("render --provenance provenance.json", 1),
];
/// Most processor time of one call, in milliseconds.
const CALL: u64 = 2_000;

#[test]
fn the_host_spends_little_in_each_command_around_the_calls_of_a_plugin() {
    let attacks = all().flat_map(|case| (case.attacks)().into_iter().map(|it| (case.number, it)));
    // What is refused before it is asked anything costs every command the same: it is loaded, which is held above.
    let attacks =
        attacks.filter(|(_, attack)| is_called(attack.expect) && attack.plugin.len() < FILE);
    let mut count = 0;
    // Those beside each other are of one kind, and every other one is enough.
    let over = attacks.step_by(2).zip(COMMANDS.iter().cycle()).filter_map(
        |((number, attack), command)| {
            count += 1;
            let label = format!("case {number}, {}, {}", attack.what, command.0);
            over(&attack, *command).map(|what| format!("{label}: {what}"))
        },
    );
    let over: Vec<_> = over.collect();
    assert!(over.is_empty(), "of {count}: {over:#?}");
    assert!(count > 10 * COMMANDS.len(), "each command has some: {count}");
}

fn over(attack: &Attack, (words, calls): (&str, u64)) -> Option<String> {
    let cost = process::cost(attack, words);
    // One that is stopped at a budget has used it; others use next to nothing of theirs.
    let calls = if matches!(attack.expect, Expect::Over(_)) { calls * CALL } else { 0 };
    let is_over = cost.milliseconds >= MILLISECONDS + calls || cost.bytes >= BYTES;
    is_over.then(|| format!("{cost:?}"))
}

/// Whether the plugin gets to its call.
fn is_called(expect: Expect) -> bool {
    !matches!(
        expect,
        Expect::Malformed(_)
            | Expect::Refused(_)
            | Expect::Killed(_)
            | Expect::ConfigStopped
            | Expect::Unsupported(_)
            | Expect::NotWebAssembly(_)
            | Expect::CoreModule
            | Expect::WrongWorld(_)
            | Expect::BadDescription(_)
    )
}

/// One field gives a field of the claim of each replica, and a plugin may set it as often as it may edit.
#[test]
fn what_was_overwritten_is_told_once_and_not_for_each_replica() {
    const SET: usize = 200;
    let set = |at: usize| Edit::claim("data", "set-annotation").text("a").text(at.to_string());
    let edits: Vec<_> =
        [Edit::pipeline("set-replicas").number(50)].into_iter().chain((0..SET).map(set)).collect();
    let guest = Guest::makes(&edits, Manner::Honest);
    let lines = process::lines(&Attack::new("", &guest, Expect::Unchanged), "explain");
    let overwritten = lines.iter().filter(|it| it.contains("  overwritten ")).count();
    assert!((SET - 1..SET + 5).contains(&overwritten), "{overwritten} of {}", lines.len());
    // Each claim, and the template.
    assert_eq!(lines.iter().filter(|it| it.contains("metadata.annotations.a ")).count(), 51);
}

/// Replicas and claims times labels: what the plugin makes of a pipeline is told and written one object after the other.
#[test]
fn a_plugin_that_multiplies_claims_takes_the_commands_no_more_memory() {
    /// Bytes that hundreds of replicas may take more than a few: the text of YAML has one million of them.
    const MORE: u64 = 10 << 20;
    const COMMANDS: [&str; 6] = [
        "render",
        "render --provenance provenance.json",
        "explain",
        "explain -o json",
        "plugin run --trace",
        "plugin test",
    ];
    let label = |at| Edit::claim("data", "set-label").text(format!("label-{at}")).text("value");
    let of = |replicas| {
        let edits: Vec<_> = [Edit::pipeline("set-replicas").number(replicas)]
            .into_iter()
            .chain((0..20).map(label))
            .collect();
        Attack::new("", &Guest::makes(&edits, Manner::Honest), Expect::Unchanged)
    };
    let (few, many) = (of(4), of(800));
    for command in COMMANDS {
        let [few, many] = [&few, &many].map(|attack| process::cost(attack, command).bytes);
        assert!(many < few + MORE, "`{command}` has {many} bytes, and {few} of four replicas");
    }
}
