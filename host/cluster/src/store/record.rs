//! What the record of a revision holds, and how its metadata names the plugins.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wellhead_render::ResourceSet;

use crate::model::revision::{Origin, Plugin, UsedPlugin};

/// Most bytes of what names the plugins: what the annotations of an object may have, but for some room for others.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/>
const PLUGINS_BYTES: usize = 192 << 10;

/// What a revision says about itself, in its first part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// When it was made, RFC 3339 in UTC.
    pub(crate) made: String,
    /// Whom the cluster knew its maker as.
    pub(crate) by: String,
    /// `user@host` of its maker.
    pub(crate) from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// The version of Wellhead.
    pub(crate) wellhead: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) plugins: Vec<Plugin>,
    /// The revision that it brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rollback_to: Option<i64>,
}

/// What a revision holds in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    /// The pipeline as the plugins left it, where it is known.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) spec: Value,
    /// The base of [`Origin`].
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) base: Value,
    /// The chain of [`Origin`], as the version that recorded it writes its entries.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) chain: Value,
    /// The rendered objects.
    pub(crate) objects: ResourceSet,
}

impl Content {
    pub(crate) fn new(spec: Value, origin: Origin, objects: ResourceSet) -> Self {
        let Origin { base, chain } = origin;
        let chain = if chain.is_empty() { Value::Null } else { json!(chain) };
        Self { spec, base, chain, objects }
    }

    /// The pipeline, what it was made from, and its objects. A chain that another version wrote in another form is not
    /// known, and what it got neither: the objects can be brought back without them.
    pub(crate) fn into_parts(self) -> (Value, Origin, ResourceSet) {
        let Self { spec, base, chain, objects } = self;
        let chain = Vec::deserialize(&chain).ok();
        let origin = chain.map(|chain| Origin { base, chain }).unwrap_or_default();
        (spec, origin, objects)
    }
}

/// The plugins that an annotation names.
pub(crate) fn used(annotation: &str) -> Vec<UsedPlugin> {
    let plugin = |text: &str| {
        let (name, digest) = text.split_once('@').map_or((text, None), |it| (it.0, Some(it.1)));
        UsedPlugin { name: name.to_owned(), digest: digest.map(str::to_owned) }
    };
    annotation.split(',').filter(|it| !it.is_empty()).map(plugin).collect()
}

/// How an annotation names the plugins of a revision: those of its chain, else those that its summary has. `None` where
/// they are too many for it.
pub(crate) fn uses(summary: &Summary, content: &Content) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
        digest: String,
    }
    let named = |name: &str, digest: &str| format!("{name}@{digest}");
    let chain = Vec::<Named>::deserialize(&content.chain).unwrap_or_default();
    let mut entries: Vec<_> = chain.iter().map(|it| named(&it.name, &it.digest)).collect();
    if entries.is_empty() {
        entries.extend(summary.plugins.iter().map(|it| named(&it.name, &it.digest)));
    }
    Some(entries.join(",")).filter(|it| it.len() <= PLUGINS_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(plugins: usize) -> Summary {
        let plugin = |at: usize| Plugin {
            name: format!("p{at}"),
            version: None,
            digest: format!("sha256:{at:064}"),
        };
        Summary {
            made: String::new(),
            by: String::new(),
            from: String::new(),
            message: None,
            wellhead: String::new(),
            plugins: (0..plugins).map(plugin).collect(),
            rollback_to: None,
        }
    }

    fn content(chain: Value) -> Content {
        let set = json!({"statefulSet": {}, "claims": []});
        Content { chain, ..serde_json::from_value(json!({"objects": set})).unwrap() }
    }

    #[test]
    fn an_annotation_names_the_chain_else_the_plugins_and_reads_back() {
        let none = content(Value::Null);
        let written = uses(&summary(2), &none).unwrap();
        let digests: Vec<_> = used(&written).into_iter().filter_map(|it| it.digest).collect();
        assert_eq!(digests, [format!("sha256:{:064}", 0), format!("sha256:{:064}", 1)]);
        let chain = content(json!([{"name": "judge", "digest": "sha256:ab"}]));
        assert_eq!(uses(&summary(2), &chain).unwrap(), "judge@sha256:ab");
        assert_eq!(uses(&summary(3_000), &none), None, "it is too long for an annotation");
        // Earlier versions wrote names alone.
        let names: Vec<_> = used("a,b").into_iter().map(|it| (it.name, it.digest)).collect();
        assert_eq!(names, [("a".to_owned(), None), ("b".to_owned(), None)]);
    }

    #[test]
    fn a_chain_of_another_version_is_not_known_and_its_objects_are() {
        let strange = content(json!([{"name": 7}]));
        assert_eq!(strange.into_parts().1, Origin::default());
    }
}
