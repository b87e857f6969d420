//! Where each leaf of each object comes from.

pub(crate) mod rule;
pub(crate) mod source;

use std::iter;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;
use wellhead_spec::{Claim, FieldPath, Pipeline, Segment};

use crate::leaf;
use crate::object::{Object, object};
use crate::objects::{claim, service, stateful_set};
use rule::{Bindings, Rule};
use source::Sources;

/// One leaf of an object and where its value comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
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

/// Where the leaves of one object come from.
#[derive(Clone, Debug)]
pub struct ObjectOrigins {
    /// The object's `apiVersion`.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What the claims of all replicas have alike. Other objects share nothing: here is all that they have.
    pub alike: Arc<Alike>,
    /// The leaves that this object has for itself.
    pub own: Vec<Origin>,
}

impl ObjectOrigins {
    /// All its leaves.
    pub fn leaves(&self) -> impl Iterator<Item = &Origin> {
        self.alike.leaves.iter().chain(&self.own)
    }
}

/// What several objects have alike.
#[derive(Clone, Debug)]
pub struct Alike {
    /// The first of the objects, as a whole.
    pub object: Value,
    /// The leaves that all of them have, each with the same value.
    pub leaves: Vec<Origin>,
}

/// The origins of every object, in the order of [`ResourceSet::objects`](crate::ResourceSet::objects), each when it is
/// asked for. What the claims of replicas have alike is made once for each claim of the spec: ten thousand replicas take
/// little more than one.
pub fn origins(pipeline: &Pipeline) -> impl Iterator<Item = ObjectOrigins> {
    let sources = Rc::new(Sources::of(pipeline));
    let whole = |object: Object, table, sources: &Sources| {
        let leaves = Rules::of(table).leaves(&object.value, sources, None);
        let Object { api_version, kind, name, value: object, .. } = object;
        let alike = Arc::new(Alike { object, leaves });
        ObjectOrigins { api_version, kind, name, alike, own: Vec::new() }
    };
    let service = service::service(pipeline);
    let service = service.map(|it| whole(object(&it), service::ORIGINS, &sources));
    let of_claims = Rc::clone(&sources);
    let claims = pipeline.spec.claims.iter();
    let claims = claims.flat_map(move |claim| of_claim(pipeline, claim, Rc::clone(&of_claims)));
    let set = iter::once_with(move || {
        let set = stateful_set::stateful_set(pipeline);
        whole(object(&set), stateful_set::ORIGINS, &sources)
    });
    service.into_iter().chain(claims).chain(set)
}

/// The origins of the objects of one claim, one for each replica.
fn of_claim<'p>(
    pipeline: &'p Pipeline,
    claim: &'p Claim,
    sources: Rc<Sources>,
) -> impl Iterator<Item = ObjectOrigins> + use<'p> {
    let mut first = None;
    pipeline.ordinals().map(move |ordinal| {
        let rules = Rules::of_claim_object(claim, ordinal);
        let (api_version, kind, alike) = first.get_or_insert_with(|| {
            let object = object(&claim::of_replica(pipeline, claim, ordinal));
            let mut leaves = rules.leaves(&object.value, &sources, Some(claim));
            let own = claim::OWN.map(|it| FieldPath::of(it.iter().copied()));
            leaves.retain(|it| !own.contains(&it.path));
            let Object { api_version, kind, value: object, .. } = object;
            (api_version, kind, Arc::new(Alike { object, leaves }))
        });
        let own = claim::own_leaves(pipeline, claim, ordinal).map(|(path, value)| {
            let (source, field) = rules.source(&sources, path.segments());
            Origin { path, value: value.into(), source, field }
        });
        ObjectOrigins {
            api_version: api_version.clone(),
            kind: kind.clone(),
            name: claim::object_name(pipeline, claim, ordinal),
            alike: Arc::clone(alike),
            own: own.collect(),
        }
    })
}

/// The kinds and names of a pipeline's objects, in their order.
pub fn object_names(pipeline: &Pipeline) -> impl Iterator<Item = (&'static str, String)> {
    let service = service::service(pipeline).and_then(|it| it.metadata.name);
    let claims = claim::of_replicas(pipeline).map(|(claim, ordinal)| {
        ("PersistentVolumeClaim", claim::object_name(pipeline, claim, ordinal))
    });
    let set = ("StatefulSet", pipeline.metadata.name.to_string());
    service.map(|name| ("Service", name)).into_iter().chain(claims).chain(iter::once(set))
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

    fn of_claim_object(claim: &Claim, ordinal: i32) -> Self {
        let name = Segment::Key(claim.name.as_str().into());
        Self {
            tables: vec![ANY, claim::ORIGINS, claim::TEMPLATE_ORIGINS],
            overridden: source::of_replica(claim, ordinal),
            ..Self::of_template(&name)
        }
    }

    /// The origin of each leaf of an object. `replica` is the claim that it is one of.
    fn leaves(&self, object: &Value, sources: &Sources, replica: Option<&Claim>) -> Vec<Origin> {
        let leaves = leaf::object_leaves(object).into_iter().map(|(path, value)| {
            let (source, field) = match template(&path) {
                Some((claim, rest)) => Self::of_template(claim).source(sources, rest),
                None => self.source(sources, path.segments()),
            };
            let overruled = replica.is_some_and(|claim| is_overruled(claim, &path, value));
            let source = if overruled { OriginSource::Default(claim::KEPT) } else { source };
            Origin { path, value: value.clone(), source, field }
        });
        leaves.collect()
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
