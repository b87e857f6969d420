//! The upper half for C: a header with a function for each method, and its implementation.

use std::fmt::Write as _;

use heck::{ToShoutySnakeCase, ToSnakeCase};

use super::contract::{Contract, Enum, Method, Record, Resource, Value};
use super::files::Files;

/// Folder of the lower half.
pub(super) const BINDINGS: &str = "plugins/sdk-c/bindings";

const HEADER: &str = "// Generated from the contract by `cargo xtask bindings`. Do not edit.\n\n";
/// What wit-bindgen puts before the names of the interface.
const RAW: &str = "wellhead_plugin_pipeline";

/// What authors read, and what calls the lower half.
pub(super) fn layer(contract: &Contract) -> Files {
    [
        ("plugins/sdk-c/include/wellhead/contract.h", header(contract)),
        ("plugins/sdk-c/bindings/contract.c", implementation(contract)),
    ]
    .into_iter()
    .map(|(path, text)| (path.into(), text.into_bytes()))
    .collect()
}

fn header(contract: &Contract) -> String {
    let mut text = format!(
        "{HEADER}#ifndef WELLHEAD_CONTRACT_H\n#define WELLHEAD_CONTRACT_H\n\n\
         #include <wellhead/types.h>\n"
    );
    for value in &contract.enums {
        enumeration(&mut text, value);
    }
    for record in &contract.records {
        structure(&mut text, record);
    }
    for resource in &contract.resources {
        text.push('\n');
        docs(&mut text, "", &resource.docs);
        let name = resource.name.to_snake_case();
        let _ = writeln!(text, "typedef struct wh_{name} {{\n  int32_t handle;\n}} wh_{name};");
    }
    for resource in &contract.resources {
        for method in &resource.methods {
            text.push('\n');
            docs(&mut text, "", &method.docs);
            for line in notes(method) {
                let _ = writeln!(text, "/// {line}");
            }
            let _ = writeln!(text, "{};", signature(resource, method));
        }
    }
    text.push_str("\n#endif\n");
    text
}

fn enumeration(text: &mut String, value: &Enum) {
    text.push('\n');
    docs(text, "", &value.docs);
    let name = value.name.to_snake_case();
    // One byte, as in the component.
    let _ = writeln!(text, "typedef uint8_t wh_{name};\nenum {{");
    for (case, lines) in &value.cases {
        docs(text, "  ", lines);
        let name = value.name.to_shouty_snake_case();
        let _ = writeln!(text, "  WH_{name}_{},", case.to_shouty_snake_case());
    }
    text.push_str("};\n");
}

fn structure(text: &mut String, record: &Record) {
    text.push('\n');
    docs(text, "", &record.docs);
    let name = record.name.to_snake_case();
    let _ = writeln!(text, "typedef struct wh_{name} {{");
    for (field, lines, value) in &record.fields {
        docs(text, "  ", lines);
        let kind = match value {
            Value::Option(_) => "wh_optional_str".to_owned(),
            other => public(other),
        };
        let _ = writeln!(text, "  {kind} {};", field.to_snake_case());
    }
    let _ = writeln!(text, "}} wh_{name};");
    let _ = writeln!(
        text,
        "\n/// A list of them.\ntypedef struct wh_{name}_list {{\n  wh_{name} *items;\n  size_t len;\n}} wh_{name}_list;"
    );
}

/// What the form in C adds to the contract's documentation.
fn notes(method: &Method) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if method.parameters.iter().any(|(_, value)| matches!(value, Value::Option(_))) {
        notes.push("NULL stands for none.");
    }
    if matches!(method.result, Some(Value::Option(_))) && !method.edits {
        notes.push("Returns false for none, and leaves `found` as it is.");
    }
    notes
}

fn signature(resource: &Resource, method: &Method) -> String {
    let mut parameters = vec![format!("wh_{} self", resource.name.to_snake_case())];
    for (name, value) in &method.parameters {
        let kind = match value {
            Value::Option(inner) => format!("const {} *", public(inner)),
            other => format!("{} ", public(other)),
        };
        parameters.push(format!("{kind}{}", name.to_snake_case()));
    }
    let returned = match (&method.result, method.edits) {
        (None, false) => "void ".to_owned(),
        (None, true) => "wh_error *".to_owned(),
        (Some(Value::Option(_)), true) => {
            parameters.push("wh_optional_str *found".to_owned());
            "wh_error *".to_owned()
        }
        (Some(value), true) => {
            parameters.push(format!("{} *added", public(value)));
            "wh_error *".to_owned()
        }
        (Some(Value::Option(inner)), false) => {
            parameters.push(format!("{} *found", public(inner)));
            "bool ".to_owned()
        }
        (Some(value), false) => format!("{} ", public(value)),
    };
    format!("{returned}wh_{}({})", function(resource, method), parameters.join(", "))
}

/// `claim_set_size`.
fn function(resource: &Resource, method: &Method) -> String {
    format!("{}_{}", resource.name.to_snake_case(), method.name.to_snake_case())
}

/// A type as authors see it.
fn public(value: &Value) -> String {
    match value {
        Value::Bool => "bool".to_owned(),
        Value::S32 => "int32_t".to_owned(),
        Value::S64 => "int64_t".to_owned(),
        Value::Text => "wh_str".to_owned(),
        Value::Texts => "wh_strs".to_owned(),
        Value::Entries => "wh_entries".to_owned(),
        Value::Enum(name) | Value::Record(name) | Value::Variant(name) | Value::Resource(name) => {
            format!("wh_{}", name.to_snake_case())
        }
        Value::Records(name) => format!("wh_{}_list", name.to_snake_case()),
        Value::Option(inner) => public(inner),
    }
}

/// A type of the lower half.
fn raw(value: &Value) -> String {
    match value {
        Value::Bool | Value::S32 | Value::S64 => public(value),
        Value::Text => "plugin_string_t".to_owned(),
        Value::Texts => "plugin_list_string_t".to_owned(),
        Value::Entries => format!("{RAW}_list_entry_t"),
        Value::Enum(name) | Value::Record(name) | Value::Variant(name) => {
            format!("{RAW}_{}_t", name.to_snake_case())
        }
        Value::Records(name) => format!("{RAW}_list_{}_t", name.to_snake_case()),
        Value::Resource(name) => format!("{RAW}_own_{}_t", name.to_snake_case()),
        Value::Option(inner) => raw(inner),
    }
}

fn implementation(contract: &Contract) -> String {
    let mut text = format!(
        "{HEADER}#include \"plugin.h\"\n#include <wellhead/contract.h>\n#include \"../src/edit_error.h\"\n\n\
         // Values have the same form in both halves, so that they cross by a cast.\n"
    );
    let mut same: Vec<Value> = vec![Value::Text, Value::Texts, Value::Entries];
    for record in &contract.records {
        same.push(Value::Record(record.name.clone()));
        same.push(Value::Records(record.name.clone()));
    }
    same.push(Value::Variant("place".to_owned()));
    same.extend(contract.resources.iter().map(|found| Value::Resource(found.name.clone())));
    for value in &same {
        let (public, raw) = (public(value), raw(value));
        let _ = writeln!(text, "_Static_assert(sizeof({public}) == sizeof({raw}), \"{public}\");");
    }
    for resource in &contract.resources {
        for method in &resource.methods {
            let signature = signature(resource, method);
            let _ = write!(text, "\n{signature} {{\n{}}}\n", body(resource, method));
        }
    }
    text
}

fn body(resource: &Resource, method: &Method) -> String {
    let name = resource.name.to_snake_case();
    let mut arguments = vec![format!("({RAW}_borrow_{name}_t){{self.handle}}")];
    arguments.extend(method.parameters.iter().map(|(name, value)| argument(name, value)));
    let call = |arguments: &[String]| {
        format!("{RAW}_method_{}({})", function(resource, method), arguments.join(", "))
    };
    match (&method.result, method.edits) {
        (None, false) => format!("  {};\n", call(&arguments)),
        (result, true) => {
            match result {
                Some(Value::Option(_)) => {
                    arguments.push("(plugin_option_string_t *)found".to_owned());
                }
                Some(value) => arguments.push(format!("({} *)added", raw(value))),
                None => {}
            }
            arguments.push("&error".to_owned());
            format!(
                "  {RAW}_edit_error_t error;\n  return {} ? NULL : wh_edit_error_from(&error);\n",
                call(&arguments)
            )
        }
        (Some(Value::Option(inner)), false) => {
            arguments.push(format!("({} *)found", raw(inner)));
            format!("  return {};\n", call(&arguments))
        }
        (Some(Value::Bool | Value::S32 | Value::S64 | Value::Enum(_)), false) => {
            format!("  return {};\n", call(&arguments))
        }
        (Some(Value::Resource(name)), false) => {
            let name = name.to_snake_case();
            format!("  return (wh_{name}){{{}.__handle}};\n", call(&arguments))
        }
        (Some(value), false) => {
            arguments.push(format!("({} *)&result", raw(value)));
            format!("  {} result;\n  {};\n  return result;\n", public(value), call(&arguments))
        }
    }
}

fn argument(name: &str, value: &Value) -> String {
    let name = name.to_snake_case();
    match value {
        Value::Bool | Value::S32 | Value::S64 | Value::Enum(_) => name,
        Value::Option(inner) => format!("({} *){name}", raw(inner)),
        other => format!("({} *)&{name}", raw(other)),
    }
}

fn docs(text: &mut String, indent: &str, lines: &[String]) {
    for line in lines {
        let _ = writeln!(text, "{indent}///{}{line}", if line.is_empty() { "" } else { " " });
    }
}
