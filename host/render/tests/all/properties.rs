//! What holds for every pipeline.
