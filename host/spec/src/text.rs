//! Text that others wrote, before a person sees it: escaped and shortened.
//!
//! Two kinds of it. Sentences (messages, reasons, hints, log lines) keep the letters of every
//! language. Names (of plugins, fields, imports, functions) are ASCII, so that none looks like
//! another one. Nothing of either steers a terminal, begins a line, reorders or hides text.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_general_category::{GeneralCategory, get_general_category};

/// Marks in a row that stand on one letter. Thai and Vietnamese take two, Hebrew and Tibetan more;
/// without a limit, they cover the lines above (<https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>).
const MARKS: usize = 4;
/// Characters that are kept for what tells how much is left out.
const ELISION: usize = 40;

/// A sentence as it may be shown: with at most `limit` characters.
///
/// What [`is_unsafe`] becomes `\u{..}` (`\n`, `\t`, `\r`), and so does a mark that stands on no
/// letter, or that is one of very many. What was escaped and shortened stays as it is.
pub fn sanitize(text: &str, limit: usize) -> String {
    // Most sentences of plugins, and each edit has one.
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut marks = None;
    shorten(text, limit, |character| {
        let on_a_letter = marks.filter(|count| *count < MARKS);
        let is_shown = !is_unsafe(character) && (!is_mark(character) || on_a_letter.is_some());
        // What is escaped is no letter any more, and what follows does not stand on the one before.
        marks = match on_a_letter {
            _ if !is_shown => None,
            Some(count) if is_mark(character) => Some(count + 1),
            _ => character.is_alphabetic().then_some(0),
        };
        is_shown
    })
}

/// A name as it may be shown: printable ASCII, with at most `limit` characters.
pub fn sanitize_name(name: &str, limit: usize) -> String {
    shorten(name, limit, |character| matches!(character, ' '..='~'))
}

/// A text of others as it may stand beside words of ours: sanitized, and between quotes that it cannot end.
///
/// A backslash is doubled where it stands before a quote, so that none of the text's own quotes ends it.
pub fn quote(text: &str, limit: usize) -> String {
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for character in sanitize(text, limit).chars() {
        if character == '"' {
            quoted.extend(std::iter::repeat_n('\\', backslashes + 1));
        }
        backslashes = if character == '\\' { backslashes + 1 } else { 0 };
        quoted.push(character);
    }
    quoted.extend(std::iter::repeat_n('\\', backslashes));
    quoted.push('"');
    quoted
}

/// A value among words of ours: as it is where it is one word, as names, numbers and images are, and else in
/// [quotes](quote).
pub fn quote_unless_word(text: &str, limit: usize) -> String {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,*$&?~#".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_word) {
        sanitize(text, limit)
    } else {
        quote(text, limit)
    }
}

/// A text from before its first difference from another one, where its beginning would take the room in which they
/// differ: for two values of at most `limit` characters each, that are set against each other. [`sanitize`] and
/// [`quote`] with the same limit cut its end.
pub fn from_difference<'t>(text: &'t str, other: &str, limit: usize) -> Cow<'t, str> {
    let same = text.chars().zip(other.chars()).take_while(|(one, its)| one == its);
    let same: usize = same.map(|(character, _)| character.len_utf8()).sum();
    // What an escape takes.
    let columns = |character: char| match character {
        ' '..='~' => 1,
        _ => character.escape_default().len(),
    };
    let length = |text: &str| text.chars().map(columns).sum::<usize>();
    let fits = |text: &str| text.len() <= limit && length(text) <= limit;
    if text == other || fits(text) && fits(other) || length(&text[..same]) <= limit / 4 {
        return Cow::Borrowed(text);
    }
    let mut room = limit / 8;
    let before = text[..same].char_indices().rev().take_while(|(_, character)| {
        let columns = columns(*character);
        let fits = columns <= room;
        room = room.saturating_sub(columns);
        fits
    });
    let start = before.last().map_or(same, |(at, _)| at);
    Cow::Owned(format!("({start} bytes)...{}", &text[start..]))
}

/// The name of a field, as code. A name with a backtick is quoted, for it would end the code.
pub fn in_code(name: &str, limit: usize) -> String {
    let name = sanitize_name(name, limit);
    if name.contains('`') { quote(&name, usize::MAX) } else { format!("`{name}`") }
}

/// Texts of others between backticks.
pub(crate) trait Escaped {
    /// The text with escapes, and without a backtick, which would end the code that it stands in.
    fn escaped(&self) -> String;
}

impl Escaped for str {
    fn escaped(&self) -> String {
        self.escape_debug().to_string().replace('`', "\\u{60}")
    }
}

/// Whether a character could steer a terminal, or change or hide text around it: everything that
/// is no letter, mark, number, punctuation or symbol of a known meaning and a visible form, except
/// the blank.
///
/// That is, by its [category](https://www.unicode.org/reports/tr44/#General_Category_Values):
/// controls (also tabs and line ends), format characters (direction marks, zero-width ones, tags),
/// other blanks and line ends, private ones and those without a meaning; and of the others those
/// that [are not drawn](https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point), such as
/// variation selectors, or are drawn as a blank.
fn is_unsafe(character: char) -> bool {
    use GeneralCategory as Category;
    match character {
        ' '..='~' => return false,
        '\0'..='\u{9f}' => return true,
        _ => {}
    }
    let has_no_form = matches!(character,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fffc}'
        | '\u{1d159}' | '\u{e0000}'..='\u{e0fff}');
    has_no_form
        || matches!(
            get_general_category(character),
            Category::Control
                | Category::Format
                | Category::LineSeparator
                | Category::ParagraphSeparator
                | Category::SpaceSeparator
                | Category::PrivateUse
                | Category::Surrogate
                | Category::Unassigned
        )
}

fn is_mark(character: char) -> bool {
    use GeneralCategory as Category;
    !character.is_ascii()
        && matches!(
            get_general_category(character),
            Category::NonspacingMark | Category::EnclosingMark | Category::SpacingMark
        )
}

/// Escapes what may not be shown, and leaves the end out where it is longer than the limit.
fn shorten(text: &str, limit: usize, mut may_be_shown: impl FnMut(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len().min(limit));
    let (mut length, mut fits) = (0, (0, 0));
    for (at, character) in text.char_indices() {
        let start = shown.len();
        if may_be_shown(character) {
            shown.push(character);
            length += 1;
        } else {
            let _ = write!(shown, "{}", character.escape_default());
            length += shown.len() - start;
        }
        if length > limit {
            shown.truncate(fits.0);
            let _ = write!(shown, "... ({} more bytes)", text.len() - fits.1);
            return shown;
        }
        if length + ELISION <= limit {
            fits = (shown.len(), at + character.len_utf8());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn terminal_codes_line_ends_and_direction_marks_are_escaped() {
        for (text, shown) in [
            ("a\u{1b}[31mb\nc\u{202e}d", r"a\u{1b}[31mb\nc\u{202e}d"),
            ("\u{9b}31m \u{7f} \u{85}", r"\u{9b}31m \u{7f} \u{85}"),
            ("tab\there\r\u{2028}", r"tab\there\r\u{2028}"),
            ("zero\u{200b}width\u{200d}\u{2060}", r"zero\u{200b}width\u{200d}\u{2060}"),
            ("variation\u{fe0f}\u{e0100}", r"variation\u{fe0f}\u{e0100}"),
            ("tags\u{e0041}", r"tags\u{e0041}"),
            ("private\u{e000}\u{f0000}", r"private\u{e000}\u{f0000}"),
            ("unassigned\u{378}\u{ffff}", r"unassigned\u{378}\u{ffff}"),
            ("blank\u{a0}\u{3000}\u{3164}\u{2800}", r"blank\u{a0}\u{3000}\u{3164}\u{2800}"),
            ("hyphen\u{ad}", r"hyphen\u{ad}"),
        ] {
            assert_eq!(sanitize(text, 200), shown);
            assert_eq!(sanitize_name(text, 200), shown);
        }
    }

    #[test]
    fn ordinary_text_of_any_language_is_kept_in_a_sentence() {
        for text in [
            "größe 大小 🚀 `x`",
            "ขนาดที่กำหนด",
            "संख्या कम है",
            "Tie\u{302}\u{301}ng Vie\u{323}\u{302}t",
            "حجم صغير",
            "שָׁלוֹם",
            "price ≤ 3 €, “quoted” — and so on…",
        ] {
            assert_eq!(sanitize(text, 200), text);
        }
    }

    #[test]
    fn what_is_quoted_cannot_end_its_quotes() {
        assert_eq!(quote("a", 99), r#""a""#);
        assert_eq!(quote("a\" of `b`\u{1b}", 99), r#""a\" of `b`\u{1b}""#);
        assert_eq!(quote(r#"a\" b \"#, 99), r#""a\\\" b \\""#);
        assert_eq!(quote("a\nb", 99), r#""a\nb""#);
    }

    #[test]
    fn a_value_that_is_no_word_is_quoted() {
        for word in ["postgres:17", "5", "a.b/c@sha256:0a", "--a=b"] {
            assert_eq!(quote_unless_word(word, 99), word);
        }
        for text in ["", "a b", "$(A)", "(not set)", "a\"", "ä", "5: unchanged (why)"] {
            assert_eq!(quote_unless_word(text, 99), quote(text, 99));
        }
    }

    #[test]
    fn code_is_not_ended_by_what_stands_in_it() {
        assert_eq!("a` b\n".escaped(), r"a\u{60} b\n");
        assert_eq!(in_code("config.a", 99), "`config.a`");
        assert_eq!(in_code("a` b\n", 99), r#""a` b\n""#);
    }

    #[test]
    fn a_name_is_ascii() {
        assert_eq!(sanitize_name("rep\u{457}icas größe", 200), r"rep\u{457}icas gr\u{f6}\u{df}e");
        assert_eq!(sanitize_name("wellhead:plugin/log@0.1.0", 200), "wellhead:plugin/log@0.1.0");
    }

    #[test]
    fn marks_beyond_those_of_a_letter_are_escaped() {
        let shown = sanitize(&format!("a{}", "\u{301}".repeat(1_000)), 300);
        assert_eq!(shown.matches('\u{301}').count(), MARKS);
        assert!(shown.contains(r"\u{301}\u{301}"), "{shown}");
        assert_eq!(sanitize("`\u{301}", 99), r"`\u{301}");
        assert_eq!(sanitize("a\u{fe00}\u{301}", 99), r"a\u{fe00}\u{301}");
        assert_eq!(sanitize("\u{3164}\u{301}", 99), r"\u{3164}\u{301}");
        assert_eq!(sanitize("\u{301}a", 99), r"\u{301}a");
    }

    #[test]
    fn long_text_is_shortened_and_says_so() {
        assert_eq!(sanitize(&"x".repeat(50), 50), "x".repeat(50));
        let shown = sanitize(&"x".repeat(5_000), 50);
        assert_eq!(shown, "xxxxxxxxxx... (4990 more bytes)");
        assert_eq!(sanitize(&"\u{1b}".repeat(5_000), 50), r"\u{1b}... (4999 more bytes)");
        assert_eq!(sanitize(&"x".repeat(5_000), 10), "... (5000 more bytes)");
    }

    #[test]
    fn of_two_long_texts_the_difference_is_shown_and_not_the_beginning() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(300), "z".repeat(300));
        let (one, other) = (long("1"), long("2"));
        let shown = |one: &str, other: &str| sanitize(&from_difference(one, other, 80), 80);
        assert_eq!(
            shown(&one, &other),
            "(290 bytes)...aaaaaaaaaa1zzzzzzzzzzzzzzz... (285 more bytes)"
        );
        assert_eq!(
            shown(&other, &one),
            "(290 bytes)...aaaaaaaaaa2zzzzzzzzzzzzzzz... (285 more bytes)"
        );
        // One that ends where the other one goes on.
        assert_eq!(shown(&one[..300], &one), "(290 bytes)...aaaaaaaaaa");
        // The beginning is shown where they differ in it, and where both fit.
        assert_eq!(shown("1", "2"), "1");
        assert_eq!(shown("a1", &one), "a1");
        assert_eq!(shown(&one, &one), sanitize(&one, 80));
    }

    proptest! {
        #[test]
        fn a_difference_is_seen_whatever_is_around_it(
            before in "(\\PC|\\p{Cc}|[a-z]){0,300}",
            after in "(\\PC|[a-z]){0,300}",
            limit in 100..200_usize,
        ) {
            let (one, other) = (format!("{before}1{after}"), format!("{before}2{after}"));
            let shown = |one: &str, other: &str| {
                sanitize(&from_difference(one, other, limit), limit)
            };
            let (ours, theirs) = (shown(&one, &other), shown(&other, &one));
            prop_assert_ne!(&ours, &theirs);
            for shown in [ours, theirs] {
                prop_assert!(shown.chars().count() <= limit && !shown.contains(is_unsafe));
            }
        }

        #[test]
        fn what_is_shown_is_safe_and_short_and_stays_as_it_is(
            text in "(\\PC|\\p{M}|\\p{Cf}|\\p{Cc}|\\p{Co}|[a-z]){0,60}",
            limit in 60..120_usize,
        ) {
            for sanitize in [sanitize, sanitize_name] {
                let shown = sanitize(&text, limit);
                prop_assert!(!shown.contains(is_unsafe));
                prop_assert!(shown.chars().count() <= limit);
                prop_assert_eq!(sanitize(&shown, limit), shown);
            }
            prop_assert!(sanitize_name(&text, limit).bytes().all(|it| matches!(it, b' '..=b'~')));
        }
    }
}
