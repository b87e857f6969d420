//! What an object has and its pipeline does not say, and who owns it.

use serde_json::Value;
use wellhead_spec::FieldPath;

use crate::model::ownership::Owner;

/// What an entry of the record is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Our record of applied fields.
    Ours,
    /// Who applied the object before: its maker, or a tool that people apply manifests with.
    Applier,
    /// A controller, or another manager that owns a part.
    Other,
}

/// An entry of the record in the version that we apply, without those of subresources.
#[derive(Debug)]
pub(crate) struct Entry<'l> {
    /// Its place in the record.
    pub(super) at: usize,
    pub(crate) role: Role,
    pub(crate) owner: Owner,
    pub(crate) fields: &'l Value,
}

/// A field or an item that exists, and that the pipeline does not say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    /// Where it is in the object, as paths name it.
    pub(crate) path: FieldPath,
    /// Where it is in the live object.
    pub(crate) pointer: String,
    /// Where managedFields has it.
    pub(crate) record: Vec<String>,
    pub(crate) value: Value,
    /// The entries of the managedFields that name it, ours aside.
    pub(crate) entries: Vec<usize>,
    /// Whether we own it, too: an earlier apply said it.
    pub(crate) ours: bool,
    /// Whether what the pipeline says cannot be stored beside it.
    pub(crate) in_the_way: bool,
    /// Whether it is one of several items with the same key, of which the pipeline says one.
    pub(crate) twice: bool,
    /// The list that it is an item of; none for a field.
    pub(crate) list: Option<String>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) units: Vec<Unit>,
    /// What is ours alone, so that an apply removes it by itself.
    pub(crate) goes: Vec<(String, Vec<String>)>,
    /// Fields that policies leave to those who own them, as managedFields has them.
    pub(crate) shared: Vec<Vec<String>>,
}
