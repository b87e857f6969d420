//! How much a JSON text may have before values are made of it.
//!
//! A byte or two of a text, such as `0,` or `{}`, become a value of 32 bytes or an object of Kubernetes of a thousand. So
//! what others may have written is counted first, in constant memory.

use std::io::Read;

use serde::de::DeserializeOwned;

/// How deep it may be nested: what `serde_json` follows.
const DEEPEST: u64 = 128;

/// How much a JSON text may have.
#[derive(Clone, Copy, Debug)]
pub struct JsonBounds {
    /// Bytes of the text.
    pub bytes: u64,
    /// Items of objects and lists, by the commas between them.
    pub values: u64,
    /// Objects and lists.
    pub nests: u64,
    /// What each of its parts may have.
    pub parts: &'static [PartBounds],
}

/// How much each part of a JSON text may have: who reads it makes values of one part at a time, and each object or list
/// may take a thousand bytes then.
#[derive(Clone, Copy, Debug)]
pub struct PartBounds {
    /// How deep the objects and lists are that are parts; the text itself is in depth 1.
    pub depth: u64,
    /// The field that is a part, where others in this depth are none.
    pub key: Option<&'static str>,
    /// Items of objects and lists in a part.
    pub values: u64,
    /// Objects and lists in a part.
    pub nests: u64,
}

/// What one field of an object of Kubernetes may have, such as the `spec` of a StatefulSet: more than a file of a
/// pipeline can say, which has 100,000 nodes. It is a part in the depth in which the fields of objects stand.
pub const OBJECT_PART: PartBounds =
    PartBounds { depth: 0, key: None, values: 250_000, nests: 50_000 };

impl JsonBounds {
    /// Checks that a text has no more than this, and is nested no deeper than can be read. It may be anything.
    ///
    /// # Errors
    /// What it has too much of, and that of the reader.
    pub fn check(&self, text: impl Read) -> Result<(), String> {
        Count { parts: vec![Part::default(); self.parts.len()], ..Count::default() }.all(text, self)
    }

    /// What a text says, if it has no more than this.
    ///
    /// # Errors
    /// Those of [`check`](Self::check), and that it is no JSON or something else.
    pub fn decode<T: DeserializeOwned>(&self, text: &[u8]) -> Result<T, String> {
        self.check(text)?;
        serde_json::from_slice(text).map_err(|error| error.to_string())
    }
}

/// What a JSON text has, counted as it comes. The text may be anything.
#[derive(Debug, Default)]
struct Count {
    bytes: u64,
    values: u64,
    nests: u64,
    depth: u64,
    in_text: bool,
    escaped: bool,
    last: Last,
    parts: Vec<Part>,
}

/// The text that came last, which is the key of what begins.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    start: [u8; 16],
    length: usize,
    /// Has an escape, and may be any key.
    escaped: bool,
}

impl Last {
    fn add(&mut self, byte: u8) {
        if let Some(place) = self.start.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    fn may_be(&self, key: &str) -> bool {
        self.escaped || self.start.get(..self.length) == Some(key.as_bytes())
    }
}

/// What the part has that is counted now.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// Whether what is read is such a part.
    counts: bool,
    values: u64,
    nests: u64,
}

impl Count {
    fn all(mut self, mut text: impl Read, most: &JsonBounds) -> Result<(), String> {
        let mut buffer = [0; 8 << 10];
        loop {
            let read = text.read(&mut buffer).map_err(|error| error.to_string())?;
            if read == 0 {
                return Ok(());
            }
            self.add(&buffer[..read], most)?;
        }
    }

    fn add(&mut self, some: &[u8], most: &JsonBounds) -> Result<(), String> {
        for byte in some {
            match (self.in_text, byte) {
                (true, _) if self.escaped => self.escaped = false,
                (true, b'\\') => (self.escaped, self.last.escaped) = (true, true),
                (true, b'"') => self.in_text = false,
                (false, b'"') => (self.in_text, self.last) = (true, Last::default()),
                (true, other) => self.last.add(*other),
                (false, b',') => {
                    self.values += 1;
                    self.add_to_parts(most, 1, 0)?;
                }
                (false, b'{' | b'[') => {
                    self.nests += 1;
                    self.depth += 1;
                    self.add_to_parts(most, 0, 1)?;
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

    fn add_to_parts(&mut self, most: &JsonBounds, values: u64, nests: u64) -> Result<(), String> {
        for (part, most) in self.parts.iter_mut().zip(most.parts) {
            if self.depth < most.depth {
                continue;
            }
            if self.depth == most.depth && nests > 0 {
                let counts = most.key.is_none_or(|key| self.last.may_be(key));
                *part = Part { counts, ..Part::default() };
            }
            if !part.counts {
                continue;
            }
            part.values += values;
            part.nests += nests;
            for (count, most, what) in [
                (part.values, most.values, "values"),
                (part.nests, most.nests, "objects and lists"),
            ] {
                if count > most {
                    return Err(format!("a part of it has more than {most} {what}"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{DEEPEST, JsonBounds, PartBounds};

    const MOST: JsonBounds = JsonBounds { bytes: 1_000, values: 5, nests: 3, parts: &[] };

    #[test]
    fn a_text_is_decoded_up_to_its_bounds_and_no_further() {
        for text in ["[0, 0, 0, 0, 0, 0]", "[[], {}]", "[\",,,,,,[[[[\\\"{{\"]"] {
            assert_eq!(
                MOST.decode::<Value>(text.as_bytes()),
                Ok(serde_json::from_str(text).unwrap())
            );
        }
        for (text, what) in [
            ("[0,0,0,0,0,0,0]".to_owned(), "more than 5 values"),
            ("[[],{},[]]".to_owned(), "more than 3 objects and lists"),
            (" ".repeat(1_001), "more than 1000 bytes"),
            ("[".repeat(200), "nested deeper than 128"),
            ("{}}".to_owned(), "trailing"),
        ] {
            let why = MOST.decode::<Value>(text.as_bytes()).unwrap_err();
            assert!(why.contains(what), "{text}: {why}");
        }
        assert_eq!(DEEPEST, 128, "what serde_json follows");
    }

    #[test]
    fn each_part_is_counted_by_itself() {
        const PARTS: [PartBounds; 2] = [
            PartBounds { depth: 2, key: None, values: 4, nests: 3 },
            PartBounds { depth: 3, key: None, values: 1, nests: 100 },
        ];
        let most = JsonBounds { bytes: 1_000, values: 100, nests: 100, parts: &PARTS };
        for text in ["[[{},{}],[[],[]],[{}]]", "[1,2,3,4,5,6,[1,2,3],{\"a\":[0,0]}]"] {
            assert_eq!(most.check(text.as_bytes()), Ok(()), "{text}");
        }
        for (text, what) in [
            ("[[{},{},{}]]", "more than 3 objects and lists"),
            ("[[],[1,2,3,4,5,6]]", "more than 4 values"),
            ("[[[],[1,2,3]]]", "more than 1 values"),
        ] {
            let why = most.check(text.as_bytes()).unwrap_err();
            assert!(why.starts_with("a part of it") && why.ends_with(what), "{text}: {why}");
        }
    }

    #[test]
    fn a_part_may_be_one_field() {
        const PARTS: [PartBounds; 1] =
            [PartBounds { depth: 2, key: Some("pipeline"), values: 2, nests: 2 }];
        let most = JsonBounds { bytes: 1_000, values: 100, nests: 100, parts: &PARTS };
        for text in [
            r#"{"calls": [1,2,3,4,{},{}], "pipeline": [1,{}], "pipelines": [1,2,3,4]}"#,
            r#"{"pipeline_of_many": [1,2,3,4], "a": {"pipeline": [1,2,3,4]}}"#,
        ] {
            assert_eq!(most.check(text.as_bytes()), Ok(()), "{text}");
        }
        for text in [
            r#"{"a": [1,2,3,4], "pipeline": [1,2,3,4]}"#,
            r#"{"pipe\u006cine" : {"a": [1,2,3,4]}}"#,
            r#"{"pipeline": 1, "pipeline": [[],[],[]]}"#,
        ] {
            assert!(most.check(text.as_bytes()).is_err(), "{text}");
        }
    }
}
