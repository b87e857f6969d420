//! Each rule of `wit/README.md`, with a change that it allows or refuses.

use wit_parser::Resolve;

use super::super::package::Package;

/// A small contract with one of everything.
const OLD: &str = "
    package wellhead:plugin@0.1.0;
    interface types {
        type entry = tuple<string, string>;
        record failure { path: string, hint: option<string> }
        variant error { denied(failure), other }
    }
    interface pipeline {
        use types.{entry, error};
        enum protocol { tcp, udp }
        flags modes { read, write }
        resource pipeline {
            image: func() -> string;
            set-image: func(value: string) -> result<_, error>;
            labels: func() -> list<entry>;
        }
        count: func() -> s32;
    }
    interface log { log: func(message: string); }
    interface transform {
        use pipeline.{pipeline};
        record rejection { message: string }
        transform: func(target: borrow<pipeline>) -> result<_, rejection>;
    }
    world transformer { import pipeline; import log; export transform; }
";

fn package(text: &str) -> Package {
    let mut resolve = Resolve::default();
    let id = resolve.push_str("contract.wit", text).unwrap();
    Package { resolve, id }
}

/// What the old contract with a part replaced breaks.
fn breaks(from: &str, to: &str) -> Vec<String> {
    assert!(OLD.contains(from), "{from}");
    super::breaking(&package(OLD), &package(&OLD.replacen(from, to, 1)))
}

/// The same, with the version raised as additions want it.
fn breaks_in_next(from: &str, to: &str) -> Vec<String> {
    assert!(OLD.contains(from), "{from}");
    let new = OLD.replacen(from, to, 1).replacen("@0.1.0", "@0.1.1", 1);
    super::breaking(&package(OLD), &package(&new))
}

const NOTHING: [&str; 0] = [];

#[test]
fn the_same_contract_and_documentation_are_allowed() {
    assert_eq!(breaks("", ""), NOTHING);
    assert_eq!(breaks("image: func", "/// The image.\n image: func"), NOTHING);
    assert_eq!(breaks("@0.1.0", "@0.1.7"), NOTHING);
}

#[test]
fn a_new_function_type_or_resource_in_an_imported_interface_is_allowed() {
    assert_eq!(breaks_in_next("image: func", "tag: func() -> string; image: func"), NOTHING);
    assert_eq!(breaks_in_next("count: func", "sum: func() -> s32; count: func"), NOTHING);
    assert_eq!(
        breaks_in_next("enum protocol", "record port { number: s32 } enum protocol"),
        NOTHING
    );
    assert_eq!(
        breaks_in_next("enum protocol", "resource x { constructor(); } enum protocol"),
        NOTHING
    );
}

#[test]
fn a_new_interface_and_a_new_world_are_allowed() {
    assert_eq!(
        breaks_in_next("interface log", "interface more { more: func(); } interface log"),
        NOTHING
    );
    let more =
        "interface migrate { migrate: func(); } world migrator { export migrate; } interface log";
    assert_eq!(breaks_in_next("interface log", more), NOTHING);
}

#[test]
fn a_world_may_import_more() {
    let new = "interface more { more: func(); } world transformer { import more;";
    assert_eq!(breaks_in_next("world transformer {", new), NOTHING);
}

#[test]
fn another_name_for_the_same_type_is_allowed() {
    assert_eq!(breaks("list<entry>", "list<tuple<string, string>>"), NOTHING);
}

#[test]
fn an_addition_without_another_version_is_refused() {
    let changes = ["it has more than 0.1.0, and still calls itself 0.1.0"];
    assert_eq!(breaks("image: func", "tag: func() -> string; image: func"), changes);
    assert_eq!(breaks("interface log", "interface more { more: func(); } interface log"), changes);
}

#[test]
fn another_package_track_or_an_older_version_is_refused() {
    assert_eq!(
        breaks("wellhead:plugin", "wellhead:plugins"),
        ["the package was `wellhead:plugin@0.1.0` and is `wellhead:plugins@0.1.0`"]
    );
    assert_eq!(breaks("@0.1.0", "@0.2.0"), ["0.2.0 is of another track than 0.1.0"]);
    let later = OLD.replacen("@0.1.0", "@0.1.2", 1);
    assert_eq!(super::breaking(&package(&later), &package(OLD)), ["0.1.0 is older than 0.1.2"]);
    assert_eq!(breaks("@0.1.0", ""), ["`wellhead:plugin` has no version"]);
}

#[test]
fn what_is_gone_or_has_another_name_is_refused() {
    assert_eq!(breaks("image: func() -> string;", ""), ["`pipeline.pipeline.image` is gone"]);
    assert_eq!(breaks("enum protocol { tcp, udp }", ""), ["`pipeline.protocol` is gone"]);
    assert_eq!(
        breaks_in_next("image: func", "picture: func"),
        ["`pipeline.pipeline.image` is gone"]
    );
}

#[test]
fn a_changed_function_is_refused() {
    assert_eq!(
        breaks("image: func() -> string", "image: func() -> option<string>"),
        ["`pipeline.pipeline.image` was `func() -> string` and is `func() -> option<string>`"]
    );
    assert_eq!(
        breaks("count: func()", "count: func(of: string)"),
        ["`pipeline.count` was `func() -> s32` and is `func(of: string) -> s32`"]
    );
    assert_eq!(
        breaks("set-image: func(value: string)", "set-image: func(text: string)").len(),
        1,
        "languages with named arguments call it by the name"
    );
    assert_eq!(breaks("count: func()", "count: async func()").len(), 1);
    assert_eq!(breaks("labels: func", "labels: static func").len(), 1);
}

#[test]
fn a_record_variant_enum_or_flags_that_has_more_less_or_another_order_is_refused() {
    for (from, to) in [
        ("path: string, hint", "path: string, line: s32, hint"),
        ("path: string, ", ""),
        ("path: string, hint: option<string>", "hint: option<string>, path: string"),
        ("denied(failure), other", "denied(failure), other, more"),
        ("denied(failure), other", "denied(failure)"),
        ("denied(failure)", "denied(string)"),
        ("{ tcp, udp }", "{ tcp, udp, sctp }"),
        ("{ tcp, udp }", "{ udp, tcp }"),
        ("{ read, write }", "{ read, write, run }"),
        ("tuple<string, string>", "tuple<string, string, string>"),
    ] {
        let found = breaks_in_next(from, to);
        assert!(found.iter().any(|it| it.contains(" was `")), "{to}: {found:?}");
    }
}

#[test]
fn a_type_of_the_same_name_from_elsewhere_is_refused() {
    let found = breaks_in_next(
        "use types.{entry, error};",
        "use types.{entry}; variant error { denied(string), other }",
    );
    assert!(found.iter().any(|it| it.contains("pipeline.pipeline.set-image")), "{found:?}");
}

#[test]
fn an_interface_that_plugins_export_never_changes() {
    assert_eq!(
        breaks_in_next("transform: func", "prepare: func(); transform: func"),
        ["`transform.prepare` is new, and plugins that exist export `transform` without it"]
    );
    assert_eq!(breaks_in_next("record rejection", "enum kind { a } record rejection").len(), 1);
    assert_eq!(breaks("{ message: string }", "{ message: string, path: string }").len(), 1);
}

#[test]
fn a_world_that_exports_more_or_imports_less_is_refused() {
    let more = "interface more { more: func(); } world transformer { export more;";
    assert_eq!(
        breaks_in_next("world transformer {", more),
        ["world `transformer` now exports more"]
    );
    assert_eq!(breaks_in_next("import log; ", ""), ["world `transformer` no longer imports log"]);
    assert_eq!(
        breaks_in_next("export transform; ", ""),
        ["world `transformer` no longer exports transform"]
    );
    assert_eq!(
        breaks_in_next("world transformer", "world changer").first().map(String::as_str),
        Some("world `transformer` is gone")
    );
}

#[test]
fn a_function_or_type_of_a_world_itself_is_refused() {
    let carries_none = "which is no interface of the package and therefore carries no version";
    assert_eq!(
        breaks_in_next("export transform;", "export transform; export run: func();"),
        [format!("world `transformer` exports `run`, {carries_none}")]
    );
    assert_eq!(
        breaks_in_next("import log;", "import log; import clock: interface { now: func(); }"),
        [format!("world `transformer` imports `clock`, {carries_none}")]
    );
}

#[test]
fn an_interface_that_is_gone_is_refused_once() {
    let found = super::breaking(
        &package(OLD),
        &package(
            &OLD.replace("interface log { log: func(message: string); }", "")
                .replace("import log; ", ""),
        ),
    );
    assert!(found.contains(&"interface `log` is gone".to_owned()), "{found:?}");
    assert!(!found.iter().any(|it| it.contains("log.log")), "{found:?}");
}
