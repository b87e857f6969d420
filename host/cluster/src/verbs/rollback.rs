//! Going back to a revision, from what the cluster keeps of it: neither files nor plugins are needed.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use serde::Deserialize;
use serde_json::Value;
use wellhead_diagnostics::Code;
use wellhead_render::ResourceSet;

use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::decide::claim;
use crate::model::error::{ClusterError, Problem};
use crate::model::object::{Kind, ObjectRef, PipelineRef};
use crate::model::remedy::Remedy;
use crate::model::revision::{About, Revision, RevisionRef, StoredRevision};
use crate::model::stop::StopSignal;
use crate::observe::live;
use crate::store::lease;
use crate::store::rollback_target::{around, not_kept};

/// What becomes of claims that are larger than they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// Going back is refused.
    #[default]
    Refuse,
    /// They stay as they are, and everything else goes back.
    Keep,
}

/// Where to go back to, ready to be planned and applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollback {
    /// The revision.
    pub target: StoredRevision,
    /// Its objects, with storage as it is where it cannot go back.
    pub objects: ResourceSet,
    /// What cannot go back.
    pub kept: Vec<Problem>,
}

impl Rollback {
    /// What the history notes of it.
    pub fn about(&self) -> About {
        About {
            spec: self.target.spec.clone(),
            origin: self.target.origin.clone(),
            plugins: self.target.revision.plugins.clone(),
            rollback_to: Some(self.target.revision.number),
        }
    }
}

impl Cluster {
    /// Finds the revision to go back to: the one of a number, else the newest that was complete before what is there
    /// now. Nothing is written.
    ///
    /// Volumes cannot shrink. Where the revision asks for smaller ones, `storage` decides.
    ///
    /// A revision that no Lease notes may be the work of a user with fewer rights than the caller has. It is refused
    /// unless it is named with its digest, which says that its content was looked at.
    pub async fn rollback(
        &self,
        pipeline: &PipelineRef,
        revision: Option<&RevisionRef>,
        storage: Storage,
    ) -> Result<Rollback, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let number = match revision {
            Some(revision) => revision.number,
            None => around(&client, pipeline).await?.1,
        };
        let Some(target) = self.revision(pipeline, number).await? else {
            let what = format!("revision {number} of {pipeline} is not kept");
            return Err(ClusterError::Refused(vec![not_kept(what, pipeline)]));
        };
        let named = revision.and_then(|it| it.digest.as_deref());
        confirm(&client, pipeline, &target.revision, named).await?;
        let mut objects = target.objects.clone();
        let kept = keep_storage(&client, &mut objects, pipeline).await?;
        if storage == Storage::Refuse && !kept.is_empty() {
            return Err(ClusterError::Refused(kept));
        }
        Ok(Rollback { target, objects, kept })
    }
}

/// Refuses a revision of which nothing but itself says that a run of Wellhead applied it.
async fn confirm(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    Revision { number, digest, .. }: &Revision,
    named: Option<&str>,
) -> Result<(), ClusterError> {
    let check =
        |digest| Remedy::CheckRevision { pipeline: pipeline.clone(), number: *number, digest };
    let problem = match named {
        Some(named) if named == digest => return Ok(()),
        Some(named) => {
            let what = format!("revision {number} of {pipeline} is not the one that is named");
            Problem::new(Code::UnconfirmedRevision, what)
                .why(format!("its objects have the digest {digest}, not {named}"))
                .remedy(check(None))
        }
        None if lease::state(client, pipeline).await?.notes(*number, digest) => return Ok(()),
        None => {
            let what = format!("nothing confirms that revision {number} of {pipeline} was applied");
            Problem::new(Code::UnconfirmedRevision, what)
                .why("the Lease of the pipeline does not note it: who may write records may have made it")
                .remedy(check(Some(digest.clone())))
        }
    };
    Err(ClusterError::Refused(vec![problem]))
}

/// Gives claims that cannot become what they were what they are, and says which.
async fn keep_storage(
    client: &Client<'_>,
    set: &mut ResourceSet,
    pipeline: &PipelineRef,
) -> Result<Vec<Problem>, Problem> {
    let object = |claim: &PersistentVolumeClaim| {
        let name = claim.metadata.name.as_deref().unwrap_or_default();
        ObjectRef::new(Kind::PersistentVolumeClaim, &pipeline.namespace, name)
    };
    let objects: Vec<_> = set.claims.iter().map(object).collect();
    let live = live::read(client, &objects).await?;
    let mut kept = Vec::new();
    for (claim, object) in set.claims.iter_mut().zip(&objects) {
        let Some(live) = live.get(object) else { continue };
        stay_kept(claim, live);
        let mut wanted = serde_json::to_value(&*claim)
            .expect("because the keys of Kubernetes' own types are texts");
        let problems = claim::unchangeable(object, &wanted, live);
        if problems.is_empty() {
            continue;
        }
        for pointer in problems.iter().filter_map(|it| Some(pointer(it.field.as_deref()?))) {
            let Some((parent, name)) = pointer.rsplit_once('/') else { continue };
            if let (Some(Value::Object(wanted)), Some(live)) =
                (wanted.pointer_mut(parent), live.pointer(&pointer))
            {
                wanted.insert(name.to_owned(), live.clone());
            }
        }
        *claim = PersistentVolumeClaim::deserialize(wanted)
            .expect("because it was one, and got values of another one");
        kept.extend(problems.into_iter().map(stays));
    }
    Ok(kept)
}

/// A revision may be of a time when claims did not say "keep" to tools that prune. Going back does not take that away.
fn stay_kept(claim: &mut PersistentVolumeClaim, live: &Value) {
    let annotations = live["metadata"]["annotations"].as_object().into_iter().flatten();
    for (key, value) in annotations.filter(|it| wellhead_spec::keeps(it.0)) {
        let value = value.as_str().unwrap_or_default().to_owned();
        let own = claim.metadata.annotations.get_or_insert_default();
        own.entry(key.clone()).or_insert(value);
    }
}

/// `spec.resources` as a JSON pointer.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

fn stays(problem: Problem) -> Problem {
    let what = problem.what.clone();
    Problem {
        code: Code::StorageCannotGoBack,
        what: format!("the storage of a revision cannot come back: {what}"),
        remedy: Some(Remedy::KeepStorage),
        hints: Vec::new(),
        ..problem
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::PersistentVolumeClaim;
    use serde_json::json;

    use super::stay_kept;

    #[test]
    fn going_back_takes_nothing_away_that_keeps_a_claim() {
        let live = json!({"metadata": {"annotations": {
            "helm.sh/resource-policy": "keep", "a": "live",
            "kustomize.toolkit.fluxcd.io/prune": "disabled"}}});
        let mut claim = PersistentVolumeClaim::default();
        claim.metadata.annotations.get_or_insert_default().insert("a".into(), "then".into());
        stay_kept(&mut claim, &live);
        let annotations = json!(claim.metadata.annotations);
        let kept = json!({
            "helm.sh/resource-policy": "keep", "a": "then",
            "kustomize.toolkit.fluxcd.io/prune": "disabled"});
        assert_eq!(annotations, kept);
        let mut never = PersistentVolumeClaim::default();
        stay_kept(&mut never, &json!({"metadata": {}}));
        assert_eq!(never, PersistentVolumeClaim::default(), "nothing is added that was not there");
    }
}
