//! The command line as a user meets it: exit code, standard output and standard error together.

mod audit;
mod cache;
mod codes;
mod context;
mod delete;
mod explain;
mod first_party;
mod help;
mod hostile_text;
mod input;
mod invalid;
mod namespace;
mod order;
mod output;
mod output_dir;
mod plugin_bench;
mod plugin_build;
mod plugin_check;
mod plugin_faults;
mod plugin_inspect;
mod plugin_new;
mod plugin_run;
mod plugin_test;
mod provenance;
mod rights;
mod selection;
