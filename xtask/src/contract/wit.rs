//! Types as WIT writes them.

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

/// Writes types. A named type is written by `name`, which may leave it to its definition.
pub(super) struct Writer<'a> {
    pub(super) resolve: &'a Resolve,
    /// How a named type is written; `None` for one that is only another name.
    pub(super) name: fn(&Resolve, TypeId) -> Option<String>,
}

impl Writer<'_> {
    /// Parameters and result, e.g. `(value: string) -> result<_, edit-error>`. The handle that a
    /// method is called on is left out.
    pub(super) fn signature(&self, function: &Function) -> String {
        let method = matches!(
            function.kind,
            wit_parser::FunctionKind::Method(_) | wit_parser::FunctionKind::AsyncMethod(_)
        );
        let params: Vec<String> = function
            .params
            .iter()
            .skip(usize::from(method))
            .map(|param| format!("{}: {}", param.name, self.ty(&param.ty)))
            .collect();
        let result = function.result.map(|ty| format!(" -> {}", self.ty(&ty))).unwrap_or_default();
        format!("({}){result}", params.join(", "))
    }

    /// A type where it is used.
    pub(super) fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "bool".to_owned(),
            Type::U8 => "u8".to_owned(),
            Type::U16 => "u16".to_owned(),
            Type::U32 => "u32".to_owned(),
            Type::U64 => "u64".to_owned(),
            Type::S8 => "s8".to_owned(),
            Type::S16 => "s16".to_owned(),
            Type::S32 => "s32".to_owned(),
            Type::S64 => "s64".to_owned(),
            Type::F32 => "f32".to_owned(),
            Type::F64 => "f64".to_owned(),
            Type::Char => "char".to_owned(),
            Type::String => "string".to_owned(),
            Type::ErrorContext => "error-context".to_owned(),
            Type::Id(id) => (self.name)(self.resolve, *id)
                .unwrap_or_else(|| self.definition(&self.resolve.types[*id].kind)),
        }
    }

    /// What a type consists of, on one line.
    pub(super) fn definition(&self, kind: &TypeDefKind) -> String {
        let or_none = |ty: &Option<Type>| ty.as_ref().map_or("_".to_owned(), |ty| self.ty(ty));
        let named = |name: &str, ty: &Type| format!("{name}: {}", self.ty(ty));
        let in_braces =
            |word: &str, items: Vec<String>| format!("{word} {{ {} }}", items.join(", "));
        match kind {
            TypeDefKind::Record(it) => {
                in_braces("record", it.fields.iter().map(|it| named(&it.name, &it.ty)).collect())
            }
            TypeDefKind::Variant(it) => {
                let case = |it: &wit_parser::Case| match &it.ty {
                    Some(ty) => format!("{}({})", it.name, self.ty(ty)),
                    None => it.name.clone(),
                };
                in_braces("variant", it.cases.iter().map(case).collect())
            }
            TypeDefKind::Enum(it) => {
                in_braces("enum", it.cases.iter().map(|it| it.name.clone()).collect())
            }
            TypeDefKind::Flags(it) => {
                in_braces("flags", it.flags.iter().map(|it| it.name.clone()).collect())
            }
            TypeDefKind::Tuple(it) => {
                let types: Vec<String> = it.types.iter().map(|ty| self.ty(ty)).collect();
                format!("tuple<{}>", types.join(", "))
            }
            TypeDefKind::Result(it) => match (&it.ok, &it.err) {
                (None, None) => "result".to_owned(),
                (Some(ok), None) => format!("result<{}>", self.ty(ok)),
                (ok, err) => format!("result<{}, {}>", or_none(ok), or_none(err)),
            },
            TypeDefKind::Resource => "resource".to_owned(),
            TypeDefKind::Handle(Handle::Own(id)) => self.ty(&Type::Id(*id)),
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                format!("borrow<{}>", self.ty(&Type::Id(*id)))
            }
            TypeDefKind::Option(ty) => format!("option<{}>", self.ty(ty)),
            TypeDefKind::List(ty) => format!("list<{}>", self.ty(ty)),
            TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", self.ty(ty)),
            TypeDefKind::Map(key, value) => format!("map<{}, {}>", self.ty(key), self.ty(value)),
            TypeDefKind::Future(ty) => format!("future<{}>", or_none(ty)),
            TypeDefKind::Stream(ty) => format!("stream<{}>", or_none(ty)),
            TypeDefKind::Type(ty) => self.ty(ty),
            TypeDefKind::Unknown => "unknown".to_owned(),
        }
    }
}

/// The interface that a type is defined in, and its name. `None` for types without a name of their
/// own: `list<string>`, and names that are only other names for a type.
pub(super) fn own_name(resolve: &Resolve, id: TypeId) -> Option<(&str, &str)> {
    let ty = &resolve.types[id];
    if matches!(ty.kind, TypeDefKind::Type(_)) {
        return None;
    }
    let TypeOwner::Interface(owner) = ty.owner else { return None };
    Some((resolve.interfaces[owner].name.as_deref()?, ty.name.as_deref()?))
}
