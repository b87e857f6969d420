//! The names that plugins give to kinds of findings.

/// Characters of the longest code.
pub const FINDING_CODE_MAX: usize = 64;

/// Whether a text is a plugin's name for a kind of finding: 1 to 64 lowercase letters, digits and single `-`, beginning
/// with a letter.
pub fn is_finding_code(text: &str) -> bool {
    text.len() <= FINDING_CODE_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
        && !text.ends_with('-')
        && !text.contains("--")
}
