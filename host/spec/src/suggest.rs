//! What to write instead.

use serde_json::Value;

use crate::Segment;

/// The one word that was probably meant, if any. Another spelling of the same word (`node_name`,
/// `Nodename`) counts, and a few wrong letters: at most a third of them.
pub fn closest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let plain = |word: &str| {
        word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let meant = plain(word);
    let distance = |candidate: &str| strsim::damerau_levenshtein(&meant, &plain(candidate));
    let limit = (meant.chars().count() / 3).clamp(1, 4);
    let near = candidates.iter().map(|candidate| (distance(candidate), *candidate));
    let best = near.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= limit && best.0 < meant.chars().count()).then_some(best.1)
}

/// Where Wellhead has a field that stands elsewhere, or is called otherwise, in Kubernetes.
pub(crate) fn kubernetes_field(path: &[Segment]) -> Option<&'static str> {
    let keys: Vec<_> = path
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) => key.as_str(),
            Segment::Index(_) => "",
        })
        .collect();
    let hint = match keys[..] {
        ["spec", "serviceName"] => "the Service's name is `service.name`",
        ["spec", "volumeClaimTemplates"] => "the storage of each replica is `claims`",
        ["spec", "template"] => "fields of the pods are directly under `spec`",
        ["spec", "ports"] => "ports of the Service are `service.ports`, a container's its `ports`",
        ["spec", "image" | "command" | "args" | "env" | "envFrom" | "volumeMounts"] => {
            "it is a field of a container: `containers: [{name: ..., ...}]`"
        }
        ["spec", "selector", "matchLabels"] => "write the labels directly under `selector`",
        ["spec", "claims", _, "storageClassName"] => "it is called `storageClass`",
        ["spec", "claims", _, "volumeAttributesClassName"] => {
            "it is called `volumeAttributesClass`"
        }
        ["spec", "claims", _, "resources" | "storage"] => {
            "the size of the volumes is `size`, e.g. `10Gi`"
        }
        ["spec", "claims", _, "metadata" | "spec"] => "fields of a claim are directly in its item",
        ["spec", "service", "clusterIP"] => "the Service is always headless",
        [holder] if holder.starts_with("x-") => {
            "no field holds anchors alone: write the anchor (`&name`) at the first use of its value"
        }
        ["status"] => "only the cluster knows a status; remove it",
        _ => return None,
    };
    Some(hint)
}

/// What to write where labels are nested as those of a Kubernetes object's selector.
pub(crate) fn nested_selector(path: &[Segment], value: &Value) -> Option<&'static str> {
    let [.., Segment::Key(map), Segment::Key(key)] = path else { return None };
    match key.as_str() {
        "matchLabels" if map == "selector" && value.is_object() => {
            Some("write the labels directly under `selector`, without `matchLabels`")
        }
        "matchExpressions" if map == "selector" && value.is_array() => {
            Some("a `selector` has labels only: `selector: {app: db}`")
        }
        _ => None,
    }
}

/// A name that the rules allow and that looks like the text.
pub(crate) fn name(text: &str, rules: &Value) -> Option<String> {
    let longest = rules.get("maxLength").and_then(Value::as_u64)?;
    let pattern = rules.get("pattern").and_then(Value::as_str)?;
    let dots = pattern.contains("\\.");
    let mut name = String::new();
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() => name.push(c),
            '.' if dots && !name.is_empty() && !name.ends_with(['-', '.']) => name.push('.'),
            _ if name.is_empty() || name.ends_with(['-', '.']) => {}
            _ => name.push('-'),
        }
    }
    name.truncate(usize::try_from(longest).unwrap_or(usize::MAX));
    let name = name.trim_end_matches(['-', '.']).to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_close() {
        let fields = ["replicas", "claims", "storageClass", "nodeName", "env", "args"];
        assert_eq!(closest("replcas", &fields), Some("replicas"));
        assert_eq!(closest("storage_class", &fields), Some("storageClass"));
        assert_eq!(closest("NodeName", &fields), Some("nodeName"));
        assert_eq!(closest("evn", &fields), Some("env"));
        assert_eq!(closest("metrics", &fields), None);
        assert_eq!(closest("x", &["y"]), None);
        assert_eq!(closest("", &fields), None);
    }

    #[test]
    fn suggested_names_are_names() {
        let rules =
            serde_json::json!({"maxLength": 10, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"});
        assert_eq!(name("My_App", &rules).as_deref(), Some("my-app"));
        assert_eq!(name("7--Up!", &rules).as_deref(), Some("7-up"));
        assert_eq!(name("a very long name", &rules).as_deref(), Some("a-very-lon"));
        assert_eq!(name("!!!", &rules), None);
    }
}
