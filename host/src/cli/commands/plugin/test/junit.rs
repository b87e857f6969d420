//! A report as `JUnit` XML, as CI servers read it
//! (<https://github.com/testmoapp/junitxml>): one suite, one test case for each case.

use std::fmt::Write as _;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use wellhead_chain::{LogLine, sanitize};

use super::view::{CaseView, ProblemView, View};
use crate::cli::output::plugins::trace;

/// Most characters of a line.
const LINE: usize = 2_000;

/// The report as a document.
pub(super) fn xml(view: &View) -> io::Result<String> {
    let mut out = Vec::new();
    let mut writer = Writer::new_with_indent(&mut out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let milliseconds = view.cases.iter().map(|it| it.milliseconds).sum();
    let (tests, failures) = (view.cases.len().to_string(), view.failed.to_string());
    let time = seconds(milliseconds);
    writer
        .create_element("testsuite")
        .with_attribute(("name", view.plugin.name.as_str()))
        .with_attribute(("tests", tests.as_str()))
        .with_attribute(("failures", failures.as_str()))
        .with_attribute(("errors", "0"))
        .with_attribute(("time", time.as_str()))
        .write_inner_content(|writer| {
            view.cases.iter().try_for_each(|case| test_case(writer, &view.plugin.name, case))
        })?;
    out.push(b'\n');
    String::from_utf8(out).map_err(io::Error::other)
}

fn test_case(writer: &mut Writer<&mut Vec<u8>>, plugin: &str, case: &CaseView) -> io::Result<()> {
    let time = seconds(case.milliseconds);
    writer
        .create_element("testcase")
        .with_attribute(("name", case.name.as_str()))
        .with_attribute(("classname", plugin))
        .with_attribute(("time", time.as_str()))
        .write_inner_content(|writer| {
            writer.create_element("properties").write_inner_content(|writer| {
                for (name, value) in [
                    ("fuel", case.usage.fuel),
                    ("memory", case.usage.memory),
                    ("edits", case.usage.edits),
                ] {
                    let value = value.to_string();
                    let property = writer.create_element("property");
                    let property = property.with_attribute(("name", name));
                    property.with_attribute(("value", value.as_str())).write_empty()?;
                }
                Ok(())
            })?;
            for problem in &case.problems {
                failure(writer, problem)?;
            }
            if !case.log.is_empty() {
                let said: String = case.log.iter().map(said).collect();
                writer.create_element("system-out").write_text_content(BytesText::new(&said))?;
            }
            Ok(())
        })?;
    Ok(())
}

fn failure(writer: &mut Writer<&mut Vec<u8>>, problem: &ProblemView) -> io::Result<()> {
    let ProblemView { what, difference } = problem;
    let mut text = String::new();
    if let Some(location) = &what.location {
        let _ = writeln!(text, "{}", sanitize(&location.to_string(), LINE));
    }
    let _ = what.facts.iter().try_for_each(|fact| writeln!(text, "{fact}"));
    let _ = what.hints.iter().try_for_each(|hint| writeln!(text, "help: {hint}"));
    if let Some(difference) = difference {
        for (title, lines) in [("expected", &difference.expected), ("actual", &difference.actual)] {
            let _ = writeln!(text, "{title}:");
            for line in lines.lines() {
                let _ = writeln!(text, "{}", sanitize(line, LINE));
            }
        }
    }
    writer
        .create_element("failure")
        .with_attribute(("type", what.code.id()))
        .with_attribute(("message", what.message.as_str()))
        .write_text_content(BytesText::new(&text))?;
    Ok(())
}

fn said(line: &LogLine) -> String {
    format!("{}\n", trace::said(line))
}

fn seconds(milliseconds: u128) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}
