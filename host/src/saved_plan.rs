//! A plan in a file: what was looked at is applied exactly, or not at all.
//!
//! It holds the rendered objects, how each was found and what it becomes, and the digests of the files
//! that it was made from. It holds all values of the objects, secrets in plain variables included.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wellhead_chain::digest;
use wellhead_cluster::{
    About, ApplyOptions, ApplyReport, Cluster, ClusterError, ExpectedObject, Packed, Plan,
    Progress, Source,
};
use wellhead_render::ResourceSet;
use wellhead_spec::{JsonBounds, MAX_CLAIMS, MAX_COMPONENT, OBJECT_PART, PartBounds, read_file};

use crate::pipeline::Run;

/// The kind of the document.
const KIND: &str = "SavedPlan";
/// What a plan may have. The largest pipeline has twenty objects and lists and a hundred values for each claim, in two
/// places together. So a plan may be three times as large, which is several thousand pipelines of the usual size. Each
/// object may take a thousand bytes of memory.
///
/// It is decoded part by part: the objects of a pipeline, or one object as it is expected, have no more than what a record
/// of the history may have, and each field of an object in it no more than [`OBJECT_PART`].
const MOST: JsonBounds = JsonBounds {
    bytes: SavedPlan::MAX_BYTES,
    values: 300 * MAX_CLAIMS,
    nests: 60 * MAX_CLAIMS,
    parts: &[
        PartBounds { depth: 3, key: None, values: 50 * MAX_CLAIMS, nests: 12 * MAX_CLAIMS },
        PartBounds { depth: 5, ..OBJECT_PART },
    ],
};

/// What was planned, and all that it was planned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedPlan {
    api_version: String,
    kind: String,
    /// Version of Wellhead that made the plan.
    pub wellhead: String,
    /// When it was made, RFC 3339 in UTC.
    pub made: Timestamp,
    /// Address of the API server that was asked.
    pub server: String,
    /// Whether what earlier appliers set is taken over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopt: bool,
    /// The specs and components that it was made from. Standard input is not among them.
    pub files: Vec<SavedFile>,
    /// The objects of each pipeline. They and all below stay packed until each is asked for: a plan may be anybody's.
    pub pipelines: Vec<Packed<ResourceSet>>,
    /// What the history will note of each pipeline.
    pub about: Vec<Packed<About>>,
    /// How each object was, and what it becomes.
    pub objects: Vec<ExpectedObject>,
}

/// A file that a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedFile {
    /// Its path, as it was named when the plan was made.
    pub path: PathBuf,
    /// Its SHA-256, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

/// Why a text is no saved plan.
#[derive(Debug, thiserror::Error)]
pub enum NotAPlan {
    /// It is another document, or damaged.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    /// It has more than any plan that Wellhead writes.
    #[error("{0}")]
    TooLarge(String),
    /// It was written by a version with another form.
    #[error(
        "it is a `{kind}` of `{api_version}`, not a `{KIND}` of `{}`",
        wellhead_spec::API_VERSION
    )]
    Other {
        /// Its `apiVersion`.
        api_version: String,
        /// Its `kind`.
        kind: String,
    },
}

/// What became of the files of a plan since it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesSince {
    /// All are as they were.
    Same,
    /// None is there: the plan was taken to another place, where nothing can be compared.
    Elsewhere,
    /// These are gone or different.
    Changed(Vec<PathBuf>),
}

impl SavedPlan {
    /// Most bytes of the text of a plan: those of a thousand pipelines have a tenth of it.
    pub const MAX_BYTES: u64 = 256 << 20;

    /// What to keep of a plan of this run. `None` when an apply would be refused.
    pub fn new(run: &Run, plan: &Plan, cluster: &Cluster) -> Option<Self> {
        if !plan.problems.is_empty() {
            return None;
        }
        let stdin = Path::new("-");
        let specs = run.inputs.texts.files().filter(|it| it.0 != stdin);
        let specs = specs.map(|(path, text)| SavedFile {
            path: path.to_owned(),
            digest: digest(text.as_bytes()),
        });
        let components = run
            .plugins
            .iter()
            .map(|plugin| SavedFile { path: plugin.path.clone(), digest: plugin.digest.clone() });
        let mut files: Vec<_> = specs.chain(components).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Some(Self {
            api_version: wellhead_spec::API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            wellhead: env!("CARGO_PKG_VERSION").to_owned(),
            made: Timestamp::now(),
            server: cluster.server_url().to_owned(),
            adopt: plan.adopts,
            files,
            pipelines: run.sets().map(|set| Packed::of(&set)).collect(),
            about: run.about().iter().map(Packed::of).collect(),
            objects: plan.expected(),
        })
    }

    /// The plan that a text holds.
    pub fn from_text(text: &str) -> Result<Self, NotAPlan> {
        /// What every document has.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Head {
            #[serde(default)]
            api_version: String,
            #[serde(default)]
            kind: String,
        }
        MOST.check(text.as_bytes()).map_err(NotAPlan::TooLarge)?;
        let Head { api_version, kind } = serde_json::from_str(text)?;
        if kind != KIND || api_version != wellhead_spec::API_VERSION {
            return Err(NotAPlan::Other { api_version, kind });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// The plan as a JSON document.
    ///
    /// # Errors
    /// [`NotAPlan::TooLarge`] for one that could not be read again.
    pub fn to_text(&self) -> Result<String, NotAPlan> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        MOST.check(text.as_bytes()).map_err(NotAPlan::TooLarge)?;
        Ok(text)
    }

    /// What tells this plan from every other: the SHA-256 of all that it says, however its text is laid out, `sha256:`
    /// and 64 hexadecimal digits.
    ///
    /// # Panics
    /// Never: only keys that are no texts could not be written, and a plan has none.
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(self).expect("because the keys of a plan are texts");
        digest(&text)
    }

    /// Compares the files that it was made from with those that are there.
    pub fn files_since(&self) -> FilesSince {
        let (mut found, mut changed) = (0, Vec::new());
        for file in &self.files {
            match read_file(&file.path, MAX_COMPONENT) {
                Ok(bytes) => {
                    found += 1;
                    if digest(&bytes) == file.digest {
                        continue;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                // Neither a spec nor a component: it is not what the plan was made from.
                Err(_) => found += 1,
            }
            changed.push(file.path.clone());
        }
        match (changed.is_empty(), found) {
            (true, _) => FilesSince::Same,
            (false, 0) => FilesSince::Elsewhere,
            (false, _) => FilesSince::Changed(changed),
        }
    }

    /// Does what was planned. When the cluster is not as it was, nothing is written, and the error
    /// says what is different.
    pub async fn apply(
        &self,
        cluster: &Cluster,
        options: &ApplyOptions,
        progress: &dyn Progress,
    ) -> Result<ApplyReport, ClusterError> {
        let options = ApplyOptions { adopt: self.adopt, ..options.clone() };
        cluster.apply_planned(self, &self.objects, &options, progress).await
    }
}

impl Source for SavedPlan {
    fn len(&self) -> usize {
        self.pipelines.len()
    }

    fn objects(&self, at: usize) -> Cow<'_, ResourceSet> {
        Cow::Owned(self.pipelines[at].unpack())
    }

    fn about(&self, at: usize) -> About {
        self.about.get(at).map(Packed::unpack).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn plan(files: &[(&Path, &str)]) -> SavedPlan {
        let file = |(path, text): &(&Path, &str)| SavedFile {
            path: path.to_path_buf(),
            digest: digest(text.as_bytes()),
        };
        SavedPlan {
            api_version: wellhead_spec::API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            wellhead: String::new(),
            made: Timestamp::UNIX_EPOCH,
            server: String::new(),
            adopt: false,
            files: files.iter().map(file).collect(),
            pipelines: Vec::new(),
            about: Vec::new(),
            objects: Vec::new(),
        }
    }

    #[test]
    fn a_plan_reads_back_as_it_was_written() {
        let plan = plan(&[(Path::new("a.yaml"), "a")]);
        assert_eq!(SavedPlan::from_text(&plan.to_text().unwrap()).unwrap(), plan);
    }

    #[test]
    fn the_digest_is_of_what_a_plan_says_and_not_of_its_layout() {
        let one = plan(&[(Path::new("a.yaml"), "a")]);
        let compact = serde_json::to_string(&one).unwrap();
        assert_eq!(SavedPlan::from_text(&compact).unwrap().digest(), one.digest());
        let changed = one.to_text().unwrap().replace("a.yaml", "b.yaml");
        assert_ne!(SavedPlan::from_text(&changed).unwrap().digest(), one.digest());
        assert_ne!(plan(&[]).digest(), one.digest(), "files that are taken out change it");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_that_a_plan_names_is_a_changed_file() {
        let plan = plan(&[(Path::new("/dev/zero"), "a")]);
        assert_eq!(plan.files_since(), FilesSince::Changed(vec!["/dev/zero".into()]));
    }

    #[test]
    fn what_is_nested_without_end_is_no_plan() {
        let head = r#"{"apiVersion": "wellhead.dev/v1alpha1", "kind": "SavedPlan", "pipelines": "#;
        for deep in ["[", "{\"a\":", "[{\"claims\": ["] {
            let text = format!("{head}{}", deep.repeat(1 << 20));
            assert!(matches!(SavedPlan::from_text(&text), Err(NotAPlan::TooLarge(_))), "{deep}");
        }
    }

    #[test]
    fn a_small_plan_that_becomes_much_is_refused_before_it_is_decoded() {
        let text = plan(&[]).to_text().unwrap();
        let with = |field: &str, value: String| {
            let empty = format!("\"{field}\": []");
            assert!(text.contains(&empty));
            text.replace(&empty, &format!("\"{field}\": [{value}]"))
        };
        let many = |piece: &str| piece.repeat(7_000_000);
        for (forged, what) in [
            (with("pipelines", format!("{{\"claims\": [{}{{}}]}}", many("{},"))), "objects"),
            (with("pipelines", format!("{{\"ownership\": [{}[]]}}", many("[],"))), "objects"),
            (with("objects", format!("{{\"after\": [{}0]}}", many("0,"))), "values"),
            (with("about", format!("{{\"spec\": {{\"a\": [{}\"\"]}}}}", many("\"\","))), "values"),
            (with("files", format!("\"{}\"", "x".repeat(256 << 20))), "bytes"),
        ] {
            let Err(NotAPlan::TooLarge(why)) = SavedPlan::from_text(&forged) else {
                panic!("it is decoded: {what}");
            };
            assert!(why.contains(what), "{why}");
        }
    }

    #[test]
    fn each_part_of_a_plan_has_no_more_than_a_pipeline_may_have() {
        let text = plan(&[]).to_text().unwrap();
        let with = |field: &str, value: &str| {
            let empty = format!("\"{field}\": []");
            SavedPlan::from_text(&text.replace(&empty, &format!("\"{field}\": [{value}]")))
        };
        let many =
            |piece: &str, times| format!("[{}{piece}]", format!("{piece},").repeat(times - 1));
        let set = |claims: usize, containers: usize| {
            let [claims, containers] = [claims, containers].map(|it| many("{}", it));
            let spec = format!("{{\"template\": {{\"spec\": {{\"containers\": {containers}}}}}}}");
            format!(
                "{{\"claims\": {claims}, \"statefulSet\": {{\"metadata\": {{}}, \"spec\": {spec}}}}}"
            )
        };
        let most = usize::try_from(MAX_CLAIMS).unwrap();
        assert_eq!(with("pipelines", &set(most, 40_000)).unwrap().objects(0).claims.len(), most);
        let why = with("pipelines", &set(most + 1, 1)).unwrap_err().to_string();
        assert!(why.contains("at most 20000 claims"), "{why}");
        for (field, forged, what) in [
            ("pipelines", set(1, 60_000), "50000 objects and lists"),
            ("pipelines", set(250_000, 1), "240000 objects and lists"),
            ("about", format!("{{\"spec\": {{\"a\": {}}}}}", many("0", 300_000)), "250000 values"),
            (
                "objects",
                format!("{{\"after\": {{\"a\": {}}}}}", many("[]", 60_000)),
                "50000 objects",
            ),
        ] {
            let Err(NotAPlan::TooLarge(why)) = with(field, &forged) else {
                panic!("it is decoded: {what}");
            };
            assert!(why.contains("a part of it has more than") && why.contains(what), "{why}");
        }
    }

    /// Two claims of 10,000 replicas with twenty labels each, written as they are in a plan.
    #[test]
    fn the_largest_pipeline_has_a_third_of_what_a_plan_may_have() {
        let labels = (0..20).map(|at| (format!("label-{at}"), "value".to_owned())).collect();
        let mut claim = k8s_openapi::api::core::v1::PersistentVolumeClaim::default();
        claim.metadata.labels = Some(labels);
        let spec = serde_json::json!({"accessModes": ["ReadWriteOnce"], "storageClassName": "fast",
            "resources": {"requests": {"storage": "1Gi"}}});
        claim.spec = serde_json::from_value(spec).unwrap();
        let object = serde_json::json!({"object": {"kind": "PersistentVolumeClaim", "namespace": "n", "name": "a"},
            "uid": null, "action": "create", "before": null, "after": claim});
        let one = serde_json::to_string(&[serde_json::to_value(&claim).unwrap(), object]).unwrap();
        let times = usize::try_from(MAX_CLAIMS).unwrap();
        let all = |of: &str| format!("[{}{of}]", format!("{of},").repeat(times - 1));
        assert_eq!(MOST.check(all(&one).as_bytes()), Ok(()));
        let third = JsonBounds { values: MOST.values / 3, nests: MOST.nests / 3, ..MOST };
        assert_eq!(third.check(all(&one).as_bytes()), Ok(()));
    }

    #[test]
    fn another_document_is_no_plan() {
        let error = SavedPlan::from_text(r#"{"kind": "List", "apiVersion": "v1"}"#).unwrap_err();
        assert!(matches!(error, NotAPlan::Other { .. }), "{error}");
        assert!(matches!(SavedPlan::from_text("kind: List"), Err(NotAPlan::Malformed(_))));
        let text = plan(&[]).to_text().unwrap().replace("\"server\"", "\"srever\"");
        assert!(SavedPlan::from_text(&text).unwrap_err().to_string().contains("srever"));
    }

    #[test]
    fn files_are_compared_where_any_of_them_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let plan = plan(&[(&a, "a"), (&b, "b")]);
        assert_eq!(plan.files_since(), FilesSince::Elsewhere);
        fs::write(&a, "a").unwrap();
        assert_eq!(plan.files_since(), FilesSince::Changed(vec![b.clone()]));
        fs::write(&b, "b").unwrap();
        assert_eq!(plan.files_since(), FilesSince::Same);
        fs::write(&a, "other").unwrap();
        assert_eq!(plan.files_since(), FilesSince::Changed(vec![a]));
    }
}
