//! What a registry says of its content: JSON that may be anything.

pub(crate) mod artifact;
mod config;
mod hashed;
mod json;
pub(crate) mod manifest;

pub(crate) use config::check_config;
pub(crate) use hashed::Hashed;
pub(crate) use json::strict;

use sha2::{Digest as _, Sha256};
use wellhead_spec::Digest;

/// The digest of bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest::of_sum(&Sha256::digest(bytes).into())
}
