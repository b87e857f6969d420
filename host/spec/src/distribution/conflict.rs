//! Merge conflicts in a lock: where they are, and the text of each side.

/// A conflict that git left in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    /// Line of the first marker, from 1.
    pub(crate) line: usize,
    /// Its bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Which part of a conflict a line is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Both,
    Ours,
    /// What both sides had, where git is asked for it.
    Base,
    Theirs,
}

/// The part that a line begins, if it is a marker. <https://git-scm.com/docs/git-merge#_how_conflicts_are_presented>
fn begins(line: &str, part: Part) -> Option<Part> {
    let is = |mark: &str| {
        line.strip_prefix(mark)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r', '\n']))
    };
    match part {
        _ if is("<<<<<<<") => Some(Part::Ours),
        _ if is(">>>>>>>") => Some(Part::Both),
        Part::Ours if is("|||||||") => Some(Part::Base),
        Part::Ours | Part::Base if is("=======") => Some(Part::Theirs),
        _ => None,
    }
}

/// The first marker of a conflict.
pub(crate) fn first(text: &str) -> Option<Marker> {
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if begins(line, Part::Both).is_some() {
            let end = start + line.trim_end().len();
            return Some(Marker { line: number + 1, start, end });
        }
        start += line.len();
    }
    None
}

/// The two texts that a text with conflicts was merged from; `None` for one without.
pub fn conflict_sides(text: &str) -> Option<[String; 2]> {
    first(text)?;
    let (mut ours, mut theirs) = (String::new(), String::new());
    let mut part = Part::Both;
    for line in text.split_inclusive('\n') {
        if let Some(next) = begins(line, part) {
            part = next;
            continue;
        }
        if matches!(part, Part::Both | Part::Ours) {
            ours.push_str(line);
        }
        if matches!(part, Part::Both | Part::Theirs) {
            theirs.push_str(line);
        }
    }
    Some([ours, theirs])
}

#[cfg(test)]
mod tests {
    use super::{conflict_sides, first};

    #[test]
    fn both_sides_of_each_conflict_are_found() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\n>>>>>>> topic\nd\n";
        assert_eq!(conflict_sides(text), Some(["a\nb\nd\n".to_owned(), "a\nc\nd\n".to_owned()]));
        let marker = first(text).unwrap();
        assert_eq!((marker.line, &text[marker.start..marker.end]), (2, "<<<<<<< HEAD"));
        let crlf = "<<<<<<<\r\nb\r\n=======\r\n>>>>>>>\r\n";
        assert_eq!(conflict_sides(crlf), Some(["b\r\n".to_owned(), String::new()]));
    }

    #[test]
    fn a_text_without_markers_has_no_conflict() {
        for text in ["", "a: b\n", "=======\n", "a: <<<<<<< b\n", "<<<<<<<b\n"] {
            assert_eq!(conflict_sides(text), None, "{text}");
        }
    }
}
