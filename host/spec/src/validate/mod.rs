//! The rules that types cannot say, all of them checked at once.
//!
//! They are the API server's rules and those of a pipeline's own parts among each other. Rules that
//! need a cluster (does the StorageClass exist?) are not here.

mod annotation;
mod claim;
mod container;
mod customization;
mod ownership;
mod path;
mod pod;
mod rule;
mod security;
mod selector;
mod service;
mod size;
mod spelling;
mod volume;
mod volume_migration;

pub use customization::validate_customization;
pub(crate) use customization::{
    check_fact_names, check_limits, check_patterns, check_waived_codes, validate_case,
    validate_project,
};
pub use rule::MAX_REPLICAS;
pub use size::{MAX_CLAIM_BYTES, MAX_CLAIMS};

use crate::{Finding, Pipeline};

/// Everything that is wrong with a pipeline, in the order of its parts. Paths are those of the
/// draft; [`Located::locate`](crate::Located::locate) adds the place.
pub fn validate(pipeline: &Pipeline) -> Vec<Finding> {
    tracing::trace!("a pipeline is validated");
    let mut findings = Vec::new();
    pod::check(pipeline, &mut findings);
    service::check(pipeline, &mut findings);
    container::check(pipeline, &mut findings);
    claim::check(pipeline, &mut findings);
    size::check(pipeline, &mut findings);
    security::check_pod(&pipeline.spec, &mut findings);
    annotation::check(pipeline, &mut findings);
    spelling::check(pipeline, &mut findings);
    ownership::check(&pipeline.spec, &mut findings);
    volume_migration::check(&pipeline.spec, &mut findings);
    findings
}
