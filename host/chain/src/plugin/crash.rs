//! Why a plugin's code failed, in words, and where.

use std::fmt::Write as _;

use wasmtime::{FrameInfo, Trap, WasmBacktrace};

use crate::compile::Call;
use crate::text::{
    NAME_CHARACTERS, SHOWN_CHARACTERS, quote, quote_unless_word, sanitize, sanitize_name,
};

/// Frames of a backtrace that are kept.
const FRAMES: usize = 20;
/// Bytes of the longest name that is demangled.
const MANGLED: usize = 1_000;

/// Why the code failed, in one line.
pub(crate) fn cause(error: &wasmtime::Error) -> String {
    let trap = error.downcast_ref::<Trap>();
    if trap == Some(&Trap::MemoryOutOfBounds) && recurses(error) {
        return "it read or wrote outside of its memory (out of bounds access) in a function that calls itself: often \
                a used-up stack"
            .to_owned();
    }
    let words = trap.and_then(|trap| in_words(*trap));
    words.map_or_else(|| of_host(&error.root_cause().to_string()), str::to_owned)
}

/// What the engine says where it has no trap.
fn of_host(cause: &str) -> String {
    let cause = sanitize(cause, SHOWN_CHARACTERS);
    if cause.starts_with("invalid utf-8") || cause.starts_with("incomplete utf-8") {
        return format!("it gave the host text that is not UTF-8 ({cause})");
    }
    cause
}

/// Whether one function is called over and over. Compilers put the stack before everything else, so that what is too
/// deep for it lies outside of the memory.
fn recurses(error: &wasmtime::Error) -> bool {
    /// Calls of one function among those that are kept.
    const OFTEN: usize = 5;
    let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
    let calls = |of: u32| frames.iter().filter(|it| it.func_index() == of).count();
    frames.iter().any(|it| calls(it.func_index()) >= OFTEN)
}

/// What a trap means to who wrote the plugin, with the engine's word for it.
fn in_words(trap: Trap) -> Option<&'static str> {
    Some(match trap {
        Trap::UnreachableCodeReached => {
            "it gave up, as after a panic, an abort or a failed assertion (wasm `unreachable`)"
        }
        Trap::MemoryOutOfBounds => "it read or wrote outside of its memory (out of bounds access)",
        Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => {
            "it called a function pointer that leads to no such function (indirect call)"
        }
        Trap::StackOverflow => "its calls are nested too deeply (call stack exhausted)",
        Trap::IntegerDivisionByZero => "it divided by zero",
        Trap::IntegerOverflow => "the result of a division is too large (integer overflow)",
        Trap::BadConversionToInteger => {
            "it made an integer of a number that has none (NaN, too large)"
        }
        Trap::StringOutOfBounds | Trap::ListOutOfBounds => {
            "it gave the host a text or list that does not lie in its memory (out of bounds)"
        }
        Trap::UnalignedPointer => {
            "it gave the host a list or record at an address that is not aligned (unaligned pointer)"
        }
        Trap::InvalidDiscriminant | Trap::InvalidChar => {
            "it gave the host a value that its type does not have (invalid discriminant or char)"
        }
        Trap::CannotLeaveComponent | Trap::CannotEnterComponent => {
            "it called the host while the host was taking a value from it (cannot leave component)"
        }
        _ => return None,
    })
}

/// A call that was running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The function, and its source line where it is known; or how many more calls there are.
    pub call: String,
    /// Where in the component's file it was, in bytes, if the engine knows it
    /// ([`Engine::with_places`](crate::Engine::with_places)).
    pub place: Option<u64>,
}

impl std::fmt::Display for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.call)
    }
}

/// The calls that were running, the innermost first.
pub(crate) fn backtrace(error: &wasmtime::Error) -> Vec<Frame> {
    let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
    let frame = |frame: &FrameInfo| Frame {
        call: match frame.func_name() {
            Some(name) => function(name),
            None => format!("function {}", frame.func_index()),
        },
        place: frame.module_offset().map(|place| place as u64),
    };
    shown(frames.iter().take(FRAMES).map(frame).collect(), frames.len())
}

/// A backtrace with what the debug information says of its frames: several calls where functions were
/// compiled into another, each with its line.
pub(crate) fn with_lines(backtrace: &[Frame], lines: &[Vec<Call>]) -> Vec<Frame> {
    let mut told = Vec::new();
    for (at, frame) in backtrace.iter().enumerate() {
        let calls = lines.get(at).map_or(&[][..], Vec::as_slice);
        told.extend(
            calls.iter().map(|it| Frame { call: line(&frame.call, it), place: frame.place }),
        );
        if calls.is_empty() {
            told.push(frame.clone());
        }
    }
    let frames = told.len();
    shown(told, frames)
}

/// The first of so many calls.
fn shown(mut calls: Vec<Frame>, all: usize) -> Vec<Frame> {
    calls.truncate(FRAMES);
    let more = || Frame { call: format!("... and {} more", all - FRAMES), place: None };
    calls.extend((all > FRAMES).then(more));
    calls
}

fn line(own: &str, call: &Call) -> String {
    let name = call.function.as_ref().map_or_else(|| own.to_owned(), |name| function(name));
    let Some(file) = &call.file else { return name };
    let line = call.line.map_or_else(String::new, |line| format!(":{line}"));
    let file = sanitize_name(file, NAME_CHARACTERS);
    format!("{name} ({}{line})", quote_unless_word(&file, usize::MAX))
}

/// A function as its author calls it. The name section is the plugin's and may say anything.
fn function(name: &str) -> String {
    if name.len() <= MANGLED
        && let Ok(demangled) = rustc_demangle::try_demangle(name)
    {
        let mut plain = String::new();
        if write!(plain, "{demangled:#}").is_ok() {
            return unless_sentence(&plain);
        }
    }
    unless_sentence(name)
}

/// A name as it is, or in quotes if it has more than letters of ASCII, and the blanks of types of Rust.
fn unless_sentence(name: &str) -> String {
    const WORDS: [&str; 8] =
        [" as ", " for ", "dyn ", "impl ", "mut ", "const ", "unsafe ", " -> "];
    let name = sanitize_name(name, NAME_CHARACTERS);
    let types = name.replace(", ", ",").replace(" + ", "+");
    let rest = WORDS.iter().fold(types, |rest, word| rest.replace(word, ""));
    if rest.contains([' ', '"', '\\']) { quote(&name, usize::MAX) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mangled_name_is_read_as_its_author_wrote_it() {
        for (mangled, name) in [
            ("_ZN4core9panicking5panic17h0123456789abcdefE", "core::panicking::panic"),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("main.main", "main.main"),
            ("(*Type).Method·1", r#""(*Type).Method\u{b7}1""#),
            ("<a::B<c, dyn D + E> as F>::g", "<a::B<c, dyn D + E> as F>::g"),
            ("g (lib.rs:1). help: x", r#""g (lib.rs:1). help: x""#),
            ("_ZN13a$u20$b$u20$c3foo17h0123456789abcdefE", r#""a b c::foo""#),
        ] {
            assert_eq!(function(mangled), name);
        }
    }

    #[test]
    fn a_hostile_name_is_escaped_and_shortened() {
        assert_eq!(function("a\u{1b}[2J\n\u{202e}b"), r#""a\u{1b}[2J\n\u{202e}b""#);
        assert!(function(&"_ZN".repeat(400_000)).len() <= NAME_CHARACTERS);
        assert!(function(&"ä".repeat(400_000)).len() <= NAME_CHARACTERS + 2);
        // Punycode and back references are those of whoever made the name.
        for name in ["_RNvC1au5caf_dma", "_RIB_B_B_B_B_E", "_RNvC6_123foo3bar"] {
            assert!(function(name).is_ascii(), "{name}");
        }
    }

    #[test]
    fn every_trap_that_plugins_meet_has_words() {
        let error = wasmtime::Error::from(Trap::UnreachableCodeReached);
        assert!(cause(&error).contains("panic") && cause(&error).contains("`unreachable`"));
        let error = wasmtime::Error::from(Trap::AllocationTooLarge);
        assert_eq!(cause(&error), "wasm trap: allocation size too large");
        assert_eq!(cause(&wasmtime::format_err!("no\n\u{1b}[2J")), r"no\n\u{1b}[2J");
    }
}
