//! What the fuzz targets call of the inside of this crate.

use serde_json::Value;
use wellhead_render::ResourceSet;

use crate::model::object::PipelineRef;
use crate::store::{packing, revisions};

/// Reads the first part of a record as a run does that goes back to it; its content may be packed already.
///
/// # Errors
/// What is wrong with it.
pub fn open_record(
    pipeline: &PipelineRef,
    first: &Value,
    packed: &[u8],
) -> Result<(Value, ResourceSet), String> {
    let (_, claimed, summary) =
        revisions::summary(pipeline, first).map_err(|problem| problem.to_string())?;
    let stored = revisions::open(pipeline, summary, &claimed, packed)?;
    Ok((stored.content.spec, stored.content.objects))
}

/// Packs what a record holds, as a run does that writes it, and computes its digest.
///
/// # Errors
/// It is more than a record may have.
pub fn pack_record(content: &Value, objects: &ResourceSet) -> Result<(Vec<u8>, String), String> {
    Ok((packing::pack(content)?, revisions::digest(objects)))
}
