//! Types of components, read without recursion: the types of instances and components nest, and a
//! reader that recursed would overflow the stack on a few hundred kilobytes.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentDefinedType, ComponentExternName, ComponentImport,
    ComponentType, ComponentTypeRef, CompositeInnerType, CoreType, InstanceTypeDeclaration, Result,
    SubType,
};

/// The first byte of the type of a component, and of that of an instance
/// (<https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#type-definitions>).
const COMPONENT: u8 = 0x41;
const INSTANCE: u8 = 0x42;

/// What types are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Types {
    pub(super) count: u64,
    pub(super) members: u64,
    pub(super) nesting: u64,
}

impl Types {
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
            CoreType::Module(declarations) => self.count += 1 + declarations.len() as u64,
        }
    }

    fn component(&mut self, ty: &ComponentType<'_>) {
        let members = match ty {
            ComponentType::Func(func) => func.params.len() + usize::from(func.result.is_some()),
            ComponentType::Defined(ComponentDefinedType::Record(fields)) => fields.len(),
            ComponentType::Defined(ComponentDefinedType::Variant(cases)) => cases.len(),
            ComponentType::Defined(ComponentDefinedType::Tuple(types)) => types.len(),
            ComponentType::Defined(
                ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names),
            ) => names.len(),
            _ => 1,
        };
        self.members = self.members.max(members as u64);
    }

    /// Reads the items of a type section. Ends early when a budget is exceeded.
    pub(super) fn read(
        &mut self,
        mut reader: BinaryReader<'_>,
        most: u64,
        deepest: u64,
    ) -> Result<()> {
        // How many items are left of the section, and of each type that is open.
        let mut open = vec![reader.read_var_u32()?];
        self.count = self.count.saturating_add(u64::from(open[0]));
        while let Some(left) = open.last_mut() {
            if self.count > most || self.nesting > deepest {
                return Ok(());
            }
            let Some(less) = left.checked_sub(1) else {
                open.pop();
                continue;
            };
            *left = less;
            let inner = if open.len() == 1 { Some(self.ty(&mut reader)?) } else { None };
            let inner = match inner {
                Some(inner) => inner,
                None => self.declaration(&mut reader)?,
            };
            if let Some(declarations) = inner {
                self.count = self.count.saturating_add(u64::from(declarations));
                open.push(declarations);
                self.nesting = self.nesting.max(open.len() as u64 - 1);
            }
        }
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
        self.component(&ty);
        Ok(None)
    }

    /// Reads one declaration in the type of a component or instance.
    fn declaration(&mut self, reader: &mut BinaryReader<'_>) -> Result<Option<u32>> {
        let mut ahead = reader.clone();
        match ahead.read_u8()? {
            0x00 => {
                let ty = ahead.read::<CoreType<'_>>()?;
                self.core_of_component(&ty);
            }
            0x01 => {
                let inner = self.ty(&mut ahead)?;
                *reader = ahead;
                return Ok(inner);
            }
            0x02 => {
                ahead.read::<ComponentAlias<'_>>()?;
            }
            0x03 => {
                ahead.read::<ComponentImport<'_>>()?;
            }
            0x04 => {
                ahead.read::<ComponentExternName<'_>>()?;
                ahead.read::<ComponentTypeRef>()?;
            }
            // No declaration: wasmparser's own reader words the error.
            _ => {
                reader.read::<InstanceTypeDeclaration<'_>>()?;
            }
        }
        *reader = ahead;
        Ok(None)
    }
}
