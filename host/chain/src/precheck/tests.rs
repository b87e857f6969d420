//! Each budget at its value and above it, features that are off, and bytes of any kind.

use proptest::prelude::*;
use wasm_encoder::{
    CodeSection, Component, Function, FunctionSection, Module, ModuleSection, TypeSection,
};

use super::{Excess, Structure, check};
use crate::Fault;

/// A budget that a component with exactly `limit` passes, and one with `limit + 1` does not.
fn boundary(budget: &str, set: impl Fn(&mut Structure), at: &[u8], above: &[u8]) {
    let mut budgets = Structure::BUDGETS;
    set(&mut budgets);
    if let Err(fault) = check(at, &budgets) {
        panic!("{budget}: at the limit: {fault:?}");
    }
    let excesses = excesses(above, &budgets);
    let limit = field(&budgets, budget);
    let [Excess { budget: name, limit: value, found, .. }] = &excesses[..] else {
        panic!("{budget}: above the limit: {excesses:?}");
    };
    assert_eq!((*name, *value, *found), (budget, limit, limit + 1));
}

fn field(structure: &Structure, name: &str) -> u64 {
    (super::structure::FIELDS.iter().find(|it| it.name == name).unwrap().get)(structure)
}

fn excesses(bytes: &[u8], budgets: &Structure) -> Vec<Excess> {
    match check(bytes, budgets) {
        Err(Fault::Refused { excesses }) => excesses,
        other => panic!("{other:?}"),
    }
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// A component of one core module in text.
fn with_module(fields: &str) -> Vec<u8> {
    wat(&format!("(component (core module {fields}))"))
}

fn with_function(locals: &str, body: &str) -> Vec<u8> {
    with_module(&format!("(func {locals} {body})"))
}

fn nested(levels: usize) -> Vec<u8> {
    wat(&format!("{}{}", "(component ".repeat(levels), ")".repeat(levels)))
}

fn repeat(text: &str, count: usize) -> String {
    text.repeat(count)
}

/// Texts that differ by their number.
fn numbered(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().concat()
}

#[test]
fn the_file_has_a_budget() {
    let bytes = wat("(component)");
    let length = bytes.len() as u64;
    let mut longer = bytes.clone();
    // A custom section without a name and content.
    longer.extend([0, 1, 0]);
    let mut budgets = Structure { file_bytes: length, ..Structure::BUDGETS };
    check(&bytes, &budgets).unwrap();
    assert_eq!(excesses(&longer, &budgets)[0].found, length + 3);
    budgets.file_bytes += 3;
    check(&longer, &budgets).unwrap();
}

#[test]
fn nesting_has_a_budget() {
    boundary("nesting", |it| it.nesting = 3, &nested(3), &nested(4));
}

#[test]
fn components_and_modules_have_a_budget() {
    let with = |count| wat(&format!("(component {})", repeat("(core module) (component)", count)));
    boundary(
        "modules",
        |it| it.modules = 5,
        &with(2),
        &wat("(component (core module) (component) (core module) (component) (core module))"),
    );
}

#[test]
fn functions_have_a_budget() {
    let with = |count| with_module(&repeat("(func)", count));
    boundary("functions", |it| it.functions = 7, &with(7), &with(8));
}

#[test]
fn types_have_a_budget() {
    let core = |count: usize| {
        with_module(&numbered(count, |it| format!("(type (func {}))", repeat("(param i32)", it))))
    };
    boundary("types", |it| it.types = 4, &core(4), &core(5));
    let component = |count| wat(&format!("(component {})", repeat("(type (list u8))", count)));
    boundary("types", |it| it.types = 4, &component(4), &component(5));
    let inside = |count| {
        wat(&format!("(component (type (instance {})))", repeat("(type (list u8))", count)))
    };
    boundary("types", |it| it.types = 4, &inside(3), &inside(4));
}

#[test]
fn the_members_of_a_type_have_a_budget() {
    let records = |count: usize| {
        let fields = numbered(count, |it| format!("(field \"f{it}\" u8)"));
        wat(&format!("(component (type (record {fields})))"))
    };
    let cases = |count: usize| {
        let cases = numbered(count, |it| format!("\"c{it}\" "));
        wat(&format!("(component (type (instance (type (enum {cases})))))"))
    };
    let params = |count| {
        with_module(&format!("(type (func {} (result i32)))", repeat("(param i32)", count)))
    };
    boundary("typeMembers", |it| it.type_members = 9, &records(9), &records(10));
    boundary("typeMembers", |it| it.type_members = 9, &cases(9), &cases(10));
    boundary("typeMembers", |it| it.type_members = 9, &params(8), &params(9));
}

#[test]
fn the_nesting_of_types_has_a_budget() {
    let with = |levels: usize| {
        wat(&format!("(component {}{})", "(type (instance ".repeat(levels), "))".repeat(levels)))
    };
    boundary("typeNesting", |it| it.type_nesting = 3, &with(3), &with(4));
}

/// A chain of pairs: the last has as many parts as two to the power of `levels`, and once more.
fn pairs(levels: usize) -> String {
    let pair = |it: usize| match it.checked_sub(1) {
        None => "(type $t0 (tuple u8 u8))".to_owned(),
        Some(below) => format!("(type $t{it} (tuple $t{below} $t{below}))"),
    };
    numbered(levels, pair)
}

#[test]
fn the_size_of_a_type_has_a_budget() {
    // 1 + 2, 1 + 2 * 3, 1 + 2 * 7
    let at = wat(&format!("(component {})", pairs(3)));
    let found = check(&at, &Structure::BUDGETS).unwrap();
    assert_eq!(found.type_size, 15);
    let above = wat(&format!("(component {} (type (option $t2)))", pairs(3)));
    boundary("typeSize", |it| it.type_size = 15, &at, &above);
    let inside = wat(&format!(
        "(component (type (instance {} (type $f (func (param \"a\" $t2))) (export \"f\" (func (type $f))))))",
        pairs(3)
    ));
    // The function has one more than its parameter, and the instance one more than its export.
    assert_eq!(check(&inside, &Structure::BUDGETS).unwrap().type_size, 17);
}

#[test]
fn a_type_that_comes_from_outside_has_its_size() {
    let outer = format!(
        "(component {} (component (alias outer 1 $t2 (type $a)) (type (list $a)))
          (type $i (instance (alias outer 1 $t2 (type $b)) (type (option $b)) (export \"t\" (type (eq 1)))))
          (import \"i\" (instance $x (type $i))) (alias export $x \"t\" (type $c)) (type (tuple $c $c)))",
        pairs(3)
    );
    // A pair of options of the last of the pairs.
    assert_eq!(check(&wat(&outer), &Structure::BUDGETS).unwrap().type_size, 1 + 2 * (1 + 15));
}

/// Instantiates a component with a function of a large type, some times.
fn comparing(levels: usize, times: usize) -> Vec<u8> {
    let last = levels - 1;
    let import = format!("{} (import \"f\" (func $f (param \"p\" $t{last})))", pairs(levels));
    let instantiate = "(instance (instantiate $c (with \"f\" (func $f))))";
    wat(&format!("(component {import} (component $c {import}) {})", repeat(instantiate, times)))
}

#[test]
fn comparisons_of_types_have_a_budget() {
    // Two imports, and an argument and an import for each instance; of 1 + 15 parts.
    let found = |times| check(&comparing(3, times), &Structure::BUDGETS).unwrap().comparisons;
    assert_eq!((found(3), found(4)), ((2 + 3 * 2) * 16, (2 + 4 * 2) * 16));
    let budgets = Structure { comparisons: found(3), ..Structure::BUDGETS };
    check(&comparing(3, 3), &budgets).unwrap();
    assert_eq!(excesses(&comparing(3, 4), &budgets)[0].budget, "comparisons");
}

#[test]
fn a_validation_bomb_is_refused_before_it_is_validated() {
    let bomb = comparing(15, 250);
    assert!(bomb.len() < 3_000, "{}", bomb.len());
    let found: Vec<_> = excesses(&bomb, &Structure::BUDGETS).iter().map(|it| it.budget).collect();
    assert_eq!(found, ["typeSize", "comparisons"]);
}

#[test]
fn imports_and_exports_have_budgets() {
    let imports = |count: usize| {
        with_module(&numbered(count, |it| format!("(import \"m\" \"f{it}\" (func))")))
    };
    boundary("imports", |it| it.imports = 6, &imports(6), &imports(7));
    let exports = |count: usize| {
        let exports = numbered(count, |it| format!("(export \"f{it}\" (func 0))"));
        with_module(&format!("(func) {exports}"))
    };
    boundary("exports", |it| it.exports = 6, &exports(6), &exports(7));
}

#[test]
fn globals_and_segments_have_budgets() {
    let globals = |count| with_module(&repeat("(global i32 (i32.const 0))", count));
    boundary("globals", |it| it.globals = 6, &globals(6), &globals(7));
    let data = |count| with_module(&repeat("(data \"a\") (elem funcref)", count));
    boundary(
        "segments",
        |it| it.segments = 5,
        &data(2),
        &with_module(
            "(data \"a\") (data \"a\") (data \"a\") (elem funcref) (elem funcref) (elem funcref)",
        ),
    );
}

#[test]
fn a_function_has_budgets_of_bytes_depth_blocks_locals_and_pressure() {
    // A body is the number of its kinds of locals, its instructions, and their end.
    let bytes = |count| with_function("", &repeat("nop ", count));
    boundary("bodyBytes", |it| it.body_bytes = 12, &bytes(10), &bytes(11));
    let deep = |count| {
        with_function("", &format!("{} {}", repeat("block ", count), repeat("end ", count)))
    };
    boundary("blockDepth", |it| it.block_depth = 8, &deep(8), &deep(9));
    let wide = |count| with_function("", &repeat("loop end ", count));
    boundary("blocks", |it| it.blocks = 8, &wide(8), &wide(9));
    let table =
        |count| with_function("", &format!("i32.const 0 br_table {} 0", repeat("0 ", count)));
    boundary("branchTargets", |it| it.branch_targets = 8, &table(8), &table(9));
    let locals = |count| with_function(&repeat("(local i32) (local f64)", count), "");
    boundary(
        "locals",
        |it| it.locals = 5,
        &locals(2),
        &with_function("(local i32 i32 i32 i32 i32 f32)", ""),
    );
    let calls = |calls| with_function("(local i32 i32)", &repeat("call 0 ", calls));
    let above = with_function("(local i32 i32 i32 i32 i32 i32 i32)", "call 0");
    boundary("pressure", |it| it.pressure = 6, &calls(3), &above);
}

#[test]
fn what_is_created_has_budgets() {
    let instances = |count| {
        wat(&format!(
            "(component (core module $m (memory 0) (table 0 funcref)) {})",
            repeat("(core instance (instantiate $m))", count)
        ))
    };
    boundary("coreInstances", |it| it.core_instances = 4, &instances(4), &instances(5));
    boundary("memories", |it| it.memories = 4, &instances(4), &instances(5));
    boundary("tables", |it| it.tables = 4, &instances(4), &instances(5));
    let components = |count| {
        wat(&format!("(component (component $c) {})", repeat("(instance (instantiate $c))", count)))
    };
    boundary("componentInstances", |it| it.component_instances = 4, &components(4), &components(5));
    boundary("definitions", |it| it.definitions = 4, &components(4), &components(5));
}

/// The type of instances inside of each other, in 5 bytes a level.
fn nested_types(levels: usize) -> Vec<u8> {
    let mut ty = vec![0x42, 0];
    for _ in 0..levels {
        ty.splice(0..0, [0x42, 1, 1]);
    }
    let mut section = vec![1];
    section.extend(ty);
    let mut bytes = Component::new().finish();
    bytes.push(7);
    leb(&mut bytes, section.len());
    bytes.extend(section);
    bytes
}

fn leb(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
}

#[test]
fn types_that_would_overflow_a_recursive_reader_are_refused() {
    let found = excesses(&nested_types(20_000), &Structure::BUDGETS);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].budget, found[0].found), ("typeNesting", 17));
}

/// Components of which each instantiates the one before it twice.
fn doubling(levels: usize) -> Vec<u8> {
    let level = |level: usize| match level.checked_sub(1) {
        None => "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned(),
        Some(below) => {
            let one = format!("(instance (instantiate $c{below}))");
            format!(
                "(component $c{level} (alias outer 1 $c{below} (component $c{below})) {one} {one})"
            )
        }
    };
    let text = numbered(levels + 1, level);
    wat(&format!("(component {text} (instance (instantiate $c{levels})))"))
}

#[test]
fn doubling_is_counted_without_doing_it() {
    let found = excesses(&doubling(20), &Structure::BUDGETS);
    let core = found.iter().find(|it| it.budget == "coreInstances").unwrap();
    assert_eq!(core.found, 1 << 20);
    assert_eq!(
        core.to_string(),
        "1048576 core instances when all components are instantiated; the budget `coreInstances` is 256"
    );
    let most = excesses(&doubling(100), &Structure::BUDGETS);
    assert!(most.iter().any(|it| it.to_string().starts_with("more core instances")), "{most:?}");
}

#[test]
fn a_component_that_is_a_parameter_counts_as_the_costliest() {
    // The outermost component instantiates what an instance exports: at most the costliest.
    let text = "(component
        (core module $m)
        (component $small (core module $n) (core instance (instantiate $n)))
        (component $large (alias outer 1 $m (core module $m))
          (core instance (instantiate $m)) (core instance (instantiate $m)) (core instance (instantiate $m)))
        (instance $i (export \"c\" (component $small)))
        (alias export $i \"c\" (component $c))
        (instance (instantiate $c)))";
    assert_eq!(check(&wat(text), &Structure::BUDGETS).unwrap().core_instances, 3);
    // Here it could be one that does the same.
    let text = "(component (component $c (import \"c\" (component $p)) (instance (instantiate $p)))
        (component $d) (instance (instantiate $c (with \"c\" (component $d)))))";
    let found = excesses(&wat(text), &Structure::BUDGETS);
    assert!(found.iter().all(|it| it.found == u64::MAX), "{found:?}");
}

#[test]
fn every_excess_is_reported_at_once_with_its_place() {
    let budgets = Structure { blocks: 1, locals: 1, functions: 1, ..Structure::BUDGETS };
    let bytes = with_module("(func) (func (local i32 i32) loop end loop end)");
    // Functions over their budget are not read.
    let found: Vec<_> = excesses(&bytes, &budgets).iter().map(|it| it.budget).collect();
    assert_eq!(found, ["functions"]);
    let found = excesses(&bytes, &Structure { functions: 2, ..budgets });
    let places: Vec<_> = found.iter().map(|it| (it.budget, it.offset.is_some())).collect();
    assert_eq!(places, [("blocks", true), ("locals", true)]);
}

/// Which of the features that are off a component is told to use.
fn unsupported(bytes: &[u8]) -> String {
    match Structure::check(bytes, &Structure::BUDGETS) {
        Err(Fault::Unsupported { feature, .. }) => feature.to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn features_that_are_off_are_named() {
    let modules = [
        ("(memory 1 1 shared)", "threads"),
        ("(memory 1) (memory 1)", "several memories"),
        ("(memory i64 1)", "64-bit memories"),
        ("(memory 1 (pagesize 1))", "custom page sizes"),
        ("(type (func)) (tag (type 0))", "exceptions"),
        ("(func try_table end)", "exceptions"),
        ("(func unreachable throw_ref)", "exceptions"),
        ("(type (struct))", "garbage collection"),
        ("(table 1 externref)", "garbage collection"),
        ("(type $f (func)) (func unreachable call_ref $f)", "typed function references"),
        ("(func (param v128) local.get 0 local.get 0 f32x4.relaxed_min drop)", "relaxed SIMD"),
        ("(func (param i64) unreachable i64.add128 drop drop)", "wide arithmetic"),
    ];
    let components = [
        ("(component (type (func async)))", "asynchronous"),
        ("(component (core func (canon task.cancel)))", "asynchronous"),
        ("(component (type (stream u8)))", "asynchronous"),
        ("(component (type (future u8)))", "asynchronous"),
        ("(component (type (list u8 4)))", "lists of a fixed length"),
    ];
    let modules = modules.map(|(text, feature)| (text, with_module(text), feature));
    let components = components.map(|(text, feature)| (text, wat(text), feature));
    let named = modules.iter().chain(&components).map(|(text, bytes, feature)| {
        let named = unsupported(bytes);
        (!named.starts_with(feature)).then(|| format!("{text}: {named}"))
    });
    assert_eq!(named.flatten().collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn features_that_are_on_pass() {
    for module in [
        "(func (result i32 i64) (i32.const 0) (i64.const 0))",
        "(func (param v128) (drop (f32x4.min (local.get 0) (local.get 0))))",
        "(func return_call 0)",
        "(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))",
        "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))",
        "(global i32 (i32.add (i32.const 1) (i32.const 1)))",
    ] {
        Structure::check(&with_module(module), &Structure::BUDGETS).unwrap();
    }
}

#[test]
fn a_compile_bomb_is_refused_before_it_is_validated() {
    let mut module = Module::new();
    let (mut types, mut functions, mut code) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for _ in 0..200_000 {
        functions.function(0);
        let mut function = Function::new([]);
        function.instructions().end();
        code.function(&function);
    }
    module.section(&types).section(&functions).section(&code);
    let mut component = Component::new();
    component.section(&ModuleSection(&module));
    let found = excesses(&component.finish(), &Structure::BUDGETS);
    assert_eq!((found[0].budget, found[0].found), ("functions", 200_000));
}

fn guests() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/guests");
    let files = std::fs::read_dir(folder).expect("`cargo xtask guests` built the plugins");
    let paths = files.map(|file| file.unwrap().path());
    let guests: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "wasm"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert!(!guests.is_empty(), "`cargo xtask guests` builds the plugins");
    guests
}

#[test]
fn first_party_plugins_are_far_below_every_budget() {
    for guest in guests() {
        let found = Structure::check(&guest, &Structure::BUDGETS).unwrap();
        for field in super::structure::FIELDS {
            let (found, budget) = ((field.get)(&found), (field.get)(&Structure::BUDGETS));
            assert!(found * 2 <= budget, "{}: {found} of {budget}", field.name);
        }
    }
}

/// A graph of components: the modules and the earlier components that each instantiates.
type Graph = Vec<(usize, Vec<usize>)>;

fn graph() -> impl Strategy<Value = Graph> {
    let component = (0..3_usize, prop::collection::vec(any::<prop::sample::Index>(), 0..4));
    prop::collection::vec(component, 1..8).prop_map(|components| {
        let place = |(at, (modules, children)): (usize, (usize, Vec<prop::sample::Index>))| {
            let children =
                if at == 0 { Vec::new() } else { children.iter().map(|it| it.index(at)).collect() };
            (modules, children)
        };
        components.into_iter().enumerate().map(place).collect()
    })
}

/// Instantiates for real, one by one.
fn expand(graph: &Graph, at: usize) -> (u64, u64) {
    let (modules, children) = &graph[at];
    children.iter().fold((*modules as u64, 0), |(core, components), &child| {
        let (more_core, more_components) = expand(graph, child);
        (core + more_core, components + 1 + more_components)
    })
}

fn encode(graph: &Graph) -> Vec<u8> {
    let component = |at: usize| {
        let (modules, children) = &graph[at];
        let aliases: Vec<_> =
            children.iter().map(|it| format!("(alias outer 1 $c{it} (component)) ")).collect();
        let text = [
            aliases.concat(),
            "(alias outer 1 $m (core module)) ".to_owned(),
            repeat("(core instance (instantiate 0))", *modules),
            numbered(children.len(), |it| format!("(instance (instantiate {it}))")),
        ]
        .concat();
        format!("(component $c{at} {text})")
    };
    let all = numbered(graph.len(), component);
    wat(&format!(
        "(component (core module $m) {all} (instance (instantiate $c{})))",
        graph.len() - 1
    ))
}

proptest! {
    #[test]
    fn the_flattened_count_is_that_of_a_naive_expansion(graph in graph()) {
        let unlimited = Structure { core_instances: u64::MAX, component_instances: u64::MAX,
            definitions: u64::MAX, ..Structure::BUDGETS };
        let found = check(&encode(&graph), &unlimited).unwrap();
        let (core, components) = expand(&graph, graph.len() - 1);
        prop_assert_eq!((found.core_instances, found.component_instances), (core, components + 1));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = check(&bytes, &Structure::BUDGETS);
        let mut component = Component::new().finish();
        component.extend(bytes);
        let _ = check(&component, &Structure::BUDGETS);
    }

    #[test]
    fn damaged_plugins_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        truncate in any::<bool>(),
    ) {
        for mut guest in guests() {
            for (at, mask) in &flips {
                let at = at.index(guest.len());
                guest[at] ^= mask;
            }
            if truncate {
                guest.truncate(end.index(guest.len()));
            }
            let _ = check(&guest, &Structure::BUDGETS);
        }
    }
}

#[test]
fn sections_of_components_inside_of_a_module_are_counted_nowhere_and_refused() {
    // A section that claims a module and holds a component.
    let mut bytes = Component::new().finish();
    let inner = doubling(3);
    bytes.push(1);
    leb(&mut bytes, inner.len());
    bytes.extend(&inner);
    assert!(matches!(Structure::check(&bytes, &Structure::BUDGETS), Err(Fault::Malformed { .. })));
}
