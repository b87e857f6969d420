//! Deleting any number of pipelines, each with a fate of its own.
//!
//! What there is of them is read for many at once, and each pipeline's Lease is taken on what was read: another run that
//! wrote since makes this one pipeline be read again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::stream;
use futures::stream::StreamExt as _;

use super::delete;
use super::delete::Inventory;
use crate::api::client::Client;
use crate::api::connect::Cluster;
use crate::api::warning::Heard;
use crate::model::error::{ClusterError, ENDINGS};
use crate::model::object::PipelineRef;
use crate::model::options::{DeleteOptions, Deletion};
use crate::model::progress::Progress;
use crate::model::report::DeleteReport;
use crate::model::stop::StopSignal;

/// Pipelines of a namespace that are read at once.
const WAVE: usize = 1_000;

/// Pipelines that are deleted at once: most of the time they wait for their pods to end. How many requests are in flight is
/// up to the connection.
const AT_ONCE: usize = 64;

impl Cluster {
    /// Those deletions that have something to do or to tell. All are checked: what speaks against any of them is the
    /// error, and nothing is written.
    pub async fn check_deletions(
        &self,
        deletions: &[Deletion],
    ) -> Result<Vec<Deletion>, ClusterError> {
        let stop = StopSignal::default();
        let client = Client::reading(self, &stop);
        let (mut known, mut problems) = (Vec::new(), Vec::new());
        for (namespace, wave) in waves(deletions) {
            let all = Inventory::read_all(&client, namespace, &pipelines(&wave)).await?;
            for ((at, deletion), all) in wave.into_iter().zip(all) {
                problems.extend(all.refusals(&client, deletion).await);
                known.extend(all.is_known().then_some((at, deletion)));
            }
        }
        if !problems.is_empty() {
            return Err(ClusterError::Refused(problems));
        }
        known.sort_by_key(|(at, _)| *at);
        Ok(known.into_iter().map(|(_, deletion)| deletion.clone()).collect())
    }

    /// Deletes the objects of pipelines, and tells what became of each, in their order. One that fails leaves the others
    /// alone; after a stop, or once the cluster cannot be reached any more, those that were not begun are
    /// [`ClusterError::Stopped`]. The claims of each are its deletion's to say, not those of the options.
    pub async fn delete_all(
        &self,
        deletions: &[Deletion],
        options: &DeleteOptions,
        progress: &dyn Progress,
    ) -> Vec<Result<DeleteReport, ClusterError>> {
        let is_over = AtomicBool::new(false);
        let not_begun = || Err(ClusterError::Stopped { report: None });
        let mut results: Vec<_> = deletions.iter().map(|_| not_begun()).collect();
        for (namespace, wave) in waves(deletions) {
            if options.stop.is_stopped() || is_over.load(Ordering::Relaxed) {
                break;
            }
            let heard = Heard::default();
            let client = Client::new(self, progress, &options.stop, &heard);
            match Inventory::read_all(&client, namespace, &pipelines(&wave)).await {
                Ok(all) => {
                    let each = wave.into_iter().zip(all);
                    let each = each.map(|((at, deletion), all)| {
                        let is_over = &is_over;
                        async move {
                            if is_over.load(Ordering::Relaxed) {
                                return (at, not_begun());
                            }
                            let result = self.delete_one(deletion, options, progress, all).await;
                            is_over.fetch_or(ends_all(&result), Ordering::Relaxed);
                            (at, result)
                        }
                    });
                    let mut each = stream::iter(each).buffer_unordered(AT_ONCE);
                    while let Some((at, result)) = each.next().await {
                        results[at] = result;
                    }
                }
                Err(problem) => {
                    is_over.fetch_or(ENDINGS.contains(&problem.code), Ordering::Relaxed);
                    for (at, _) in wave {
                        results[at] = Err(problem.clone().into());
                    }
                }
            }
        }
        results
    }

    /// One of them, which hears for itself what the server warns of.
    async fn delete_one(
        &self,
        deletion: &Deletion,
        options: &DeleteOptions,
        progress: &dyn Progress,
        all: Inventory,
    ) -> Result<DeleteReport, ClusterError> {
        let heard = Heard::default();
        let client = Client::new(self, progress, &options.stop, &heard);
        delete::delete(&client, deletion, options, all).await
    }
}

/// Deletions by namespace, so many at once, each with its position.
fn waves(deletions: &[Deletion]) -> Vec<(&str, Vec<(usize, &Deletion)>)> {
    let mut namespaces: BTreeMap<&str, Vec<(usize, &Deletion)>> = BTreeMap::new();
    for (at, deletion) in deletions.iter().enumerate() {
        namespaces.entry(&deletion.pipeline.namespace).or_default().push((at, deletion));
    }
    let waves = |(namespace, all): (_, Vec<_>)| {
        all.chunks(WAVE).map(|wave| (namespace, wave.to_vec())).collect::<Vec<_>>()
    };
    namespaces.into_iter().flat_map(waves).collect()
}

fn pipelines<'d>(wave: &[(usize, &'d Deletion)]) -> Vec<&'d PipelineRef> {
    wave.iter().map(|(_, deletion)| &deletion.pipeline).collect()
}

/// Whether no further deletion can succeed.
fn ends_all(result: &Result<DeleteReport, ClusterError>) -> bool {
    let problems = result.as_ref().err().map_or(&[][..], ClusterError::problems);
    problems.iter().any(|it| ENDINGS.contains(&it.code))
}
