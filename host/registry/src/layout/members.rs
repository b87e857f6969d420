//! The members of a tar, as far as a layout has them. Nothing is unpacked: a member is read where it is in the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::ops::Range;
use std::path::Path;

use tar::{Archive, EntryType, Header, PaxExtensions};
use wellhead_diagnostics::Code;
use wellhead_spec::{Digest, in_code, open_file};

use super::{BLOBS, LAYOUT, LIST};
use crate::RegistryError;
use crate::content::Hashed;
use crate::error::Result;

/// Most members of a tar: those of a thousand plugins with signatures.
const MEMBERS: usize = 10_000;
/// Most bytes of a member's extended attributes.
const ATTRIBUTES: u64 = 64 << 10;
/// Most bytes behind the end. Programs fill up to 10 KiB.
const REST: u64 = 1 << 20;
/// Most characters of a name in a message.
const NAME: usize = 120;
const BUFFER: usize = 64 << 10;
/// Of what sizes in a tar are multiples.
const BLOCK: u64 = 512;

/// How a file is made.
const HOW: &str = "`wellhead plugin save` and `oras backup` write such files";

/// Where a member is.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u64,
    size: u64,
}

/// A tar whose members were looked at, and are what their names say.
#[derive(Debug)]
pub(super) struct Members {
    file: File,
    contents: BTreeMap<Digest, Span>,
    named: BTreeMap<&'static str, Span>,
}

pub(super) fn wrong(message: impl Into<String>) -> RegistryError {
    RegistryError::new(Code::InvalidLayout, message)
}

fn unreadable(error: &io::Error) -> RegistryError {
    // Texts of the tar's reader quote the file.
    wrong(format!("it cannot be read: {}", wellhead_spec::sanitize_name(&error.to_string(), 200)))
}

impl Members {
    /// Looks at all of a file: each content is the one that its name says, and nothing else is in it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = open_file(path).map_err(|error| {
            RegistryError::new(Code::PluginFileMissing, format!("it cannot be read: {error}"))
        })?;
        let length = file.metadata().map_err(|error| unreadable(&error))?.len();
        let mut members = Self { file, contents: BTreeMap::new(), named: BTreeMap::new() };
        members.check_kind()?;
        members.scan(length)?;
        members.check_contents()?;
        Ok(members)
    }

    /// Refuses what is another kind of file, so that the message says what to do.
    fn check_kind(&self) -> Result<()> {
        let mut start = [0; 4];
        let mut file = &self.file;
        let read = file.read(&mut start).map_err(|error| unreadable(&error))?;
        file.rewind().map_err(|error| unreadable(&error))?;
        let packed = match &start[..read] {
            [0x1f, 0x8b, ..] => "gzip -d",
            [0x28, 0xb5, 0x2f, 0xfd] => "zstd -d",
            _ => return Ok(()),
        };
        Err(wrong("it is compressed").hint(format!("unpack it: `{packed} FILE`")))
    }

    fn scan(&mut self, length: u64) -> Result<()> {
        let file = self.file.try_clone().map_err(|error| unreadable(&error))?;
        let mut archive = Archive::new(BufReader::with_capacity(BUFFER, file));
        let entries = archive.entries_with_seek().map_err(|error| unreadable(&error))?;
        let (mut end, mut gaps) = (0, Vec::new());
        // Raw, so that no extension of one program changes what a header says.
        for (at, entry) in entries.raw(true).enumerate() {
            let mut entry = entry.map_err(|error| match at {
                0 => wrong("it is not a tar").hint(HOW),
                _ => unreadable(&error),
            })?;
            if at == MEMBERS {
                let message = format!("it has more than {MEMBERS} members");
                return Err(RegistryError::new(Code::ContentTooLarge, message));
            }
            let span = Span { start: entry.raw_file_position(), size: entry.size() };
            end = span.start.saturating_add(span.size.next_multiple_of(BLOCK));
            if end > length {
                return Err(wrong("it ends in the middle of a member"));
            }
            let header = entry.header().clone();
            match header.entry_type() {
                EntryType::Regular => self.add(&header, span)?,
                EntryType::Directory if span.size == 0 => {}
                EntryType::XHeader | EntryType::XGlobalHeader => {
                    check_attributes(&mut entry, span.size)?;
                }
                _ => {
                    let name = shown(&header);
                    return Err(wrong(format!("{name} is neither a regular file nor a folder")));
                }
            }
            gaps.push(span.start + span.size..end);
        }
        if length.saturating_sub(end) > REST {
            return Err(wrong("there is something behind its end"));
        }
        gaps.push(end..length);
        self.check_zeros(gaps)
    }

    fn add(&mut self, header: &Header, span: Span) -> Result<()> {
        let bytes = header.path_bytes();
        let name = bytes.strip_prefix(b"./").unwrap_or(&bytes);
        let text = str::from_utf8(name).unwrap_or_default();
        let digest = text.strip_prefix(BLOBS).and_then(|it| format!("sha256:{it}").parse().ok());
        let before = match (digest, [LAYOUT, LIST].into_iter().find(|it| *it == text)) {
            (Some(digest), _) => self.contents.insert(digest, span),
            (None, Some(name)) => self.named.insert(name, span),
            (None, None) => {
                return Err(wrong(format!("{} is not part of an image layout", shown(header))));
            }
        };
        match before {
            Some(_) => Err(wrong(format!("{} is there twice", shown(header)))),
            None => Ok(()),
        }
    }

    /// Between members and behind them is nothing that another reader could see.
    fn check_zeros(&self, gaps: Vec<Range<u64>>) -> Result<()> {
        let mut bytes = Vec::new();
        for Range { start, end } in gaps.into_iter().filter(|it| it.start < it.end) {
            bytes.clear();
            let span = Span { start, size: end - start };
            let read = self.at(span).and_then(|mut it| it.read_to_end(&mut bytes));
            read.map_err(|error| unreadable(&error))?;
            if bytes.iter().any(|it| *it != 0) {
                return Err(wrong("there is something between its members or behind them"));
            }
        }
        Ok(())
    }

    fn check_contents(&self) -> Result<()> {
        for (digest, span) in &self.contents {
            let mut content = Hashed::new(self.at(*span).map_err(|error| unreadable(&error))?);
            io::copy(&mut content, &mut io::sink()).map_err(|error| unreadable(&error))?;
            let is = content.digest();
            if is != *digest {
                let message = format!("the content {digest} has the digest {is}");
                return Err(RegistryError::new(Code::WrongContent, message)
                    .hint("get the file again, and compare its checksum with that of its maker"));
            }
        }
        Ok(())
    }

    /// A part of the file.
    fn at(&self, span: Span) -> io::Result<Take<&File>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(span.start))?;
        Ok(file.take(span.size))
    }

    /// How many bytes a content has.
    pub(super) fn size(&self, digest: &Digest) -> Option<u64> {
        self.contents.get(digest).map(|it| it.size)
    }

    /// A content that is not kept in memory, if it is there.
    pub(super) fn content(&self, digest: &Digest) -> Option<io::Result<Take<&File>>> {
        self.contents.get(digest).map(|it| self.at(*it))
    }

    /// A small content, if it is there. It is hashed once more: the file may have changed.
    pub(super) fn small(&self, digest: &Digest, most: u64) -> Result<Option<Vec<u8>>> {
        let Some(span) = self.contents.get(digest) else { return Ok(None) };
        let bytes = self.bytes(*span, most, digest.as_str())?;
        if crate::content::digest_of(&bytes) != *digest {
            return Err(wrong("it changes while it is read"));
        }
        Ok(Some(bytes))
    }

    /// What has a name of the layout.
    pub(super) fn named(&self, name: &str, most: u64) -> Result<Vec<u8>> {
        let span =
            self.named.get(name).ok_or_else(|| wrong(format!("it has no `{name}`")).hint(HOW))?;
        self.bytes(*span, most, name)
    }

    fn bytes(&self, span: Span, most: u64, what: &str) -> Result<Vec<u8>> {
        if span.size > most {
            let message = format!("{what} has {} bytes, and may have {most}", span.size);
            return Err(RegistryError::new(Code::ContentTooLarge, message));
        }
        let mut bytes = Vec::new();
        let read = self.at(span).and_then(|mut it| it.read_to_end(&mut bytes));
        read.map_err(|error| unreadable(&error))?;
        Ok(bytes)
    }
}

/// Attributes may be there as long as they do not say what a member is, which its header says.
fn check_attributes(entry: &mut impl Read, size: u64) -> Result<()> {
    if size > ATTRIBUTES {
        let message =
            format!("attributes of a member have {size} bytes, and may have {ATTRIBUTES}");
        return Err(RegistryError::new(Code::ContentTooLarge, message));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    for attribute in PaxExtensions::new(&bytes) {
        let attribute = attribute.map_err(|error| unreadable(&error))?;
        let key = attribute.key_bytes();
        if [&b"path"[..], b"size", b"linkpath"].contains(&key) || key.starts_with(b"GNU.") {
            let key = in_code(&String::from_utf8_lossy(key), NAME);
            return Err(wrong(format!("attributes of a member set its {key}")));
        }
    }
    Ok(())
}

fn shown(header: &Header) -> String {
    in_code(&String::from_utf8_lossy(&header.path_bytes()), NAME)
}
