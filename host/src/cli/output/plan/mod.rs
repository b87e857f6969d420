//! A plan, for people and for programs.

pub(crate) mod text;
pub(crate) mod view;
