//! G. Work of the host: what a plugin makes it do before and outside of a call.
//!
//! What the host itself spends on each attack of the corpus is held in `cost.rs`.

use serde_json::{Value, json};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction, Module, ModuleArg, ModuleSection, TableSection, TableType, TypeSection, ValType,
};
use wellhead_chain::Budget;
use wellhead_tests::guest::{Amount, Edit, Guest, Manner};
use wellhead_tests::nest::nested;

use super::{Attack, Expect, cases};

cases! {
    73 case_73_schemas_without_end: schemas_without_end;
    74 case_74_schemas_whose_errors_have_no_end: schemas_whose_errors_have_no_end;
    75 case_75_instructions_of_many_values: instructions_of_many_values;
    76 case_76_parts_times_instances: parts_times_instances;
    77 case_77_claims_times_replicas: claims_times_replicas;
    78 case_78_components_that_call_each_other: components_that_call_each_other;
    79 case_79_debug_information: debug_information;
    86 case_86_lists_of_nothing: lists_of_nothing;
}

/// An attack by the config schema, for which a second of a processor is enough to be told.
fn schema(what: impl Into<String>, schema: &Value) -> Attack {
    let guest = Guest::new().schema(&schema.to_string().replace('\\', "\\\\"));
    Attack { compile_seconds: Some(1), ..Attack::new(what, &guest, Expect::ConfigStopped) }
}

/// `$defs` of which each names the next one in a keyword that stands around it.
fn doubled(levels: usize, leaf: &Value, level: impl Fn(Value) -> Value) -> Value {
    let mut definitions = serde_json::Map::new();
    for at in 0..levels {
        let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
        definitions.insert(format!("d{at}"), level(next));
    }
    definitions.insert(format!("d{levels}"), leaf.clone());
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

/// 5 KB of references are 2^40 parts when they are written out.
fn schemas_without_end() -> Vec<Attack> {
    let object = json!({"type": "object"});
    let twice = |keyword: &'static str| {
        doubled(40, &object, move |next: Value| json!({keyword: [next, next]}))
    };
    let conditional = |next: Value| json!({"if": next, "then": next, "else": next});
    let mixed = |next: Value| json!({"allOf": [next], "not": {"not": next}});
    let dependent = |next: Value| json!({"allOf": [next, {"anyOf": [next, next]}]});
    vec![
        schema("allOf", &twice("allOf")),
        schema("if, then and else", &doubled(40, &object, conditional)),
        schema("double negation", &doubled(40, &object, mixed)),
        schema("anyOf in allOf", &doubled(40, &object, dependent)),
        schema("references that are decoded", &decoded(40)),
    ]
}

/// References that name the next level once they are decoded, and something harmless as they stand.
fn decoded(levels: usize) -> Value {
    let mut definitions = serde_json::Map::new();
    for at in 0..levels {
        let name = format!("%64{}", at + 1);
        let next = json!({"$ref": format!("#/$defs/{name}")});
        definitions.insert(format!("d{at}"), json!({"allOf": [next, next]}));
        definitions.insert(name, json!({}));
    }
    definitions.insert(format!("d{levels}"), json!({"type": "object"}));
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

/// Each way to a part that fails is an error of its own.
fn schemas_whose_errors_have_no_end() -> Vec<Attack> {
    let fails = json!({"minProperties": 1});
    let twice = |keyword: &'static str| {
        doubled(40, &fails, move |next: Value| json!({keyword: [next, next]}))
    };
    vec![schema("allOf", &twice("allOf")), schema("oneOf", &twice("oneOf"))]
}

/// A plugin that holds a module and makes some instances of it.
fn hides(modules: &[&Module], instances: u32) -> Vec<u8> {
    let mut component = wasm_encoder::Component::new();
    for module in modules {
        component.section(&ModuleSection(module));
    }
    let mut section = wasm_encoder::InstanceSection::new();
    let last = u32::try_from(modules.len() - 1).unwrap();
    if last == 1 {
        section.instantiate(0, std::iter::empty::<(&str, _)>());
    }
    for _ in 0..instances {
        let given = (last == 1).then_some(("a", ModuleArg::Instance(0)));
        section.instantiate(last, given);
    }
    component.section(&section);
    nested(&Guest::new().build(), &component.finish())
}

/// The validator looks at every value of a type for every instruction that has it. Each of these is a
/// small part of a second, and within every count.
fn instructions_of_many_values() -> Vec<Attack> {
    const VALUES: usize = 250;
    let attack = |what, functions: u32, function: &Function| {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32; VALUES]);
        types.ty().function([], []);
        types.ty().function([], [ValType::I32]);
        let (mut section, mut code) = (FunctionSection::new(), CodeSection::new());
        for _ in 0..functions {
            section.function(1);
            code.function(function);
        }
        // One that is wrong, so that nothing is compiled.
        section.function(2);
        code.function(Function::new([]).instruction(&Instruction::End));
        let mut module = Module::new();
        module.section(&types).section(&section).section(&code);
        Attack::file(what, hides(&[&module], 0), Expect::Malformed(""))
    };
    let mut table = Function::new([]);
    table.instruction(&Instruction::Block(BlockType::FunctionType(0)));
    for _ in 0..=VALUES {
        table.instruction(&Instruction::I32Const(0));
    }
    table
        .instruction(&Instruction::BrTable(vec![0; 49_000].into(), 0))
        .instruction(&Instruction::End);
    drop_all(&mut table, VALUES);
    let mut branches = Function::new([]);
    branches.instruction(&Instruction::Block(BlockType::FunctionType(0)));
    for _ in 0..VALUES {
        branches.instruction(&Instruction::I32Const(0));
    }
    for _ in 0..10_000 {
        branches.instruction(&Instruction::I32Const(0)).instruction(&Instruction::BrIf(0));
    }
    branches.instruction(&Instruction::End);
    drop_all(&mut branches, VALUES);
    let mut nothing = Function::new([]);
    nothing.instruction(&Instruction::Unreachable);
    for _ in 0..60_000 {
        nothing.instruction(&Instruction::BrIf(0));
    }
    nothing.instruction(&Instruction::End);
    vec![
        attack("a table of branches", 8, &table),
        attack("conditional branches", 16, &branches),
        attack("code that is not reached", 8, &nothing),
    ]
}

fn drop_all(function: &mut Function, values: usize) {
    for _ in 0..values {
        function.instruction(&Instruction::Drop);
    }
    function.instruction(&Instruction::End);
}

/// What the host goes through for each instance, before the first instruction runs.
fn parts_times_instances() -> Vec<Attack> {
    const COUNT: u32 = 9_000;
    const INSTANCES: u32 = 200;
    let refused = Expect::Refused("instanceParts");
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let names: Vec<_> = (0..COUNT).map(|at| format!("{at:x}")).collect();
    let (mut exports, mut imports) = (ExportSection::new(), ImportSection::new());
    for name in &names {
        exports.export(name, ExportKind::Func, 0);
        imports.import("a", name, EntityType::Function(0));
    }
    let (mut one, mut code) = (FunctionSection::new(), CodeSection::new());
    one.function(0);
    code.function(Function::new([]).instruction(&Instruction::End));
    let mut exporting = Module::new();
    exporting.section(&types).section(&one).section(&exports).section(&code);
    let mut importing = Module::new();
    importing.section(&types).section(&imports);

    let (mut functions, mut bodies) = (FunctionSection::new(), CodeSection::new());
    for _ in 0..COUNT {
        functions.function(0);
        bodies.function(Function::new([]).instruction(&Instruction::End));
    }
    let mut functional = Module::new();
    functional.section(&types).section(&functions).section(&bodies);

    let mut globals = GlobalSection::new();
    let ty = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
    for _ in 0..COUNT {
        globals.global(ty, &ConstExpr::i64_const(0));
    }
    let mut global = Module::new();
    global.section(&globals);

    let (mut tables, mut elements) = (TableSection::new(), ElementSection::new());
    tables.table(TableType {
        element_type: wasm_encoder::RefType::FUNCREF,
        minimum: 10,
        maximum: None,
        table64: false,
        shared: false,
    });
    elements.passive(Elements::Functions(vec![0; COUNT as usize].into()));
    let mut elemental = Module::new();
    elemental.section(&types).section(&one).section(&tables).section(&elements).section(&code);
    vec![
        Attack::file("imports", hides(&[&exporting, &importing], INSTANCES), refused),
        Attack::file("functions", hides(&[&functional], INSTANCES), refused),
        Attack::file("globals", hides(&[&global], INSTANCES), refused),
        Attack::file("elements", hides(&[&elemental], INSTANCES), refused),
    ]
}

/// Edits that are small and few, and objects that are neither.
fn claims_times_replicas() -> Vec<Attack> {
    let target = "(local.get $target)";
    let replicas =
        format!("(call $pipeline_set_replicas {target} (i32.const 10000) (i32.const 512))");
    // A name of two characters, and a size.
    let add = |name: usize| {
        format!(
            "(call $pipeline_add_claim {target} (i32.const {name}) (i32.const 2) (i32.const 9000) \
             (i32.const 3) (i32.const 512))"
        )
    };
    let guest = |claims: &str| {
        Guest::new()
            .imports_method("pipeline.set-replicas", "(param i32 i32 i32)")
            .imports_method("pipeline.add-claim", "(param i32 i32 i32 i32 i32 i32)")
            .data(8_192, "cacb")
            .data(9_000, "1Gi")
            .transform(&format!("{replicas} {claims} (i32.const 256)"))
    };
    let both = [add(8_192), add(8_194)].concat();
    let words = "the maximum is 20000";
    let mut attacks =
        vec![Attack::new("two claims more", &guest(&both), Expect::BadResult("claims", words))];
    attacks.extend(claims_of_many_bytes());
    attacks
}

/// What one claim has, in the claim of each replica.
fn claims_of_many_bytes() -> Vec<Attack> {
    let long = "x".repeat(4_000);
    let key = |at: usize| format!("{at:063}");
    let of_claim = |method: &str| Edit::claim("data", method);
    let annotation = vec![of_claim("set-annotation").text("note").text(&long)];
    let annotations =
        (0..40).map(|at| of_claim("set-annotation").text(key(at)).text("x".repeat(60)));
    let labels = (0..40).map(|at| of_claim("set-label").text(key(at)).text("x".repeat(60)));
    let shapes = [
        ("a long annotation", annotation),
        ("many annotations", annotations.collect()),
        ("many labels", labels.collect()),
    ];
    let attack = |(what, mut edits): (&str, Vec<Edit>)| {
        edits.push(Edit::pipeline("set-replicas").number(10_000));
        let guest = Guest::makes(&edits, Manner::Honest);
        Attack::new(what, &guest, Expect::BadResult("claims", "the maximum is 33554432"))
    };
    shapes.map(attack).into()
}

/// Lists whose items have no bytes, and take the host 32 each: as many as one call may bring, and more in each of many.
fn lists_of_nothing() -> Vec<Attack> {
    let over = Expect::Over(Budget::EditedBytes);
    let once = Guest::new()
        .memory("60")
        .imports_method("pipeline.main-container", "(param i32) (result i32)")
        .imports_method("container.set-args", "(param i32 i32 i32 i32)")
        .transform(
            "(call $container_set_args (call $pipeline_main_container (local.get $target)) \
             (i32.const 1000000) (i32.const 150000) (i32.const 512)) (i32.const 256)",
        );
    let text = format!("[{}{{}}]", "{},".repeat(40_000));
    let set = |present: i32, length: usize| {
        format!(
            "(call $pipeline_set_tolerations (local.get $target) (i32.const {present}) \
             (i32.const 100000) (i32.const {length}) (i32.const 512))"
        )
    };
    let (set, unset) = (set(1, text.len()), set(0, 0));
    let again = Guest::new()
        .memory("8")
        .data(100_000, text)
        .imports_method("pipeline.set-tolerations", "(param i32 i32 i32 i32 i32)")
        .transform(&format!("{} (i32.const 256)", format!("{set} {unset}").repeat(4)));
    vec![Attack::new("of one edit", &once, over), Attack::new("of many edits", &again, over)]
}

/// One component that calls another with a text: the engine makes code between them, which copies from one
/// memory to the other.
fn composed(caller: &str, realloc: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
          (component $provider
            (core module $m
              (memory (export "memory") 1)
              (func (export "realloc") (param i32 i32 i32 i32) (result i32) {realloc})
              (func (export "take") (param i32 i32)))
            (core instance $i (instantiate $m))
            (func (export "take") (param "text" string)
              (canon lift (core func $i "take") (memory (core memory $i "memory"))
                (realloc (core func $i "realloc")))))
          (component $consumer
            (import "take" (func $take (param "text" string)))
            (core module $memory (memory (export "memory") 1))
            (core instance $memory (instantiate $memory))
            (core func $take (canon lower (func $take) (memory (core memory $memory "memory"))))
            (core module $m
              (import "" "take" (func $take (param i32 i32)))
              (import "" "memory" (memory 1))
              (func $start {caller})
              (start $start))
            (core instance (instantiate $m (with "" (instance
              (export "take" (func $take)) (export "memory" (memory $memory "memory")))))))
          (instance $p (instantiate $provider))
          (instance (instantiate $consumer (with "take" (func $p "take")))))"#
    );
    nested(&Guest::new().build(), &wat::parse_str(text).unwrap())
}

fn components_that_call_each_other() -> Vec<Attack> {
    let call = "(call $take (i32.const 0) (i32.const 60000))";
    let give = "(i32.const 0)";
    let forever = "(loop $l (call $take (i32.const 0) (i32.const 5)) (br $l))";
    let grows = "(drop (memory.grow (i32.const 1))) (if (i32.eq (i32.const -1) \
        (memory.grow (i32.const 100))) (then (unreachable))) (i32.const 0)";
    let outside = "(call $take (i32.const 60000) (i32.const 60000))";
    let several =
        "(component (core module $m (memory 1) (memory 1)) (core instance (instantiate $m)))";
    let several = nested(&composed(call, give), &wat::parse_str(several).unwrap());
    vec![
        Attack::file("with a text", composed(call, give), Expect::Unchanged),
        Attack::file("forever", composed(forever, give), Expect::Over(Budget::Fuel)),
        Attack::file("for memory", composed(forever, grows), Expect::Over(Budget::Memory)),
        Attack::file("with what is not its own", composed(outside, give), Expect::Trap("")),
        Attack::file(
            "beside several memories",
            several,
            Expect::Unsupported("several memories in one module"),
        ),
    ]
}

/// A plugin that crashes, and more lines, units and ranges than there is code. Only the commands of authors
/// read them, in a child; `plugin run` tells the crash all the same.
fn debug_information() -> Vec<Attack> {
    let attack = |what, amount| {
        let guest = Guest::new().transform("(unreachable)");
        let plugin = guest.build_with_amount("plugin.wat", amount);
        assert!(plugin.len() < 1 << 20, "{what}: {}", plugin.len());
        Attack::file(what, plugin, Expect::Trap("unreachable"))
    };
    vec![
        attack("rows", Amount { rows: 900_000, ..Amount::HONEST }),
        attack("units", Amount { units: 8_000, ..Amount::HONEST }),
        attack("ranges", Amount { ranges: 100_000, ..Amount::HONEST }),
        attack("rows of units", Amount { rows: 1_000, units: 500, ranges: 50 }),
    ]
}
