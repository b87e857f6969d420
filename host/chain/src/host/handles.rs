//! What a plugin holds of a pipeline.

/// The pipeline. There is one, so its handle says nothing.
pub struct PipelineHandle;

/// A container, by its place among the host's handles.
pub struct ContainerHandle;

/// A claim, by its place among the host's handles.
pub struct ClaimHandle;

/// The Service. There is one, so its handle says nothing.
pub struct ServiceHandle;
