//! Mutants of an input: the same ones for the same number, everywhere.

/// `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>): the same numbers for the same seed.
#[derive(Clone, Debug)]
pub struct Numbers(pub u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit; 0 below 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A part of a text of this length.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        start..(start + 1 + self.below(16)).min(length)
    }
}

/// An input with one to eight changes: bits, bytes, words, and parts that are left out, repeated, or
/// from another input.
pub fn mutate(input: &[u8], other: &[u8], words: &[&str], numbers: &mut Numbers) -> Vec<u8> {
    /// Bytes that limits and signs are made of.
    const BYTES: [u8; 8] = [0, 1, 0x0a, 0x20, 0x7f, 0x80, 0xfe, 0xff];
    let mut bytes = input.to_vec();
    for _ in 0..=numbers.below(8) {
        let range = numbers.range(bytes.len());
        let at = range.start;
        match numbers.below(8) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            2 if at < bytes.len() => bytes[at] = BYTES[numbers.below(BYTES.len())],
            3 => bytes.insert(at, numbers.byte()),
            4 => drop(bytes.drain(range)),
            5 => {
                let part = bytes[range].to_vec();
                bytes.splice(at..at, part);
            }
            6 => {
                let part = &other[numbers.range(other.len())];
                bytes.splice(at..at, part.iter().copied());
            }
            _ if !words.is_empty() => {
                let word = words[numbers.below(words.len())];
                let end = if numbers.below(2) == 0 { at } else { range.end };
                bytes.splice(at..end, word.bytes());
            }
            _ => {}
        }
    }
    bytes
}
