//! The rendered objects as they will be sent.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;
use wellhead_render::ResourceSet;

use crate::error::{ClusterError, Problem};
use crate::json;
use crate::object::{Kind, ObjectRef, PipelineRef};

/// One object as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) object: ObjectRef,
    pub(crate) body: Value,
}

/// The objects of one pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) pipeline: PipelineRef,
    pub(crate) service: Wanted,
    pub(crate) claims: Vec<Wanted>,
    pub(crate) stateful_set: Wanted,
}

impl Job {
    /// Service, claims, StatefulSet.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &Wanted> {
        std::iter::once(&self.service)
            .chain(&self.claims)
            .chain(std::iter::once(&self.stateful_set))
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
    let stateful_set = wanted(Kind::StatefulSet, &set.stateful_set, default_namespace)?;
    let claim = |claim| wanted(Kind::PersistentVolumeClaim, claim, default_namespace);
    let ObjectRef { namespace, name, .. } = stateful_set.object.clone();
    Ok(Job {
        pipeline: PipelineRef { namespace, name },
        service: wanted(Kind::Service, &set.service, default_namespace)?,
        claims: set.claims.iter().map(claim).collect::<Result<_, _>>()?,
        stateful_set,
    })
}

fn wanted(kind: Kind, object: &impl Serialize, namespace: &str) -> Result<Wanted, Problem> {
    let mut body = serde_json::to_value(object).map_err(|error| {
        Problem::new("WH0406", format!("a {} cannot be written as JSON", kind.word()))
            .why(error.to_string())
    })?;
    if let Some(fields) = body.as_object_mut() {
        fields.remove("status");
    }
    if json::text(&body, "/metadata/namespace").is_empty() {
        body["metadata"]["namespace"] = namespace.into();
    }
    let object = ObjectRef::new(kind, json::text(&body, "/metadata/namespace"), json::name(&body));
    Ok(Wanted { object, body })
}
