//! Debug information for guests, as compilers leave it in a module.

use gimli::write::{
    Address, AttributeValue, Dwarf, EndianVec, LineProgram, LineString, Range, RangeList, Sections,
    Unit,
};
use gimli::{Encoding, Format, LineEncoding, LittleEndian, SectionId};
use wasm_encoder::{CustomSection, Section as _};
use wasmparser::{Parser, Payload};

/// How much debug information there is.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Rows of lines besides one for each function.
    pub rows: u64,
    /// Units, each with all of the lines.
    pub units: u64,
    /// Ranges of each unit.
    pub ranges: u64,
}

impl Amount {
    /// As much as a compiler leaves.
    pub const HONEST: Self = Self { rows: 0, units: 1, ranges: 1 };
}

/// The same module, which says that its functions stand in a file: the first in line 10, the second
/// in line 20, and so on.
pub(super) fn with_lines(mut module: Vec<u8>, file: &str, amount: Amount) -> Vec<u8> {
    // Addresses count from the beginning of the code.
    let mut start = 0;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(&module) {
        match payload.expect("the guest is a module") {
            Payload::CodeSectionStart { range, .. } => start = range.start,
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            _ => {}
        }
    }
    let end = bodies.last().map_or(start, |it| it.end) - start;
    let encoding = Encoding { format: Format::Dwarf32, version: 4, address_size: 4 };
    let text = |text: &str| LineString::String(text.into());
    let mut program =
        LineProgram::new(encoding, LineEncoding::default(), text("/src"), None, text(file), None);
    let folder = program.default_directory();
    let source = program.add_file(text(file), folder, None);
    program.begin_sequence(Some(Address::Constant(0)));
    for (number, body) in (1..).zip(&bodies) {
        let row = program.row();
        row.file = source;
        row.address_offset = (body.start - start) as u64;
        row.line = number * 10;
        program.generate_row();
    }
    for _ in 0..amount.rows {
        program.row().line += 1;
        program.generate_row();
    }
    program.end_sequence(end as u64);
    let mut dwarf = Dwarf::new();
    for _ in 0..amount.units {
        let unit = dwarf.units.add(Unit::new(encoding, program.clone()));
        let unit = dwarf.units.get_mut(unit);
        let all = Range::StartLength { begin: Address::Constant(0), length: end as u64 };
        let ranges = (0..amount.ranges).map(|_| all.clone()).collect();
        let all = unit.ranges.add(RangeList(ranges));
        let root = unit.root();
        unit.get_mut(root).set(gimli::DW_AT_ranges, AttributeValue::RangeListRef(all));
        unit.get_mut(root).set(gimli::DW_AT_name, AttributeValue::String(file.into()));
    }
    let mut sections = Sections::new(EndianVec::new(LittleEndian));
    dwarf.write(&mut sections).expect("the debug information can be written");
    sections
        .for_each(|id: SectionId, data| {
            if !data.slice().is_empty() {
                let section = CustomSection { name: id.name().into(), data: data.slice().into() };
                section.append_to(&mut module);
            }
            Ok::<(), ()>(())
        })
        .expect("nothing fails");
    module
}
