//! What a plugin asks for, as an operator would grant it.

use wellhead_diagnostics::Code;
use wellhead_spec::protected::{self, Opening, is_protected};
use wellhead_spec::{PathPattern, UnknownField, in_code, is_fact_name};

use crate::cli::output::diagnostic::Diagnostic;

/// What keeps an operator from granting what a plugin asks for.
pub(super) fn findings(writes: &[String], opens: &[String], transforms: bool) -> Vec<Diagnostic> {
    if writes.is_empty() && opens.is_empty() && transforms {
        let what = "the plugin edits and asks to write nothing";
        let finding = Diagnostic::warning(Code::UngrantableRequest, what);
        return vec![finding.hint("name in `writes` of `describe` the fields that it sets")];
    }
    let opened = opens.iter().filter_map(|text| not_to_open(text));
    writes.iter().filter_map(|text| finding(text)).chain(opened).collect()
}

/// What keeps an operator from opening a field that a plugin asks to open.
fn not_to_open(text: &str) -> Option<Diagnostic> {
    let pattern = text.parse::<PathPattern>();
    let opening = pattern.as_ref().map(protected::opening);
    let why = match opening {
        Ok(Opening::Opens) => return None,
        Ok(Opening::TooWide) => "it is wider than one protected field",
        Ok(Opening::NotProtected) => "it is not a protected field, and belongs into `writes`",
        Err(_) => "it is not a pattern of fields",
    };
    let what = format!("{} cannot be opened: {why}", in_code(text, usize::MAX));
    let hint = "`opens` of `describe` names protected fields one by one, e.g. `serviceAccountName`";
    Some(Diagnostic::error(Code::UngrantableRequest, what).hint(hint))
}

/// What keeps an operator from granting the facts that a plugin asks for.
pub(super) fn fact_findings(facts: &[String]) -> Vec<Diagnostic> {
    let wrong = facts.iter().filter(|name| !is_fact_name(name));
    let finding = |name: &String| {
        let what = format!("{} is not the name of a fact", in_code(name, usize::MAX));
        Diagnostic::error(Code::UngrantableRequest, what)
            .hint("correct `facts` of `describe`, e.g. `storageClasses`")
    };
    wrong.map(finding).collect()
}

/// What a plugin asks to know, in a line.
pub(super) fn facts_summary(facts: &[String]) -> String {
    let names: Vec<_> = facts.iter().take(5).map(String::as_str).collect();
    let more = if facts.len() > names.len() { ", ..." } else { "" };
    format!("it asks for {}{more}", names.join(", "))
}

fn finding(text: &str) -> Option<Diagnostic> {
    let error = |what: String| Diagnostic::error(Code::UngrantableRequest, what);
    match text.parse::<PathPattern>() {
        Err(why) => {
            let asked = in_code(text, usize::MAX);
            let finding =
                error(format!("{asked} cannot be granted: it is not a pattern of fields"));
            Some(
                finding
                    .fact(why.to_string())
                    .hint("`wellhead explain WH0526` has the syntax, e.g. `containers.*.image`"),
            )
        }
        Ok(pattern) if is_protected(&pattern) => {
            let what = format!("`{text}` is protected: an operator must open it by name");
            let hint = "say in the plugin's README why it needs the field";
            Some(Diagnostic::warning(Code::UngrantableRequest, what).hint(hint))
        }
        Ok(pattern) if pattern.adds_to_no_list().is_some() => {
            let finding = error(format!("`{text}` adds items to what is not a list"));
            Some(finding.hint("`[+]` comes after a list, e.g. `tolerations[+]`"))
        }
        Ok(pattern) => {
            let UnknownField { name, meant } = pattern.unknown_field()?;
            let what = format!("`{text}` means nothing: no pipeline has the field `{name}`");
            let hint = meant.map_or_else(
                || "`wellhead schema` prints the fields of a pipeline".to_owned(),
                |meant| format!("did you mean `{meant}`?"),
            );
            Some(error(what).hint(hint))
        }
    }
}

/// How much a plugin asks for, in a line.
pub(super) fn summary(writes: &[String]) -> String {
    match writes {
        [] => "it asks to write nothing".to_owned(),
        [one] if one.parse::<PathPattern>().is_err() => {
            format!("it asks to write {}", in_code(one, usize::MAX))
        }
        [one] => format!("it asks to write {one}"),
        many => format!("it asks to write {} patterns of fields", many.len()),
    }
}
