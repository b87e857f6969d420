//! Text from a plugin is hostile: it is escaped and shortened before anybody sees it.

use std::fmt::Write as _;

/// Most characters of a plugin's text that one message shows.
pub(crate) const SHOWN_CHARACTERS: usize = 1_000;

/// Escapes what could steer a terminal or disguise text, and shortens it to `limit` characters.
///
/// Control characters (ESC, newlines), characters that reorder text
/// (<https://www.unicode.org/reports/tr9/>) and invisible ones become `\u{..}`.
pub fn sanitize(text: &str, limit: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(limit));
    for (count, character) in text.chars().enumerate() {
        if count == limit {
            let _ = write!(shown, "... ({} more bytes)", text.len() - shown.len().min(text.len()));
            break;
        }
        if is_unsafe(character) {
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_codes_newlines_and_direction_marks_are_escaped() {
        assert_eq!(sanitize("a\u{1b}[31mb\nc\u{202e}d", 99), "a\\u{1b}[31mb\\nc\\u{202e}d");
    }

    #[test]
    fn ordinary_text_of_any_language_is_kept() {
        assert_eq!(sanitize("größe 大小 🚀 `x`", 99), "größe 大小 🚀 `x`");
    }

    #[test]
    fn long_text_is_shortened() {
        let shown = sanitize(&"x".repeat(5_000), 10);
        assert!(shown.starts_with("xxxxxxxxxx... ("), "{shown}");
    }
}
