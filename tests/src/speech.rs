//! Whose words a line has.

/// The first line in which a word stands outside of quotes and of code: as if the host said it.
pub fn said_by_the_host<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.lines().find(|line| {
        let (mut quoted, mut code, mut escaped) = (false, false, false);
        line.char_indices().any(|(at, character)| {
            let is_outside = !quoted && !code && line[at..].starts_with(word);
            quoted ^= character == '"' && !escaped && !code;
            code ^= character == '`' && !quoted;
            escaped = character == '\\' && quoted && !escaped;
            is_outside
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_code_are_whose_words_they_hold() {
        for line in [r#"it says "x""#, "`x` is not", r#"it says "a\" x""#, r#"`a"b`: "x""#, ""] {
            assert_eq!(said_by_the_host(line, "x"), None, "{line}");
        }
        for line in ["x", r#"it says "a" x"#, r#"it says "a\\" x"#, "`a` x", r#""a`": x"#] {
            assert_eq!(said_by_the_host(&format!("a\n{line}"), "x"), Some(line));
        }
    }
}
