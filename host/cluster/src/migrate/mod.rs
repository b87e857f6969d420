//! Moves the data of a claim to another volume, under the same name.
//!
//! Two ideas keep the data. The new volume is bound to the claim's *name* before the old claim is deleted, so that
//! the next claim of that name gets it, whichever client creates it. And a finalizer on the pod keeps its controller from starting
//! another one while neither volume may be written.
//!
//! Nothing is remembered between two steps: [`look`] reads what there is, [`next`] decides without a cluster what follows
//! from it, and [`act`] takes that one step. So a run that died anywhere is gone on with by the same command. What a run
//! has begun, labels of the volumes say ([`marks`]).
//!
//! The old volume is kept until a person releases it.

pub(crate) mod abort;
pub(crate) mod act;
pub(crate) mod fields;
pub(crate) mod fill;
pub(crate) mod look;
pub(crate) mod marks;
pub(crate) mod next;
pub(crate) mod run;
