//! The upper half for Go: an interface for each resource, and its implementation in a component.

use std::fmt::Write as _;

use heck::{ToLowerCamelCase, ToUpperCamelCase};

use super::contract::{Contract, Enum, Method, Record, Resource, Value};
use super::files::Files;

/// Path of the SDK's module.
pub(super) const MODULE: &str = "github.com/wellhead-dev/wellhead/plugins/sdk-go";
/// Folder of the lower half.
pub(super) const BINDINGS: &str = "plugins/sdk-go/internal/bindings";
/// Folder of wit-bindgen's own package.
pub(super) const RUNTIME: &str = "plugins/sdk-go/internal/wit";

const HEADER: &str =
    "// Code generated from the contract by `cargo xtask bindings`. DO NOT EDIT.\n\n";

/// Spelled as Go spells initialisms.
const INITIALISMS: [(&str, &str); 5] =
    [("Dns", "DNS"), ("Json", "JSON"), ("Tcp", "TCP"), ("Udp", "UDP"), ("Sctp", "SCTP")];

/// What authors read, and what calls the lower half.
pub(super) fn layer(contract: &Contract) -> Files {
    [
        ("plugins/sdk-go/contract.go", interfaces(contract)),
        ("plugins/sdk-go/internal/guest/contract.go", implementations(contract)),
    ]
    .into_iter()
    .map(|(path, text)| (path.into(), text.into_bytes()))
    .collect()
}

fn interfaces(contract: &Contract) -> String {
    let mut text = format!("{HEADER}package wellhead\n");
    for value in &contract.enums {
        enumeration(&mut text, value);
    }
    for record in &contract.records {
        structure(&mut text, record);
    }
    for resource in &contract.resources {
        interface(&mut text, resource);
    }
    text
}

fn enumeration(text: &mut String, value: &Enum) {
    let name = upper(&value.name);
    text.push('\n');
    docs(text, &name, &value.docs);
    let _ = writeln!(text, "type {name} uint8\n\nconst (");
    for (index, (case, lines)) in value.cases.iter().enumerate() {
        docs(text, "", lines);
        let assigned = if index == 0 { format!(" {name} = iota") } else { String::new() };
        let _ = writeln!(text, "{name}{}{assigned}", upper(case));
    }
    text.push_str(")\n");
}

fn structure(text: &mut String, record: &Record) {
    let name = upper(&record.name);
    text.push('\n');
    docs(text, &name, &record.docs);
    let _ = writeln!(text, "type {name} struct {{");
    for (field, lines, value) in &record.fields {
        docs(text, "", lines);
        let _ = writeln!(text, "{} {}", upper(field), public(value, ""));
    }
    text.push_str("}\n");
}

fn interface(text: &mut String, resource: &Resource) {
    let name = upper(&resource.name);
    text.push('\n');
    docs(text, &name, &resource.docs);
    let _ = writeln!(text, "type {name} interface {{");
    for method in &resource.methods {
        docs(text, "", &method.docs);
        let _ = writeln!(text, "{}", signature(method, ""));
    }
    text.push_str("}\n");
}

/// `SetSize(quantity string) error`.
fn signature(method: &Method, package: &str) -> String {
    let parameters: Vec<String> = method
        .parameters
        .iter()
        .map(|(name, value)| format!("{} {}", name.to_lower_camel_case(), public(value, package)))
        .collect();
    let result = match (&method.result, method.edits) {
        (None, false) => String::new(),
        (None, true) => "error".to_owned(),
        (Some(value), true) => format!("({}, error)", public(value, package)),
        (Some(Value::Option(inner)), false) if matches!(**inner, Value::Resource(_)) => {
            format!("({}, bool)", public(inner, package))
        }
        (Some(value), false) => public(value, package),
    };
    format!("{}({}) {result}", upper(&method.name), parameters.join(", "))
}

/// A type as authors see it. `package` comes before its name, e.g. `wellhead.`.
fn public(value: &Value, package: &str) -> String {
    match value {
        Value::Bool => "bool".to_owned(),
        Value::S32 => "int32".to_owned(),
        Value::S64 => "int64".to_owned(),
        Value::Text => "string".to_owned(),
        Value::Texts => "[]string".to_owned(),
        Value::Entries => "map[string]string".to_owned(),
        Value::Enum(name) | Value::Record(name) | Value::Variant(name) | Value::Resource(name) => {
            format!("{package}{}", upper(name))
        }
        Value::Records(name) => format!("[]{package}{}", upper(name)),
        Value::Option(inner) => format!("*{}", public(inner, package)),
    }
}

fn implementations(contract: &Contract) -> String {
    let mut text = format!(
        "{HEADER}//go:build wasm\n\npackage guest\n\nimport (\n\
         wellhead \"{MODULE}\"\nraw \"{MODULE}/internal/bindings/wellhead_plugin_pipeline\"\n)\n"
    );
    for record in &contract.records {
        conversions(&mut text, record);
    }
    for resource in &contract.resources {
        let name = upper(&resource.name);
        let kind = resource.name.to_lower_camel_case();
        let _ = writeln!(text, "\ntype {kind} struct {{\nraw *raw.{name}\n}}");
        for method in &resource.methods {
            let signature = signature(method, "wellhead.");
            let _ = writeln!(text, "\nfunc (self {kind}) {signature} {{\n{}\n}}", body(method));
        }
    }
    text
}

/// Functions between a record and its raw form.
fn conversions(text: &mut String, record: &Record) {
    let name = upper(&record.name);
    let kind = record.name.to_lower_camel_case();
    let fields = |convert: &dyn Fn(&str, &Value, &str) -> String| -> String {
        let lines = record.fields.iter().map(|(field, _, value)| {
            let field = upper(field);
            let place = format!("{name}.{field}");
            format!("{field}: {},\n", convert(&place, value, &format!("value.{field}")))
        });
        lines.collect()
    };
    let _ = write!(
        text,
        "\nfunc {kind}FromRaw(value raw.{name}) wellhead.{name} {{\nreturn wellhead.{name}{{\n{}}}\n}}\n\
         \nfunc {kind}ToRaw(value wellhead.{name}) raw.{name} {{\nreturn raw.{name}{{\n{}}}\n}}\n",
        fields(&|_, value, expression| from_raw(value, expression)),
        fields(&to_raw),
    );
}

fn body(method: &Method) -> String {
    let arguments: Vec<String> = method
        .parameters
        .iter()
        .map(|(name, value)| to_raw(&upper(&method.name), value, &name.to_lower_camel_case()))
        .collect();
    let call = format!("self.raw.{}({})", raw_method(&method.name), arguments.join(", "));
    match (&method.result, method.edits) {
        (None, false) => call,
        (None, true) => format!("return edited({call})"),
        (Some(Value::Resource(name)), true) => format!(
            "result := {call}\nif result.IsErr() {{\nreturn nil, editError(result.Err())\n}}\n\
             return {}{{result.Ok()}}, nil",
            name.to_lower_camel_case()
        ),
        (Some(value), true) => format!(
            "result := {call}\nif result.IsErr() {{\nreturn {}, editError(result.Err())\n}}\n\
             return {}, nil",
            zero(value),
            from_raw(value, "result.Ok()")
        ),
        (Some(Value::Option(inner)), false) => match &**inner {
            Value::Resource(name) => format!(
                "found := {call}\nif found.IsNone() {{\nreturn nil, false\n}}\n\
                 return {}{{found.Some()}}, true",
                name.to_lower_camel_case()
            ),
            _ => format!("return pointer({call})"),
        },
        (Some(value), false) => format!("return {}", from_raw(value, &call)),
    }
}

fn zero(value: &Value) -> &'static str {
    match value {
        Value::Bool => "false",
        Value::S32 | Value::S64 | Value::Enum(_) => "0",
        Value::Text => "\"\"",
        _ => "nil",
    }
}

/// Converts what the lower half returns.
fn from_raw(value: &Value, expression: &str) -> String {
    match value {
        Value::Bool | Value::S32 | Value::S64 | Value::Text | Value::Texts => expression.to_owned(),
        Value::Entries => format!("entries({expression})"),
        Value::Enum(name) => format!("wellhead.{}({expression})", upper(name)),
        Value::Record(name) | Value::Variant(name) => {
            format!("{}FromRaw({expression})", name.to_lower_camel_case())
        }
        Value::Records(name) => {
            format!("each({expression}, {}FromRaw)", name.to_lower_camel_case())
        }
        Value::Resource(name) => format!("{}{{{expression}}}", name.to_lower_camel_case()),
        Value::Option(_) => format!("pointer({expression})"),
    }
}

/// Converts what the lower half takes. `place` names the function, or the field of a record, for who gives it a text
/// that is none.
fn to_raw(place: &str, value: &Value, expression: &str) -> String {
    match value {
        Value::Text => format!("text({place:?}, {expression})"),
        Value::Texts => format!("texts({place:?}, {expression})"),
        Value::Option(some) if **some == Value::Text => {
            format!("option(optionalText({place:?}, {expression}))")
        }
        Value::Enum(name) => format!("raw.{}({expression})", name.to_upper_camel_case()),
        Value::Record(name) | Value::Variant(name) => {
            format!("{}ToRaw({expression})", name.to_lower_camel_case())
        }
        Value::Records(name) => format!("each({expression}, {}ToRaw)", name.to_lower_camel_case()),
        Value::Option(_) => format!("option({expression})"),
        _ => expression.to_owned(),
    }
}

/// A name as wit-bindgen spells it.
fn raw_method(name: &str) -> String {
    name.to_upper_camel_case()
}

/// A name as Go spells it.
fn upper(name: &str) -> String {
    INITIALISMS.iter().fold(name.to_upper_camel_case(), |name, (from, to)| name.replace(from, to))
}

/// A comment. Go begins that of a type with the type's name.
fn docs(text: &mut String, name: &str, lines: &[String]) {
    for (index, line) in lines.iter().enumerate() {
        let line = if index == 0 && !name.is_empty() {
            format!("{name}: {}{}", line[..1].to_lowercase(), &line[1..])
        } else {
            line.clone()
        };
        let _ = writeln!(text, "//{}{line}", if line.is_empty() { "" } else { " " });
    }
}
