//! Plugins transform a pipeline: engine, limits, grants, edits, provenance.
