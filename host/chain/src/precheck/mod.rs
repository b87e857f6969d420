//! The pre-check: what a component is made of, before anything is compiled.
//!
//! Wasmtime does not count the time and memory of a compilation among its security properties
//! (<https://docs.wasmtime.dev/stability-platform-support.html>), and a kilobyte can take gigabytes.
//! So the host counts first:
//!
//! 1. [`scan`] reads the bytes once and counts. It does not recurse, and keeps little.
//! 2. The numbers are compared with the [budgets](Structure::BUDGETS); everything over one is
//!    reported at once.
//! 3. Only then does the validator of wasmtime itself run, with exactly the features that a plugin may
//!    use. Its work is not linear either, so it runs where the component is compiled
//!    ([`compile`](crate::compile)).
//!
//! What passes can still take long to compile: many functions that are each just within the budgets,
//! or many values that live on the operand stack, not in locals, across many calls. No cheap count
//! tells these from honest code; the limits of the compilation end them.

mod body;
mod flatten;
mod scan;
mod scope;
mod structure;
mod types;
mod validate;

use std::hash::{DefaultHasher, Hash, Hasher};

pub use structure::{Excess, Structure};
pub(crate) use validate::{unsupported, validate};

use crate::Fault;

/// Numbers that are not counted to their end once they are over their budget.
const CUT: [&str; 3] = ["nesting", "typeNesting", "blocks"];

impl Structure {
    /// Counts what a component is made of. Of one that is over a budget, some numbers are too small.
    pub fn of(component: &[u8]) -> Self {
        scan::scan(component, &Self::BUDGETS).structure
    }

    /// Counts what a component is made of, and checks that it is within the budgets and that the
    /// engine supports all of it, as loading it does before it compiles. Loading it validates in another
    /// process, this in the same one: for components that are trusted not to be made against the
    /// validator.
    pub fn check(component: &[u8], budgets: &Self) -> Result<Self, Fault> {
        let structure = check(component, budgets)?;
        validate(component)?;
        Ok(structure)
    }
}

/// Checks a component against the budgets. Whether the engine supports all of it is left to
/// [`validate`].
pub(crate) fn check(bytes: &[u8], budgets: &Structure) -> Result<Structure, Fault> {
    let scanned = scan::scan(bytes, budgets);
    let mut excesses = scanned.structure.excesses(budgets);
    for excess in &mut excesses {
        let place = scanned.places.iter().find(|place| place.0 == excess.budget);
        excess.offset = place.map(|place| place.1);
        excess.at_least |= CUT.contains(&excess.budget);
    }
    if !excesses.is_empty() {
        return Err(Fault::Refused { excesses });
    }
    if let Some(error) = scanned.error {
        return Err(validate::malformed(&error));
    }
    Ok(scanned.structure)
}

/// A number for what a passed check means: other budgets or another form of the check have another.
pub(crate) fn fingerprint(budgets: &Structure) -> u64 {
    /// Counts the changes of what the check refuses under the same budgets.
    const REVISION: u32 = 2;
    let mut hasher = DefaultHasher::new();
    (REVISION, budgets).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
