//! Writes what libFuzzer starts from into a folder: `seeds/TARGET/*` and `dictionaries/TARGET`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

use wellhead_fuzz::TARGETS;

fn main() -> io::Result<()> {
    let Some(home) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("name the folder to write to"));
    };
    for target in TARGETS {
        let seeds = home.join("seeds").join(target.name);
        if seeds.is_dir() {
            fs::remove_dir_all(&seeds)?;
        }
        fs::create_dir_all(&seeds)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(seeds.join(format!("{number:03}")), seed)?;
        }
        let dictionaries = home.join("dictionaries");
        fs::create_dir_all(&dictionaries)?;
        fs::write(dictionaries.join(target.name), dictionary(target.words))?;
    }
    Ok(())
}

/// Words in the form of <https://llvm.org/docs/LibFuzzer.html#dictionaries>.
fn dictionary(words: &[&str]) -> String {
    // An empty file is an error to libFuzzer.
    let mut text = String::from("# One word on each line.\n");
    for word in words.iter().filter(|word| !word.is_empty()) {
        text.push('"');
        for byte in word.bytes() {
            let _ = write!(text, "\\x{byte:02x}");
        }
        text.push_str("\"\n");
    }
    text
}
