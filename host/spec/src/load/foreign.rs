//! Documents that are not Wellhead's: whose they are, and what to do with them.

use serde_json::{Map, Value};
use wellhead_diagnostics::Code;

use super::source::File;
use crate::model::pipeline::API_VERSION;
use crate::text::Escaped as _;
use crate::{FieldPath, Finding, suggest};

/// The kinds that pipelines are made of.
const KINDS: [&str; 2] = ["Pipeline", "Customization"];
/// The kinds that describe a plugin to its author's tools.
const PLUGIN_KINDS: [&str; 2] = ["PluginProject", "PluginCase"];

/// Says of a document whose header is none of ours that it belongs to another program; `None` where the
/// header is a misspelt one of ours. `fields` are those beside it.
pub(super) fn finding(
    fields: &Map<String, Value>,
    version: Option<&str>,
    kind: Option<&str>,
    file: &File,
) -> Option<Finding> {
    if version == Some(API_VERSION) && kind == Some("Facts") {
        let message = "`Facts` tell plugins about a cluster and do not belong to a pipeline";
        return Some(told(message.to_owned(), "name the file with `--facts`"));
    }
    if version == Some(API_VERSION) {
        let kind = kind.filter(|it| PLUGIN_KINDS.contains(it))?;
        let message = format!("`{kind}` describes a plugin and does not belong to a pipeline");
        return Some(told(
            message,
            "leave the file out: the commands of `wellhead plugin` read it",
        ));
    }
    let what = match (version, kind) {
        (Some(version), _) if version.to_ascii_lowercase().contains("wellhead") => return None,
        (Some(version), Some(kind)) => {
            let group = version.split('/').next().unwrap_or_default();
            let slip = is_ours(kind) && !group.contains('.');
            (!slip && suggest::closest(version, &[API_VERSION]).is_none())
                .then(|| format!("`{}` of `{}`", kind.escaped(), version.escaped()))?
        }
        (None, Some(kind)) => (!is_ours(kind)).then(|| format!("`kind: {}`", kind.escaped()))?,
        (_, None) if is_pipeline(fields) => return None,
        (_, None) => "this".to_owned(),
    };
    let message = format!("{what} is not a document of Wellhead");
    Some(told(message, advice(fields, kind, file)))
}

fn told(message: String, hint: impl Into<String>) -> Finding {
    let finding = Finding::error(Code::UnknownKind, FieldPath::of(["kind"]), message);
    finding.hint(hint)
}

/// Whether a kind is one of ours, or close to one.
fn is_ours(kind: &str) -> bool {
    kind != "Kustomization" && suggest::closest(kind, &KINDS).is_some()
}

/// Whether a document without a kind has what a pipeline or a customization has.
fn is_pipeline(fields: &Map<String, Value>) -> bool {
    let spec = fields.get("spec").and_then(Value::as_object);
    let known =
        |it: &Map<String, Value>| it.contains_key("containers") || it.contains_key("plugins");
    fields.is_empty() || fields.contains_key("metadata") || spec.is_some_and(known)
}

/// What to do with a document of another program.
fn advice(fields: &Map<String, Value>, kind: Option<&str>, file: &File) -> String {
    let name = file.path.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |it| it.0);
    if holds_stateful_set(fields, kind) {
        return format!(
            "`wellhead import -f {}` makes a pipeline of it",
            shell(&file.path.display().to_string())
        );
    }
    let owner = match kind {
        Some("Kustomization") => "kustomize",
        None if stem == "kustomization" => "kustomize",
        Some(_) => "kubectl",
        None if stem == "Chart" || stem.starts_with("values") => {
            return "a chart's StatefulSets become pipelines: `helm template CHART | wellhead import -f -`"
                .to_owned();
        }
        None if fields.contains_key("services") => "Compose",
        None => "its own program",
    };
    if file.text.contains(API_VERSION) {
        return format!("leave it to {owner}: move it into a file of its own");
    }
    format!("leave it to {owner}: name the files of Wellhead one by one, not their folder")
}

fn holds_stateful_set(fields: &Map<String, Value>, kind: Option<&str>) -> bool {
    let items = fields.get("items").and_then(Value::as_array);
    let is_set = |it: &Value| it.get("kind").and_then(Value::as_str) == Some("StatefulSet");
    kind == Some("StatefulSet")
        || kind.is_some_and(|it| it.ends_with("List"))
            && items.is_some_and(|it| it.iter().any(is_set))
}

/// A path as a shell takes it.
fn shell(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Source, load};

    fn told(name: &str, text: &str) -> Vec<String> {
        let loaded = load(&[Source::Text { name: name.into(), text: text.into() }]);
        let told = |it: &crate::Finding| {
            let place = it.location.as_ref().map_or(0, |it| it.line);
            format!("{place}: {}; {}", it.message, it.hint.as_deref().unwrap_or("-"))
        };
        loaded.findings.iter().map(told).collect()
    }

    const OURS: &str = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: a}\n\
                        spec: {containers: [{name: main, image: 'nginx:1.27'}]}\n---\n";

    #[test]
    fn a_document_of_another_program_is_left_to_it() {
        let one_by_one = "name the files of Wellhead one by one, not their folder";
        for (name, text, message, hint) in [
            (
                "cm.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
                "2: `ConfigMap` of `v1`",
                format!("leave it to kubectl: {one_by_one}"),
            ),
            (
                "task.yaml",
                "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: x}\n",
                "2: `Pipeline` of `tekton.dev/v1`",
                format!("leave it to kubectl: {one_by_one}"),
            ),
            (
                "my kustomization.yaml",
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
                "2: `Kustomization` of `kustomize.config.k8s.io/v1beta1`",
                format!("leave it to kustomize: {one_by_one}"),
            ),
            (
                "x/kustomization.yaml",
                "resources: [a.yaml]\n",
                "1: this",
                format!("leave it to kustomize: {one_by_one}"),
            ),
            (
                "compose.yml",
                "services: {db: {image: postgres}}\n",
                "1: this",
                format!("leave it to Compose: {one_by_one}"),
            ),
            (
                "package.json",
                "{\"name\": \"x\", \"scripts\": {}}\n",
                "1: this",
                format!("leave it to its own program: {one_by_one}"),
            ),
            (
                "values.yaml",
                "replicas: 3\nimage: {tag: x}\n",
                "1: this",
                "a chart's StatefulSets become pipelines: `helm template CHART | wellhead import -f -`"
                    .to_owned(),
            ),
            (
                "Chart.yaml",
                "apiVersion: v2\nname: x\nversion: 1.0.0\n",
                "1: this",
                "a chart's StatefulSets become pipelines: `helm template CHART | wellhead import -f -`"
                    .to_owned(),
            ),
            (
                "the sts.yaml",
                "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\nspec: {}\n",
                "2: `StatefulSet` of `apps/v1`",
                "`wellhead import -f 'the sts.yaml'` makes a pipeline of it".to_owned(),
            ),
            (
                "all.json",
                "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"kind\": \"StatefulSet\"}]}",
                "1: `List` of `v1`",
                "`wellhead import -f all.json` makes a pipeline of it".to_owned(),
            ),
        ] {
            assert_eq!(told(name, text), [format!("{message} is not a document of Wellhead; {hint}")]);
        }
        let beside = told("a.yaml", &format!("{OURS}apiVersion: v1\nkind: ConfigMap\n"));
        let hint = "leave it to kubectl: move it into a file of its own";
        assert_eq!(
            beside,
            [format!("7: `ConfigMap` of `v1` is not a document of Wellhead; {hint}")]
        );
    }

    #[test]
    fn a_misspelt_header_is_one_of_ours() {
        for (text, field) in [
            ("apiVersion: wellhead.dev/v1\nkind: Pipeline\n", "unknown apiVersion"),
            ("apiVersion: welhead.dev/v1alpha1\nkind: Pipeline\n", "unknown apiVersion"),
            ("apiVersion: v1\nkind: Pipeline\n", "unknown apiVersion"),
            ("kind: Pipelin\n", "`apiVersion` is missing"),
            ("metadata: {name: x}\nspec: {containers: []}\n", "`apiVersion` is missing"),
            ("apiVersion: wellhead.dev/v1alpha1\nkind: Deployment\n", "unknown kind"),
            ("apiVersion: wellhead.dev/v1alpha1\nkind: PluginProject\n", "describes a plugin"),
            ("apiVersion: wellhead.dev/v1alpha1\nkind: Facts\n", "name the file with `--facts`"),
        ] {
            assert!(told("a.yaml", text)[0].contains(field), "{text}: {:?}", told("a.yaml", text));
        }
    }
}
