//! Objects meet the cluster: apply, wait, status, delete.
