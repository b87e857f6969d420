//! Any changes of a pipeline that has every field, as far as they are valid.

use std::collections::BTreeMap;

use serde_json::Value;
use wellhead_render::{OriginSource, object_leaves, origins, render, to_json_list, to_yaml};
use wellhead_spec::{Pipeline, Severity, draft, validate};

use crate::shape;

/// Objects of one pipeline at most, so that an input does not take long.
const REPLICAS: i32 = 20;

/// What is valid can be rendered.
pub(crate) fn run(data: &[u8]) {
    let Ok(pipeline) = serde_json::from_value::<Pipeline>(shape::changed(data)) else { return };
    if validate(&pipeline).iter().all(|it| it.severity != Severity::Error) {
        assert_rendered(&pipeline);
    }
}

/// The same pipeline gives the same bytes, which a YAML parser reads as the same values, and every
/// leaf has one origin, which is in the pipeline.
pub(crate) fn assert_rendered(pipeline: &Pipeline) {
    if pipeline.spec.replicas.is_some_and(|it| it > REPLICAS) {
        return;
    }
    let set = render(pipeline);
    assert_eq!(set, render(pipeline), "rendered twice");
    let objects = set.objects();
    let yaml = to_yaml(&objects);
    let read: Vec<Value> = serde_saphyr::from_multiple(&yaml).expect("because the output is YAML");
    let values: Vec<&Value> = objects.iter().map(|it| &it.value).collect();
    assert_eq!(read.iter().collect::<Vec<_>>(), values, "{yaml}");
    let list: Value =
        serde_json::from_str(&to_json_list(&objects)).expect("because the output is JSON");
    assert_eq!(list["items"].as_array().map(|it| it.iter().collect()), Some(values));
    let origins: Vec<_> = origins(pipeline).collect();
    assert_eq!(origins.len(), objects.len(), "an object has its origins");
    let spec = pipeline.to_draft();
    for (object, origins) in objects.iter().zip(&origins) {
        let leaves: BTreeMap<_, _> = object_leaves(&object.value).into_iter().collect();
        let of: BTreeMap<_, _> = origins.leaves().map(|it| (it.path.clone(), &it.value)).collect();
        assert_eq!(of, leaves, "a leaf has one origin");
        assert_eq!(origins.leaves().count(), leaves.len(), "a leaf has one origin");
        for origin in origins.leaves() {
            if let OriginSource::Spec(path) = &origin.source {
                assert!(draft::get(&spec, path).is_some(), "{} is from {path}", origin.path);
            }
        }
    }
}
