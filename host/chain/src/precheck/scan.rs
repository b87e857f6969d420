//! The one pass over the bytes that counts. It follows no reference and builds no types, so that it
//! costs a small multiple of reading the file.

use std::ops::Range;

use wasmparser::{
    BinaryReader, Chunk, ComponentExternalKind, FunctionBody, Parser, Payload, Result,
    SectionLimited,
};

use super::flatten::{Component, Module, Target, flatten};
use super::scope::{Item, Scope, resolve};
use super::types::Types;
use super::{Structure, body};

/// Bytes of data that count as one part of an instance: copying them takes as long.
const PART: usize = 1 << 10;

/// What the pass found.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The numbers. When one is over its budget, others may be too small.
    pub(super) structure: Structure,
    /// Where the greatest of a number is, by the number's name.
    pub(super) places: Vec<(&'static str, u64)>,
    /// Why the pass ended before the file did.
    pub(super) error: Option<wasmparser::Error>,
}

struct Scan<'a> {
    bytes: &'a [u8],
    budgets: &'a Structure,
    found: Scanned,
    types: Types,
    /// The components that have begun, outermost first.
    open: Vec<Scope>,
    /// The core module that has begun, in the innermost of them.
    module: Option<Module>,
    modules: Vec<Module>,
    components: Vec<Component>,
    /// Pairs of types that the validator compares.
    compared: u64,
}

/// Counts what a component is made of.
pub(super) fn scan(bytes: &[u8], budgets: &Structure) -> Scanned {
    let mut scan = Scan {
        bytes,
        budgets,
        found: Scanned::default(),
        types: Types::default(),
        open: vec![Scope::default()],
        module: None,
        modules: Vec::new(),
        components: Vec::new(),
        compared: 0,
    };
    scan.types.begin();
    let structure = &mut scan.found.structure;
    (structure.file_bytes, structure.nesting, structure.modules) = (bytes.len() as u64, 1, 1);
    if structure.file_bytes <= budgets.file_bytes {
        scan.found.error = scan.run().err();
    }
    scan.finish()
}

impl Scan<'_> {
    fn run(&mut self) -> Result<()> {
        let mut parsers = vec![Parser::new(0)];
        let mut rest = self.bytes;
        while let Some(parser) = parsers.last_mut() {
            let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
                // The parser knows that no more bytes come.
                return Ok(());
            };
            rest = rest.get(consumed..).unwrap_or_default();
            let (nested, range, enters) = match payload {
                Payload::ModuleSection { parser, unchecked_range } => {
                    (parser, unchecked_range, self.begin_module())
                }
                Payload::ComponentSection { parser, unchecked_range } => {
                    (parser, unchecked_range, self.begin_component())
                }
                Payload::End(_) => {
                    parsers.pop();
                    self.end();
                    continue;
                }
                other => {
                    self.section(other)?;
                    continue;
                }
            };
            if enters {
                parsers.push(nested);
            } else {
                rest = skip(rest, &range);
            }
        }
        Ok(())
    }

    /// Whether a module is entered, which ends at the budgets.
    fn begin_module(&mut self) -> bool {
        self.found.structure.modules += 1;
        // What claims to be a module and has modules is refused by the validator.
        let enters = self.found.structure.modules <= self.budgets.modules && self.module.is_none();
        if enters {
            self.module = Some(Module::default());
        }
        enters
    }

    /// Whether a component is entered, which ends at the budgets.
    fn begin_component(&mut self) -> bool {
        let structure = &mut self.found.structure;
        structure.modules += 1;
        let levels = self.open.len() as u64 + 1;
        structure.nesting = structure.nesting.max(levels);
        let enters = levels <= self.budgets.nesting
            && structure.modules <= self.budgets.modules
            && self.module.is_none();
        if enters {
            self.open.push(Scope::default());
            self.types.begin();
        }
        enters
    }

    fn end(&mut self) {
        let item = if let Some(module) = self.module.take() {
            self.modules.push(module);
            Item::Module(Target::Known(self.modules.len() - 1))
        } else if let Some(scope) = self.open.pop() {
            self.types.end();
            self.components.push(scope.component);
            Item::Component(Target::Known(self.components.len() - 1))
        } else {
            return;
        };
        if let Some(parent) = self.open.last_mut() {
            parent.add(item);
        }
    }

    fn section(&mut self, payload: Payload<'_>) -> Result<()> {
        let structure = &mut self.found.structure;
        match payload {
            Payload::TypeSection(section) => {
                add(&mut self.types.count, &section);
                if self.types.count <= self.budgets.types {
                    for group in section {
                        group?.types().for_each(|ty| self.types.core(ty));
                    }
                }
            }
            Payload::ImportSection(section) => {
                add(&mut structure.imports, &section);
                self.part(section.count());
            }
            Payload::FunctionSection(section) => {
                add(&mut structure.functions, &section);
                self.part(section.count());
            }
            Payload::GlobalSection(section) => {
                add(&mut structure.globals, &section);
                self.part(section.count());
            }
            Payload::ExportSection(section) => add(&mut structure.exports, &section),
            Payload::ElementSection(section) => {
                add(&mut structure.segments, &section);
                self.part(section.count());
                // An element has a byte at least.
                self.part(section.range().len());
            }
            Payload::DataSection(section) => {
                add(&mut structure.segments, &section);
                self.part(section.count());
                self.part(section.range().len() / PART);
            }
            Payload::TableSection(section) => {
                add(&mut self.module.get_or_insert_default().tables, &section);
            }
            Payload::MemorySection(section) => {
                add(&mut self.module.get_or_insert_default().memories, &section);
            }
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            other => self.section_of_component(other)?,
        }
        Ok(())
    }

    /// Notes parts that each instance of the module has.
    fn part(&mut self, count: impl TryInto<u64>) {
        let parts = &mut self.module.get_or_insert_default().parts;
        *parts = parts.saturating_add(count.try_into().unwrap_or(u64::MAX));
    }

    fn section_of_component(&mut self, payload: Payload<'_>) -> Result<()> {
        let Some(scope) = self.open.last_mut() else { return Ok(()) };
        let structure = &mut self.found.structure;
        let most = self.budgets.definitions;
        match payload {
            Payload::CoreTypeSection(section) => {
                for ty in section {
                    self.types.core_of_component(&ty?);
                    if self.types.count > self.budgets.types {
                        break;
                    }
                }
            }
            Payload::ComponentTypeSection(section) => {
                let range = section.range();
                let bytes = self.bytes.get(range.clone()).unwrap_or_default();
                let reader = BinaryReader::new(bytes, range.start);
                self.types.read(reader, self.budgets.types, self.budgets.type_nesting)?;
            }
            Payload::ComponentImportSection(section) => {
                add(&mut structure.imports, &section);
                self.compared = self.compared.saturating_add(section.count().into());
                scope.component.members += u64::from(section.count());
                for import in within(section, self.budgets.imports) {
                    let import = import?;
                    scope.unknown(import.ty.kind());
                    self.types.declare(import.ty);
                }
            }
            Payload::ComponentExportSection(section) => {
                add(&mut structure.exports, &section);
                self.compared = self.compared.saturating_add(section.count().into());
                scope.component.members += u64::from(section.count());
                for export in within(section, self.budgets.exports) {
                    let export = export?;
                    scope.export(export.kind, export.index);
                    if export.kind == ComponentExternalKind::Type {
                        self.types.export(export.index);
                    }
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                scope.component.define(section.count() as usize);
            }
            Payload::InstanceSection(section) => {
                scope.component.define(section.count() as usize);
                for instance in within(section, most) {
                    scope.core_instance(&instance?, &self.modules);
                }
            }
            Payload::ComponentInstanceSection(section) => {
                scope.component.define(section.count() as usize);
                for instance in within(section, most) {
                    let members = scope.component_instance(&instance?, &self.components);
                    self.compared = self.compared.saturating_add(members);
                }
            }
            Payload::ComponentAliasSection(section) => {
                scope.component.define(section.count() as usize);
                self.aliases(section)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn aliases(
        &mut self,
        section: SectionLimited<'_, wasmparser::ComponentAlias<'_>>,
    ) -> Result<()> {
        for alias in within(section, self.budgets.definitions) {
            let alias = alias?;
            self.types.alias(&alias);
            let item = resolve(&self.open, &alias);
            if let (Some(item), Some(scope)) = (item, self.open.last_mut()) {
                scope.add(item);
            }
        }
        Ok(())
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<()> {
        let range = body.range();
        let (bytes, at) = (range.len() as u64, range.start as u64);
        self.found.peak("bodyBytes", at, |it| &mut it.body_bytes, bytes);
        // What is over a budget already is not read.
        if bytes > self.budgets.body_bytes
            || self.found.structure.functions > self.budgets.functions
        {
            return Ok(());
        }
        let body = body::scan(body, self.budgets.blocks)?;
        self.found.peak("blockDepth", at, |it| &mut it.block_depth, body.block_depth);
        self.found.peak("blocks", at, |it| &mut it.blocks, body.blocks);
        self.found.peak("branchTargets", at, |it| &mut it.branch_targets, body.branch_targets);
        self.found.peak("locals", at, |it| &mut it.locals, body.locals);
        let pressure = body.locals.saturating_mul(body.calls);
        self.found.peak("pressure", at, |it| &mut it.pressure, pressure);
        Ok(())
    }

    fn finish(mut self) -> Scanned {
        // After an error, what has begun counts as far as it was read.
        while !self.open.is_empty() {
            self.end();
        }
        let created = flatten(&self.components, &self.modules);
        self.found.structure = Structure {
            types: self.types.count,
            type_members: self.types.members,
            type_nesting: self.types.nesting,
            type_size: self.types.size,
            comparisons: self.compared.saturating_mul(self.types.size),
            core_instances: created.core_instances,
            component_instances: created.component_instances,
            memories: created.memories,
            tables: created.tables,
            definitions: created.definitions,
            instance_parts: created.parts,
            ..self.found.structure
        };
        self.found
    }
}

impl Scanned {
    /// Keeps the greatest of a number, and where it is.
    fn peak(
        &mut self,
        name: &'static str,
        at: u64,
        number: fn(&mut Structure) -> &mut u64,
        value: u64,
    ) {
        let number = number(&mut self.structure);
        if value <= *number {
            return;
        }
        *number = value;
        match self.places.iter_mut().find(|place| place.0 == name) {
            Some(place) => place.1 = at,
            None => self.places.push((name, at)),
        }
    }
}

/// The items of a section, or none when there are more than a budget: reading them is then no use.
fn within<'a, T: wasmparser::FromReader<'a>>(
    section: SectionLimited<'a, T>,
    most: u64,
) -> impl Iterator<Item = Result<T>> {
    let fits = u64::from(section.count()) <= most;
    fits.then_some(section).into_iter().flatten()
}

fn add<T>(number: &mut u64, section: &SectionLimited<'_, T>) {
    *number = number.saturating_add(section.count().into());
}

fn skip<'a>(rest: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    rest.get(range.len()..).unwrap_or_default()
}
