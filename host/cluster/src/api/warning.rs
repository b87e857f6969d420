//! What the API server warns of while it does what it was asked: Pod Security, policies that warn, deprecations,
//! webhooks. <https://kubernetes.io/blog/2020/09/03/warnings/>
//!
//! A warning is a header of the answer, to a dry run as to a write, and says nothing about its success. It is text of
//! others: bounded and escaped where it comes in.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::header::WARNING;
use wellhead_diagnostics::Code;
use wellhead_spec::sanitize;

use crate::model::error::Problem;
use crate::model::object::{Kind, ObjectRef, PipelineRef};

/// Warnings of one answer. A server sends at most 4,096 characters of them:
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/endpoints/filters/warning.go>
const MOST: usize = 64;

/// Characters of one warning.
const LONGEST: usize = 2_000;

/// Bytes of all warnings that are kept in one call: 600 each for more than 10,000 objects.
const ROOM: usize = 8 << 20;

/// What the server warned of in one call, each once for each object.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    known: HashSet<(ObjectRef, String)>,
    all: Vec<Problem>,
    /// How many of these were taken.
    taken: usize,
    bytes: usize,
}

impl Heard {
    /// Notes what the server warned of when it was asked about an object.
    pub(crate) fn add(&self, object: &ObjectRef, texts: Vec<String>) {
        if texts.is_empty() {
            return;
        }
        let mut state = self.lock();
        for text in texts {
            if state.bytes + text.len() > ROOM {
                return;
            }
            if state.known.insert((object.clone(), text.clone())) {
                state.bytes += text.len();
                state.all.push(problem(object, text));
            }
        }
    }

    /// What was heard since the last time.
    pub(crate) fn take(&self) -> Vec<Problem> {
        let mut state = self.lock();
        let new = state.all[state.taken..].to_vec();
        state.taken = state.all.len();
        new
    }

    /// Tells `other` all of it as if it were about that object.
    pub(crate) fn pass_on(&self, other: &Self, object: &ObjectRef) {
        other.add(object, self.take().into_iter().filter_map(|it| it.why).collect());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn problem(object: &ObjectRef, text: String) -> Problem {
    Problem::new(Code::ServerWarning, format!("the API server warns of {object}"))
        .on(object)
        .why(text)
}

/// Which pipeline each warning is about, of pipelines with their objects. What is about none of their objects or records
/// goes to the first.
pub(crate) fn assign<'p>(
    said: Vec<Problem>,
    pipelines: impl IntoIterator<Item = (&'p PipelineRef, Vec<&'p ObjectRef>)>,
) -> Vec<(usize, Problem)> {
    if said.is_empty() {
        return Vec::new();
    }
    let (mut objects, mut names) = (HashMap::new(), HashMap::new());
    for (at, (pipeline, its)) in pipelines.into_iter().enumerate() {
        objects.extend(its.into_iter().map(|object| (object, at)));
        names.insert((pipeline.namespace.as_str(), pipeline.name.as_str()), at);
    }
    if names.is_empty() {
        return Vec::new();
    }
    let at = |problem: &Problem| {
        let object = problem.object.as_ref()?;
        let owner = || names.get(&(object.namespace.as_str(), owner(object)));
        objects.get(object).or_else(owner).copied()
    };
    said.into_iter().map(|problem| (at(&problem).unwrap_or_default(), problem)).collect()
}

/// The pipeline whose record or pod an object is, by its name: `wellhead.PIPELINE`, `wellhead.PIPELINE.NUMBER`,
/// `PIPELINE-ORDINAL`.
fn owner(object: &ObjectRef) -> &str {
    let name = object.name.as_str();
    if object.kind == Kind::Pod {
        return name.rsplit_once('-').map_or(name, |(pipeline, _)| pipeline);
    }
    let record = name.strip_prefix("wellhead.").unwrap_or(name);
    record.split_once('.').map_or(record, |(pipeline, _)| pipeline)
}

/// The warnings of an answer, as kubectl would show them.
pub(crate) fn of_headers(headers: &HeaderMap) -> Vec<String> {
    let mut texts = Vec::new();
    let mut more = 0_usize;
    for value in headers.get_all(WARNING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        let mut rest = value.as_ref();
        while let Some((warning, remainder)) = parse(rest) {
            rest = remainder;
            match warning {
                Some(_) if texts.len() == MOST => more += 1,
                warning => texts.extend(warning.map(|text| sanitize(&text, LONGEST))),
            }
        }
    }
    if more > 0 {
        texts.push(format!("and {more} more warnings"));
    }
    texts
}

/// The first warning of a header's value, and what follows it; `None` where there is none, or none that can be read.
/// Only those of code 299 are for people.
///
/// `Code::ServerWarning AGENT "TEXT"["DATE"], ...`: <https://www.rfc-editor.org/rfc/rfc7234#section-5.5>
fn parse(value: &str) -> Option<(Option<String>, &str)> {
    let (code, rest) = value.trim_start().split_once(' ')?;
    let (_, rest) = rest.split_once(' ')?;
    let (text, rest) = quoted(rest.trim_start())?;
    let rest = rest.trim_start();
    let rest = if rest.starts_with('"') { quoted(rest)?.1.trim_start() } else { rest };
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(',')? };
    Some(((code == "299" && !text.is_empty()).then_some(text), rest))
}

/// The text in quotes at the start, without its escapes, and what follows it.
fn quoted(value: &str) -> Option<(String, &str)> {
    let inner = value.strip_prefix('"')?;
    let mut text = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((text, &inner[at + 1..])),
            '\\' => text.push(characters.next()?.1),
            other => text.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Heard, LONGEST, MOST, ROOM, of_headers, owner};
    use crate::model::object::{Kind, ObjectRef};

    fn said(values: &[&[u8]]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("warning", HeaderValue::from_bytes(value).expect("a header may be so"));
        }
        of_headers(&headers)
    }

    #[test]
    fn each_warning_of_each_header_is_read_without_its_escapes() {
        assert_eq!(said(&[]), [""; 0]);
        assert_eq!(said(&[br#"299 - "one""#, br#"299 k8s "two""#]), ["one", "two"]);
        let escaped: &[u8] = br#"299 - "would violate \"restricted\", say \\o/""#;
        assert_eq!(said(&[escaped]), [r#"would violate "restricted", say \o/"#]);
        let dated: &[u8] =
            br#"299 - "one" "Sat, 25 Aug 2012 23:34:45 GMT", 299 - "two, three",299 - "four""#;
        assert_eq!(said(&[dated]), ["one", "two, three", "four"]);
        let letters = r#"299 - "größe""#.as_bytes();
        assert_eq!(said(&[letters]), ["größe"]);
    }

    #[test]
    fn what_is_not_for_people_or_cannot_be_read_is_left_out() {
        let stale: &[u8] = br#"110 - "stale", 299 - "", 299 - "shown""#;
        assert_eq!(said(&[stale]), ["shown"]);
        for broken in ["", "299", "299 -", "299 - text", r#"299 - "open"#, r#"299 - "open\"#] {
            assert_eq!(said(&[broken.as_bytes(), br#"299 - "next""#]), ["next"], "{broken}");
        }
        let half: &[u8] = br#"299 - "read" and then 299 - "not""#;
        assert_eq!(said(&[half]), [""; 0]);
    }

    #[test]
    fn hostile_warnings_are_few_short_and_escaped() {
        let many = vec![r#"299 - "x""#; 5_000].join(",");
        let shown = said(&[many.as_bytes()]);
        assert_eq!((shown.len(), shown[MOST].as_str()), (MOST + 1, "and 4936 more warnings"));
        let long = format!(r#"299 - "{}""#, "x".repeat(100_000));
        assert!(said(&[long.as_bytes()])[0].chars().count() <= LONGEST);
        assert_eq!(said(&[b"299 - \"a\xc2\x9b31m\xff\""]), ["a\\u{9b}31m\u{fffd}"]);
    }

    #[test]
    fn each_is_heard_once_for_each_object() {
        let heard = Heard::default();
        let object = |name: &str| ObjectRef::new(Kind::StatefulSet, "ns", name);
        let ask = |name: &str| heard.add(&object(name), vec!["text".to_owned()]);
        ask("a");
        ask("a");
        ask("b");
        let texts: Vec<_> = heard.take().iter().map(ToString::to_string).collect();
        let of = |name: &str| format!("WH0427: the API server warns of statefulset/{name}");
        assert_eq!(texts, [of("a"), of("b")]);
        ask("a");
        assert!(heard.take().is_empty(), "a write repeats what its dry run said");
        ask("c");
        assert_eq!(heard.take().len(), 1);
        let aside = Heard::default();
        aside.add(&object("stand-in"), vec!["text".to_owned()]);
        aside.pass_on(&heard, &object("d"));
        assert_eq!(heard.take()[0].object, Some(object("d")));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let heard = Heard::default();
        let object = ObjectRef::new(Kind::StatefulSet, "ns", "a");
        let texts = |turn: usize| (0..MOST).map(|at| format!("{turn} {at} {:01000}", 0)).collect();
        (0..200).for_each(|turn| heard.add(&object, texts(turn)));
        let kept: usize = heard.take().iter().filter_map(|it| Some(it.why.as_ref()?.len())).sum();
        assert!(kept <= ROOM && kept > ROOM - 2_000, "{kept}");
    }

    #[test]
    fn records_and_pods_belong_to_the_pipeline_of_their_name() {
        let of = |kind: Kind, name: &str| owner(&ObjectRef::new(kind, "ns", name)).to_owned();
        assert_eq!(of(Kind::Lease, "wellhead.my-db"), "my-db");
        assert_eq!(of(Kind::ControllerRevision, "wellhead.my-db.12.1"), "my-db");
        assert_eq!(of(Kind::Pod, "my-db-0"), "my-db");
    }
}
