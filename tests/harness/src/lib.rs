//! Starts the real control plane for tests and the demo.
