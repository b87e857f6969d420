//! Volumes that grow, and how far each is.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims>

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::diagnosis::{Outlook, Reason};
use super::events::Reported;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef, object_ref};
use crate::model::quantity::amount;
use crate::model::status::Growth;

const REQUESTED: &str = "/spec/resources/requests/storage";
const CAPACITY: &str = "/status/capacity/storage";

/// How far a claim's volume is, or `None` when it has the size that is asked for.
pub(crate) fn of(claim: &Value) -> Option<Growth> {
    let (wants, has) =
        (amount(json::text(claim, REQUESTED))?, amount(json::text(claim, CAPACITY))?);
    if wants <= has {
        return None;
    }
    let status = json::text(claim, "/status/allocatedResourceStatuses/storage");
    // Older servers say "Failed".
    let failed = status.ends_with("Infeasible") || status.ends_with("Failed");
    Some(match status {
        _ if failed => Growth::Failed,
        "NodeResizePending" | "NodeResizeInProgress" => Growth::FileSystem,
        _ if condition(claim, "FileSystemResizePending").is_some() => Growth::FileSystem,
        "ControllerResizeInProgress" => Growth::Resizing,
        _ if condition(claim, "Resizing").is_some() => Growth::Resizing,
        _ => Growth::Requested,
    })
}

/// The message of a condition that holds.
fn condition<'a>(claim: &'a Value, name: &str) -> Option<&'a str> {
    let conditions = json::items(claim, "/status/conditions");
    let found = conditions.iter().find(|it| json::text(it, "/type") == name)?;
    (json::text(found, "/status") == "True").then(|| json::text(found, "/message"))
}

/// What is outstanding of a claim that is to grow, and whether it can come. `event` is the newest failure that was
/// reported of it.
pub(crate) fn outstanding(claim: &Value, event: Option<&Reported>) -> Option<Reason> {
    let growth = of(claim)?;
    let object = object_ref(Kind::PersistentVolumeClaim, claim);
    let (has, wants) = (json::text(claim, CAPACITY), json::text(claim, REQUESTED));
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
            assert_eq!(of(&claim(&status)), expected, "{status}");
        }
    }

    #[test]
    fn a_claim_without_a_volume_does_not_grow() {
        let mut unbound = claim(&json!({}));
        unbound["status"].as_object_mut().unwrap().remove("capacity");
        assert_eq!(of(&unbound), None);
    }

    #[test]
    fn what_cannot_come_names_the_way_back_and_the_drivers_words() {
        let mut failed = claim(&condition("ControllerResizeError"));
        failed["status"]["allocatedResourceStatuses"] =
            json!({"storage": "ControllerResizeInfeasible"});
        let reason = outstanding(&failed, None).unwrap();
        assert_eq!((reason.problem.code, reason.outlook), (Code::ExpansionFailed, Outlook::Never));
        assert_eq!(reason.problem.why.as_deref(), Some("the driver's words"));
        let hint = &reason.problem.hints[0];
        assert!(hint.starts_with("ask for more than the 1Gi"), "{hint}");
    }

    #[test]
    fn what_may_come_is_waited_for() {
        let event =
            Reported { reason: "x".to_owned(), message: "busy".to_owned(), last: (None, 1) };
        let reason = outstanding(&claim(&json!({})), Some(&event)).unwrap();
        assert_eq!(
            (reason.problem.code, reason.outlook),
            (Code::ExpansionPending, Outlook::MayHeal)
        );
        assert_eq!(reason.problem.why.as_deref(), Some("busy"));
    }
}
