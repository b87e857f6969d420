//! An import knows every field of a pipeline.

use std::collections::BTreeSet;
use std::path::Path;

use wellhead::{Pipeline, Source, import, load_manifests, render};
use wellhead_spec::draft::leaves;
use wellhead_spec::{FieldPath, load};

/// Fields of the kitchen sink that an import leaves out: no object has `ownership` and `volumeMigration`, and a server fills in the values of
/// the others where nothing is said.
const LEFT_OUT: [&str; 22] = [
    "claims.data.volumeMode",
    "containers.main.imagePullPolicy",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "ownership[0].field",
    "ownership[0].policy",
    "ownership[1].field",
    "ownership[1].policy",
    "persistentVolumeClaimRetentionPolicy.whenDeleted",
    "podManagementPolicy",
    "schedulerName",
    "service.ports.7000/TCP.protocol",
    "updateStrategy.rollingUpdate.maxUnavailable",
    "updateStrategy.type",
    "volumeMigration.copyImage",
    "volumeMigration.methods[0]",
    "volumeMigration.methods[1]",
    "volumeMigration.methods[2]",
    "volumeMigration.order",
    "volumeMigration.snapshotClass",
    "volumeMigration.timeoutSeconds",
];

/// The golden case that says every field.
fn kitchen_sink() -> Pipeline {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/kitchen-sink/pipeline.yaml");
    load(&[Source::Path(file)]).pipelines.remove(0).value
}

fn fields(pipeline: &Pipeline) -> BTreeSet<String> {
    let draft = pipeline.to_draft();
    leaves(&draft, &FieldPath::root()).into_iter().map(|it| it.0.to_string()).collect()
}

#[test]
fn what_every_field_renders_to_is_imported_with_every_field() {
    let written = kitchen_sink();
    let text = wellhead::to_yaml(render(&written).objects());
    let manifests = load_manifests(&[Source::Text { name: "objects.yaml".into(), text }]);
    let mut import = import::from_manifests(&manifests.objects);
    assert_eq!(import.pipelines.len(), 1, "{:?}", import.findings);
    let imported = import.pipelines.remove(0);
    let (written, imported) = (fields(&written), fields(&imported));
    let lost: Vec<_> = written.difference(&imported).map(String::as_str).collect();
    assert_eq!(lost, LEFT_OUT);
}
