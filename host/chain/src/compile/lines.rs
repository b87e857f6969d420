//! The task of finding source lines: a stranger's debug information is read in no other process.
//!
//! A few bytes of it can name the same list of lines or ranges again and again, so that no count of bytes
//! bounds what reading it takes. The child's limits do.

use std::io;

use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};
use wasmparser::{Parser, Payload};

use super::protocol::{Call, Reply};

/// Bytes of the longest name that is told.
const NAME: usize = 1_000;
/// Calls of one place that are told: functions that were compiled into each other.
const CALLS: usize = 20;

/// A core module's code, and the sections that tell where it comes from.
#[derive(Default)]
struct Module<'a> {
    code: std::ops::Range<usize>,
    sections: Vec<(&'a str, &'a [u8])>,
}

/// What the child reads before the component: bytes from its start.
pub(super) fn question(places: &[Option<u64>]) -> Vec<u8> {
    let mut question = serde_json::to_vec(places).unwrap_or_default();
    question.push(b'\n');
    question
}

/// The child's answer.
pub(super) fn answer(given: &[u8]) -> io::Result<Reply> {
    let end = given.iter().position(|it| *it == b'\n').unwrap_or(given.len());
    let places: Vec<Option<u64>> = serde_json::from_slice(&given[..end])?;
    Ok(Reply::Lines(find(given.get(end + 1..).unwrap_or_default(), &places)))
}

/// The calls at places of a component.
pub(super) fn find(component: &[u8], places: &[Option<u64>]) -> Vec<Vec<Call>> {
    let modules = modules(component);
    let mut found = vec![Vec::new(); places.len()];
    for module in modules.iter().filter(|it| !it.sections.is_empty()) {
        let inside = |place: &Option<u64>| {
            let place = usize::try_from((*place)?).ok()?;
            module.code.contains(&place).then(|| (place - module.code.start) as u64)
        };
        let here: Vec<_> = places
            .iter()
            .enumerate()
            .filter_map(|(at, place)| Some((at, inside(place)?)))
            .collect();
        if here.is_empty() {
            continue;
        }
        let Some(context) = context(module) else { continue };
        for (at, place) in here {
            found[at] = calls(&context, place);
        }
    }
    found
}

/// The core modules of a component that have code, as far as it can be read.
fn modules(component: &[u8]) -> Vec<Module<'_>> {
    let (mut modules, mut open) = (Vec::new(), Vec::<Module<'_>>::new());
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::Version { .. }) => open.push(Module::default()),
            Ok(Payload::CodeSectionStart { range, .. }) => {
                if let Some(module) = open.last_mut() {
                    module.code = range;
                }
            }
            Ok(Payload::CustomSection(section)) if section.name().starts_with(".debug_") => {
                if let Some(module) = open.last_mut() {
                    module.sections.push((section.name(), section.data()));
                }
            }
            Ok(Payload::End(_)) => modules.extend(open.pop()),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    modules
}

type Reader<'a> = EndianSlice<'a, LittleEndian>;

fn context<'a>(module: &Module<'a>) -> Option<Context<Reader<'a>>> {
    let section = |id: SectionId| {
        let found = module.sections.iter().find(|it| it.0 == id.name());
        Ok::<_, addr2line::gimli::Error>(EndianSlice::new(
            found.map_or(&[][..], |it| it.1),
            LittleEndian,
        ))
    };
    Context::from_dwarf(Dwarf::load(section).ok()?).ok()
}

/// The calls at a place of the code section, the innermost first.
fn calls(context: &Context<Reader<'_>>, place: u64) -> Vec<Call> {
    let mut calls = Vec::new();
    let Ok(mut frames) = context.find_frames(place).skip_all_loads() else { return calls };
    while calls.len() < CALLS
        && let Ok(Some(frame)) = frames.next()
    {
        let name = frame.function.as_ref().and_then(|it| it.raw_name().ok());
        let location = frame.location.as_ref();
        calls.push(Call {
            function: name.map(|it| shortened(&it)),
            file: location.and_then(|it| it.file).map(shortened),
            line: location.and_then(|it| it.line),
        });
    }
    calls
}

fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(NAME)].to_owned()
}
