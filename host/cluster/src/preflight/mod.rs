//! What a server's dry run does not see, and what would keep pods from starting: told by a plan, as warnings, all at once.
//!
//! What may not be read is not judged.

mod class;
mod nodes;
mod references;

use futures::future::join_all;

use crate::decide::{Decision, PipelinePlan};
use crate::error::Problem;
use crate::failure::Failure;
use crate::session::Session;

/// Looks at the pipelines that would change, and adds what it finds to their warnings.
pub(crate) async fn check(
    session: &Session<'_>,
    plans: &mut [PipelinePlan],
) -> Result<(), Problem> {
    let changing =
        plans.iter_mut().filter(|it| it.steps().any(|step| step.decision != Decision::Leave));
    let mut changing: Vec<_> = changing.collect();
    if changing.is_empty() {
        return Ok(());
    }
    class::check(session, &mut changing).await?;
    nodes::check(session, &mut changing).await?;
    let found = join_all(changing.iter().map(|plan| references::missing(session, plan))).await;
    for (plan, found) in changing.iter_mut().zip(found) {
        plan.warnings.extend(found?);
    }
    Ok(())
}

/// A result, or none when the credentials do not allow the request.
fn readable<T>(result: Result<T, Failure>, what: &str) -> Result<Option<T>, Problem> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_forbidden() => Ok(None),
        Err(failure) => Err(failure.describe(&format!("cannot read {what}"), "")),
    }
}
