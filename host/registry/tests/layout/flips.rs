//! Single bits that change in a file: it is refused, or brings exactly what it did.

use super::{Setup, brought_by, members};

/// Bits that are changed in each run; `cargo test -p wellhead-registry --test layout -- --ignored` changes many more.
const FEW: usize = 400;
const MANY: usize = 10_000;

fn flip(count: usize) {
    let (it, bytes) = Setup::one();
    let expected = brought_by(it.folder.path(), &bytes).unwrap();
    let text = members(&bytes)[1].content.clone();
    let start = bytes.windows(text.len()).position(|it| it == text).unwrap();
    let list = start..start + text.len();
    let bits = bytes.len() * 8;
    let mut harmless = Vec::new();
    for turn in 0..count {
        // A prime step visits each bit once.
        let bit = turn * 7_919 % bits;
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok(mut brought) = brought_by(it.folder.path(), &changed) else { continue };
        if list.contains(&(bit / 8)) {
            // No digest is that of the list. It names plugins, and no one believes it: that a signature is there, a policy asks.
            brought[0].0.names.clone_from(&expected[0].0.names);
        } else {
            harmless.push(bit / 8);
        }
        assert!(brought == expected, "bit {bit}");
    }
    // Of a header, the byte behind the sum says nothing.
    let behind_sum = |at: &usize| (148..156).contains(&(at % 512));
    assert!(harmless.iter().all(behind_sum), "{harmless:?}");
}

#[test]
fn no_bit_of_a_file_changes_what_it_brings() {
    flip(FEW);
}

#[test]
#[ignore = "ten thousand files are written and read"]
fn no_bit_of_ten_thousand_changes_what_a_file_brings() {
    flip(MANY);
}
