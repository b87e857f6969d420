//! A package, and what all of them are made with.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// Where the sources and the releases are.
pub(super) const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// A package: the name of its file, and its bytes.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The SHA-256 of these bytes as 64 hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// A time in seconds since 1970 as RFC 3339 writes it.
pub(super) fn time(epoch: u64) -> Result<String, String> {
    let time = Timestamp::from_second(i64::try_from(epoch).unwrap_or(i64::MAX));
    time.map(|it| it.to_string()).map_err(|error| format!("SOURCE_DATE_EPOCH: {error}"))
}

/// Says which file could not be handled.
pub(super) fn failed(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> String {
    let path = path.to_owned();
    move |error| format!("cannot {what} {}: {error}", path.display())
}
