//! The contract's resources and records, in the words that the generators of SDKs need.

use std::path::Path;

use wit_parser::{
    Docs, Function, FunctionKind, Handle, Interface, Resolve, Type, TypeDefKind, TypeId, TypeOwner,
};

/// What the interface `pipeline` defines, in its order. Names are those of the contract: `set-image`.
pub(super) struct Contract {
    pub(super) enums: Vec<Enum>,
    pub(super) records: Vec<Record>,
    pub(super) resources: Vec<Resource>,
}

pub(super) struct Enum {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) cases: Vec<Named>,
}

pub(super) struct Record {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Resource {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) methods: Vec<Method>,
}

pub(super) struct Named {
    pub(super) name: String,
    pub(super) docs: String,
}

/// A field of a record, or a parameter of a method.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) value: Value,
}

pub(super) struct Method {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) params: Vec<Field>,
    /// What it returns, when that is not an error.
    pub(super) result: Option<Value>,
    /// Whether it is an edit, which can fail.
    pub(super) edit: bool,
}

/// A type of a value, and whether the value may be missing.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) optional: bool,
}

/// The types that the contract's methods have.
#[derive(Clone)]
pub(super) enum Kind {
    Text,
    S32,
    S64,
    Flag,
    /// A text that has a value in Kubernetes' form.
    Json,
    Texts,
    /// Keys and their values.
    Entries,
    Enum(String),
    Record(String),
    /// There is one variant, `place`, and each SDK has a form of its own for it.
    Variant(String),
    Records(String),
    Resource(String),
}

impl Contract {
    /// Reads the contract from its folder.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder).map_err(|error| format!("{error:#}"))?;
        let id = resolve.packages[package].interfaces.get("pipeline");
        let id = *id.ok_or("the contract has no interface `pipeline`")?;
        let mut it = Self { enums: vec![], records: vec![], resources: vec![] };
        let interface = &resolve.interfaces[id];
        for (name, &ty) in &interface.types {
            let definition = &resolve.types[ty];
            let docs = text(&definition.docs);
            let name = name.clone();
            match &definition.kind {
                TypeDefKind::Enum(kind) => {
                    let case = |case: &wit_parser::EnumCase| Named {
                        name: case.name.clone(),
                        docs: text(&case.docs),
                    };
                    it.enums.push(Enum {
                        name,
                        docs,
                        cases: kind.cases.iter().map(case).collect(),
                    });
                }
                TypeDefKind::Record(kind) => {
                    let field = |field: &wit_parser::Field| {
                        let value = value(&resolve, &field.ty)?;
                        Ok(Field { name: field.name.clone(), docs: text(&field.docs), value })
                    };
                    let fields = kind.fields.iter().map(field).collect::<Result<_, String>>()?;
                    it.records.push(Record { name, docs, fields });
                }
                TypeDefKind::Resource => {
                    let methods = methods(&resolve, interface, ty)?;
                    it.resources.push(Resource { name, docs, methods });
                }
                TypeDefKind::Type(_) | TypeDefKind::Variant(_) => {}
                other => return Err(format!("`{name}` is a {}", other.as_str())),
            }
        }
        Ok(it)
    }
}

fn methods(
    resolve: &Resolve,
    interface: &Interface,
    resource: TypeId,
) -> Result<Vec<Method>, String> {
    let mine = |function: &&Function| match function.kind {
        FunctionKind::Method(id) => id == resource,
        _ => false,
    };
    let functions: Vec<&Function> = interface.functions.values().filter(mine).collect();
    functions.iter().map(|function| method(resolve, &functions, function)).collect()
}

fn method(resolve: &Resolve, all: &[&Function], function: &Function) -> Result<Method, String> {
    let name = function.item_name().to_owned();
    let mut params = Vec::new();
    for param in function.params.iter().skip(1) {
        let mut value = value(resolve, &param.ty)?;
        if matches!(value.kind, Kind::Entries | Kind::Records(_) | Kind::Resource(_)) {
            return Err(format!(
                "no SDK has a rule for the parameter `{}` of `{name}`",
                param.name
            ));
        }
        if is_json(&param.name) {
            value.kind = Kind::Json;
        }
        params.push(Field { name: param.name.clone(), docs: String::new(), value });
    }
    let (mut result, edit) = match &function.result {
        Some(ty) => outcome(resolve, ty)?,
        None => (None, false),
    };
    // What a setter takes as JSON, its getter returns as JSON.
    let setter = if name == "get" { "set".to_owned() } else { format!("set-{name}") };
    let setter = all.iter().find(|it| it.item_name() == setter);
    if let (Some(result), Some(setter)) = (&mut result, setter)
        && setter.params.iter().any(|param| is_json(&param.name))
    {
        result.kind = Kind::Json;
    }
    Ok(Method { name, docs: text(&function.docs), params, result, edit })
}

fn is_json(param: &str) -> bool {
    param == "json"
}

/// What a method returns, and whether it can fail.
fn outcome(resolve: &Resolve, ty: &Type) -> Result<(Option<Value>, bool), String> {
    if let Type::Id(id) = ty
        && let TypeDefKind::Result(result) = &resolve.types[*id].kind
    {
        let ok = result.ok.as_ref().map(|ok| value(resolve, ok)).transpose()?;
        return Ok((ok, true));
    }
    Ok((Some(value(resolve, ty)?), false))
}

fn value(resolve: &Resolve, ty: &Type) -> Result<Value, String> {
    if let Type::Id(id) = ty
        && let TypeDefKind::Option(inner) = &resolve.types[*id].kind
    {
        return Ok(Value { kind: kind(resolve, inner)?, optional: true });
    }
    Ok(Value { kind: kind(resolve, ty)?, optional: false })
}

fn kind(resolve: &Resolve, ty: &Type) -> Result<Kind, String> {
    let id = match ty {
        Type::String => return Ok(Kind::Text),
        Type::S32 => return Ok(Kind::S32),
        Type::S64 => return Ok(Kind::S64),
        Type::Bool => return Ok(Kind::Flag),
        Type::Id(id) => *id,
        other => return Err(format!("no SDK has a rule for {other:?} yet")),
    };
    let definition = &resolve.types[id];
    let name = || definition.name.clone().unwrap_or_default();
    match &definition.kind {
        TypeDefKind::Type(alias) => kind(resolve, alias),
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
            Ok(Kind::Resource(resolve.types[*id].name.clone().unwrap_or_default()))
        }
        TypeDefKind::Record(_) if matches!(definition.owner, TypeOwner::Interface(_)) => {
            Ok(Kind::Record(name()))
        }
        TypeDefKind::Enum(_) => Ok(Kind::Enum(name())),
        TypeDefKind::Variant(_) => Ok(Kind::Variant(name())),
        TypeDefKind::List(Type::String) => Ok(Kind::Texts),
        TypeDefKind::List(item) => list(resolve, item),
        other => Err(format!("no SDK has a rule for a {} yet", other.as_str())),
    }
}

fn list(resolve: &Resolve, item: &Type) -> Result<Kind, String> {
    let Type::Id(id) = item else { return Err(format!("no SDK has a rule for list<{item:?}>")) };
    let definition = &resolve.types[*id];
    match &definition.kind {
        TypeDefKind::Type(alias) => list(resolve, alias),
        TypeDefKind::Tuple(pair) if pair.types == [Type::String, Type::String] => Ok(Kind::Entries),
        TypeDefKind::Record(_) => Ok(Kind::Records(definition.name.clone().unwrap_or_default())),
        other => Err(format!("no SDK has a rule for a list of {} yet", other.as_str())),
    }
}

fn text(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().trim_end().to_owned()
}
