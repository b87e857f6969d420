//! What decides how code is compiled, as a digest.

use std::hash::{Hash as _, Hasher};

use super::form::FORM;

/// Everything that decides how code is compiled and what is kept beside it, as a digest.
pub(crate) fn fingerprint(engine: &wasmtime::Engine) -> String {
    let mut hasher = EngineHasher(blake3::Hasher::new());
    FORM.hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A hasher whose result is the same for every build of the host; that of the standard library may
/// change with the compiler.
struct EngineHasher(blake3::Hasher);

impl Hasher for EngineHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let mut first = [0; size_of::<u64>()];
        self.0.finalize_xof().fill(&mut first);
        u64::from_le_bytes(first)
    }
}
