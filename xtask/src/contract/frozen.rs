//! What of the contract can never change in its track, as a list in `wit/README.md`.

use std::fmt::Write as _;

use super::package::Package;
use super::surface::Surface;

/// The page with the list.
pub(super) const PAGE: &str = "wit/README.md";
/// What is around the list in the page.
const MARKS: [&str; 2] =
    ["<!-- frozen: written by `cargo xtask contract` from wit/v0.2 -->\n", "<!-- /frozen -->\n"];

/// Kinds of types whose parts are bytes at fixed places.
const FORMS: [&str; 4] = ["record", "variant", "enum", "flags"];

/// The page with the list as it is now.
pub(super) fn page(page: &str, package: &Package) -> Result<String, String> {
    let parts = page.split_once(MARKS[0]).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(MARKS[1])?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or_else(|| format!("{PAGE} has no place for what is frozen"))?;
    Ok(format!("{before}{}\n{}\n{}{after}", MARKS[0], list(&Surface::of(package)), MARKS[1]))
}

/// The list: what plugins implement, then the types that cross as bytes.
fn list(surface: &Surface) -> String {
    let mut list = "| plugins implement | |\n|---|---|\n".to_owned();
    for (name, items) in &surface.worlds {
        let exports: Vec<_> = items.iter().filter_map(|it| it.strip_prefix("exports ")).collect();
        let _ = writeln!(list, "| world `{name}` | exports `{}` |", exports.join("`, `"));
    }
    let (implemented, shared) = frozen(surface);
    for (name, definition) in implemented {
        let _ = writeln!(list, "| `{name}` | `{definition}` |");
    }
    list += "\n| bytes that cross | |\n|---|---|\n";
    for (name, definition) in shared {
        let _ = writeln!(list, "| `{name}` | `{definition}` |");
    }
    list.truncate(list.trim_end().len());
    list + "\n"
}

type Items<'s> = Vec<(&'s str, &'s str)>;

/// Items of the interfaces that plugins export, and the types of the others that have a fixed form.
fn frozen(surface: &Surface) -> (Items<'_>, Items<'_>) {
    let has_form = |it: &str| FORMS.iter().any(|form| it.starts_with(&format!("{form} {{")));
    let (mut implemented, mut shared) = (Items::new(), Items::new());
    for (name, item) in &surface.items {
        let entry = (name.as_str(), item.definition.as_str());
        // `use` gives a type of another interface a name here.
        if surface.items.contains_key(&item.definition) {
            continue;
        }
        if surface.exported.contains(&item.interface) {
            implemented.push(entry);
        } else if has_form(entry.1) {
            shared.push(entry);
        }
    }
    (implemented, shared)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::compare::breaking;
    use super::super::package::CONTRACT;
    use super::*;

    /// The contract as one text, so that a test can change it.
    fn text() -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(CONTRACT);
        let files = std::fs::read_dir(folder).unwrap();
        let mut files: Vec<_> = files.map(|it| it.unwrap().path()).collect();
        files.sort();
        let header = "package wellhead:plugin@0.2.0;";
        let texts = files.iter().map(|it| std::fs::read_to_string(it).unwrap().replace(header, ""));
        std::iter::once(header.to_owned()).chain(texts).collect()
    }

    fn package(text: &str) -> Package {
        let mut resolve = wit_parser::Resolve::default();
        let id = resolve.push_str("contract.wit", text).unwrap();
        Package { resolve, id }
    }

    /// Every type that the contract writes with its parts is in the list, and one part more is refused also in a later version.
    #[test]
    fn each_type_with_parts_is_listed_and_can_never_grow() {
        let text = text();
        let contract = package(&text);
        let surface = Surface::of(&contract);
        let (implemented, shared) = frozen(&surface);
        let mut listed: Vec<_> = implemented.iter().chain(&shared).map(|it| it.0).collect();
        let mut found = 0;
        for (at, line) in text.match_indices('\n').map(|(at, _)| (at, text[at + 1..].trim_start()))
        {
            let Some((form, rest)) = line.split_once(' ') else { continue };
            let Some(name) = rest.split_once(" {").map(|it| it.0).filter(|_| FORMS.contains(&form))
            else {
                continue;
            };
            let more = if form == "record" { "one-more: bool," } else { "one-more," };
            let open = at + 1 + text[at + 1..].find('{').unwrap() + 1;
            let changed = format!("{} {more} {}", &text[..open], &text[open..]);
            let changed = package(&changed.replacen("@0.2.0", "@0.2.1", 1));
            let broken = breaking(&contract, &changed);
            assert!(
                broken.iter().any(|it| it.contains(&format!(".{name}`"))),
                "{name}: {broken:?}"
            );
            let before = listed.len();
            listed.retain(|it| it.split_once('.').map(|it| it.1) != Some(name));
            assert!(listed.len() < before, "{name} is not in the list");
            found += 1;
        }
        assert!(found > 5, "{found}");
        let others: Vec<_> =
            implemented.iter().map(|it| it.0).filter(|it| listed.contains(it)).collect();
        assert_eq!(
            listed, others,
            "what has no parts is a function or an alias that plugins implement"
        );
    }

    /// What plugins implement keeps its functions, and gets no other.
    #[test]
    fn what_plugins_implement_gets_no_function_more() {
        let text = text();
        let contract = package(&text);
        for interface in &Surface::of(&contract).exported {
            let open = format!("interface {interface} {{");
            assert!(text.contains(&open), "{interface}");
            let changed = text.replacen(&open, &format!("{open} one-more: func();"), 1);
            let broken = breaking(&contract, &package(&changed.replacen("@0.2.0", "@0.2.1", 1)));
            assert_eq!(broken.len(), 1, "{interface}: {broken:?}");
        }
    }

    #[test]
    fn a_page_without_a_place_for_the_list_is_an_error() {
        let contract = package(&text());
        assert!(page("no place", &contract).is_err());
        let once = page(&format!("a\n{}{}b\n", MARKS[0], MARKS[1]), &contract).unwrap();
        assert_eq!(page(&once, &contract).unwrap(), once);
        assert!(
            once.starts_with("a\n") && once.ends_with("b\n") && once.contains("types.rejection")
        );
    }
}
