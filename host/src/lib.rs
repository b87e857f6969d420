//! A WebAssembly plugin host for stateful pipelines on Kubernetes.
