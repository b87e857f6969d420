//! How much a JSON text may have before values are made of it.

use std::io::Read;

/// How deep they may be nested: what `serde_json` follows.
pub(crate) const DEEPEST: u64 = 128;

/// How much a JSON text may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) bytes: u64,
    /// Items of objects and lists, by the commas between them.
    pub(crate) values: u64,
    /// Objects and lists.
    pub(crate) nests: u64,
}

/// Whether a text has no more than this, and is nested no deeper than can be read. It may be anything.
pub(crate) fn check(text: impl Read, most: &Bounds) -> Result<(), String> {
    Count::default().all(text, most)
}

/// What a JSON text has, counted as it comes. The text may be anything.
#[derive(Debug, Default)]
pub(crate) struct Count {
    bytes: u64,
    values: u64,
    nests: u64,
    depth: u64,
    in_text: bool,
    escaped: bool,
}

impl Count {
    fn all(mut self, mut text: impl Read, most: &Bounds) -> Result<(), String> {
        let mut buffer = [0; 8 << 10];
        loop {
            let read = text.read(&mut buffer).map_err(|error| error.to_string())?;
            if read == 0 {
                return Ok(());
            }
            self.add(&buffer[..read], most)?;
        }
    }

    fn add(&mut self, some: &[u8], most: &Bounds) -> Result<(), String> {
        for byte in some {
            match (self.in_text, byte) {
                (true, _) if self.escaped => self.escaped = false,
                (true, b'\\') => self.escaped = true,
                (_, b'"') => self.in_text = !self.in_text,
                (false, b',') => self.values += 1,
                (false, b'{' | b'[') => {
                    self.nests += 1;
                    self.depth += 1;
                }
                (false, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > DEEPEST {
                return Err(format!("it is nested deeper than {DEEPEST}"));
            }
        }
        self.bytes += some.len() as u64;
        for (count, most, what) in [
            (self.bytes, most.bytes, "bytes"),
            (self.values, most.values, "values"),
            (self.nests, most.nests, "objects and lists"),
        ] {
            if count > most {
                return Err(format!("it has more than {most} {what}"));
            }
        }
        Ok(())
    }
}
