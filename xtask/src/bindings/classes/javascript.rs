//! `plugins/sdk-javascript/src/pipeline.{js,d.ts}`: classes over the handles of the contract.

use std::fmt::Write as _;

use heck::{ToLowerCamelCase as _, ToUpperCamelCase as _};

use super::contract::{Contract, Enum, Field, Kind, Method, Record, Resource, Value};

const HEADER: &str = "// Made from the contract by `cargo xtask bindings`. Do not edit.\n";

/// What runs.
pub(super) fn code(contract: &Contract) -> String {
    let mut out = format!("{HEADER}import * as convenience from \"./convenience.js\";\n");
    out += "import * as check from \"./check.js\";\n";
    for it in &contract.enums {
        let cases: Vec<_> = it.cases.iter().map(|case| format!("{:?}", case.name)).collect();
        let name = it.name.to_lower_camel_case();
        let cases = cases.join(", ");
        _ = write!(out, "\nconst {name} = (value, name) => check.oneOf([{cases}], value, name);\n");
    }
    for it in &contract.records {
        record(&mut out, it);
    }
    for it in &contract.resources {
        let class = it.name.to_upper_camel_case();
        _ = write!(out, "\nexport class {class} extends convenience.{class} {{\n");
        for method in &it.methods {
            method_code(&mut out, method);
        }
        out += "}\n";
    }
    out
}

fn record(out: &mut String, record: &Record) {
    let name = record.name.to_lower_camel_case();
    let fields = record.fields.iter().map(|field| {
        let key = field.name.to_lower_camel_case();
        let checked = checked(&field.value, &format!("it.{key}"), &format!("${{name}}.{key}"));
        format!("    {key}: {checked},\n")
    });
    let fields: String = fields.collect();
    _ = write!(
        out,
        "\nconst {name} = (value, name) => {{\n  const it = check.record(value, name);\n  return {{\n{fields}  }};\n}};\n"
    );
}

/// The expression that checks a value and brings it into the form in which it crosses.
fn checked(value: &Value, expression: &str, name: &str) -> String {
    let quote = if name.contains("${") { '`' } else { '"' };
    let kind = match &value.kind {
        Kind::Text => "check.text".to_owned(),
        Kind::S32 => "check.s32".to_owned(),
        Kind::S64 => "check.s64".to_owned(),
        Kind::Flag => "check.flag".to_owned(),
        Kind::Json => "check.json".to_owned(),
        Kind::Texts => "check.texts".to_owned(),
        Kind::Enum(name) | Kind::Record(name) => name.to_lower_camel_case(),
        Kind::Variant(name) => format!("check.{}", name.to_lower_camel_case()),
        // `Contract::read` refuses them.
        Kind::Entries | Kind::Records(_) | Kind::Resource(_) => "check.unsupported".to_owned(),
    };
    if value.optional {
        format!("check.optional({kind}, {expression}, {quote}{name}{quote})")
    } else {
        format!("{kind}({expression}, {quote}{name}{quote})")
    }
}

fn method_code(out: &mut String, method: &Method) {
    let name = method.name.to_lower_camel_case();
    let params: Vec<_> = method.params.iter().map(|it| it.name.to_lower_camel_case()).collect();
    let args = method.params.iter().zip(&params).map(|(it, name)| checked(&it.value, name, name));
    let args = [String::new()].into_iter().chain(args).collect::<Vec<_>>().join(", ");
    let how = if method.edit { "edit" } else { "call" };
    let call = format!("this.{how}(\"{name}\"{args})");
    let body = match &method.result {
        None => call,
        Some(Value { kind: Kind::Resource(class), .. }) => {
            let class = class.to_upper_camel_case();
            format!("return this.child({class}, \"{how}\", \"{name}\"{args})")
        }
        Some(Value { kind: Kind::Entries, .. }) => format!("return new Map({call})"),
        Some(Value { kind: Kind::Json, .. }) => format!("return check.parsed({call})"),
        Some(Value { kind: Kind::S64, .. }) => format!("return check.number({call})"),
        Some(_) => format!("return {call}"),
    };
    _ = write!(out, "  {name}({}) {{\n    {body};\n  }}\n", params.join(", "));
}

/// What an editor and the TypeScript compiler read.
pub(super) fn types(contract: &Contract) -> String {
    let mut out = HEADER.to_owned();
    out += "import * as convenience from \"./convenience.js\";\n";
    out += "\n/** A value in its Kubernetes form. */\nexport type Json = any;\n";
    out += "\n/** Where an item is put in a list: at an end of it, or beside the item at a path. */\n\
            export type Place = \"first\" | \"last\" | { before: string } | { after: string };\n";
    for Enum { name, docs, cases } in &contract.enums {
        doc(&mut out, "", docs);
        let cases: Vec<_> = cases.iter().map(|case| format!("{:?}", case.name)).collect();
        _ = writeln!(out, "export type {} = {};", name.to_upper_camel_case(), cases.join(" | "));
    }
    for Record { name, docs, fields } in &contract.records {
        doc(&mut out, "", docs);
        _ = writeln!(out, "export interface {} {{", name.to_upper_camel_case());
        for field in fields {
            doc(&mut out, "  ", &field.docs);
            let may_miss = field.value.optional || matches!(field.value.kind, Kind::Flag);
            let mark = if may_miss { "?" } else { "" };
            let ty = type_of(&field.value.kind);
            _ = writeln!(out, "  {}{mark}: {ty};", field.name.to_lower_camel_case());
        }
        out += "}\n";
    }
    for Resource { name, docs, methods } in &contract.resources {
        doc(&mut out, "", docs);
        let class = name.to_upper_camel_case();
        _ = writeln!(out, "export declare class {class} extends convenience.{class} {{");
        out += "  private constructor();\n";
        for method in methods {
            doc(&mut out, "  ", &method.docs);
            signature(&mut out, method);
        }
        out += "}\n";
    }
    out
}

fn signature(out: &mut String, method: &Method) {
    let param = |Field { name, value, .. }: &Field| {
        let none = if value.optional { " | null | undefined" } else { "" };
        format!("{}: {}{none}", name.to_lower_camel_case(), type_of(&value.kind))
    };
    let params: Vec<_> = method.params.iter().map(param).collect();
    let result = match &method.result {
        None => "void".to_owned(),
        Some(value) if value.optional => format!("{} | undefined", type_of(&value.kind)),
        Some(value) => type_of(&value.kind),
    };
    let name = method.name.to_lower_camel_case();
    _ = writeln!(out, "  {name}({}): {result};", params.join(", "));
}

fn type_of(kind: &Kind) -> String {
    match kind {
        Kind::Text => "string".to_owned(),
        Kind::S32 | Kind::S64 => "number".to_owned(),
        Kind::Flag => "boolean".to_owned(),
        Kind::Json => "Json".to_owned(),
        Kind::Texts => "string[]".to_owned(),
        Kind::Entries => "Map<string, string>".to_owned(),
        Kind::Enum(name) | Kind::Record(name) | Kind::Variant(name) | Kind::Resource(name) => {
            name.to_upper_camel_case()
        }
        Kind::Records(name) => format!("{}[]", name.to_upper_camel_case()),
    }
}

/// A comment, after an empty line where it begins an item of the file.
fn doc(out: &mut String, indent: &str, docs: &str) {
    if indent.is_empty() {
        out.push('\n');
    }
    let docs = docs.replace("`none`", "`undefined`");
    let lines: Vec<&str> = docs.lines().collect();
    if let [line] = lines[..] {
        _ = writeln!(out, "{indent}/** {line} */");
        return;
    }
    _ = writeln!(out, "{indent}/**");
    for line in lines {
        _ = writeln!(out, "{}", format!("{indent} * {line}").trim_end());
    }
    _ = writeln!(out, "{indent} */");
}
