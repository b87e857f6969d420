//! What is waited for, and how the wait ends.

use std::collections::HashMap;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use crate::api::packed::Packed;
use crate::model::error::Problem;
use crate::model::object::{ObjectRef, PipelineRef};
use crate::model::status::Readiness;
use crate::recreate::orphans::Orphan;

/// What to wait for.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) pipeline: PipelineRef,
    pub(crate) stateful_set: ObjectRef,
    /// The Service that it names.
    pub(crate) service: String,
    pub(crate) claims: Vec<ObjectRef>,
    /// The generation that our write made; an older status says nothing.
    pub(crate) generation: i64,
    /// Pods that ran before the StatefulSet was there, and that it is to adopt.
    pub(crate) orphans: Vec<Orphan>,
    /// Claims whose volumes this call makes larger.
    pub(crate) growing: Vec<ObjectRef>,
    /// Whether broken pods of an earlier template may be deleted.
    pub(crate) replace_stuck_pods: bool,
}

impl Target {
    /// What is looked at.
    pub(super) fn objects(&self) -> impl Iterator<Item = &ObjectRef> {
        std::iter::once(&self.stateful_set).chain(&self.claims)
    }
}

/// What exists of the objects of targets.
#[derive(Default)]
pub(crate) struct Found {
    sets: HashMap<ObjectRef, StatefulSet>,
    claims: HashMap<ObjectRef, PersistentVolumeClaim>,
}

impl Found {
    /// Takes out of what was read what these targets look at.
    pub(super) fn unpack<'t>(
        targets: impl Iterator<Item = &'t Target>,
        read: &mut HashMap<ObjectRef, Packed>,
    ) -> Self {
        let mut found = Self::default();
        for target in targets {
            let set = &target.stateful_set;
            found.sets.extend(read.remove(set).map(|it| (set.clone(), it.read())));
            let claims = target.claims.iter();
            let claims = claims.filter_map(|it| Some((it.clone(), read.remove(it)?.read())));
            found.claims.extend(claims);
        }
        found
    }

    pub(super) fn set(&self, target: &Target) -> Option<&StatefulSet> {
        self.sets.get(&target.stateful_set)
    }

    /// Those of these claims that exist.
    pub(super) fn claims<'f>(
        &'f self,
        claims: &'f [ObjectRef],
    ) -> impl Iterator<Item = &'f PersistentVolumeClaim> {
        claims.iter().filter_map(|claim| self.claims.get(claim))
    }
}

/// How a wait ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) readiness: Readiness,
    /// Empty when everything is ready.
    pub(crate) problems: Vec<Problem>,
    /// What the user should know all the same.
    pub(crate) warnings: Vec<Problem>,
}
