//! Types of components: their number, and how large they are when written out.
//!
//! The types of instances and components nest, and a reader that recursed would overflow the stack on
//! a few hundred kilobytes, so this one keeps its own. And a type that is used twice counts twice:
//! twenty lines of `(tuple $a $a)` make one of a million parts, and the validator goes through them
//! all each time that it compares two such types.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentDefinedType, ComponentExternName, ComponentImport,
    ComponentOuterAliasKind, ComponentType, ComponentTypeRef, ComponentValType, CompositeInnerType,
    CoreType, InstanceTypeDeclaration, Result, SubType, TypeBounds,
};

/// The first byte of the type of a component, and of that of an instance
/// (<https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#type-definitions>).
const COMPONENT: u8 = 0x41;
const INSTANCE: u8 = 0x42;

/// Parts of a type when everything that it refers to is written out. Saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    /// As the type of a value or function.
    value: u64,
    /// As the type of an instance or component. Only differs where it is not known which it is.
    any: u64,
}

/// What types are made of.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) count: u64,
    pub(super) members: u64,
    pub(super) nesting: u64,
    /// Parts of the largest type.
    pub(super) size: u64,
    /// Parts of the largest type of a value or function.
    value_size: u64,
    /// The types that are in scope, by their index: of each component and type that has begun,
    /// outermost first.
    spaces: Vec<Vec<Size>>,
}

/// The type of a component or instance that has begun.
struct Open {
    /// Declarations that are left.
    left: u32,
    /// Its parts so far.
    size: u64,
}

impl Types {
    /// A component begins.
    pub(super) fn begin(&mut self) {
        self.spaces.push(Vec::new());
    }

    /// A component ends.
    pub(super) fn end(&mut self) {
        self.spaces.pop();
    }

    /// Notes a core type.
    pub(super) fn core(&mut self, ty: &SubType) {
        let members = match &ty.composite_type.inner {
            CompositeInnerType::Func(func) => func.params().len() + func.results().len(),
            CompositeInnerType::Struct(fields) => fields.fields.len(),
            CompositeInnerType::Array(_) | CompositeInnerType::Cont(_) => 1,
        };
        self.members = self.members.max(members as u64);
    }

    /// Notes a core type of a component: a module's type, or one of the types in a module.
    pub(super) fn core_of_component(&mut self, ty: &CoreType<'_>) {
        match ty {
            CoreType::Rec(group) => {
                self.count += group.types().len() as u64;
                group.types().for_each(|ty| self.core(ty));
            }
            CoreType::Module(declarations) => {
                self.count += 1 + declarations.len() as u64;
                self.size = self.size.max(declarations.len() as u64);
            }
        }
    }

    /// An alias may add a type to the innermost scope.
    pub(super) fn alias(&mut self, alias: &ComponentAlias<'_>) {
        let size = match *alias {
            // One of the types that were declared before; which is not followed.
            ComponentAlias::InstanceExport {
                kind: wasmparser::ComponentExternalKind::Type,
                ..
            } => Size { value: self.value_size.max(1), any: self.size.max(1) },
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, count, index } => {
                let space = self.spaces.len().checked_sub(1 + count as usize);
                of(space.and_then(|at| self.spaces.get(at)), index)
            }
            _ => return,
        };
        self.add(size);
    }

    /// An import or export may add a type to the innermost scope. Returns its own size.
    pub(super) fn declare(&mut self, ty: ComponentTypeRef) -> u64 {
        let here = |index| of(self.spaces.last(), index);
        match ty {
            ComponentTypeRef::Type(bounds) => {
                let size = match bounds {
                    TypeBounds::Eq(index) => here(index),
                    TypeBounds::SubResource => ONE,
                };
                self.add(size);
                size.any
            }
            ComponentTypeRef::Func(index) => here(index).value,
            ComponentTypeRef::Instance(index) | ComponentTypeRef::Component(index) => {
                here(index).any
            }
            ComponentTypeRef::Value(ty) => self.value(ty),
            ComponentTypeRef::Module(_) => self.size.max(1),
        }
    }

    /// An export of a type gives it a second index.
    pub(super) fn export(&mut self, index: u32) {
        self.add(of(self.spaces.last(), index));
    }

    /// Reads the items of a type section. Ends early when a budget is exceeded.
    pub(super) fn read(
        &mut self,
        mut reader: BinaryReader<'_>,
        most: u64,
        deepest: u64,
    ) -> Result<()> {
        // The section itself, and each type in it that has begun.
        let mut open = vec![Open { left: reader.read_var_u32()?, size: 0 }];
        let base = self.spaces.len();
        self.count = self.count.saturating_add(u64::from(open[0].left));
        while let Some(last) = open.last_mut() {
            if self.count > most || self.nesting > deepest {
                break;
            }
            if last.left == 0 {
                let size = last.size.saturating_add(1);
                open.pop();
                if !open.is_empty() {
                    self.spaces.pop();
                    self.size = self.size.max(size);
                    self.add(Size { value: size, any: size });
                }
                continue;
            }
            last.left -= 1;
            let inner = if open.len() == 1 {
                self.ty(&mut reader)?
            } else {
                self.declaration(&mut reader, &mut open)?
            };
            if let Some(left) = inner {
                self.count = self.count.saturating_add(u64::from(left));
                open.push(Open { left, size: 0 });
                self.spaces.push(Vec::new());
                self.nesting = self.nesting.max(open.len() as u64 - 1);
            }
        }
        self.spaces.truncate(base);
        Ok(())
    }

    /// Reads one type. Of one that has declarations, only their number is read.
    fn ty(&mut self, reader: &mut BinaryReader<'_>) -> Result<Option<u32>> {
        let mut ahead = reader.clone();
        if matches!(ahead.read_u8()?, COMPONENT | INSTANCE) {
            let declarations = ahead.read_var_u32()?;
            *reader = ahead;
            return Ok(Some(declarations));
        }
        let ty = reader.read::<ComponentType<'_>>()?;
        let (members, size) = self.measure(&ty);
        self.members = self.members.max(members as u64);
        self.value_size = self.value_size.max(size);
        self.size = self.size.max(size);
        self.add(Size { value: size, any: size });
        Ok(None)
    }

    /// Reads one declaration in the type of a component or instance.
    fn declaration(
        &mut self,
        reader: &mut BinaryReader<'_>,
        open: &mut [Open],
    ) -> Result<Option<u32>> {
        let mut ahead = reader.clone();
        let mut size = 0;
        let mut inner = None;
        match ahead.read_u8()? {
            0x00 => {
                let ty = ahead.read::<CoreType<'_>>()?;
                self.core_of_component(&ty);
            }
            0x01 => inner = self.ty(&mut ahead)?,
            0x02 => self.alias(&ahead.read::<ComponentAlias<'_>>()?),
            0x03 => size = self.declare(ahead.read::<ComponentImport<'_>>()?.ty),
            0x04 => {
                ahead.read::<ComponentExternName<'_>>()?;
                size = self.declare(ahead.read::<ComponentTypeRef>()?);
            }
            // No declaration: wasmparser's own reader words the error.
            _ => {
                reader.read::<InstanceTypeDeclaration<'_>>()?;
            }
        }
        *reader = ahead;
        if let Some(last) = open.last_mut() {
            last.size = last.size.saturating_add(size);
        }
        Ok(inner)
    }

    /// Members of a type, and its parts.
    fn measure(&self, ty: &ComponentType<'_>) -> (usize, u64) {
        let sum = |types: &mut dyn Iterator<Item = ComponentValType>| {
            types.fold(1_u64, |sum, ty| sum.saturating_add(self.value(ty)))
        };
        let defined = match ty {
            ComponentType::Func(func) => {
                let mut types = func.params.iter().map(|it| it.1).chain(func.result);
                let members = func.params.len() + usize::from(func.result.is_some());
                return (members, sum(&mut types));
            }
            ComponentType::Defined(defined) => defined,
            _ => return (1, 1),
        };
        match defined {
            ComponentDefinedType::Record(fields) => {
                (fields.len(), sum(&mut fields.iter().map(|it| it.1)))
            }
            ComponentDefinedType::Variant(cases) => {
                let size = sum(&mut cases.iter().filter_map(|it| it.ty));
                (cases.len(), size.saturating_add(cases.len() as u64))
            }
            ComponentDefinedType::Tuple(types) => (types.len(), sum(&mut types.iter().copied())),
            ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names) => {
                (names.len(), 1 + names.len() as u64)
            }
            ComponentDefinedType::List(ty)
            | ComponentDefinedType::Option(ty)
            | ComponentDefinedType::FixedLengthList(ty, _) => (1, sum(&mut [*ty].into_iter())),
            ComponentDefinedType::Map(key, value) => (2, sum(&mut [*key, *value].into_iter())),
            ComponentDefinedType::Result { ok, err } => {
                (2, sum(&mut ok.iter().chain(err).copied()))
            }
            ComponentDefinedType::Future(ty) | ComponentDefinedType::Stream(ty) => {
                (1, sum(&mut ty.iter().copied()))
            }
            ComponentDefinedType::Primitive(_)
            | ComponentDefinedType::Own(_)
            | ComponentDefinedType::Borrow(_) => (1, 1),
        }
    }

    fn value(&self, ty: ComponentValType) -> u64 {
        match ty {
            ComponentValType::Primitive(_) => 1,
            ComponentValType::Type(index) => of(self.spaces.last(), index).value,
        }
    }

    fn add(&mut self, size: Size) {
        if let Some(space) = self.spaces.last_mut() {
            space.push(size);
        }
    }
}

const ONE: Size = Size { value: 1, any: 1 };

/// A type by its index. One that is not there is refused by the validator.
fn of(space: Option<&Vec<Size>>, index: u32) -> Size {
    space.and_then(|it| it.get(index as usize)).copied().unwrap_or(ONE)
}
