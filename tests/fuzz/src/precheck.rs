//! Any bytes as a component before it is compiled.

use wellhead_chain::Structure;

/// The pre-check comes to an end and always to the same one, refuses nothing that is within its
/// budgets, and passes nothing that is over one.
pub(crate) fn run(data: &[u8]) {
    let counted = Structure::of(data);
    let Ok(checked) = Structure::check(data, &Structure::BUDGETS) else { return };
    assert_eq!(counted, checked, "what passes is counted to its end");
    assert_eq!(
        Structure::check(data, &checked).ok(),
        Some(checked),
        "budgets that are just enough admit it"
    );
}
