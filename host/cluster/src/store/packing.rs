//! Content of records, packed into the data of a `ControllerRevision`.
//!
//! Who may write records in a namespace decides what is read here. So it is unpacked in two passes: the first counts,
//! in constant memory, and ends where something is beyond what Wellhead ever writes; only then are values made of it.

use std::io::{BufReader, Read, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use k8s_openapi::ByteString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wellhead_spec::{JsonBounds, OBJECT_PART, PartBounds};

/// Most bytes that a record unpacks to: twice what the claims of a pipeline may have ([`wellhead_spec::MAX_CLAIM_BYTES`]),
/// which is most of it.
pub(crate) const MOST_BYTES: u64 = 2 * wellhead_spec::MAX_CLAIM_BYTES;
/// What a record may have: fifty values and twelve objects and lists for each claim that a pipeline may have, which has
/// nine of these. Each may take a thousand bytes of memory.
const MOST: JsonBounds = JsonBounds {
    bytes: MOST_BYTES,
    values: 50 * wellhead_spec::MAX_CLAIMS,
    nests: 12 * wellhead_spec::MAX_CLAIMS,
    parts: &[PartBounds { depth: 4, ..OBJECT_PART }],
};
/// The data of a record that fits into one object.
pub(crate) fn pack_into(content: &impl Serialize) -> Result<Value, String> {
    Ok(json!({"content": ByteString(pack(content)?)}))
}

/// What [`pack_into`] made the data from.
pub(crate) fn unpack_from<T: DeserializeOwned>(data: &Value) -> Result<T, String> {
    let packed = ByteString::deserialize(&data["content"]).map_err(|error| error.to_string())?;
    unpack(&packed.0)
}

/// Packs what can be read again.
pub(crate) fn pack(content: &impl Serialize) -> Result<Vec<u8>, String> {
    let text = serde_json::to_vec(content).map_err(|error| error.to_string())?;
    MOST.check(text.as_slice())?;
    let write = || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&text)?;
        encoder.finish()
    };
    write().map_err(|error: std::io::Error| error.to_string())
}

pub(crate) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<T, String> {
    MOST.check(GzDecoder::new(packed))?;
    let reader = BufReader::new(GzDecoder::new(packed).take(MOST_BYTES));
    serde_json::from_reader(reader).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::{Value, json};

    use super::{MOST_BYTES, pack, unpack};

    /// A gzip of a text that is repeated.
    fn repeated(first: &[u8], piece: &[u8], times: u64) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(first).unwrap();
        for _ in 0..times {
            encoder.write_all(piece).unwrap();
        }
        encoder.finish().unwrap()
    }

    fn refused(packed: &[u8]) -> String {
        unpack::<Value>(packed).unwrap_err()
    }

    #[test]
    fn what_is_packed_unpacks_to_the_same() {
        let value = json!({"a": [1, "[{,\"\\"], "b": {"c": null}});
        assert_eq!(unpack::<Value>(&pack(&value).unwrap()).unwrap(), value);
    }

    #[test]
    fn a_small_record_that_unpacks_to_much_is_refused_before_values_are_made_of_it() {
        let zeros = repeated(b"[", &b"0,".repeat(1 << 15), 1 << 6);
        assert!(zeros.len() < 300_000 && refused(&zeros).contains("values"));
        let objects = repeated(b"[", &b"{},".repeat(1 << 15), 1 << 4);
        assert!(refused(&objects).contains("objects and lists"));
        let text = repeated(b"\"", &b"x".repeat(1 << 20), MOST_BYTES / (1 << 20));
        assert!(refused(&text).contains("bytes"));
        let deep = repeated(b"", b"[", 129);
        assert!(refused(&deep).contains("nested deeper"));
    }

    #[test]
    fn brackets_in_texts_are_text() {
        let text = "[{,\"\\".repeat(10_000);
        assert_eq!(unpack::<Value>(&pack(&text).unwrap()).unwrap(), text);
    }

    #[test]
    fn what_is_no_gzip_or_no_json_is_told() {
        refused(b"");
        refused(b"{}");
        refused(&repeated(b"\0", b"", 0));
        let whole = pack(&json!({"a": 1})).unwrap();
        refused(&whole[..whole.len() - 9]);
    }
}
