//! Any texts as a pattern and as a path: the first line is the pattern.

use wellhead_spec::{FieldPath, PathPattern, Segment};

/// Steps of one path at most: the definition takes the product of both lengths.
const STEPS: usize = 64;

/// What is read is written as it was meant, and a pattern matches what it says.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (pattern, path) = text.split_once('\n').unwrap_or((&text, ""));
    let pattern = pattern.parse::<PathPattern>().ok();
    if let Some(pattern) = &pattern {
        assert_eq!(pattern.to_string().parse().as_ref(), Ok(pattern), "written and read again");
    }
    let Ok(path) = path.parse::<FieldPath>() else { return };
    let written = path.to_string();
    assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{written:?}");
    assert_eq!(written.parse().as_ref(), Ok(&path), "written and read again");
    let itself: PathPattern = written.parse().expect("because every path is a pattern");
    assert!(itself.matches(&path) && itself.covers(&path), "a path is a pattern of itself");
    let Some(pattern) = pattern else { return };
    // The steps as they are written, which a pattern itself does not show.
    let steps = steps(&pattern.to_string());
    if steps.len() <= STEPS && path.segments().len() <= STEPS {
        assert_eq!(pattern.matches(&path), matches(&steps, path.segments()), "{pattern} {path}");
    }
    let mut above = Some(path.clone());
    let mut covered = false;
    while let Some(it) = above {
        covered |= !steps.contains(&Step::Many) && pattern.matches(&it);
        above = it.parent();
    }
    assert_eq!(pattern.covers(&path), covered, "{pattern} covers {path}");
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    One,
    Many,
    Exactly(Segment),
}

/// The steps of a pattern as it writes itself: stars stand alone between dots.
fn steps(pattern: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let end = match rest.strip_prefix("[\"") {
            Some(quoted) => closing_quote(quoted) + 4,
            None => rest[1..].find(['.', '[']).map_or(rest.len(), |at| at + 1),
        };
        let (step, tail) = rest.split_at(end);
        rest = tail;
        steps.push(match step {
            "*" => Step::One,
            "**" => Step::Many,
            key => {
                let path: FieldPath = key.parse().expect("because it is one step of a path");
                Step::Exactly(path.segments()[0].clone())
            }
        });
    }
    steps
}

/// Where the quotes end that are open at the beginning.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let closing = text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    closing.expect("because a pattern closes its quotes")
}

/// The definition of a match, by a table of which steps match which segments.
fn matches(steps: &[Step], segments: &[Segment]) -> bool {
    let mut ends = vec![false; segments.len() + 1];
    ends[0] = true;
    for step in steps {
        let mut next = vec![false; segments.len() + 1];
        for at in 0..=segments.len() {
            next[at] = match step {
                Step::Many => ends[..=at].contains(&true),
                Step::One => at > 0 && ends[at - 1],
                Step::Exactly(it) => at > 0 && ends[at - 1] && *it == segments[at - 1],
            };
        }
        ends = next;
    }
    ends[segments.len()]
}
