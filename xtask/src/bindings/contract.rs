//! The contract as the SDKs show it: resources and their functions, with types that both languages
//! have a form for.

use wit_bindgen_core::wit_parser::{
    Docs, Field, Function, Handle, InterfaceId, Resolve, Result_, Type, TypeDef, TypeDefKind,
    TypeId,
};

use super::error::{BindingsError, contract_error};

/// The interface `pipeline`.
pub(super) struct Contract {
    /// Resources, in the order of the contract, e.g. `claim`.
    pub(super) resources: Vec<Resource>,
    /// Records, e.g. `volume-mount`.
    pub(super) records: Vec<Record>,
    /// Enums, e.g. `protocol`.
    pub(super) enums: Vec<Enum>,
}

/// A resource.
pub(super) struct Resource {
    /// Its name.
    pub(super) name: String,
    /// What it is.
    pub(super) docs: Vec<String>,
    /// Its methods.
    pub(super) methods: Vec<Method>,
}

/// A method of a resource.
pub(super) struct Method {
    /// Its name, e.g. `set-size`.
    pub(super) name: String,
    /// What it does.
    pub(super) docs: Vec<String>,
    /// Its parameters without the resource itself.
    pub(super) parameters: Vec<(String, Value)>,
    /// What it returns, when it succeeds.
    pub(super) result: Option<Value>,
    /// Whether it can fail with an `edit-error`.
    pub(super) edits: bool,
}

/// A record.
pub(super) struct Record {
    /// Its name.
    pub(super) name: String,
    /// What it is.
    pub(super) docs: Vec<String>,
    /// Its fields: name, documentation, type.
    pub(super) fields: Vec<(String, Vec<String>, Value)>,
}

/// An enum.
pub(super) struct Enum {
    /// Its name.
    pub(super) name: String,
    /// What it is.
    pub(super) docs: Vec<String>,
    /// Its cases: name, documentation.
    pub(super) cases: Vec<(String, Vec<String>)>,
}

/// A type that crosses the border.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// `bool`.
    Bool,
    /// `s32`.
    S32,
    /// `s64`.
    S64,
    /// `string`.
    Text,
    /// `list<string>`.
    Texts,
    /// `list<tuple<string, string>>` with unique keys.
    Entries,
    /// An enum.
    Enum(String),
    /// A record.
    Record(String),
    /// A list of records.
    Records(String),
    /// A variant. There is one, `place`, and each SDK has a form of its own for it.
    Variant(String),
    /// A resource.
    Resource(String),
    /// A value that may be missing.
    Option(Box<Value>),
}

impl Contract {
    /// Reads the interface `pipeline` of the package `wellhead:plugin`.
    pub(super) fn read(resolve: &Resolve) -> Result<Self, BindingsError> {
        let interface = interface(resolve, "pipeline")?;
        let mut contract = Self { resources: Vec::new(), records: Vec::new(), enums: Vec::new() };
        for id in resolve.interfaces[interface].types.values() {
            contract.add(resolve, *id)?;
        }
        for function in resolve.interfaces[interface].functions.values() {
            let resource = function.kind.resource().and_then(|id| resolve.types[id].name.clone());
            let found =
                contract.resources.iter_mut().find(|found| Some(&found.name) == resource.as_ref());
            let found = found.ok_or_else(|| unknown(function))?;
            found.methods.push(method(resolve, function).ok_or_else(|| unknown(function))?);
        }
        Ok(contract)
    }

    fn add(&mut self, resolve: &Resolve, id: TypeId) -> Result<(), BindingsError> {
        let definition = &resolve.types[id];
        let name = definition.name.clone().unwrap_or_default();
        let docs = lines(&definition.docs);
        match &definition.kind {
            TypeDefKind::Resource => {
                self.resources.push(Resource { name, docs, methods: Vec::new() });
            }
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| record_field(resolve, field));
                let fields = fields.collect::<Option<_>>();
                let fields =
                    fields.ok_or_else(|| BindingsError::Type { function: name.clone() })?;
                self.records.push(Record { name, docs, fields });
            }
            TypeDefKind::Enum(value) => {
                let cases = value.cases.iter().map(|case| (case.name.clone(), lines(&case.docs)));
                self.enums.push(Enum { name, docs, cases: cases.collect() });
            }
            // Names of types of other interfaces; what the SDKs write by hand.
            TypeDefKind::Type(_) | TypeDefKind::Variant(_) => {}
            _ => return Err(BindingsError::Type { function: name }),
        }
        Ok(())
    }
}

fn interface(resolve: &Resolve, name: &str) -> Result<InterfaceId, BindingsError> {
    resolve
        .interfaces
        .iter()
        .find(|(_, interface)| interface.name.as_deref() == Some(name))
        .map(|(id, _)| id)
        .ok_or_else(|| contract_error(format!("it has no interface `{name}`")))
}

fn unknown(function: &Function) -> BindingsError {
    BindingsError::Type { function: function.name.replace("[method]", "") }
}

fn record_field(resolve: &Resolve, field: &Field) -> Option<(String, Vec<String>, Value)> {
    Some((field.name.clone(), lines(&field.docs), value(resolve, field.ty)?))
}

fn method(resolve: &Resolve, function: &Function) -> Option<Method> {
    let (_, name) = function.name.strip_prefix("[method]")?.split_once('.')?;
    let parameters = function.params.iter().skip(1);
    let parameters = parameters
        .map(|parameter| Some((parameter.name.clone(), value(resolve, parameter.ty)?)))
        .collect::<Option<_>>()?;
    let (result, edits) = match function.result {
        None => (None, false),
        Some(ty) => match edit(resolve, ty) {
            Some(Result_ { ok: None, .. }) => (None, true),
            Some(Result_ { ok: Some(ok), .. }) => (Some(value(resolve, *ok)?), true),
            None => (Some(value(resolve, ty)?), false),
        },
    };
    Some(Method { name: name.to_owned(), docs: lines(&function.docs), parameters, result, edits })
}

/// The `result<T, edit-error>` that a type is.
fn edit(resolve: &Resolve, ty: Type) -> Option<&Result_> {
    let TypeDefKind::Result(result) = &definition(resolve, ty)?.kind else { return None };
    let error = definition(resolve, result.err?)?;
    (error.name.as_deref() == Some("edit-error")).then_some(result)
}

fn value(resolve: &Resolve, ty: Type) -> Option<Value> {
    match ty {
        Type::Bool => return Some(Value::Bool),
        Type::S32 => return Some(Value::S32),
        Type::S64 => return Some(Value::S64),
        Type::String => return Some(Value::Text),
        _ => {}
    }
    let definition = definition(resolve, ty)?;
    let name = || definition.name.clone();
    match &definition.kind {
        TypeDefKind::Record(_) => Some(Value::Record(name()?)),
        TypeDefKind::Enum(_) => Some(Value::Enum(name()?)),
        TypeDefKind::Variant(_) => Some(Value::Variant(name()?)),
        TypeDefKind::Handle(Handle::Own(id)) => {
            Some(Value::Resource(resolve.types[*id].name.clone()?))
        }
        TypeDefKind::Option(inner) => Some(Value::Option(Box::new(value(resolve, *inner)?))),
        TypeDefKind::List(item) if is_entry(resolve, *item) => Some(Value::Entries),
        TypeDefKind::List(item) => match value(resolve, *item)? {
            Value::Text => Some(Value::Texts),
            Value::Record(name) => Some(Value::Records(name)),
            _ => None,
        },
        _ => None,
    }
}

fn is_entry(resolve: &Resolve, ty: Type) -> bool {
    definition(resolve, ty).is_some_and(|definition| match &definition.kind {
        TypeDefKind::Tuple(tuple) => tuple.types == [Type::String, Type::String],
        _ => false,
    })
}

/// The definition behind all names of a type.
fn definition(resolve: &Resolve, ty: Type) -> Option<&TypeDef> {
    let Type::Id(id) = ty else { return None };
    let found = &resolve.types[id];
    match found.kind {
        TypeDefKind::Type(named) => definition(resolve, named).or(Some(found)),
        _ => Some(found),
    }
}

fn lines(docs: &Docs) -> Vec<String> {
    docs.contents.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wit: &str) -> Result<Contract, BindingsError> {
        let mut resolve = Resolve::default();
        resolve.push_str("test.wit", wit).unwrap();
        Contract::read(&resolve)
    }

    #[test]
    fn a_method_is_read_with_its_parameters_result_and_documentation() {
        let contract = read(
            "package a:b; interface types { variant edit-error { denied } } interface pipeline {
                use types.{edit-error};
                resource claim {
                    /// Sets it.
                    set-mode: func(value: option<string>) -> result<s32, edit-error>;
                }
            }",
        )
        .unwrap();
        let method = &contract.resources[0].methods[0];
        assert_eq!(method.name, "set-mode");
        assert_eq!(method.docs, ["Sets it."]);
        assert_eq!(method.parameters, [("value".to_owned(), Value::Option(Box::new(Value::Text)))]);
        assert_eq!((method.result.clone(), method.edits), (Some(Value::S32), true));
    }

    #[test]
    fn a_type_without_a_form_is_an_error_that_names_the_function() {
        let error =
            read("package a:b; interface pipeline { resource claim { ratio: func() -> f64; } }");
        assert!(error.err().unwrap().to_string().contains("`claim.ratio`"));
    }
}
