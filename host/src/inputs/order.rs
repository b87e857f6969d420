//! Whether chains have the order that their entries ask for by `after` and `before`.
//!
//! The order is the one that is written: nothing is sorted silently. A chain that
//! contradicts a constraint is an error, which tells an order that would do.

use std::collections::BTreeSet;

use wellhead_diagnostics::Code;
use wellhead_spec::{Customization, FieldPath, Finding, Located, closest};

/// One entry of a chain.
#[derive(Clone, Copy)]
struct Entry<'c> {
    customization: &'c Located<Customization>,
    at: usize,
}

/// What one entry asks for: that one position of the chain comes before another.
struct Constraint<'c> {
    earlier: usize,
    later: usize,
    /// Who asks.
    asks: Entry<'c>,
    path: FieldPath,
}

impl<'c> Entry<'c> {
    fn name(&self) -> &'c str {
        self.customization.spec.plugins.get(self.at).map_or("", |it| it.name.as_str())
    }

    /// The names that it wants before and behind it, each with its place.
    fn wishes(&self) -> impl Iterator<Item = (bool, &'c str, FieldPath)> + use<'c> {
        let at = FieldPath::of(["plugins", self.name()]);
        let entry = self.customization.value.spec.plugins.get(self.at);
        entry.into_iter().flat_map(move |entry| {
            let (after, before) = (at.key("after"), at.key("before"));
            let names = |list: &'c [wellhead_spec::PluginName], at: FieldPath, is_after| {
                let names = list.iter().enumerate();
                names.map(move |(index, it)| (is_after, it.as_str(), at.index(index)))
            };
            names(&entry.after, after, true).chain(names(&entry.before, before, false))
        })
    }
}

/// The entries of a chain, in order.
fn entries<'c>(
    customizations: impl IntoIterator<Item = &'c Located<Customization>>,
) -> Vec<Entry<'c>> {
    let all = |customization: &'c Located<Customization>| {
        (0..customization.spec.plugins.len()).map(move |at| Entry { customization, at })
    };
    customizations.into_iter().flat_map(all).collect()
}

/// Names in `after` and `before` that no entry has. A name that only a customization for other
/// pipelines has is none of them: the constraint holds where both are in one chain.
pub(crate) fn unknown_names(customizations: &[Located<Customization>]) -> Vec<Finding> {
    let all = entries(customizations);
    let names: BTreeSet<&str> = all.iter().map(Entry::name).collect();
    let mut findings = Vec::new();
    for entry in &all {
        for (_, name, path) in entry.wishes().filter(|wish| !names.contains(wish.1)) {
            let message = format!("no entry is named `{name}`");
            let finding = Finding::error(Code::UnknownEntry, path, message);
            let known = names.iter().filter(|it| **it != entry.name()).copied();
            let hint = closest(name, &known.collect::<Vec<_>>()).map_or_else(
                || "remove the name, or give the file of that entry with `-c`".to_owned(),
                |it| format!("did you mean `{it}`?"),
            );
            findings.push(entry.customization.locate(finding.hint(hint)));
        }
    }
    findings
}

/// Every constraint that one chain contradicts, and every circle of constraints.
pub(crate) fn check(customizations: &[&Located<Customization>]) -> Vec<Finding> {
    let chain = entries(customizations.iter().copied());
    let constraints = constraints(&chain);
    let mut findings = Vec::new();
    let (order, circles) = sort(chain.len(), &constraints);
    for circle in &circles {
        let steps: Vec<_> = circle.iter().map(|it| &constraints[*it]).collect();
        let names = steps.iter().map(|it| format!("`{}`", chain[it.earlier].name()));
        let text = names.collect::<Vec<_>>().join(" before ");
        let first = chain[steps[0].earlier].name();
        let message = format!("no order is valid: {text} before `{first}`");
        let finding = Finding::error(Code::CyclicOrder, steps[0].path.clone(), message);
        let hint = "remove one of these constraints";
        findings.push(steps[0].asks.customization.locate(finding.hint(hint)));
    }
    let in_circle = |index: &usize| circles.iter().flatten().any(|it| it == index);
    for (index, it) in constraints.iter().enumerate() {
        if it.earlier < it.later || in_circle(&index) {
            continue;
        }
        let (earlier, later) = (chain[it.earlier].name(), chain[it.later].name());
        let message = format!("`{later}` must come after `{earlier}`");
        let mut finding = Finding::error(Code::EntryOrder, it.path.clone(), message);
        if let Some(order) = &order {
            let names: Vec<_> = order.iter().map(|at| chain[*at].name()).collect();
            finding = finding.hint(format!("a valid order: {}", names.join(", ")));
        }
        findings.push(it.asks.customization.locate(finding));
    }
    findings
}

fn constraints<'c>(chain: &[Entry<'c>]) -> Vec<Constraint<'c>> {
    let mut constraints = Vec::new();
    for (own, entry) in chain.iter().enumerate() {
        for (after, name, path) in entry.wishes() {
            let named = |at: &usize| chain[*at].name() == name;
            let others = chain.iter().filter(|it| it.name() == name).count() > 1;
            // An entry that names itself has a circle of its own.
            for other in (0..chain.len()).filter(named).filter(|at| !others || *at != own) {
                let (earlier, later) = if after { (other, own) } else { (own, other) };
                constraints.push(Constraint { earlier, later, asks: *entry, path: path.clone() });
            }
        }
    }
    constraints
}

/// The order that is nearest to the written one and keeps every constraint; `None` when there is
/// none. Then the circles, each as the constraints that make it.
fn sort(count: usize, constraints: &[Constraint<'_>]) -> (Option<Vec<usize>>, Vec<Vec<usize>>) {
    let mut order = Vec::with_capacity(count);
    let mut left: Vec<usize> = (0..count).collect();
    let mut circles = Vec::new();
    while !left.is_empty() {
        let waits = |at: usize| {
            constraints.iter().position(|it| it.later == at && left.contains(&it.earlier))
        };
        if let Some(at) = left.iter().position(|at| waits(*at).is_none()) {
            order.push(left.remove(at));
            continue;
        }
        // Each of those that are left waits for another one: following that leads back.
        let (mut at, mut walked) = (left[0], Vec::<usize>::new());
        let start = loop {
            let Some(next) = waits(at) else { break 0 };
            if let Some(start) = walked.iter().position(|it| constraints[*it].later == at) {
                break start;
            }
            walked.push(next);
            at = constraints[next].earlier;
        };
        let circle: Vec<usize> = walked.drain(start..).rev().collect();
        left.retain(|at| !circle.iter().any(|it| constraints[*it].later == *at));
        circles.push(circle);
    }
    (circles.is_empty().then_some(order), circles)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use wellhead_spec::{Source, load};

    use super::*;

    /// What is wrong with customizations whose entries are `NAME: after >before ...`.
    fn wrong(files: &[&[&str]]) -> Vec<String> {
        let mut loaded = Vec::new();
        for (index, entries) in files.iter().enumerate() {
            let mut text = format!(
                "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\n\
                 metadata: {{name: c{index}}}\nspec:\n  plugins:\n"
            );
            for entry in *entries {
                let mut words = entry.split(' ');
                let name = words.next().unwrap();
                let (before, after): (Vec<_>, Vec<_>) = words.partition(|it| it.starts_with('>'));
                let before: Vec<_> = before.iter().map(|it| &it[1..]).collect();
                let (after, before) = (after.join(", "), before.join(", "));
                let _ = writeln!(
                    text,
                    "    - {{name: {name}, source: a.wasm, after: [{after}], before: [{before}]}}"
                );
            }
            loaded.push(Source::Text { name: format!("{index}.yaml").into(), text });
        }
        let loaded = load(&loaded);
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        let mut findings = unknown_names(&loaded.customizations);
        findings.extend(check(&loaded.customizations.iter().collect::<Vec<_>>()));
        findings
            .iter()
            .map(|it| {
                let at = it.location.as_ref().unwrap();
                let hint = it.hint.clone().unwrap_or_default();
                format!("{}:{} {}: {} ({hint})", at.file.display(), at.line, it.path, it.message)
            })
            .collect()
    }

    #[test]
    fn a_chain_in_order_has_no_finding() {
        assert_eq!(wrong(&[&["a", "b a", "c a b"]]), Vec::<String>::new());
        assert_eq!(wrong(&[&["a >b", "b >c"], &["c a"]]), Vec::<String>::new());
        assert_eq!(wrong(&[&["a"], &["a a"]]), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_order_tells_the_right_one() {
        assert_eq!(
            wrong(&[&["x", "a b c", "b"], &["c >b"]]),
            [
                "0.yaml:7 plugins.a.after[0]: `a` must come after `b` \
                 (a valid order: x, c, b, a)",
                "0.yaml:7 plugins.a.after[1]: `a` must come after `c` \
                 (a valid order: x, c, b, a)",
                "1.yaml:6 plugins.c.before[0]: `b` must come after `c` \
                 (a valid order: x, c, b, a)",
            ]
        );
    }

    #[test]
    fn every_circle_is_told_once() {
        assert_eq!(
            wrong(&[&["a b", "b a", "c c", "d >e", "e >d", "f g", "g"]]),
            [
                "0.yaml:7 plugins.b.after[0]: no order is valid: `a` before `b` before `a` \
                 (remove one of these constraints)",
                "0.yaml:8 plugins.c.after[0]: no order is valid: `c` before `c` \
                 (remove one of these constraints)",
                "0.yaml:9 plugins.d.before[0]: no order is valid: `d` before `e` before `d` \
                 (remove one of these constraints)",
                "0.yaml:11 plugins.f.after[0]: `f` must come after `g` ()",
            ]
        );
    }

    #[test]
    fn unknown_names_have_a_suggestion() {
        assert_eq!(
            wrong(&[&["storage", "images storge", "other nothing-like-it"]]),
            [
                "0.yaml:7 plugins.images.after[0]: no entry is named `storge` \
                 (did you mean `storage`?)",
                "0.yaml:8 plugins.other.after[0]: no entry is named `nothing-like-it` \
                 (remove the name, or give the file of that entry with `-c`)",
            ]
        );
    }
}
