//! The words that `docs/style.md` retires are in no page and no message.

use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use wellhead_tests::repository::{ROOT, files, place};

/// What is written for people: pages, with the reference of commands among them.
const PAGES: [&str; 3] = ["README.md", "SECURITY.md", "docs"];
/// What has the retired words for a reason.
const UNTOUCHED: [(&str, &str); 2] = [
    ("docs/style.md", "it lists them"),
    (
        "docs/plugins/contract.md",
        "its words are those of the contract's release, which is kept to the byte",
    ),
];

/// The sources whose comments name who acts.
const COMMENTED: [&str; 3] = ["host/cluster/src", "host/src", "xtask/src"];

/// Retired words that such comments avoid, too.
const HIDING: [&str; 7] = ["anew", "told", "stands", "stand", "somebody", "nobody", "whoever"];

/// The first column of a table of `docs/style.md`, phrase by phrase.
fn column(style: &str, heading: &str) -> Vec<String> {
    let section = style.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|it| it.starts_with("| ")).skip(1);
    let cells = rows.map(|it| it.split('|').nth(1).unwrap());
    cells.flat_map(|it| it.split(',')).map(|it| it.trim().to_owned()).collect()
}

/// What is retired, and what is allowed although it looks so.
struct Words {
    retired: Vec<String>,
    allowed: Vec<String>,
}

impl Words {
    fn read() -> Self {
        let style = fs::read_to_string(Path::new(ROOT).join("docs/style.md")).unwrap();
        Self { retired: column(&style, "Retired words"), allowed: column(&style, "Exceptions") }
    }

    /// The retired words of a text, each with what is around it.
    fn in_text(&self, text: &str) -> Vec<String> {
        let is_word = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '\'');
        let words: Vec<_> = text.split(|it| !is_word(it)).filter(|it| !it.is_empty()).collect();
        let mut text = format!(" {} ", words.join(" ").to_lowercase());
        for phrase in &self.allowed {
            text = text.replace(&format!(" {phrase} "), " ~ ");
        }
        let found = self.retired.iter().filter(|it| text.contains(&format!(" {it} ")));
        found.map(|it| format!("`{it}`: {}", around(&text, it))).collect()
    }
}

/// Some words before and after a phrase.
fn around(text: &str, phrase: &str) -> String {
    let (before, after) = text.split_once(&format!(" {phrase} ")).unwrap();
    let before: Vec<_> = before.split(' ').rev().take(6).collect();
    let before: Vec<_> = before.into_iter().rev().collect();
    let after: Vec<_> = after.split(' ').take(6).collect();
    format!("{} {phrase} {}", before.join(" "), after.join(" "))
}

/// The text literals of a source, without those of its tests, attributes and documentation.
fn literals(source: TokenStream, found: &mut Vec<String>) {
    let mut tokens = source.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(it) if it.as_char() == '#' => {
                tokens.next_if(|it| matches!(it, TokenTree::Punct(it) if it.as_char() == '!'));
                let attribute = tokens.next_if(|it| matches!(it, TokenTree::Group(_)));
                if attribute.is_some_and(|it| it.to_string().replace(' ', "") == "[cfg(test)]") {
                    // What it is on ends with its first block, or with a semicolon.
                    for it in tokens.by_ref() {
                        let ends = matches!(&it, TokenTree::Group(it) if it.delimiter() == proc_macro2::Delimiter::Brace)
                            || matches!(&it, TokenTree::Punct(it) if it.as_char() == ';');
                        if ends {
                            break;
                        }
                    }
                }
            }
            TokenTree::Group(it) => literals(it.stream(), found),
            TokenTree::Literal(it) => {
                let text = it.to_string();
                if text.contains('"') {
                    // A line end behind a backslash, and the blanks after it, are not of the text.
                    found.push(text.replace("\\\n", " ").replace("\\n", "\n"));
                }
            }
            _ => {}
        }
    }
}

fn report(found: &[String]) {
    assert!(found.is_empty(), "docs/style.md retires these words:\n{}", found.join("\n"));
}

#[test]
fn pages_have_no_retired_word() {
    let words = Words::read();
    let mut found = Vec::new();
    let pages: Vec<_> = PAGES.iter().flat_map(|it| files(it, "md")).collect();
    assert!(pages.len() > 20, "the pages are found");
    for path in pages {
        if UNTOUCHED.iter().any(|it| path.ends_with(it.0)) {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            found.extend(words.in_text(line).iter().map(|it| format!("{}: {it}", place(&path))));
        }
    }
    report(&found);
}

#[test]
fn comments_have_none_of_the_words_that_hide_who_acts() {
    let words = Words::read();
    let retired = words.retired.iter().filter(|it| HIDING.contains(&it.as_str())).cloned();
    let words = Words { retired: retired.collect(), ..words };
    assert_eq!(words.retired.len(), HIDING.len(), "{:?}", words.retired);
    let mut found = Vec::new();
    for path in COMMENTED.iter().flat_map(|it| files(it, "rs")) {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let comment = line.trim_start().strip_prefix("//").unwrap_or_default();
            found.extend(words.in_text(comment).iter().map(|it| format!("{}: {it}", place(&path))));
        }
    }
    report(&found);
}

#[test]
fn messages_have_no_retired_word() {
    let words = Words::read();
    let mut found = Vec::new();
    let mut count = 0;
    let is_other = |path: &str| path.contains("/tests/") || path.ends_with("tests.rs");
    for path in files("host", "rs").iter().filter(|it| !is_other(&place(it))) {
        let source = fs::read_to_string(path).unwrap().parse().expect("Rust");
        let mut texts = Vec::new();
        literals(source, &mut texts);
        count += texts.len();
        for text in texts {
            found.extend(words.in_text(&text).iter().map(|it| format!("{}: {it}", place(path))));
        }
    }
    assert!(count > 3_000, "the messages are found: {count}");
    report(&found);
}

#[test]
fn a_retired_word_is_found_and_an_exception_is_not() {
    let words = Words::read();
    let found = |text: &str| words.in_text(text).len();
    assert_eq!(found("The set is made anew; it is no set."), 2);
    assert_eq!(found("There is no set, and it is no longer `a_set_made_anew`."), 0);
    let mut texts = Vec::new();
    let source = "//! anew\n/// anew\n#[doc = \"anew\"] const A: &str = \"told \\\n  twice\";\n#[cfg(test)]\nmod tests { \"anew\" }";
    literals(source.parse().unwrap(), &mut texts);
    assert_eq!(texts.iter().map(|it| found(it)).collect::<Vec<_>>(), [1]);
}
