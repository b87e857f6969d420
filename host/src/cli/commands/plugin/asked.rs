//! What a plugin asks to write, as an operator would grant it.

use wellhead_diagnostics::Code;
use wellhead_spec::protected::is_protected;
use wellhead_spec::{PathPattern, UnknownField, in_code};

use crate::cli::output::diagnostic::Diagnostic;

/// What keeps an operator from granting what a plugin asks for.
pub(super) fn findings(writes: &[String], transforms: bool) -> Vec<Diagnostic> {
    if writes.is_empty() && transforms {
        let what = "the plugin edits and asks to write nothing";
        let finding = Diagnostic::warning(Code::UngrantableRequest, what);
        return vec![finding.hint("name in `writes` of `describe` the fields that it sets")];
    }
    writes.iter().filter_map(|text| finding(text)).collect()
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
