//! Commands in the documentation, and whether they print what it shows.
//!
//! In a block of ```` ```console ````, each line that starts with `$ ` is a command, which goes on in
//! the lines that start with `> `; the lines up to the next one are what it prints, on both streams.
//! `[..]` stands for any characters of a line, `...` for any lines.

use std::fs;
use std::path::Path;

/// What stands between two fences.
pub struct Block {
    /// Its file and line.
    pub place: String,
    /// Its lines.
    pub text: String,
}

/// A command, and what it prints.
pub struct Step {
    /// The command, perhaps of several lines.
    pub command: String,
    /// What it prints.
    pub expected: String,
}

/// The blocks of a document whose first fence says `info`.
///
/// # Panics
/// When the document cannot be read.
pub fn blocks(file: &Path, info: &str) -> Vec<Block> {
    let document = fs::read_to_string(file).expect("the document is there");
    let (mut blocks, mut inside): (Vec<Block>, Option<bool>) = (Vec::new(), None);
    for (index, line) in document.lines().enumerate() {
        match (line.strip_prefix("```"), inside) {
            (Some(found), None) => {
                inside = Some(found == info);
                if found == info {
                    let place = format!("{}:{}", file.display(), index + 1);
                    blocks.push(Block { place, text: String::new() });
                }
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => {
                let text = &mut blocks.last_mut().expect("a block was opened").text;
                *text += line;
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

/// The commands of a block, in their order.
///
/// # Panics
/// When the block does not start with one.
pub fn steps(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), expected: String::new() });
            continue;
        }
        let step = steps.last_mut().expect("a block starts with `$ `");
        // An empty line of a command has no blank behind its mark.
        let goes_on = line.strip_prefix("> ").or((line == ">").then_some(""));
        match goes_on.filter(|_| step.expected.is_empty()) {
            Some(more) => step.command.extend(["\n", more]),
            None => step.expected.extend([line, "\n"]),
        }
    }
    steps
}

/// Whether a command printed what is expected. Blanks at the end of lines and of the text are alike.
pub fn matches(expected: &str, printed: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
    };
    lines_match(&lines(expected), &lines(printed))
}

fn lines_match(expected: &[String], printed: &[String]) -> bool {
    match (expected, printed) {
        ([], []) => true,
        ([first, rest @ ..], _) if first == "..." => {
            (0..=printed.len()).any(|skipped| lines_match(rest, &printed[skipped..]))
        }
        ([first, rest @ ..], [line, others @ ..]) => {
            line_matches(first, line) && lines_match(rest, others)
        }
        _ => false,
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == line,
        Some((head, rest)) => line.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| line_matches(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_have_several_lines() {
        let text = "$ cat <<END\n> a\n>\n> END\na\n\n$ true\n".to_owned();
        let steps = steps(&Block { place: "x".to_owned(), text });
        assert_eq!(steps[0].command, "cat <<END\na\n\nEND");
        assert_eq!((&*steps[0].expected, &*steps[1].command), ("a\n\n", "true"));
    }

    #[test]
    fn what_is_left_out_matches_anything() {
        assert!(matches("a\n...\nc [..]!\n", "a\nb\nb\nc yes!"));
        assert!(!matches("a\n...\nd\n", "a\nb\nc"));
        assert!(!matches("a\n", "a\nb"));
    }
}
