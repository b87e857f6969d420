//! Where each field of a spec gets its value: from the user, or from a default.

use std::collections::BTreeMap;

use wellhead_spec::draft::leaves;
use wellhead_spec::{Claim, FieldPath, OrdinalClaim, Pipeline};

use crate::OriginSource;
use crate::objects::pod;

/// The leaves of a spec with everything filled in that the user left out.
pub(crate) struct Sources(BTreeMap<FieldPath, OriginSource>);

impl Sources {
    /// The sources of a pipeline.
    pub(crate) fn of(pipeline: &Pipeline) -> Self {
        let draft = pipeline.to_draft();
        let set = leaves(&draft, &FieldPath::root())
            .into_iter()
            .map(|(path, _)| (path.clone(), OriginSource::Spec(path)));
        let mut sources = Self(set.collect());
        for (path, reason) in defaults(pipeline) {
            sources.fill(path, OriginSource::Default(reason));
        }
        for (path, field) in mounts(pipeline) {
            sources.fill(path, OriginSource::Spec(field));
        }
        sources
    }

    /// Where the value of a field comes from; `None` where the field has none.
    pub(crate) fn get(&self, path: &FieldPath) -> Option<&OriginSource> {
        self.0.get(path)
    }

    /// Gives a field a source unless it has one.
    fn fill(&mut self, path: FieldPath, source: OriginSource) {
        self.0.entry(path).or_insert(source);
    }
}

/// The defaults of a spec: the field that is left out, and the value it has then.
fn defaults(pipeline: &Pipeline) -> Vec<(FieldPath, &'static str)> {
    let retention = FieldPath::of(["persistentVolumeClaimRetentionPolicy"]);
    let mut defaults = vec![
        (FieldPath::of(["replicas"]), "one replica unless `replicas` says otherwise"),
        (
            retention.key("whenDeleted"),
            "claims outlive the StatefulSet unless `persistentVolumeClaimRetentionPolicy` says otherwise",
        ),
        (
            retention.key("whenScaled"),
            "claims outlive their replicas unless `persistentVolumeClaimRetentionPolicy` says otherwise",
        ),
    ];
    if !pipeline.spec.service.external {
        let reason = "the pipeline's name unless `service.name` says otherwise";
        defaults.push((FieldPath::of(["service", "name"]), reason));
    }
    if pipeline.spec.selector.is_empty() {
        defaults.extend(pipeline.selector().into_keys().map(|key| {
            let path = FieldPath::of(["selector"]).key(key);
            (path, "the pipeline's name selects the pods unless `selector` says otherwise")
        }));
    }
    defaults.extend(pipeline.spec.claims.iter().filter(|claim| claim.access_modes.is_empty()).map(
        |claim| {
            let path = FieldPath::of(["claims", claim.name.as_str(), "accessModes"]).index(0);
            (path, "one node mounts the volume unless `accessModes` says otherwise")
        },
    ));
    defaults
}

/// The mounts that the main container has by a claim's `mountPath`: their fields, and the claim's
/// fields that give them.
fn mounts(pipeline: &Pipeline) -> Vec<(FieldPath, FieldPath)> {
    let Some(main) = pipeline.spec.containers.first() else { return Vec::new() };
    let mut fields = Vec::new();
    for (claim, path) in pod::mounted(pipeline, main) {
        let mount = FieldPath::of(["containers", &main.name, "volumeMounts", path]);
        let claim = FieldPath::of(["claims", claim.name.as_str()]);
        fields.push((mount.key("mountPath"), claim.key("mountPath")));
        fields.push((mount.key("name"), claim.key("name")));
    }
    fields
}

/// The fields of a claim that one replica has from a range of `ordinals`: the field, and the
/// range's field that stands over it.
pub(crate) fn of_replica(claim: &Claim, ordinal: i32) -> Vec<(FieldPath, FieldPath)> {
    let path = FieldPath::of(["claims", claim.name.as_str()]);
    let strongest = |sets: fn(&OrdinalClaim) -> bool| {
        claim.ordinals.iter().rposition(|range| {
            range.from <= ordinal && range.to.is_none_or(|to| ordinal <= to) && sets(range)
        })
    };
    let over =
        |field: &str, range: usize| (path.key(field), path.key("ordinals").index(range).key(field));
    let size = strongest(|range| range.size.is_some()).map(|range| over("size", range));
    let class =
        strongest(|range| range.storage_class.is_some()).map(|range| over("storageClass", range));
    size.into_iter().chain(class).collect()
}
