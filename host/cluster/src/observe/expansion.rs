//! Volumes that grow, and how far each is.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims>

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimStatus};
use wellhead_diagnostics::Code;

use super::diagnosis::{Outlook, Reason};
use super::events::Reported;
use crate::model::error::Problem;
use crate::model::json::typed::text;
use crate::model::object::{Kind, ObjectRef};
use crate::model::quantity::amount;
use crate::model::status::Growth;

/// The resource of a claim that is its size.
const SIZE: &str = "storage";

/// The size that is asked for, or "".
pub(crate) fn requested(claim: &PersistentVolumeClaim) -> &str {
    let resources = claim.spec.as_ref().and_then(|it| it.resources.as_ref());
    let size = resources.and_then(|it| it.requests.as_ref()?.get(SIZE));
    size.map(|it| it.0.as_str()).unwrap_or_default()
}

/// The size that its volume has, or "".
pub(crate) fn capacity(claim: &PersistentVolumeClaim) -> &str {
    let size = status(claim).and_then(|it| it.capacity.as_ref()?.get(SIZE));
    size.map(|it| it.0.as_str()).unwrap_or_default()
}

fn status(claim: &PersistentVolumeClaim) -> Option<&PersistentVolumeClaimStatus> {
    claim.status.as_ref()
}

/// How far a claim's volume is, or `None` when it has the size that is asked for.
pub(crate) fn of(claim: &PersistentVolumeClaim) -> Option<Growth> {
    let (wants, has) = (amount(requested(claim))?, amount(capacity(claim))?);
    if wants <= has {
        return None;
    }
    let states = status(claim).and_then(|it| it.allocated_resource_statuses.as_ref());
    let state = text(states.and_then(|it| it.get(SIZE)));
    // Older servers say "Failed".
    let failed = state.ends_with("Infeasible") || state.ends_with("Failed");
    Some(match state {
        _ if failed => Growth::Failed,
        "NodeResizePending" | "NodeResizeInProgress" => Growth::FileSystem,
        _ if condition(claim, "FileSystemResizePending").is_some() => Growth::FileSystem,
        "ControllerResizeInProgress" => Growth::Resizing,
        _ if condition(claim, "Resizing").is_some() => Growth::Resizing,
        _ => Growth::Requested,
    })
}

/// The message of a condition that holds.
fn condition<'a>(claim: &'a PersistentVolumeClaim, name: &str) -> Option<&'a str> {
    let conditions = status(claim).and_then(|it| it.conditions.as_ref());
    let found = conditions.into_iter().flatten().find(|it| it.type_ == name)?;
    (found.status == "True").then(|| text(found.message.as_ref()))
}

/// What is outstanding of a claim that is to grow, and whether it can come. `event` is the newest failure that was
/// reported of it.
pub(crate) fn outstanding(
    claim: &PersistentVolumeClaim,
    event: Option<&Reported>,
) -> Option<Reason> {
    let growth = of(claim)?;
    let object = ObjectRef::of(Kind::PersistentVolumeClaim, &claim.metadata);
    let (has, wants) = (capacity(claim), requested(claim));
    let said = ["ControllerResizeError", "NodeResizeError", "Resizing", "FileSystemResizePending"]
        .iter()
        .filter_map(|name| condition(claim, name))
        .chain(event.map(|event| event.message.as_str()))
        .find(|message| !message.is_empty());
    let code =
        if growth == Growth::Failed { Code::ExpansionFailed } else { Code::ExpansionPending };
    let what = match growth {
        Growth::Requested => format!("{object} waits for expansion from {has} to {wants}"),
        Growth::Resizing => format!("{object} is growing from {has} to {wants}"),
        Growth::FileSystem => {
            format!("the volume of {object} has {wants}, and its file system still has {has}")
        }
        Growth::Failed => format!("{object} cannot grow from {has} to {wants}"),
    };
    let hint = match growth {
        Growth::FileSystem => restart(&object),
        Growth::Failed => {
            format!(
                "ask for more than the {has} that its volume has, and for no more than there is room for"
            )
        }
        _ => format!("its storage driver does that: {}", object.kubectl("describe")),
    };
    let mut problem = Problem::new(code, what).on(&object).field("spec.resources.requests.storage");
    problem.why = said.map(str::to_owned);
    let outlook = if growth == Growth::Failed { Outlook::Never } else { Outlook::MayHeal };
    Some(Reason::new(outlook, problem.hint(hint)))
}

fn restart(claim: &ObjectRef) -> String {
    let ordinal = claim.name.rsplit('-').next().unwrap_or_default();
    format!(
        "its node does that in a moment, or when it mounts the volume again: to have that, restart the pod with ordinal {ordinal}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wellhead_diagnostics::Code;

    use super::{of, outstanding};
    use crate::model::json::typed::lenient;
    use crate::model::status::Growth;
    use crate::observe::diagnosis::Outlook;
    use crate::observe::events::Reported;

    fn claim(status: &Value) -> Value {
        let mut claim = json!({
            "metadata": {"name": "data-db-0", "namespace": "ns"},
            "spec": {"resources": {"requests": {"storage": "2Gi"}}},
            "status": {"capacity": {"storage": "1Gi"}}});
        claim["status"].as_object_mut().unwrap().extend(status.as_object().unwrap().clone());
        claim
    }

    fn condition(name: &str) -> Value {
        json!({"conditions": [{"type": name, "status": "True", "message": "the driver's words"}]})
    }

    #[test]
    fn each_state_of_a_claim_is_told_apart() {
        let status = |state: &str| json!({"allocatedResourceStatuses": {"storage": state}});
        let table = [
            (json!({}), Some(Growth::Requested)),
            (condition("Resizing"), Some(Growth::Resizing)),
            (status("ControllerResizeInProgress"), Some(Growth::Resizing)),
            (condition("FileSystemResizePending"), Some(Growth::FileSystem)),
            (status("NodeResizePending"), Some(Growth::FileSystem)),
            (status("ControllerResizeInfeasible"), Some(Growth::Failed)),
            (status("NodeResizeInfeasible"), Some(Growth::Failed)),
            (json!({"capacity": {"storage": "2048Mi"}}), None),
        ];
        for (status, expected) in table {
            assert_eq!(of(&lenient(&claim(&status))), expected, "{status}");
        }
    }

    #[test]
    fn a_claim_without_a_volume_does_not_grow() {
        let mut unbound = claim(&json!({}));
        unbound["status"].as_object_mut().unwrap().remove("capacity");
        assert_eq!(of(&lenient(&unbound)), None);
    }

    #[test]
    fn what_cannot_come_names_the_way_back_and_the_drivers_words() {
        let mut failed = claim(&condition("ControllerResizeError"));
        failed["status"]["allocatedResourceStatuses"] =
            json!({"storage": "ControllerResizeInfeasible"});
        let reason = outstanding(&lenient(&failed), None).unwrap();
        assert_eq!((reason.problem.code, reason.outlook), (Code::ExpansionFailed, Outlook::Never));
        assert_eq!(reason.problem.why.as_deref(), Some("the driver's words"));
        let hint = &reason.problem.hints[0];
        assert!(hint.starts_with("ask for more than the 1Gi"), "{hint}");
    }

    #[test]
    fn what_may_come_is_waited_for() {
        let event =
            Reported { reason: "x".to_owned(), message: "busy".to_owned(), last: (None, 1) };
        let reason = outstanding(&lenient(&claim(&json!({}))), Some(&event)).unwrap();
        assert_eq!(
            (reason.problem.code, reason.outlook),
            (Code::ExpansionPending, Outlook::MayHeal)
        );
        assert_eq!(reason.problem.why.as_deref(), Some("busy"));
    }
}
