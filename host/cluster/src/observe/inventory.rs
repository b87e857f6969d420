//! Which objects belong to which pipeline, from one LIST of each kind of a namespace, or of all: the owner of an object
//! is looked up and not searched for, so that the cost is linear.
//!
//! A pipeline is the StatefulSet of its name with the Service and the claims that this one names. Once the StatefulSet
//! is gone, labels tell what is left, except for what another StatefulSet uses.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::live::Reader;
use super::ownership;
use crate::api::client::Listing;
use crate::api::failure::failed;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{INSTANCE, Kind, MANAGED_BY, ObjectRef, PipelineRef, object_ref};

/// The objects of one pipeline as they are.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) stateful_set: Option<Value>,
    pub(crate) services: Vec<Value>,
    pub(crate) claims: Vec<Value>,
    /// Objects of the pipeline's names that we never applied, and claims that another StatefulSet uses, too.
    pub(crate) foreign: Vec<ObjectRef>,
    /// Those of them that are claims of its replicas.
    pub(crate) foreign_claims: Vec<Value>,
    /// Services that another StatefulSet names, too.
    pub(crate) shared_services: Vec<Value>,
}

impl Found {
    /// Whether nothing of it is Wellhead's.
    pub(crate) fn is_empty(&self) -> bool {
        self.stateful_set.is_none() && self.services.is_empty() && self.claims.is_empty()
    }

    fn add(&mut self, kind: Kind, object: Value) {
        match (ownership::applied_by_us(&object), kind) {
            (true, Kind::StatefulSet) => self.stateful_set = Some(object),
            (true, Kind::Service) => self.services.push(object),
            (true, _) => self.claims.push(object),
            (false, Kind::PersistentVolumeClaim) => self.add_foreign_claim(object),
            (false, _) => self.foreign.push(object_ref(kind, &object)),
        }
    }

    fn add_foreign_claim(&mut self, object: Value) {
        self.foreign.push(object_ref(Kind::PersistentVolumeClaim, &object));
        self.foreign_claims.push(object);
    }
}

/// Finds the objects of these pipelines of a namespace; without names, of every pipeline of which there is anything.
pub(crate) async fn find_all<R: Reader>(
    reader: &R,
    namespace: &str,
    wanted: Option<&[&PipelineRef]>,
) -> Result<BTreeMap<PipelineRef, Found>, Problem> {
    let wanted = wanted.map(|some| some.iter().copied().collect());
    let mut finder = Finder { wanted, ..Finder::default() };
    walk(reader, Kind::StatefulSet, namespace, |it| finder.add_set(it)).await?;
    walk(reader, Kind::Service, namespace, |it| finder.add_service(it)).await?;
    walk(reader, Kind::PersistentVolumeClaim, namespace, |it| finder.add_claim(it)).await?;
    Ok(finder.found)
}

/// Hands every object of a kind to `visit`.
pub(crate) async fn walk<R: Reader>(
    reader: &R,
    kind: Kind,
    namespace: &str,
    visit: impl FnMut(Value) + Send,
) -> Result<(), Problem> {
    reader.each(Listing::whole(kind, namespace, ""), visit).await.map_err(failed(kind, namespace))
}

/// What was found so far, and what tells whose the rest is.
#[derive(Default)]
struct Finder<'w> {
    /// Those whose objects are kept; none for all.
    wanted: Option<HashSet<&'w PipelineRef>>,
    found: BTreeMap<PipelineRef, Found>,
    /// The StatefulSets that give their replicas claims of a name without its ordinal, by namespace and that name.
    users: HashMap<(String, String), Vec<PipelineRef>>,
    /// The StatefulSets that name a Service, by its namespace and name.
    services: HashMap<(String, String), Vec<PipelineRef>>,
}

impl Finder<'_> {
    /// Where an object of a pipeline is kept, if it is wanted. Of all pipelines, those are whose StatefulSet is ours,
    /// or what is left of it: a cluster may be full of others.
    fn of(&mut self, pipeline: &PipelineRef, object: &Value) -> Option<&mut Found> {
        let is_ours = || {
            let known = self.found.get(pipeline).is_some_and(|it| it.stateful_set.is_some());
            known || ownership::applied_by_us(object)
        };
        let is_wanted = self.wanted.as_ref().map_or_else(is_ours, |some| some.contains(pipeline));
        is_wanted.then(|| self.found.entry(pipeline.clone()).or_default())
    }

    /// Every StatefulSet has a say in whose claims and Services are.
    fn add_set(&mut self, object: Value) {
        let pipeline = of(&object);
        let key = |name: String| (pipeline.namespace.clone(), name);
        let named = json::text(&object, "/spec/serviceName");
        if !named.is_empty() {
            self.services.entry(key(named.to_owned())).or_default().push(pipeline.clone());
        }
        for template in json::items(&object, "/spec/volumeClaimTemplates") {
            let stem = format!("{}-{}", json::name(template), pipeline.name);
            self.users.entry(key(stem)).or_default().push(pipeline.clone());
        }
        if let Some(found) = self.of(&pipeline, &object) {
            found.add(Kind::StatefulSet, object);
        }
    }

    fn add_service(&mut self, object: Value) {
        let pipeline = of(&object);
        let users = self.services.get(&(pipeline.namespace, pipeline.name));
        self.add(Kind::Service, object, &users.cloned().unwrap_or_default());
    }

    fn add_claim(&mut self, object: Value) {
        let PipelineRef { namespace, name } = of(&object);
        let stem = name.rsplit_once('-').filter(|it| it.1.parse::<u32>().is_ok());
        let users = stem.and_then(|(stem, _)| self.users.get(&(namespace, stem.to_owned())));
        self.add(Kind::PersistentVolumeClaim, object, &users.cloned().unwrap_or_default());
    }

    /// Adds what these StatefulSets name, or, where there are none, the pipeline whose labels it has.
    fn add(&mut self, kind: Kind, object: Value, users: &[PipelineRef]) {
        match users {
            [] => {
                let labelled = match kind {
                    Kind::Service => labelled(&object),
                    _ => kept_for(&object),
                };
                if let Some(found) = labelled.and_then(|it| self.of(&it, &object)) {
                    found.add(kind, object);
                }
            }
            [only] => {
                if let Some(found) = self.of(only, &object) {
                    found.add(kind, object);
                }
            }
            // What several name goes with none of them.
            several => {
                for one in several {
                    match (self.of(one, &object), kind) {
                        (Some(found), Kind::Service) => found.shared_services.push(object.clone()),
                        (Some(found), _) => found.add_foreign_claim(object.clone()),
                        (None, _) => {}
                    }
                }
            }
        }
    }
}

/// The pipeline that a Service's labels name.
fn labelled(service: &Value) -> Option<PipelineRef> {
    let name = json::label(service, INSTANCE);
    let ours = json::label(service, MANAGED_BY.0) == MANAGED_BY.1 && !name.is_empty();
    ours.then(|| PipelineRef { name: name.to_owned(), ..of(service) })
}

/// The pipeline of a StatefulSet.
pub(crate) fn of(object: &Value) -> PipelineRef {
    PipelineRef {
        namespace: json::text(object, "/metadata/namespace").to_owned(),
        name: json::name(object).to_owned(),
    }
}

/// The pipeline whose replicas a claim is for, by its label and its name, whether or not there is a StatefulSet.
pub(crate) fn kept_for(claim: &Value) -> Option<PipelineRef> {
    let pipeline = json::label(claim, INSTANCE);
    let (stem, ordinal) = json::name(claim).rsplit_once('-')?;
    let named = ordinal.parse::<u32>().is_ok() && stem.ends_with(&format!("-{pipeline}"));
    let ours = named && !pipeline.is_empty() && ownership::applied_by_us(claim);
    ours.then(|| PipelineRef {
        namespace: json::text(claim, "/metadata/namespace").to_owned(),
        name: pipeline.to_owned(),
    })
}
