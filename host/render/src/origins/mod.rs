//! Where each leaf of each object comes from.

pub(crate) mod rule;
pub(crate) mod source;

use serde_json::Value;
use wellhead_spec::{Claim, FieldPath, Pipeline, Segment};

use crate::objects::{claim, service, stateful_set};
use crate::set::ResourceSet;
use crate::{Object, leaf};
use rule::{Bindings, Rule};
use source::Sources;

/// One leaf of an object and where its value comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Position of the object in [`ResourceSet::objects`].
    pub object: usize,
    /// The field in the object, e.g. `spec.template.spec.containers.nginx.image`. Items of lists
    /// are named as in the spec, claim templates by their name.
    pub path: FieldPath,
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub source: OriginSource,
    /// The field of the spec that is this field, also where a default gives the value, or a field of the
    /// spec that stands over it for this object. `None` where no field of the spec could give it.
    pub field: Option<FieldPath>,
}

impl Origin {
    /// The field of the spec that gives the value.
    pub fn given_by(&self) -> Option<&FieldPath> {
        match &self.source {
            OriginSource::Spec(field) => Some(field),
            OriginSource::Default(_) => None,
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginSource {
    /// This field of the spec. The value may be built from it: the name of a claim object also
    /// holds the pipeline's name and the ordinal.
    Spec(FieldPath),
    /// No field of the spec: the reason, in a few words without a full stop.
    Default(&'static str),
}

/// What no rule is about. Rendering adds no such field.
const UNKNOWN: &str = "rendered by Wellhead";

/// Rules for every object.
const ANY: &[Rule] = &[
    Rule::of("apiVersion", &[]).or("the kind of object that holds it"),
    Rule::of("kind", &[]).or("the kind of object that holds it"),
];

/// The origin of every leaf of every object, in the order of the objects. `set` is what the
/// pipeline renders to.
pub fn origins(pipeline: &Pipeline, set: &ResourceSet) -> Vec<Origin> {
    let sources = Sources::of(pipeline);
    let mut claims = claim::of_replicas(pipeline);
    let mut origins = Vec::new();
    for (object, Object { kind, value, .. }) in set.objects().iter().enumerate() {
        let mut replica = None;
        let rules = match kind.as_str() {
            "Service" => Rules::of(service::ORIGINS),
            "StatefulSet" => Rules::of(stateful_set::ORIGINS),
            _ => {
                replica = claims.next();
                Rules::of_claim_object(replica)
            }
        };
        origins.extend(leaf::object_leaves(value).into_iter().map(|(path, value)| {
            let (source, field) = match template(&path) {
                Some((claim, rest)) => Rules::of_template(claim).source(&sources, rest),
                None => rules.source(&sources, path.segments()),
            };
            let overruled = replica.is_some_and(|(claim, _)| is_overruled(claim, &path, value));
            let source = if overruled { OriginSource::Default(claim::KEPT) } else { source };
            Origin { object, path, value: value.clone(), source, field }
        }));
    }
    origins
}

/// Whether nothing is left of an annotation that the spec asks for, because it would let a tool delete the claim.
fn is_overruled(claim: &Claim, path: &FieldPath, value: &Value) -> bool {
    let annotations = FieldPath::of(["metadata", "annotations"]);
    let key = path.segments().strip_prefix(annotations.segments()).and_then(<[_]>::first);
    let Some(Segment::Key(key)) = key else { return false };
    let Some(own) = claim.annotations.get(key.as_str()) else { return false };
    let mut said = value.as_str().unwrap_or_default().split(',');
    !said.any(|option| own.split(',').any(|own| own.trim() == option))
}

/// The fields of a pipeline that would give a field of an object its value, whether the object has it or not. `kind` is
/// the object's, in any case of letters.
pub fn fields_of(kind: &str, path: &FieldPath) -> Vec<FieldPath> {
    let table = match kind.to_ascii_lowercase().as_str() {
        "service" => service::ORIGINS,
        "statefulset" => stateful_set::ORIGINS,
        _ => return Vec::new(),
    };
    let rules = Rules::of(table);
    let mut rules = rules.tables.iter().copied().flatten();
    rules.find_map(|rule| rule.candidates(path.segments(), &Bindings::new())).unwrap_or_default()
}

/// Whether a field of an object is in a claim template.
pub(crate) fn is_of_template(path: &FieldPath) -> bool {
    template(path).is_some()
}

/// The claim template that a field of a StatefulSet is in, and the field in the template.
fn template(path: &FieldPath) -> Option<(&Segment, &[Segment])> {
    let templates = FieldPath::of(["spec", "volumeClaimTemplates"]);
    path.segments().strip_prefix(templates.segments())?.split_first()
}

/// The rules of one object or claim template.
struct Rules {
    /// The tables, the first before the others.
    tables: Vec<&'static [Rule]>,
    /// Placeholders whose meaning does not depend on the field.
    bound: Bindings,
    /// Fields of the spec and those that stand over them for this object.
    overridden: Vec<(FieldPath, FieldPath)>,
}

impl Rules {
    fn of(table: &'static [Rule]) -> Self {
        Self { tables: vec![ANY, table], bound: Vec::new(), overridden: Vec::new() }
    }

    fn of_template(claim: &Segment) -> Self {
        let bound = vec![("{claim}", vec![claim.clone()])];
        Self { bound, ..Self::of(claim::TEMPLATE_ORIGINS) }
    }

    fn of_claim_object(replica: Option<(&Claim, i32)>) -> Self {
        let tables = vec![ANY, claim::ORIGINS, claim::TEMPLATE_ORIGINS];
        let Some((claim, ordinal)) = replica else {
            return Self { tables, ..Self::of(claim::ORIGINS) };
        };
        let name = Segment::Key(claim.name.as_str().into());
        let overridden = source::of_replica(claim, ordinal);
        Self { tables, overridden, ..Self::of_template(&name) }
    }

    /// Where the value of a field comes from, and the field of the spec that it is.
    fn source(&self, sources: &Sources, field: &[Segment]) -> (OriginSource, Option<FieldPath>) {
        let mut rules = self.tables.iter().copied().flatten();
        let matching = rules.find_map(|rule| Some((rule, rule.candidates(field, &self.bound)?)));
        let Some((rule, candidates)) = matching else {
            return (OriginSource::Default(UNKNOWN), None);
        };
        let over = |path: &FieldPath| {
            self.overridden.iter().find(|(field, _)| field == path).map(|(_, over)| over.clone())
        };
        let given = candidates.iter().find_map(|path| {
            Some((sources.get(&over(path).unwrap_or_else(|| path.clone()))?.clone(), path.clone()))
        });
        if let Some((source, field)) = given {
            return (source, Some(field));
        }
        let reason = rule.otherwise.unwrap_or(UNKNOWN);
        (OriginSource::Default(reason), candidates.into_iter().next())
    }
}
