//! Rules that lead from a field of an object back to the field of the spec it is rendered from.
//!
//! The rules of an object stand beside the code that builds it. The first rule whose pattern
//! matches decides. In a pattern, `{key}` stands for one step and `**` for all that follow; a path
//! of the spec takes them over.

use wellhead_spec::{FieldPath, Segment};

/// One rule; see the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    /// Pattern of the field in the object.
    field: &'static str,
    /// Fields of the spec that may give the value, the strongest first.
    spec: &'static [&'static str],
    /// Why the field has a value when none of them does.
    pub(crate) otherwise: Option<&'static str>,
}

/// Placeholders of a pattern and the steps that they stand for.
pub(crate) type Bindings = Vec<(&'static str, Vec<Segment>)>;

impl Rule {
    /// A rule for fields that the spec gives.
    pub(crate) const fn of(field: &'static str, spec: &'static [&'static str]) -> Self {
        Self { field, spec, otherwise: None }
    }

    /// The rule, and why the field has a value when the spec gives none.
    pub(crate) const fn or(self, reason: &'static str) -> Self {
        Self { otherwise: Some(reason), ..self }
    }

    /// The fields of the spec that may give the value of a field, the strongest first; `None` when
    /// the rule is not about the field. `bound` are placeholders that have a value already.
    pub(crate) fn candidates(&self, field: &[Segment], bound: &Bindings) -> Option<Vec<FieldPath>> {
        let mut bindings = bound.clone();
        let mut open = field;
        for step in self.field.split('.') {
            let taken = if step == "**" { open.len() } else { 1 };
            let (segments, below) = open.split_at_checked(taken)?;
            if step == "**" || step.starts_with('{') {
                bindings.push((step, segments.to_vec()));
            } else if segments != [Segment::Key(step.into())] {
                return None;
            }
            open = below;
        }
        open.is_empty().then(|| self.spec.iter().map(|path| fill(path, &bindings)).collect())
    }
}

/// A path of the spec with the placeholders replaced.
fn fill(path: &'static str, bindings: &Bindings) -> FieldPath {
    let bound = |step: &str| bindings.iter().find(|(name, _)| *name == step);
    path.split('.')
        .flat_map(|step| match bound(step) {
            Some((_, segments)) => segments.clone(),
            None => vec![Segment::Key(step.into())],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(rule: Rule, field: &str, bound: &Bindings) -> Option<Vec<String>> {
        let field: FieldPath = field.parse().unwrap();
        let found = rule.candidates(field.segments(), bound)?;
        Some(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_placeholder_takes_one_step_over() {
        let rule = Rule::of("metadata.labels.{key}", &["labels.{key}", "selector.{key}"]);
        let found = candidates(rule, "metadata.labels[\"a.b/c\"]", &Vec::new());
        assert_eq!(found.unwrap(), ["labels[\"a.b/c\"]", "selector[\"a.b/c\"]"]);
        assert_eq!(candidates(rule, "metadata.labels.a.b", &Vec::new()), None);
        assert_eq!(candidates(rule, "metadata.labels", &Vec::new()), None);
        assert_eq!(candidates(rule, "metadata.annotations.a", &Vec::new()), None);
    }

    #[test]
    fn two_stars_take_the_rest_over() {
        let rule = Rule::of("spec.**", &["claims.{claim}.**"]);
        let bound = vec![("{claim}", vec![Segment::Key("data".into())])];
        let found = candidates(rule, "spec.accessModes[0]", &bound);
        assert_eq!(found.unwrap(), ["claims.data.accessModes[0]"]);
    }
}
