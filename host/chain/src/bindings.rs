//! The contract as Rust, generated from `wit/v0.1`. Nothing else in this crate names it.

pub(crate) mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/v0.1",
        world: "wellhead:plugin/plugin",
        imports: { default: trappable },
        trappable_error_type: {
            "wellhead:plugin/types.edit-error" => crate::session::fault::EditFault,
        },
        with: {
            "wellhead:plugin/pipeline.pipeline": crate::host::PipelineHandle,
            "wellhead:plugin/pipeline.container": crate::host::ContainerHandle,
            "wellhead:plugin/pipeline.claim": crate::host::ClaimHandle,
            "wellhead:plugin/pipeline.service": crate::host::ServiceHandle,
        },
    });
}

pub(crate) use generated::exports::wellhead::plugin::{describe, transform, validate};
pub(crate) use generated::wellhead::plugin::{log, pipeline, types};
