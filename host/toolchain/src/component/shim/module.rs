//! The plugin's module with the functions and the table of the shim, and the fixup that fills it.

use std::collections::BTreeMap;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    Module, NameMap, NameSection, RefType, SectionId, TableSection, TableType,
};
use wasmparser::{
    CodeSectionReader, ExportSectionReader, FunctionSectionReader, Import, ImportSectionReader,
    Name, Operator, Parser, Payload, TableInit, TableSectionReader, TypeRef,
};

use super::{Reencoded, TABLE, Unexpected};

/// The module that calls the shim.
pub(super) struct Caller<'c> {
    bytes: &'c [u8],
    /// Its imports that the shim offers, by the index of the function.
    shimmed: BTreeMap<u32, Shimmed>,
    imported: u32,
    defined: u32,
    /// Its first table. The functions of the shim are put behind its elements.
    table: Option<wasmparser::TableType>,
    /// Number of parameters of each type.
    parameters: Vec<u32>,
}

struct Shimmed {
    ty: u32,
    /// Place in the shim's table.
    slot: u32,
}

impl<'c> Caller<'c> {
    /// Reads a module whose imports have these places in the shim's table, by module and name.
    pub(super) fn read(bytes: &'c [u8], slots: &BTreeMap<(&str, &str), u32>) -> Option<Self> {
        let mut it = Self {
            bytes,
            shimmed: BTreeMap::new(),
            imported: 0,
            defined: 0,
            table: None,
            parameters: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.ok()? {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter_err_on_gc_types() {
                        it.parameters.push(u32::try_from(ty.ok()?.params().len()).ok()?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        it.import(&import.ok()?, slots)?;
                    }
                }
                Payload::FunctionSection(section) => it.defined = section.count(),
                Payload::TableSection(section) => {
                    let first = section.into_iter().next()?.ok()?;
                    let plain = matches!(first.init, TableInit::RefNull) && !first.ty.table64;
                    it.table = Some(first.ty).filter(|_| plain);
                    it.table.filter(|it| it.element_type == wasmparser::RefType::FUNCREF)?;
                }
                Payload::CustomSection(section) if section.name().starts_with(".debug") => {
                    return None;
                }
                _ => {}
            }
        }
        (it.shimmed.len() == slots.len()).then_some(it)
    }

    fn import(&mut self, import: &Import<'_>, slots: &BTreeMap<(&str, &str), u32>) -> Option<()> {
        match import.ty {
            TypeRef::Func(ty) => {
                if let Some(slot) = slots.get(&(import.module, import.name)) {
                    self.shimmed.insert(self.imported, Shimmed { ty, slot: *slot });
                }
                self.imported += 1;
                Some(())
            }
            // It would be the first.
            TypeRef::Table(_) => None,
            _ => Some(()),
        }
    }

    /// Number of imports that the shim offers.
    fn count(&self) -> u32 {
        u32::try_from(self.shimmed.len()).unwrap_or(u32::MAX)
    }

    /// Elements of the shim's table. Two imports of one function share theirs.
    fn slots(&self) -> u64 {
        self.shimmed.values().map(|it| u64::from(it.slot) + 1).max().unwrap_or(0)
    }

    /// Elements before those of the shim.
    fn base(&self) -> u64 {
        self.table.map_or(0, |it| it.initial)
    }

    /// The first table, with room for the functions of the shim.
    fn table(&self) -> TableType {
        let maximum = self.table.map_or(Some(0), |it| it.maximum);
        TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: self.base() + self.slots(),
            maximum: maximum.map(|it| it + self.slots()),
            shared: false,
        }
    }

    /// The element of a slot, as an instruction has it.
    fn element(&self, slot: u32) -> Reencoded<i32> {
        i32::try_from(self.base() + u64::from(slot)).map_err(|_| Error::UserError(Unexpected))
    }

    /// The module with the functions and the table of the shim.
    pub(super) fn with_shim(&self) -> Reencoded<Vec<u8>> {
        let mut module = Module::new();
        let mut writer = WithShim { caller: self, has_table: self.table.is_some() };
        writer.parse_core_module(&mut module, Parser::new(0), self.bytes)?;
        Ok(module.finish())
    }

    /// The fixup, which fills the same table from another place on.
    pub(super) fn fixup(&self, bytes: &[u8]) -> Reencoded<Vec<u8>> {
        let mut module = Module::new();
        Fixup { caller: self }.parse_core_module(&mut module, Parser::new(0), bytes)?;
        Ok(module.finish())
    }
}

/// Writes the caller's module. Functions of the shim come last, so that the others keep their order.
struct WithShim<'l, 'c> {
    caller: &'l Caller<'c>,
    has_table: bool,
}

impl Reencode for WithShim<'_, '_> {
    type Error = Unexpected;

    fn function_index(&mut self, function: u32) -> Reencoded<u32> {
        let Caller { shimmed, imported, defined, .. } = self.caller;
        let before = u32::try_from(shimmed.range(..function).count()).unwrap_or(0);
        if shimmed.contains_key(&function) {
            return Ok(imported - self.caller.count() + defined + before);
        }
        Ok(function - before)
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Reencoded<()> {
        let mut functions = 0..;
        for import in section.into_imports() {
            let import = import?;
            let function =
                matches!(import.ty, TypeRef::Func(_)).then(|| functions.next()).flatten();
            if !function.is_some_and(|it| self.caller.shimmed.contains_key(&it)) {
                self.parse_import(imports, import)?;
            }
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Reencoded<()> {
        utils::parse_function_section(self, functions, section)?;
        for it in self.caller.shimmed.values() {
            functions.function(it.ty);
        }
        Ok(())
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: TableSectionReader<'_>,
    ) -> Reencoded<()> {
        tables.table(self.caller.table());
        for table in section.into_iter().skip(1) {
            self.parse_table(tables, table?)?;
        }
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Reencoded<()> {
        if !self.has_table && before.is_some_and(|it| it > SectionId::Table) {
            module.section(TableSection::new().table(self.caller.table()));
            self.has_table = true;
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Reencoded<()> {
        utils::parse_export_section(self, exports, section)?;
        exports.export(TABLE, ExportKind::Table, 0);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Reencoded<()> {
        utils::parse_code_section(self, code, section)?;
        for it in self.caller.shimmed.values() {
            let mut function = Function::new([]);
            let mut body = function.instructions();
            let parameters = self.caller.parameters.get(it.ty as usize).copied();
            for parameter in 0..parameters.ok_or(Error::UserError(Unexpected))? {
                body.local_get(parameter);
            }
            body.i32_const(self.caller.element(it.slot)?).call_indirect(0, it.ty).end();
            code.function(&function);
        }
        Ok(())
    }

    fn parse_custom_name_subsection(
        &mut self,
        names: &mut NameSection,
        section: Name<'_>,
    ) -> Reencoded<()> {
        match section {
            Name::Function(map) => {
                let mut functions = BTreeMap::new();
                for naming in map {
                    let naming = naming?;
                    functions.insert(self.function_index(naming.index)?, naming.name);
                }
                let mut map = NameMap::new();
                for (index, name) in functions {
                    map.append(index, name);
                }
                names.functions(&map);
                Ok(())
            }
            // By function, in an order that is another now; nobody reads them.
            Name::Local(_) | Name::Label(_) => Ok(()),
            other => utils::parse_custom_name_subsection(self, names, other),
        }
    }
}

/// Writes the fixup.
struct Fixup<'l, 'c> {
    caller: &'l Caller<'c>,
}

impl Reencode for Fixup<'_, '_> {
    type Error = Unexpected;

    fn table_type(&mut self, _: wasmparser::TableType) -> Reencoded<TableType> {
        Ok(self.caller.table())
    }

    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Reencoded<ConstExpr> {
        match expression.get_operators_reader().read()? {
            Operator::I32Const { value: 0 } => Ok(ConstExpr::i32_const(self.caller.element(0)?)),
            _ => Err(Error::UserError(Unexpected)),
        }
    }
}
