//! What a field holds: names, quantities, images, labels and texts.

pub(crate) mod finding_code;
pub(crate) mod image;
pub mod label;
pub mod mount_path;
pub(crate) mod name;
pub(crate) mod quantity;
pub(crate) mod scalar;
