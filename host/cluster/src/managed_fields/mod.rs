//! Who owns which field of an object, by the server's `managedFields`. Pure: values in, values out.

pub(crate) mod conflict;
pub(crate) mod items;
pub(crate) mod owners;
pub(crate) mod policy;
pub(crate) mod recorded;
pub(crate) mod unchanged;
