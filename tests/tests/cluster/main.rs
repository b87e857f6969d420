//! What `wellhead-cluster` does to a real API server. One control plane serves all tests; each has a namespace.

#![expect(clippy::panic, reason = "helpers of tests panic as the tests themselves do")]

mod accepted;
mod agreed;
mod apply;
mod delete;
mod deletions;
mod drift;
mod faults;
mod fields;
mod fleet;
mod history;
mod history_cli;
mod impact;
mod import;
mod import_values;
mod leftover;
mod linear;
mod list;
mod lock;
mod many;
mod noop;
mod order;
mod ownership;
mod ownership_cli;
mod plan;
mod plan_cli;
mod preflight;
mod records;
mod recreate;
mod recreate_carried;
mod recreate_cli;
mod recreate_faults;
mod refuse;
mod rollback;
mod saved_plan;
mod scale_down;
mod scenarios;
mod secrets;
mod storage;
mod support;
mod wait;
