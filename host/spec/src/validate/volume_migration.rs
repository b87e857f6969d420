//! How the data of claims may be moved.

use wellhead_diagnostics::Code;

use super::rule::field;
use crate::{FieldPath, Finding, ImageReference, MigrationMethod, PipelineSpec};

pub(super) fn check(spec: &PipelineSpec, findings: &mut Vec<Finding>) {
    let Some(migration) = &spec.volume_migration else { return };
    let at = field("volumeMigration");
    let mut refuse = |at: FieldPath, message: String, hint: &str| {
        findings.push(Finding::error(Code::InvalidVolumeMigration, at, message).hint(hint));
    };
    let methods = &migration.methods;
    if methods.is_empty() {
        let hint = "name at least one of Clone, Snapshot and Copy, or remove `volumeMigration`";
        refuse(at.key("methods"), "no method may fill a new volume".to_owned(), hint);
    }
    for (index, method) in methods.iter().enumerate() {
        if methods[..index].contains(method) {
            let message = format!("`{}` is there twice", method.word());
            refuse(at.key("methods").index(index), message, "remove one of them");
        }
    }
    let copies = methods.contains(&MigrationMethod::Copy);
    match &migration.copy_image {
        None if copies => {
            let message = "`Copy` needs an image for its Job".to_owned();
            refuse(
                at.key("copyImage"),
                message,
                "name one that has a shell, e.g. `busybox:1.37.0`",
            );
        }
        Some(image) => match image.parse::<ImageReference>() {
            Err(error) => refuse(at.key("copyImage"), error.to_string(), "name an image"),
            Ok(_) if !copies => {
                let message = "the image is for `Copy`, which `methods` does not name".to_owned();
                refuse(
                    at.key("copyImage"),
                    message,
                    "add `Copy` to `methods`, or remove the image",
                );
            }
            Ok(_) => {}
        },
        None => {}
    }
    if migration.snapshot_class.is_some() && !methods.contains(&MigrationMethod::Snapshot) {
        let message = "the class is for `Snapshot`, which `methods` does not name".to_owned();
        let hint = "add `Snapshot` to `methods`, or remove the class";
        refuse(at.key("snapshotClass"), message, hint);
    }
    if migration.timeout_seconds == Some(0) {
        let message = "no migration ends within 0 seconds".to_owned();
        refuse(at.key("timeoutSeconds"), message, "set the longest time that a pod may be away");
    }
    if spec.claims.is_empty() {
        refuse(at, "the pipeline has no claims".to_owned(), "remove `volumeMigration`");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{Pipeline, validate};

    /// Where something is wrong.
    fn wrong(migration: &Value, claims: &Value) -> Vec<String> {
        let pipeline: Pipeline = serde_json::from_value(json!({
            "metadata": {"name": "db"},
            "spec": {"containers": [{"name": "db", "image": "db:1"}], "claims": claims,
                     "volumeMigration": migration}}))
        .unwrap();
        let findings = validate(&pipeline).into_iter();
        let ours =
            findings.filter(|it| it.code == wellhead_diagnostics::Code::InvalidVolumeMigration);
        ours.map(|it| it.path.to_string()).collect()
    }

    #[test]
    fn what_no_migration_can_follow_is_refused_with_its_place() {
        let claims = json!([{"name": "data", "size": "1Gi", "mountPath": "/data"}]);
        for (migration, places) in [
            (json!({"methods": ["Clone", "Snapshot"]}), vec![]),
            (json!({"methods": ["Copy"], "copyImage": "busybox:1.37.0"}), vec![]),
            (json!({"methods": []}), vec!["volumeMigration.methods"]),
            (json!({"methods": ["Clone", "Clone"]}), vec!["volumeMigration.methods[1]"]),
            (json!({"methods": ["Copy"]}), vec!["volumeMigration.copyImage"]),
            (json!({"methods": ["Copy"], "copyImage": "a b"}), vec!["volumeMigration.copyImage"]),
            (json!({"methods": ["Clone"], "copyImage": "a"}), vec!["volumeMigration.copyImage"]),
            (
                json!({"methods": ["Clone"], "snapshotClass": "a", "timeoutSeconds": 0}),
                vec!["volumeMigration.snapshotClass", "volumeMigration.timeoutSeconds"],
            ),
        ] {
            assert_eq!(wrong(&migration, &claims), places, "{migration}");
        }
        let clone = json!({"methods": ["Clone"]});
        assert_eq!(wrong(&clone, &json!([])), ["volumeMigration"]);
    }
}
