//! The rendered objects as they will be sent.

use std::borrow::Cow;
use std::collections::HashSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_render::{ResourceSet, TakenFields};

use crate::managed_fields::policy;
use crate::managed_fields::policy::Policies;
use crate::model::error::{ClusterError, Problem};
use crate::model::json;
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::revision::About;
use crate::store::revisions;

/// One object as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) object: ObjectRef,
    pub(crate) body: Value,
    /// Whose value wins where other field managers set a field, too.
    pub(crate) policies: Policies,
}

/// The objects of one pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Desired {
    pub(crate) pipeline: PipelineRef,
    pub(crate) service: Option<Wanted>,
    pub(crate) claims: Vec<Wanted>,
    pub(crate) stateful_set: Wanted,
    /// The objects as they were rendered, with their namespace.
    pub(crate) set: ResourceSet,
    /// The fields that this run takes.
    pub(crate) take: Vec<TakenFields>,
    /// Their digest.
    pub(crate) digest: String,
}

impl Desired {
    /// Service, claims, StatefulSet.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &Wanted> {
        self.service.iter().chain(&self.claims).chain(std::iter::once(&self.stateful_set))
    }
}

/// What to apply: the objects of any number of pipelines, made when they are asked for. A run asks for each more than
/// once, and keeps none: those of thousands would not fit into memory.
pub trait Source: Sync {
    /// How many pipelines there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The objects of one: the same ones whenever it is asked.
    fn objects(&self, at: usize) -> Cow<'_, ResourceSet>;

    /// What the history notes of one beside its objects.
    fn about(&self, at: usize) -> About;

    /// Whether one brings a revision back.
    fn rolls_back(&self, at: usize) -> bool {
        self.about(at).rollback_to.is_some()
    }
}

/// Sets that are rendered already.
#[derive(Clone, Copy, Debug)]
pub struct Rendered<'a> {
    /// The sets.
    pub sets: &'a [ResourceSet],
    /// What the history notes of each; where it ends, of the objects alone.
    pub about: &'a [About],
}

impl Source for Rendered<'_> {
    fn len(&self) -> usize {
        self.sets.len()
    }

    fn objects(&self, at: usize) -> Cow<'_, ResourceSet> {
        Cow::Borrowed(&self.sets[at])
    }

    fn about(&self, at: usize) -> About {
        self.about.get(at).cloned().unwrap_or_default()
    }

    fn rolls_back(&self, at: usize) -> bool {
        self.about.get(at).is_some_and(|about| about.rollback_to.is_some())
    }
}

/// One pipeline of many.
pub(crate) struct Only<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) at: usize,
}

impl Source for Only<'_> {
    fn len(&self) -> usize {
        1
    }

    fn objects(&self, _: usize) -> Cow<'_, ResourceSet> {
        self.source.objects(self.at)
    }

    fn about(&self, _: usize) -> About {
        self.source.about(self.at)
    }
}

/// The names of the objects of one pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) pipeline: PipelineRef,
    /// Service, claims, StatefulSet.
    pub(crate) objects: Vec<ObjectRef>,
}

/// The names of everything. An object that two pipelines claim is refused.
pub(crate) fn names(source: &dyn Source, default: &str) -> Result<Vec<Named>, ClusterError> {
    let named: Vec<_> = (0..source.len()).map(|at| named(&source.objects(at), default)).collect();
    let mut seen = HashSet::new();
    let problems: Vec<_> = named
        .iter()
        .flat_map(|it| &it.objects)
        .filter(|object| !seen.insert(*object))
        .map(|object| {
            Problem::new(
                Code::ObjectOwnedByOther,
                format!("{object} belongs to two pipelines of this run"),
            )
            .on(object)
            .hint("give one of them another name")
        })
        .collect();
    if problems.is_empty() { Ok(named) } else { Err(ClusterError::Refused(problems)) }
}

/// The names of one pipeline's objects.
pub(crate) fn named(set: &ResourceSet, default: &str) -> Named {
    let named = |kind: Kind, metadata: &ObjectMeta| {
        let name = metadata.name.as_deref().unwrap_or_default();
        ObjectRef::new(kind, metadata.namespace.as_deref().unwrap_or(default), name)
    };
    let stateful_set = named(Kind::StatefulSet, &set.stateful_set.metadata);
    let service = set.service.iter().map(|it| named(Kind::Service, &it.metadata));
    let claims = set.claims.iter().map(|it| named(Kind::PersistentVolumeClaim, &it.metadata));
    let ObjectRef { namespace, name, .. } = stateful_set.clone();
    Named {
        pipeline: PipelineRef { namespace, name },
        objects: service.chain(claims).chain([stateful_set]).collect(),
    }
}

/// The objects of one pipeline as they will be sent.
pub(crate) fn prepare(source: &dyn Source, at: usize, default: &str) -> Result<Desired, Problem> {
    job(source.objects(at).into_owned(), default)
}

fn job(mut set: ResourceSet, default_namespace: &str) -> Result<Desired, Problem> {
    let claims = set.claims.iter_mut().map(|claim| &mut claim.metadata);
    let service = set.service.iter_mut().map(|service| &mut service.metadata);
    for metadata in service.chain([&mut set.stateful_set.metadata]).chain(claims) {
        metadata.namespace.get_or_insert_with(|| default_namespace.to_owned());
    }
    let owned = set.ownership.clone();
    // What one run takes is no part of the revision that it makes.
    set.ownership.retain(|it| !it.once);
    let take = std::mem::take(&mut set.take);
    let stateful_set = wanted(Kind::StatefulSet, &set.stateful_set)?;
    let claim = |claim| wanted(Kind::PersistentVolumeClaim, claim);
    let service = |service| wanted(Kind::Service, service);
    let ObjectRef { namespace, name, .. } = stateful_set.object.clone();
    let mut job = Desired {
        pipeline: PipelineRef { namespace, name },
        service: set.service.as_ref().map(service).transpose()?,
        claims: set.claims.iter().map(claim).collect::<Result<_, _>>()?,
        stateful_set,
        digest: revisions::digest(&set),
        take,
        set,
    };
    let mut owned = policy::by_object(&owned);
    let wanted =
        job.service.iter_mut().chain(&mut job.claims).chain(std::iter::once(&mut job.stateful_set));
    for wanted in wanted {
        let key = (json::text(&wanted.body, "/kind"), wanted.object.name.as_str());
        wanted.policies = owned.remove(&key).unwrap_or_default();
    }
    Ok(job)
}

fn wanted(kind: Kind, object: &impl Serialize) -> Result<Wanted, Problem> {
    let mut body = serde_json::to_value(object).map_err(|error| {
        Problem::new(Code::InvalidObject, format!("a {} cannot be written as JSON", kind.word()))
            .why(error.to_string())
    })?;
    if let Some(fields) = body.as_object_mut() {
        fields.remove("status");
    }
    let object = ObjectRef::new(kind, json::text(&body, "/metadata/namespace"), json::name(&body));
    Ok(Wanted { object, body, policies: Policies::default() })
}
