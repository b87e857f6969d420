//! Numbers that are the same for the same seed, everywhere.

/// A `SplitMix64`, begun with a seed.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// The same for small numbers.
    pub fn small(&mut self, limit: u32) -> u32 {
        u32::try_from(self.below(limit.into())).unwrap_or_default()
    }

    /// `a`, `b` or `c`.
    pub fn letter(&mut self) -> String {
        ["a", "b", "c"][usize::try_from(self.below(3)).unwrap_or_default()].to_owned()
    }
}
