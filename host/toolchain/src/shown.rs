//! Names of others in messages: of files in a folder, of programs, and what a person typed.

/// Most characters of a name.
const MOST: usize = 200;

/// A name as code. It ends neither the code nor the line, and steers no terminal.
pub(crate) fn in_code(name: &str) -> String {
    let mut shown: String = name.chars().take(MOST).collect();
    if shown.len() < name.len() {
        shown.push_str("...");
    }
    let shown = shown.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    format!("`{}`", shown.replace('`', "\\u{60}"))
}

#[cfg(test)]
mod tests {
    use super::in_code;

    #[test]
    fn a_name_ends_neither_its_code_nor_the_line() {
        for (name, shown) in [
            ("cargo-büro 1.0", "`cargo-büro 1.0`"),
            ("say \"it's\"", "`say \"it's\"`"),
            ("a` help: b", r"`a\u{60} help: b`"),
            ("a\nhelp: b\u{1b}[31m", r"`a\nhelp: b\u{1b}[31m`"),
            ("\u{202e}a\u{200b}", r"`\u{202e}a\u{200b}`"),
        ] {
            assert_eq!(in_code(name), shown);
        }
        assert_eq!(in_code(&"x".repeat(1_000)).len(), 205);
    }
}
