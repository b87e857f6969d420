//! `plugins/sdk-python/wellhead_plugin/pipeline.py`: classes over the handles of the contract.

use std::fmt::Write as _;

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};

use super::contract::{Contract, Enum, Field, Kind, Method, Record, Resource, Value};

const HEADER: &str = "\
# Made from the contract by `cargo xtask bindings`. Do not edit.
\"\"\"What a plugin reads and edits.\"\"\"

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from . import check, convenience
from .place import Place

# A value in its Kubernetes form: dicts, lists, texts, numbers.
Json = Any
";

/// The module.
pub(super) fn code(contract: &Contract) -> String {
    let mut out = HEADER.to_owned();
    for Enum { name, docs, cases } in &contract.enums {
        _ = write!(out, "\n\nclass {}(Enum):\n", name.to_upper_camel_case());
        doc(&mut out, "    ", docs);
        out.push('\n');
        for (number, case) in cases.iter().enumerate() {
            comment(&mut out, &case.docs);
            _ = writeln!(out, "    {} = {number}", case.name.to_shouty_snake_case());
        }
    }
    for it in &contract.records {
        record(&mut out, it);
    }
    for Resource { name, docs, methods } in &contract.resources {
        let class = name.to_upper_camel_case();
        _ = write!(out, "\n\nclass {class}(convenience.{class}):\n");
        doc(&mut out, "    ", docs);
        for method in methods {
            method_code(&mut out, method);
        }
    }
    out
}

fn record(out: &mut String, Record { name, docs, fields }: &Record) {
    let class = name.to_upper_camel_case();
    _ = write!(out, "\n\n@dataclass(frozen=True, kw_only=True)\nclass {class}:\n");
    doc(out, "    ", docs);
    out.push('\n');
    for Field { name, docs, value } in fields {
        comment(out, docs);
        let default = match value {
            Value { optional: true, .. } => " = None",
            Value { kind: Kind::Flag, .. } => " = False",
            _ => "",
        };
        _ = writeln!(out, "    {}: {}{default}", name.to_snake_case(), type_of(value));
    }
    let argument = |field: &Field, expression: String| {
        format!("            {}={expression},\n", field.name.to_snake_case())
    };
    let checked = fields.iter().map(|field| {
        let key = field.name.to_snake_case();
        argument(
            field,
            checked(&field.value, &format!("self.{key}"), &format!("f\"{{name}}.{key}\"")),
        )
    });
    let checked: String = checked.collect();
    _ = write!(
        out,
        "\n    def _checked(self, name: str) -> {class}:\n        return {class}(\n{checked}        )\n"
    );
    let read = fields.iter().map(|field| {
        let raw = format!("raw.{}", field.name.to_snake_case());
        argument(field, read(&field.value, raw))
    });
    let read: String = read.collect();
    _ = write!(
        out,
        "\n    @staticmethod\n    def _read(raw: Any) -> {class}:\n        return {class}(\n{read}        )\n"
    );
}

/// The expression that checks a value and brings it into the form in which it crosses.
fn checked(value: &Value, expression: &str, name: &str) -> String {
    let (function, class) = match &value.kind {
        Kind::Text => ("check.text", None),
        Kind::S32 => ("check.s32", None),
        Kind::S64 => ("check.s64", None),
        Kind::Flag => ("check.flag", None),
        Kind::Json => ("check.json", None),
        Kind::Texts => ("check.texts", None),
        Kind::Enum(name) => ("check.member", Some(name)),
        Kind::Record(name) => ("check.record", Some(name)),
        Kind::Variant(_) => ("check.place", None),
        // `Contract::read` refuses them.
        Kind::Entries | Kind::Records(_) | Kind::Resource(_) => ("check.unsupported", None),
    };
    let class = class.map(|it| format!("{}, ", it.to_upper_camel_case())).unwrap_or_default();
    if value.optional {
        format!("check.optional({function}, {class}{expression}, {name})")
    } else {
        format!("{function}({class}{expression}, {name})")
    }
}

/// The expression that makes what an author gets of what crosses.
fn read(value: &Value, raw: String) -> String {
    match &value.kind {
        Kind::Json => format!("check.parsed({raw})"),
        Kind::Entries => format!("dict({raw})"),
        Kind::Enum(name) => format!("{}({raw}.value)", name.to_upper_camel_case()),
        Kind::Record(name) => format!("{}._read({raw})", name.to_upper_camel_case()),
        Kind::Records(name) => {
            format!("[{}._read(it) for it in {raw}]", name.to_upper_camel_case())
        }
        _ => raw,
    }
}

fn method_code(out: &mut String, method: &Method) {
    let name = method.name.to_snake_case();
    let param = |Field { name, value, .. }: &Field| {
        format!(", {}: {}", name.to_snake_case(), type_of(value))
    };
    let params: String = method.params.iter().map(param).collect();
    let result = method.result.as_ref().map_or_else(|| "None".to_owned(), type_of);
    _ = write!(out, "\n    def {name}(self{params}) -> {result}:\n");
    doc(out, "        ", &method.docs);
    let argument = |Field { name, value, .. }: &Field| {
        let name = name.to_snake_case();
        format!(", {}", checked(value, &name, &format!("\"{name}\"")))
    };
    let args: String = method.params.iter().map(argument).collect();
    let how = if method.edit { "_edit" } else { "_call" };
    let call = format!("self.{how}(\"{name}\"{args})");
    let body = match &method.result {
        None => call,
        Some(Value { kind: Kind::Resource(class), .. }) => {
            format!("return {}._of({call})", class.to_upper_camel_case())
        }
        Some(value) => format!("return {}", read(value, call)),
    };
    _ = writeln!(out, "        {body}");
}

fn type_of(value: &Value) -> String {
    let ty = match &value.kind {
        Kind::Text => "str".to_owned(),
        Kind::S32 | Kind::S64 => "int".to_owned(),
        Kind::Flag => "bool".to_owned(),
        Kind::Json => "Json".to_owned(),
        Kind::Texts => "list[str]".to_owned(),
        Kind::Entries => "dict[str, str]".to_owned(),
        Kind::Enum(name) | Kind::Record(name) | Kind::Variant(name) | Kind::Resource(name) => {
            name.to_upper_camel_case()
        }
        Kind::Records(name) => format!("list[{}]", name.to_upper_camel_case()),
    };
    if value.optional { format!("{ty} | None") } else { ty }
}

fn doc(out: &mut String, indent: &str, docs: &str) {
    let docs = docs.replace("`none`", "`None`");
    let lines: Vec<&str> = docs.lines().collect();
    if let [line] = lines[..] {
        _ = writeln!(out, "{indent}\"\"\"{line}\"\"\"");
        return;
    }
    for (number, line) in lines.iter().enumerate() {
        let quote = if number == 0 { "\"\"\"" } else { "" };
        _ = writeln!(out, "{}", format!("{indent}{quote}{line}").trim_end());
    }
    _ = writeln!(out, "{indent}\"\"\"");
}

fn comment(out: &mut String, docs: &str) {
    for line in docs.lines() {
        _ = writeln!(out, "    #: {line}");
    }
}
