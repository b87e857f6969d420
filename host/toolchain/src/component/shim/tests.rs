use std::collections::BTreeMap;

use wasmparser::{ElementItems, Name, Operator, Payload, TypeRef};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};

use super::*;
use crate::component::world;

const WIT: &str = "package test:shim;
    interface host {
        say: func(text: string) -> string;
        count: func() -> u32;
        tell: func(text: string);
    }
    world guest {
        import host;
        export run: func() -> string;
    }";

/// A module that calls three functions of the host, two of which need its memory. `more` are imports
/// and a table.
fn module(more: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "test:shim/host" "say" (func $say (param i32 i32 i32)))
            (import "test:shim/host" "count" (func $count (result i32)))
            (import "test:shim/host" "tell" (func $tell (param i32 i32)))
            {more}
            (func $own (result i32) (call $say (i32.const 0) (i32.const 0) (i32.const 0)) (call $count))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
            (func (export "run") (result i32)
                (call $tell (i32.const 0) (i32.const 0))
                (call $own))
            (memory (export "memory") 1))"#
    );
    wat::parse_str(text).unwrap()
}

/// What wit-component makes of a module.
fn encoded(mut module: Vec<u8>) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("test.wit", WIT).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true).module(&module).unwrap();
    let adapter =
        r#"(module (func (export "fd_write") (param i32 i32 i32 i32) (result i32) (i32.const 8)))"#;
    let adapter = wat::parse_str(adapter).unwrap();
    encoder.adapter(world::WASI, &adapter).unwrap().encode().unwrap()
}

/// The core modules of a component.
fn modules(component: &[u8]) -> Vec<&[u8]> {
    let payloads = Parser::new(0).parse_all(component);
    let module = |payload| match payload {
        Ok(Payload::ModuleSection { unchecked_range, .. }) => Some(&component[unchecked_range]),
        _ => None,
    };
    payloads.filter_map(module).collect()
}

/// The world of a component, as WIT.
fn wit(component: &[u8]) -> String {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component).unwrap() else {
        panic!("it is a component");
    };
    let package = resolve.worlds[world].package.unwrap();
    let mut printer = wit_component::WitPrinter::default();
    printer.print(&resolve, package, &[]).unwrap();
    printer.output.to_string()
}

/// The limits of a module's first table, own or imported.
fn limits(module: &[u8]) -> (u64, Option<u64>) {
    let tables = Parser::new(0).parse_all(module).filter_map(|payload| match payload.unwrap() {
        Payload::TableSection(section) => section.into_iter().next().map(|it| it.unwrap().ty),
        Payload::ImportSection(section) => {
            section.into_imports().find_map(|import| match import.unwrap().ty {
                TypeRef::Table(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    });
    let first = tables.into_iter().next().unwrap();
    (first.initial, first.maximum)
}

/// Where each element segment of a module begins, and its functions.
fn elements(module: &[u8]) -> Vec<(i32, Vec<u32>)> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ElementSection(section) = payload.unwrap() else { continue };
        for element in section {
            let element = element.unwrap();
            let wasmparser::ElementKind::Active { offset_expr, .. } = element.kind else {
                continue;
            };
            let Operator::I32Const { value } = offset_expr.get_operators_reader().read().unwrap()
            else {
                panic!("an offset is a number");
            };
            let ElementItems::Functions(functions) = element.items else { continue };
            found.push((value, functions.into_iter().map(Result::unwrap).collect()));
        }
    }
    found
}

#[test]
fn the_shim_is_gone_and_the_world_is_the_same() {
    let before = encoded(module(""));
    let after = join(&before).unwrap();
    assert_eq!((modules(&before).len(), modules(&after).len()), (3, 2));
    assert_eq!(wit(&after), wit(&before));
    // What was joined has no shim.
    assert_eq!(join(&after), None);
}

#[test]
fn a_module_without_a_table_gets_one_for_the_functions_of_the_host() {
    let joined = join(&encoded(module(""))).unwrap();
    let [caller, fixup] = modules(&joined)[..] else { panic!("two modules") };
    assert_eq!((limits(caller), limits(fixup)), ((2, Some(2)), (2, Some(2))));
    assert_eq!(elements(fixup), [(0, vec![0, 1])]);
}

#[test]
fn the_elements_of_a_table_stay_where_they_are_and_mean_the_same_functions() {
    let table = "(table 3 9 funcref) (elem (i32.const 1) func $own $count)";
    let joined = join(&encoded(module(table))).unwrap();
    let [caller, fixup] = modules(&joined)[..] else { panic!("two modules") };
    assert_eq!((limits(caller), limits(fixup)), ((5, Some(11)), (5, Some(11))));
    // Of the imports only `count` is left, and the first own function comes next.
    assert_eq!(elements(caller), [(1, vec![1, 0])]);
    assert_eq!(elements(fixup), [(3, vec![0, 1])]);
    let growing = join(&encoded(module("(table 1 funcref)"))).unwrap();
    assert_eq!(limits(modules(&growing)[0]), (3, None));
}

/// wit-component puts an adapter's functions into the shim, too, and names the second import of one
/// otherwise.
#[test]
fn imports_of_an_adapter_are_joined_and_share_an_element() {
    let write = r#"(import "wasi_snapshot_preview1" "fd_write"
        (func (param i32 i32 i32 i32) (result i32)))"#;
    let before = encoded(module(&write.repeat(2)));
    let after = join(&before).unwrap();
    assert_eq!((modules(&before).len(), modules(&after).len()), (4, 3));
    assert_eq!(wit(&after), wit(&before));
    assert_eq!(limits(modules(&after)[0]), (3, Some(3)));
}

#[test]
fn names_stay_with_their_functions_in_order() {
    let joined = join(&encoded(module(""))).unwrap();
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(modules(&joined)[0]) {
        let Payload::CustomSection(section) = payload.unwrap() else { continue };
        let KnownCustom::Name(section) = section.as_known() else { continue };
        for name in section {
            let Name::Function(map) = name.unwrap() else { continue };
            names.extend(map.into_iter().map(|it| it.unwrap()).map(|it| (it.index, it.name)));
        }
    }
    assert_eq!(names, [(0, "count"), (1, "own"), (4, "say"), (5, "tell")]);
}

#[test]
fn what_cannot_be_joined_is_left_alone() {
    let calls_nothing =
        r#"(module (memory (export "memory") 1) (func (export "run") (result i32) (i32.const 0)))"#;
    let cases = BTreeMap::from([
        ("no function of the host", encoded(wat::parse_str(calls_nothing).unwrap())),
        ("debug information", encoded(module(r#"(@custom ".debug_info" "")"#))),
        ("a table of another kind", encoded(module("(table 1 externref)"))),
        ("no component", module("")),
        ("nothing", Vec::new()),
    ]);
    for (case, component) in cases {
        assert_eq!(join(&component), None, "{case}");
    }
}

/// A component as wit-component arranges it, beside one that has modules of its own.
const BY_HAND: &str = r#"(component
    (import "say" (func $say (param "text" string)))
    (component $nested
        (core module $three (func (export "a")) (func (export "b")) (func (export "c")))
        (core module $calls (import "" "c" (func)))
        (core instance $three (instantiate $three))
        (alias core export $three "a" (core func $a))
        (alias core export $three "b" (core func $b))
        (alias core export $three "c" (core func $c))
        (core instance $exports (export "c" (func $c)))
        (core instance (instantiate $calls (with "" (instance $exports))))
        (func (export "run") (canon lift (core func $c))))
    (core module $main
        (import "" "say" (func (param i32 i32)))
        (memory (export "memory") 1)
        (func (export "run") (call 0 (i32.const 0) (i32.const 0))))
    (core module $shim
        (type $say (func (param i32 i32)))
        (table (export "$imports") 2 2 funcref)
        (func (export "0") (type $say)
            (call_indirect (type $say) (local.get 0) (local.get 1) (i32.const 0))))
    (core module $fixup
        (import "" "$imports" (table 2 2 funcref))
        (import "" "0" (func (param i32 i32)))
        (elem (i32.const 0) func 0))
    (core instance $shim (instantiate $shim))
    (alias core export $shim "0" (core func $slot))
    (core instance $imports (export "say" (func $slot)))
    (core instance $main (instantiate $main (with "" (instance $imports))))
    (alias core export $main "memory" (core memory $memory))
    (alias core export $shim "$imports" (core table $table))
    (core func $lowered (canon lower (func $say) (memory $memory)))
    (core instance $elements (export "$imports" (table $table)) (export "0" (func $lowered)))
    (core instance (instantiate $fixup (with "" (instance $elements))))
    (alias core export $main "run" (core func $run))
    (func (export "run") (canon lift (core func $run)))
    (instance (export "nested") (instantiate $nested)))"#;

#[test]
fn a_nested_component_stays_as_it_is() {
    let nested = |component: &[u8]| {
        let payloads = Parser::new(0).parse_all(component);
        let mut ranges = payloads.filter_map(|payload| match payload.unwrap() {
            Payload::ComponentSection { unchecked_range, .. } => Some(unchecked_range),
            _ => None,
        });
        component[ranges.next().unwrap()].to_vec()
    };
    let before = wat::parse_str(BY_HAND).unwrap();
    let after = join(&before).unwrap();
    assert_eq!((modules(&before).len(), modules(&after).len()), (5, 4));
    assert_eq!(nested(&after), nested(&before));
}

#[test]
fn what_is_arranged_otherwise_is_left_alone() {
    let main = r#"(core instance $main (instantiate $main (with "" (instance $imports))))"#;
    let again = r#"(core instance (instantiate $main (with "" (instance $imports))))"#;
    let of_table = r#"(core module $uses (import "" "$imports" (table 2 2 funcref)))
        (core instance (instantiate $uses (with "" (instance $elements))))"#;
    for (case, from, to) in [
        ("a module that is there twice", main, format!("{main} {again}")),
        (
            "two that fill the table",
            "(alias core export $main \"run\"",
            format!("{of_table} (alias core export $main \"run\""),
        ),
        ("a fixup from another place", "(elem (i32.const 0)", "(elem (i32.const 1)".to_owned()),
        ("functions of other names", "\"0\"", "\"zero\"".to_owned()),
        ("a table of another name", "$imports\"", "$table\"".to_owned()),
    ] {
        let component = BY_HAND.replace(from, &to);
        assert_ne!(component, BY_HAND, "{case}");
        assert_eq!(join(&wat::parse_str(component).unwrap()), None, "{case}");
    }
}
