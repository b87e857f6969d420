//! What is hashed as it is read.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};
use wellhead_spec::Digest;

/// A reader with the sum of what was read.
pub(crate) struct Hashed<R> {
    inner: R,
    sum: Sha256,
}

impl<R> Hashed<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, sum: Sha256::new() }
    }

    /// The digest of all that was read.
    pub(crate) fn digest(self) -> Digest {
        Digest::of_sum(&self.sum.finalize().into())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sum.update(&buffer[..read]);
        Ok(read)
    }
}
