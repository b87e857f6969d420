//! What stays of an object although the pipeline does not say it, because a tool that applied it before owns it.
//!
//! Server-side apply removes a field that its manager no longer says, unless another manager has it, too. After a
//! takeover that is every field. The rule by which a field is left behind, and reported:
//!
//! - the pipeline does not say it, it exists, and removing it would change the object: a default of the server is none,
//! - who owns it is an earlier applier: the maker of the object, or a tool by which people apply manifests; or we own
//!   it, too, as an earlier apply said it,
//! - no policy of the pipeline leaves it to its owner, and it is no note that a tool keeps for itself.
//!
//! It goes when the user asks for it: `--take FIELD` takes a field from all of its owners. `--adopt` ends the entries
//! of earlier appliers in the managedFields: what the pipeline says is ours alone, as is what an earlier apply
//! said and what is in the way of the pipeline; what no pipeline ever said stays with them, and is reported. What the
//! server filled in, and no manager owns, goes by itself where it is in the way.
//!
//! Two writes do it (`take`): the managedFields is changed under the object's resourceVersion, which changes no
//! value, and the apply that follows removes what is ours and not said. Pods restart once, if at all, and after a crash
//! in between any apply of the same files ends it.

pub(crate) mod entry;
pub(crate) mod find;
pub(crate) mod managers;
pub(crate) mod merged;
pub(crate) mod report;
pub(crate) mod settle;
pub(crate) mod take;
pub(crate) mod takeover;

pub(crate) mod unions;

use entry::Unit;
