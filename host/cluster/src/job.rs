//! The rendered objects as they will be sent.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;
use wellhead_render::{ResourceSet, TakenFields};

use crate::error::{ClusterError, Problem};
use crate::object::{Kind, ObjectRef, PipelineRef};
use crate::policies::Policies;
use crate::{json, policies, record};

/// One object as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) object: ObjectRef,
    pub(crate) body: Value,
    /// Whose value stands for fields that others set, too.
    pub(crate) policies: Policies,
}

/// The objects of one pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Job {
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

impl Job {
    /// Service, claims, StatefulSet.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &Wanted> {
        self.service.iter().chain(&self.claims).chain(std::iter::once(&self.stateful_set))
    }
}

/// Turns rendered sets into jobs. An object that two pipelines claim is refused.
pub(crate) fn prepare(
    sets: &[ResourceSet],
    default_namespace: &str,
) -> Result<Vec<Job>, ClusterError> {
    let jobs = sets.iter().map(|set| job(set, default_namespace)).collect::<Result<Vec<_>, _>>();
    let jobs = jobs.map_err(|problem| ClusterError::Refused(vec![problem]))?;
    let mut seen = HashSet::new();
    let objects = jobs.iter().flat_map(Job::wanted).map(|wanted| &wanted.object);
    let problems: Vec<_> = objects
        .filter(|object| !seen.insert(*object))
        .map(|object| {
            Problem::new("WH0403", format!("{object} belongs to two pipelines of this run"))
                .on(object)
                .hint("give one of them another name")
        })
        .collect();
    if problems.is_empty() { Ok(jobs) } else { Err(ClusterError::Refused(problems)) }
}

fn job(set: &ResourceSet, default_namespace: &str) -> Result<Job, Problem> {
    let mut set = set.clone();
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
    let mut job = Job {
        pipeline: PipelineRef { namespace, name },
        service: set.service.as_ref().map(service).transpose()?,
        claims: set.claims.iter().map(claim).collect::<Result<_, _>>()?,
        stateful_set,
        digest: record::digest(&set),
        take,
        set,
    };
    let mut owned = policies::by_object(&owned);
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
        Problem::new("WH0406", format!("a {} cannot be written as JSON", kind.word()))
            .why(error.to_string())
    })?;
    if let Some(fields) = body.as_object_mut() {
        fields.remove("status");
    }
    let object = ObjectRef::new(kind, json::text(&body, "/metadata/namespace"), json::name(&body));
    Ok(Wanted { object, body, policies: Policies::default() })
}
