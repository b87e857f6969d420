//! Digests as they are written.

use sha2::{Digest as _, Sha256};
use wellhead_spec::Digest;

/// The SHA-256 of bytes as digests are written: `sha256:` and 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    of(Sha256::new_with_prefix(bytes)).into()
}

/// The digest of what was hashed.
pub(crate) fn of(sha256: Sha256) -> Digest {
    Digest::of_sum(&sha256.finalize().into())
}
