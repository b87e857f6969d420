//! What a new StatefulSet leaves as it was.

use serde_json::Value;
use wellhead_diagnostics::Code;

use super::immutable::{Fixed, SERVICE_NAME};
use crate::model::error::Problem;
use crate::model::json;
use crate::model::json::TEMPLATES;
use crate::model::object::{Kind, ObjectRef};

/// What a new StatefulSet leaves as it was, and a user may want to clean up.
pub(crate) fn left_behind(object: &ObjectRef, live: &Value, fixed: &[Fixed]) -> Vec<Problem> {
    let found = fixed.iter().filter_map(|fixed| match fixed.pointer {
        SERVICE_NAME => {
            let old = fixed.live.as_str().filter(|name| !name.is_empty())?;
            let service = ObjectRef::new(Kind::Service, &object.namespace, old);
            let what =
                format!("the pods of {object} keep their names below {service} until they restart");
            let problem =
                Problem::new(Code::LeftAfterRecreate, what).on(object).field("spec.serviceName");
            Some(problem.why(format!("{service} stays, for they are found by it")).hint(format!(
                "once every pod has restarted, and nothing asks for the old names: {}",
                service.kubectl("delete")
            )))
        }
        TEMPLATES if !fixed.removed().is_empty() => {
            let names = fixed.removed();
            let kept: Vec<_> = claims(live, &names);
            let what = format!("{object} gives its pods no more claims by {}", names.join(", "));
            let problem = Problem::new(Code::LeftAfterRecreate, what)
                .on(object)
                .field("spec.volumeClaimTemplates");
            Some(problem.why(format!("claims that stay, with their data: {}", kept.join(", "))))
        }
        _ => None,
    });
    found.collect()
}

/// The claims of these templates.
pub(crate) fn claims(stateful_set: &Value, templates: &[&str]) -> Vec<String> {
    let start = json::number(stateful_set, "/spec/ordinals/start");
    let end = start + json::number(stateful_set, "/spec/replicas");
    let name = json::name(stateful_set);
    let claims = templates.iter().flat_map(|template| {
        (start..end).map(move |ordinal| format!("{template}-{name}-{ordinal}"))
    });
    claims.collect()
}

/// A StatefulSet for tests.
#[cfg(test)]
pub(crate) mod fixture {
    use serde_json::{Value, json};

    use crate::model::object::{Kind, ObjectRef};

    /// A StatefulSet of two replicas, as it is read.
    pub(crate) fn live() -> Value {
        json!({
            "metadata": {"name": "db", "uid": "0123456789", "labels": {"a": "b"}},
            "spec": {"replicas": 2, "serviceName": "old", "selector": {"matchLabels": {"app": "db"}},
                     "template": {"metadata": {"labels": {"app": "db", "team": "a"}}},
                     "volumeClaimTemplates": [{"metadata": {"name": "data"}}, {"metadata": {"name": "logs"}}]},
            "status": {"replicas": 2}})
    }

    /// Its name.
    pub(crate) fn object() -> ObjectRef {
        ObjectRef::new(Kind::StatefulSet, "ns", "db")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fixture::{live, object};
    use super::left_behind;
    use crate::decide::immutable::{Templates, keep, keep_templates};

    #[test]
    fn recreate_warns_about_old_service_and_unused_claims() {
        let live = live();
        let mut wanted = live.clone();
        wanted["spec"]["serviceName"] = "new".into();
        wanted["spec"]["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}}]);
        let mut fixed = keep(&mut wanted, &live);
        if let Templates::Fixed(templates) = keep_templates(&object(), &mut wanted, &live, true) {
            fixed.push(templates);
        }
        let found = left_behind(&object(), &live, &fixed);
        let hint = &found[0].hints[0];
        assert!(hint.ends_with("kubectl -n ns delete service/old"), "{hint}");
        assert_eq!(
            found[1].why.as_deref(),
            Some("claims that stay, with their data: logs-db-0, logs-db-1")
        );
    }
}
