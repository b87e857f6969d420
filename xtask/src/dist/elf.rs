//! What a binary of Linux needs at run time.

use std::collections::BTreeSet;

use object::Endianness;
use object::elf::{FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

/// What a binary needs at run time.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Needs {
    /// Whether it names a dynamic linker.
    is_dynamic: bool,
    /// The minor version of the oldest glibc 2 that has every symbol.
    pub(super) glibc: u32,
    /// Shared libraries with versions, e.g. `libc.so.6`.
    pub(super) libraries: BTreeSet<String>,
}

impl Needs {
    /// What an executable of 64 bits asks for in its own tables.
    pub(super) fn read(binary: &[u8]) -> Result<Self, String> {
        read(binary).map_err(|error| format!("not a binary of Linux with 64 bits: {error}"))
    }

    /// Whether it runs where there is nothing but a kernel.
    pub(super) fn is_static(&self) -> bool {
        !self.is_dynamic
    }
}

fn read(binary: &[u8]) -> object::read::Result<Needs> {
    let header = FileHeader64::<Endianness>::parse(binary)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, binary)?;
    let is_dynamic = segments.iter().any(|it| it.p_type(endian) == PT_INTERP);
    let mut needs = Needs { is_dynamic, ..Needs::default() };
    let sections = header.sections(endian, binary)?;
    let Some((mut libraries, names)) = sections.gnu_verneed(endian, binary)? else {
        return Ok(needs);
    };
    let names = sections.strings(endian, binary, names)?;
    while let Some((library, mut versions)) = libraries.next()? {
        let file = library.file(endian, names)?;
        needs.libraries.insert(String::from_utf8_lossy(file).into_owned());
        while let Some(version) = versions.next()? {
            let version = String::from_utf8_lossy(version.name(endian, names)?).into_owned();
            let minor = version.strip_prefix("GLIBC_2.").and_then(|it| it.split('.').next());
            needs.glibc = needs.glibc.max(minor.and_then(|it| it.parse().ok()).unwrap_or(0));
        }
    }
    Ok(needs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_needs_the_c_library_that_it_was_linked_with() {
        let binary = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let needs = Needs::read(&binary).unwrap();
        assert!(!needs.is_static());
        assert!(needs.libraries.contains("libc.so.6"), "{needs:?}");
        assert!((17..100).contains(&needs.glibc), "{needs:?}");
    }

    #[test]
    fn what_is_no_binary_is_refused() {
        assert!(Needs::read(b"#!/bin/sh\n").unwrap_err().contains("not a binary of Linux"));
        assert!(Needs::read(&[]).is_err());
    }
}
