//! Links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use wellhead_tests::repository::{ROOT, files, place};

/// What a page links to, without addresses of the web.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|it| Some(it.split_once(')')?.0));
    targets.filter(|it| !it.contains("://") && !it.contains(char::is_whitespace))
}

/// The anchors of a page: those of its headings, as GitHub makes them, and those that it sets itself.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|it| it.starts_with('#'));
    let slug = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        text.chars().filter(|it| it.is_alphanumeric() || matches!(it, '-' | '_')).collect()
    };
    let set =
        page.split("<a id=\"").skip(1).filter_map(|it| Some(it.split_once('"')?.0.to_owned()));
    headings.map(slug).chain(set).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut wrong = Vec::new();
    let pages = files("", "md");
    assert!(pages.len() > 40, "the pages are found");
    for path in pages {
        let page = fs::read_to_string(&path).unwrap();
        for link in links(&page) {
            let (file, anchor) = link.split_once('#').map_or((link, None), |it| (it.0, Some(it.1)));
            let target =
                if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let has =
                |anchor: &str| anchors(&fs::read_to_string(&target).unwrap()).contains(anchor);
            if !target.exists() || anchor.is_some_and(|it| !has(it)) {
                wrong.push(format!("{}: {link}", place(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "these lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn the_index_has_every_page() {
    let index = fs::read_to_string(Path::new(ROOT).join("docs/README.md")).unwrap();
    let linked: BTreeSet<_> = links(&index).map(|it| it.split('#').next().unwrap()).collect();
    let pages = files("docs", "md");
    let names = pages.iter().map(|it| place(it).trim_start_matches("docs/").to_owned());
    // Pages of errors have an index of their own.
    let mut names = names.filter(|it| it != "README.md" && !it.starts_with("errors/"));
    assert_eq!(names.find(|it| !linked.contains(&**it)), None, "docs/README.md does not link it");
}
