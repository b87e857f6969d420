//! Recreating a StatefulSet while its pods keep running, for immutable fields.
//!
//! It is deleted without its pods (`propagationPolicy: Orphan`) and created again; its controller then adopts the pods
//! that are there. What may get lost on the way decides about the order (`steps`):
//!
//! 1. claims are written before, and kept from the deletion by the retention policy of the object that goes,
//! 2. the deletion names uid and resourceVersion of an object read just before,
//! 3. nothing is applied until the object is gone: it would vanish along with it,
//! 4. what others own of the object is in the new one from its first moment, or its controller would act on the lack.
//!
//! After a crash at any point the same call goes on: without the object it creates it, finds the pods (`orphans`), and
//! knows what others had set of it (`store::handover`).

mod backoff;
pub(crate) mod orphans;
pub(crate) mod phase;
pub(crate) mod preview;
pub(crate) mod steps;
pub(crate) mod successor;
