//! Golden, CLI, hostile-plugin and cluster tests of Wellhead.
