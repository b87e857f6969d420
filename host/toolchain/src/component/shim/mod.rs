//! Joins a plugin with the shim that wit-component puts beside it.
//!
//! A lowered function of the host needs the memory of the plugin's module, and the module needs the
//! function before it has a memory. wit-component cuts this knot with a *shim*: a module of its own
//! whose functions call those of the host through a table, which a third module, the *fixup*, fills
//! once the plugin's module is there
//! (<https://github.com/bytecodealliance/wasm-tools/blob/v1.254.0/crates/wit-component/src/encoding.rs>).
//! A fresh instance of a plugin pays for the shim with each call: a call with seven edits takes a tenth longer with it
//! (`wellhead plugin bench`, 16.4 against 14.7 µs), and the component is a tenth larger. Functions and table fit as well
//! into the plugin's module, so they are moved there. Fuel, edits and traps stay the same.

mod layout;
mod module;

use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentSectionId, ExportKind, InstanceSection,
    RawSection,
};
use wasmparser::{
    ComponentAlias, ComponentAliasSectionReader, CustomSectionReader, ExternalKind, Instance,
    KnownCustom, Parser, Validator,
};

use layout::Layout;
use module::Caller;

/// Export of the table that the fixup fills.
const TABLE: &str = "$imports";

/// A component without its shim; `None` when it has none, or is not made as wit-component makes it.
/// One with debug information is left alone, as its places in the code would be wrong.
pub(crate) fn join(component: &[u8]) -> Option<Vec<u8>> {
    let layout = Layout::read(component)?;
    let caller = Caller::read(&component[layout.caller.range.clone()], &layout.imports)?;
    let mut joined = Component::new();
    let mut join = Join { layout: &layout, caller: &caller, modules: 0, instances: 0, depth: 0 };
    join.parse_component(&mut joined, Parser::new(0), component).ok()?;
    let joined = joined.finish();
    Validator::new().validate_all(&joined).ok()?;
    Some(joined)
}

/// Something that wit-component does not make.
#[derive(Debug)]
struct Unexpected;

type Reencoded<T> = Result<T, Error<Unexpected>>;

/// Writes a component without its shim. The nested components know nothing of it.
struct Join<'l, 'c> {
    layout: &'l Layout<'c>,
    caller: &'l Caller<'c>,
    /// Core modules and core instances that were read.
    modules: u32,
    instances: u32,
    /// Components that the current one is nested in.
    depth: usize,
}

impl Join<'_, '_> {
    fn is_shim(&self, instance: u32) -> bool {
        self.depth == 0 && instance == self.layout.shim.instance
    }
}

impl Reencode for Join<'_, '_> {
    type Error = Unexpected;

    fn function_index(&mut self, function: u32) -> Reencoded<u32> {
        if self.depth > 0 {
            return Ok(function);
        }
        if self.layout.functions.contains(&function) {
            return Err(Error::UserError(Unexpected));
        }
        let gone = self.layout.functions.range(..function).count();
        Ok(function - u32::try_from(gone).unwrap_or(0))
    }
}

impl ReencodeComponent for Join<'_, '_> {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    fn module_index(&mut self, module: u32) -> u32 {
        module - u32::from(self.depth == 0 && module > self.layout.shim.module)
    }

    fn instance_index(&mut self, instance: u32) -> u32 {
        instance - u32::from(self.depth == 0 && instance > self.layout.shim.instance)
    }

    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _: Parser,
        bytes: &[u8],
    ) -> Reencoded<()> {
        let module = (self.depth == 0).then_some(self.modules);
        self.modules += u32::from(self.depth == 0);
        let written = match module {
            Some(module) if module == self.layout.shim.module => return Ok(()),
            Some(module) if module == self.layout.caller.module => Some(self.caller.with_shim()?),
            Some(module) if module == self.layout.fixup.module => Some(self.caller.fixup(bytes)?),
            _ => None,
        };
        let data = written.as_deref().unwrap_or(bytes);
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data });
        Ok(())
    }

    fn parse_component_custom_section(
        &mut self,
        component: &mut Component,
        section: CustomSectionReader<'_>,
    ) -> Reencoded<()> {
        // Names of the parts, for those who print the component; they would name others now.
        if self.depth == 0 && matches!(section.as_known(), KnownCustom::ComponentName(_)) {
            return Ok(());
        }
        component_utils::parse_component_custom_section(self, component, section)
    }

    fn parse_instance(
        &mut self,
        instances: &mut InstanceSection,
        instance: Instance<'_>,
    ) -> Reencoded<()> {
        let at = self.instances;
        self.instances += u32::from(self.depth == 0);
        match instance {
            Instance::Instantiate { .. } if self.is_shim(at) => {}
            Instance::FromExports(exports) if self.depth == 0 => {
                let mut kept = Vec::new();
                for export in exports.iter().filter(|it| !self.layout.is_of_shim(it)) {
                    let index = self.external_index(export.kind, export.index)?;
                    kept.push((export.name, self.export_kind(export.kind)?, index));
                }
                instances.export_items(kept);
            }
            other => component_utils::parse_instance(self, instances, other)?,
        }
        Ok(())
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut ComponentAliasSection,
        section: ComponentAliasSectionReader<'_>,
    ) -> Reencoded<()> {
        for alias in section {
            match alias? {
                ComponentAlias::CoreInstanceExport {
                    kind: ExternalKind::Func,
                    instance_index,
                    ..
                } if self.is_shim(instance_index) => {}
                ComponentAlias::CoreInstanceExport { instance_index, .. }
                    if self.is_shim(instance_index) =>
                {
                    let instance = self.instance_index(self.layout.caller.instance);
                    let (kind, name) = (ExportKind::Table, TABLE);
                    aliases.alias(Alias::CoreInstanceExport { instance, kind, name });
                }
                other => {
                    aliases.alias(self.component_alias(other)?);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
