//! What a task says when it fails.

/// An error, its causes and what to type next, a line each.
pub(crate) fn report(
    error: &dyn std::error::Error,
    hint: Option<impl std::fmt::Display>,
) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let lines = causes.map(|cause| format!("\n  cause: {cause}"));
    let hint = hint.map(|hint| format!("\n  hint: {hint}"));
    std::iter::once(error.to_string()).chain(lines).chain(hint).collect()
}
