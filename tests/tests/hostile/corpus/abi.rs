//! D. The canonical ABI: results and arguments that lie about where they are and what they hold.
//!
//! Both directions are attacked: what `describe`, `transform` and `validate` return, and what the
//! plugin passes to the host's functions.

use serde_json::json;
use wellhead_chain::{Budget, Outcome};
use wellhead_tests::guest::{Guest, StringEncoding, World, encode};

use super::{Attack, Expect, cases};

cases! {
    37 case_37_list_outside_of_memory: list_outside_of_memory;
    38 case_38_end_of_a_text_overflows: end_of_a_text_overflows;
    39 case_39_misaligned_pointers: misaligned_pointers;
    40 case_40_allocator_that_lies: allocator_that_lies;
    41 case_41_length_with_the_flag_of_utf16: length_with_the_flag_of_utf16;
    42 case_42_texts_that_are_no_unicode: texts_that_are_no_unicode;
    43 case_43_aliased_texts: aliased_texts;
    44 case_44_million_findings: million_findings;
    45 case_45_discriminants_out_of_range: discriminants_out_of_range;
    46 case_46_bool_and_enum_out_of_range: bool_and_enum_out_of_range;
    47 case_47_undefined_bits: undefined_bits;
    48 case_48_exports_of_another_type: exports_of_another_type;
    49 case_49_missing_and_extra: missing_and_extra;
    50 case_50_import_called_during_realloc_and_post_return: import_called_when_none_may_be;
}

/// Core types of setters: `pipeline.set-label`, `container.set-command`, `pipeline.set-affinity`.
const TWO_TEXTS: &str = "(param i32 i32 i32 i32 i32 i32)";
const LIST: &str = "(param i32 i32 i32 i32)";
const OPTION: &str = "(param i32 i32 i32 i32 i32)";

/// A transformer that calls `log` with an address and a length.
fn logs(address: i64, length: i64) -> Guest {
    Guest::new().imports_log().transform(&format!(
        "(call $log (i32.const 1) (i32.const {address}) (i32.const {length})) (i32.const 256)"
    ))
}

/// A transformer that sets a list of texts, whose address and length are given.
fn sets_command(address: i64, length: i64) -> Guest {
    Guest::new()
        .imports_method("pipeline.main-container", "(param i32) (result i32)")
        .imports_method("container.set-command", LIST)
        .transform(&format!(
            "(call $container_set_command (call $pipeline_main_container (local.get $target))
              (i32.const {address}) (i32.const {length}) (i32.const 512)) (i32.const 256)"
        ))
}

/// A validator whose result is written by the given code and stands at address 256.
fn judges(fields: &str, memory: &str, body: &str) -> Vec<u8> {
    let guest = Guest::new().memory(memory).fields(fields);
    let core = guest.transform(&format!("{body} (i32.const 256)")).wat();
    encode(&core.replace("transform@0.1.0#transform", "validate@0.1.0#validate"), "validator")
}

fn store(at: usize, value: i64) -> String {
    format!("(i32.store (i32.const {at}) (i32.const {value}))")
}

fn list_outside_of_memory() -> Vec<Attack> {
    let trap = Expect::Trap("out of bounds");
    let findings = judges("", "1", &[store(260, 65_000), store(264, 1_000)].concat());
    vec![
        Attack::new("the list of writes", &Guest::new().describes_with(4, 65_532, 100), trap),
        Attack::new("the name", &Guest::new().describes_with(0, 65_000, 65_000), trap),
        Attack::new("a list that is passed", &sets_command(65_532, 100), trap),
        Attack::new("a text that is passed", &logs(65_000, 65_000), trap),
        Attack::file("the findings", findings, trap),
        Attack::new("the result", &Guest::new().transform("(i32.const 65532)"), trap),
    ]
}

fn end_of_a_text_overflows() -> Vec<Attack> {
    let trap = Expect::Trap("out of bounds");
    vec![
        Attack::new("the name", &Guest::new().describes_with(0, 0xffff_fff0, 0x20), trap),
        Attack::new("the list of writes", &Guest::new().describes_with(4, 16, 0x2000_0000), trap),
        Attack::new("a text that is passed", &logs(0xffff_fff0, 0x20), trap),
        Attack::new("a list that is passed", &sets_command(16, 0x2000_0000), trap),
    ]
}

fn misaligned_pointers() -> Vec<Attack> {
    let trap = Expect::Trap("not aligned");
    let findings = judges("", "1", &[store(260, 1_026), store(264, 1)].concat());
    vec![
        Attack::new("the list of writes", &Guest::new().describes_with(4, 1_026, 1), trap),
        Attack::new("the description", &Guest::new().describe("(i32.const 66)"), trap),
        Attack::new("the result", &Guest::new().transform("(i32.const 257)"), trap),
        Attack::new("a list that is passed", &sets_command(1_026, 1), trap),
        Attack::file("the findings", findings, trap),
    ]
}

/// The allocator is the plugin's: what it says decides where the host writes. A pointer to memory
/// that is in use harms the plugin alone, so that one may get to its end.
fn allocator_that_lies() -> Vec<Attack> {
    let labels = |realloc: &str| {
        // The config passes through an honest allocator, the list of labels through this one.
        let realloc = format!(
            "(local $at i32) (if (i32.eq (local.get 2) (i32.const 4)) (then (return {realloc})))
            (local.set $at (global.get $heap))
            (global.set $heap (i32.add (global.get $heap) (local.get 3))) (local.get $at)"
        );
        Guest::new()
            .imports_method("pipeline.labels", "(param i32 i32)")
            .realloc(&realloc)
            .transform(
                "(call $pipeline_labels (local.get $target) (i32.const 512)) (i32.const 256)",
            )
    };
    let config = |address: i64| Guest::new().realloc(&format!("(i32.const {address})"));
    vec![
        Attack::new("misaligned", &labels("(i32.const 1025)"), Expect::Trap("not aligned")),
        Attack::new(
            "out of bounds",
            &labels("(i32.const 65532)"),
            Expect::Trap("beyond end of memory"),
        ),
        Attack::new("no memory at all", &config(0xffff_ffff), Expect::Trap("beyond end of memory")),
        Attack::new("memory in use", &config(64), Expect::Ends(|_| {})),
    ]
}

/// In this encoding the highest bit of a length says that the text is UTF-16.
fn length_with_the_flag_of_utf16() -> Vec<Attack> {
    let world = World::of_contract("transformer").encoding(StringEncoding::CompactUTF16);
    let trap = Expect::Trap("out of bounds");
    let describes = |length| Guest::new().world(world.clone()).describes_with(0, 1_024, length);
    let passes = logs(1_024, 0xc000_0000).world(world.clone());
    vec![
        Attack::new("the name, without end", &describes(0xffff_ffff), trap),
        Attack::new("the name, half of memory", &describes(0x8000_fff0), trap),
        Attack::new("a text that is passed", &passes, trap),
    ]
}

fn texts_that_are_no_unicode() -> Vec<Attack> {
    let utf16 = World::of_contract("transformer").encoding(StringEncoding::UTF16);
    let utf8 = Expect::Trap("invalid utf-8");
    let surrogate = Expect::Trap("unpaired surrogate");
    // An overlong `/`, a byte that begins nothing, and the two halves of a surrogate pair.
    let bytes = b"\xc0\xaf\xff\xed\xa0\xbd\xed\xb8\x80";
    let name = Guest::new().data(8_192, bytes);
    let alone = |guest: Guest| guest.world(utf16.clone()).data(8_192, b"\x00\xd8a\0");
    vec![
        Attack::new("the name", &name.describes_with(0, 8_192, 9), utf8),
        Attack::new("a text that is passed", &logs(8_192, 9).data(8_192, bytes), utf8),
        Attack::new(
            "a lone surrogate",
            &alone(Guest::new()).describes_with(0, 8_192, 2),
            surrogate,
        ),
        Attack::new("one that is passed", &alone(logs(8_192, 2)), surrogate),
    ]
}

/// A list of addresses that all name the same bytes: 32 KiB that say they are 4 GiB.
fn aliased_texts() -> Vec<Attack> {
    let fills = "(local $i i32) (local.set $i (i32.const 32768))
        (loop $l (i32.store (local.get $i) (i32.const 65536))
          (i32.store (i32.add (local.get $i) (i32.const 4)) (i32.const 1048576))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 65536))))";
    let describe = format!("{fills} {} {} (i32.const 64)", store(96, 32_768), store(100, 4_096));
    let over = Expect::Over(Budget::Transfer);
    let described = Guest::new().memory("17").describe(&describe);
    let passed = sets_command(32_768, 4_096)
        .memory("17")
        .fields(&format!("(func $fill {fills}) (start $fill)"));
    vec![
        Attack::new("the list of writes", &described, over),
        Attack::new("a list that is passed", &passed, over),
    ]
}

/// In the plugin's memory a finding is smaller than in the host's.
fn million_findings() -> Vec<Attack> {
    let findings = judges("", "600", &[store(260, 65_536), store(264, 1_000_000)].concat());
    vec![Attack::file("findings of no words", findings, Expect::Over(Budget::Transfer))]
}

fn discriminants_out_of_range() -> Vec<Attack> {
    let trap = Expect::Trap("discriminant");
    let result = "(i32.store8 (i32.const 256) (i32.const 7)) (i32.const 256)";
    let rejection = "(i32.store8 (i32.const 256) (i32.const 1))
        (i32.store8 (i32.const 268) (i32.const 9)) (i32.const 256)";
    let option = Guest::new().imports_method("pipeline.set-affinity", OPTION).transform(
        "(call $pipeline_set_affinity (local.get $target) (i32.const 2) (i32.const 0) (i32.const 0)
          (i32.const 512)) (i32.const 256)",
    );
    vec![
        Attack::new("a result", &Guest::new().transform(result), trap),
        Attack::new("an option in a rejection", &Guest::new().transform(rejection), trap),
        Attack::new("an option that is passed", &option, trap),
    ]
}

/// The contract has no `char`. A bool that is neither 0 nor 1 is true, as the standard says.
fn bool_and_enum_out_of_range() -> Vec<Attack> {
    let trap = Expect::Trap("discriminant");
    let severity = judges(
        "",
        "1",
        &[store(260, 1_024), store(264, 1), "(i32.store8 (i32.const 1024) (i32.const 5))".into()]
            .concat(),
    );
    let level = Guest::new()
        .imports_log()
        .transform("(call $log (i32.const 3) (i32.const 0) (i32.const 0)) (i32.const 256)");
    vec![
        Attack::new("a bool of 2", &sets_publish(2), Expect::Ends(is_published)),
        Attack::new("a level of 3", &level, trap),
        Attack::file("a severity of 5", severity, trap),
    ]
}

/// A transformer that sets `publishNotReadyAddresses`, a bool.
fn sets_publish(value: i64) -> Guest {
    Guest::new()
        .imports_method("pipeline.service", "(param i32) (result i32)")
        .imports_method("service.set-publish-not-ready-addresses", "(param i32 i32 i32)")
        .transform(&format!(
            "(call $service_set_publish_not_ready_addresses (call $pipeline_service (local.get $target))
              (i32.const {value}) (i32.const 512)) (i32.const 256)"
        ))
}

fn is_published(outcome: &Outcome) {
    assert_eq!(json!(outcome.pipeline.spec.service.publish_not_ready_addresses), json!(true));
}

/// The contract has no flags. What comes nearest are the bits of a bool and of an enum that mean
/// nothing: a bool keeps its truth, an enum is refused.
fn undefined_bits() -> Vec<Attack> {
    let port = |protocol: i64| {
        Guest::new()
            .imports_method("pipeline.main-container", "(param i32) (result i32)")
            .imports_method("container.remove-port", LIST)
            .transform(&format!(
                "(call $container_remove_port (call $pipeline_main_container (local.get $target))
                  (i32.const 80) (i32.const {protocol}) (i32.const 512)) (i32.const 256)"
            ))
    };
    vec![
        Attack::new("a bool", &sets_publish(0xffff_fffe), Expect::Ends(is_published)),
        Attack::new("an enum", &port(0x8000_0000), Expect::Trap("discriminant")),
        Attack::new("an enum of one byte", &port(0x100), Expect::Trap("discriminant")),
    ]
}

/// A package that has the contract's name and other types.
fn exports_of_another_type() -> Vec<Attack> {
    let attack = |what, describe: &str, core: &str| {
        let package = format!(
            "package wellhead:plugin@0.1.0;
            interface describe {{ {describe} }}
            interface transform {{ transform: func(); }}"
        );
        let exports =
            "export wellhead:plugin/describe@0.1.0; export wellhead:plugin/transform@0.1.0;";
        let world = World::of(&[&package], exports).without_contract();
        let core = format!(
            "(module (memory (export \"memory\") 1)
            (func (export \"wellhead:plugin/transform@0.1.0#transform\"))
            (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 0))
            (func (export \"wellhead:plugin/describe@0.1.0#describe\") {core}))"
        );
        Attack::file(
            what,
            world.encode(&core),
            Expect::WrongWorld(&["its `describe` has another type", "its `transform` has"]),
        )
    };
    vec![
        attack("a number", "describe: func() -> u32;", "(result i32) (i32.const 0)"),
        attack("a parameter", "describe: func(a: u32);", "(param i32)"),
        attack(
            "a record of other fields",
            "record plugin-info { name: string } describe: func() -> plugin-info;",
            "(result i32) (i32.const 0)",
        ),
    ]
}

/// What is missing and what is asked for too much is told by name, and so is what there is.
fn missing_and_extra() -> Vec<Attack> {
    let core = |exports: &str, imports: &str| {
        format!(
            "(module {imports} (memory (export \"memory\") 1)
            (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 0)) {exports})"
        )
    };
    let describe =
        "(func (export \"wellhead:plugin/describe@0.1.0#describe\") (result i32) (i32.const 0))";
    let only_describes = World::of(&[], "export wellhead:plugin/describe@0.1.0;");
    let exec = World::of(
        &["package evil:shell@1.0.0; interface shell { run: func(command: string) -> u32; }"],
        "include wellhead:plugin/transformer@0.1.0; import evil:shell/shell@1.0.0;",
    );
    let runs = Guest::new()
        .imports(
            r#"(import "evil:shell/shell@1.0.0" "run" (func $run (param i32 i32) (result i32)))"#,
        )
        .world(exec);
    let method = World::of(
        &["package wellhead:plugin@0.1.0; interface log { exec: func(command: string); }
           interface describe { describe: func(); } interface transform { transform: func(); }"],
        "import wellhead:plugin/log@0.1.0; export wellhead:plugin/describe@0.1.0;
         export wellhead:plugin/transform@0.1.0;",
    );
    let exports = ["describe", "transform"]
        .map(|it| format!("(func (export \"wellhead:plugin/{it}@0.1.0#{it}\"))"))
        .concat();
    let calls = r#"(import "wellhead:plugin/log@0.1.0" "exec" (func (param i32 i32)))"#;
    vec![
        Attack::file(
            "no transform",
            only_describes.encode(&core(describe, "")),
            Expect::WrongWorld(&[
                "neither wellhead:plugin/transform@0.1.0 nor wellhead:plugin/validate",
            ]),
        ),
        Attack::file(
            "no describe",
            World::of(&[], "").encode("(module)"),
            Expect::WrongWorld(&["does not export wellhead:plugin/describe@0.2.0"]),
        ),
        Attack::new(
            "a shell",
            &runs,
            Expect::WrongWorld(&["imports evil:shell/shell@1.0.0, which no plugin gets"]),
        ),
        Attack::file(
            "a function that the interface does not have",
            method.without_contract().encode(&core(&exports, calls)),
            Expect::WrongWorld(&["exec"]),
        ),
    ]
}

/// A component cannot be left while the host reads or writes its memory.
fn import_called_when_none_may_be() -> Vec<Attack> {
    let trap = Expect::Trap("cannot leave component");
    let call = "(call $log (i32.const 1) (i32.const 0) (i32.const 0))";
    let realloc = Guest::new().imports_log().realloc(&format!("{call} (i32.const 1024)"));
    let post = Guest::new().imports_log().fields(&format!(
        "(func (export \"cabi_post_wellhead:plugin/transform@0.1.0#transform\") (param i32) {call})"
    ));
    vec![
        Attack::new("during realloc", &realloc, trap),
        Attack::new("during post-return", &post, trap),
    ]
}

#[test]
fn core_types_of_setters_are_those_of_the_contract() {
    // What the guests above import must exist; a setter that nobody has would be another attack.
    for (method, core) in [("pipeline.set-label", TWO_TEXTS), ("pipeline.set-affinity", OPTION)] {
        Guest::new().imports_method(method, core).build();
    }
}
