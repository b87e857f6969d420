//! The history of a pipeline in the cluster: a `ControllerRevision` for each set of objects that was applied.
//!
//! `ControllerRevision` is Kubernetes' own type for this, and the server never lets its content change. A revision is
//! written before the objects that it describes, so that what is in the cluster is always described. What is larger
//! than one object may be is split: the parts are written first, so that a revision that can be seen is whole.
//!
//! The controller of a StatefulSet adopts and truncates every `ControllerRevision` that its selector matches, so those
//! of Wellhead have no label outside `wellhead.dev/`, and no selector of a pipeline may use that domain.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/history/controller_history.go>

use std::collections::{BTreeMap, HashSet};

use k8s_openapi::ByteString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wellhead_diagnostics::Code;
use wellhead_render::ResourceSet;
use wellhead_spec::Digest;

use super::lease::state::LeaseState;
use super::own;
use super::packing::{MOST_BYTES, pack, unpack};
use super::record::{Content, Summary, uses};
use crate::api::client;
use crate::api::client::{Client, Listing};
use crate::api::failure::Failure;
use crate::model::error::Problem;
use crate::model::json;
use crate::model::object::{Kind, ObjectRef, PIPELINE_LABEL, PipelineRef};
use crate::model::revision::HIGHEST;

/// The label that numbers the parts of a revision; the first has the rest of it.
pub(crate) const PART_LABEL: &str = "wellhead.dev/part";
/// The digest of a revision's objects, where it can be seen without reading them.
const DIGEST: &str = "wellhead.dev/digest";

/// The plugins of a revision's chain, likewise: `NAME@DIGEST` with commas between them.
const PLUGINS: &str = "wellhead.dev/plugins";
/// Most bytes of a part as text. An object may have 1.5 MiB in etcd, of which names and records need little.
/// <https://etcd.io/docs/v3.6/dev-guide/limit/>
const PART: usize = 1 << 20;
/// Most parts of a revision: none has as many bytes packed as it may have unpacked.
const PARTS: usize = (MOST_BYTES >> 20) as usize;
/// The highest number of a record that counts where no Lease says which was the last.
const HIGHEST_UNNOTED: i64 = HIGHEST / 2;

/// The digest of a set of objects, `sha256:` and 64 hexadecimal digits.
pub(crate) fn digest(set: &ResourceSet) -> String {
    digest_of(set)
}

/// The digest of what a record holds.
pub(crate) fn digest_of(content: &impl Serialize) -> String {
    let text = serde_json::to_vec(content).expect("because the keys of what is recorded are texts");
    Digest::of_sum(&Sha256::digest(&text).into()).into()
}

/// The first part of a revision.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct First {
    #[serde(flatten)]
    summary: Summary,
    /// Number of parts, this one included.
    parts: usize,
    /// Compressed with gzip.
    content: ByteString,
}

/// One `ControllerRevision` as a LIST of metadata shows it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) object: ObjectRef,
    pub(crate) uid: String,
    pub(crate) number: i64,
    /// 0 for the first.
    pub(crate) index: usize,
    pub(crate) digest: String,
}

/// The parts of every revision of some pipelines, by the pipeline's name.
pub(crate) type Known = BTreeMap<PipelineRef, Vec<Part>>;

fn name(pipeline: &PipelineRef, number: i64, part: usize) -> ObjectRef {
    let suffix = if part == 0 { String::new() } else { format!(".{part}") };
    let name = format!("wellhead.{}.{number}{suffix}", pipeline.name);
    ObjectRef::new(Kind::ControllerRevision, &pipeline.namespace, &name)
}

/// Which revisions there are of these pipelines, which are of one namespace.
pub(crate) async fn list(
    client: &Client<'_>,
    namespace: &str,
    pipelines: &[&PipelineRef],
) -> Result<Known, Problem> {
    let labels = match pipelines {
        [only] => format!("{PIPELINE_LABEL}={}", only.name),
        _ => PIPELINE_LABEL.to_owned(),
    };
    let wanted: HashSet<_> = pipelines.iter().copied().collect();
    let part = |found: Value| part(namespace, &found).filter(|(it, _)| wanted.contains(it));
    let found =
        client.list_as(Listing::metadata(Kind::ControllerRevision, namespace, &labels), part).await;
    let found = found.map_err(|failure| failure.describe("cannot list revisions", namespace))?;
    let mut known = Known::new();
    for (pipeline, part) in found {
        known.entry(pipeline).or_default().push(part);
    }
    for parts in known.values_mut() {
        parts.sort_by_key(|it| (it.number, it.index));
    }
    Ok(known)
}

/// What the metadata of a `ControllerRevision` says, if it is one of ours: its name must be what its labels say.
fn part(namespace: &str, metadata: &Value) -> Option<(PipelineRef, Part)> {
    let pipeline = PipelineRef {
        namespace: namespace.to_owned(),
        name: json::label(metadata, PIPELINE_LABEL).to_owned(),
    };
    let part: usize = json::label(metadata, PART_LABEL).parse().ok()?;
    let stem = json::name(metadata).strip_prefix(&format!("wellhead.{}.", pipeline.name))?;
    let number: i64 = stem.split('.').next()?.parse().ok()?;
    let object = name(&pipeline, number, part);
    let digest = metadata.pointer("/metadata/annotations").and_then(|it| it.get(DIGEST)?.as_str());
    (object.name == json::name(metadata)).then(|| {
        let (uid, digest) = (json::uid(metadata).to_owned(), digest.unwrap_or_default().to_owned());
        (pipeline, Part { object, uid, number, index: part, digest })
    })
}

/// The pipeline, the number and the plugins of a revision, by the metadata of its first part. The plugins are unknown
/// where the version that recorded it did not note them there.
pub(crate) fn listed(metadata: &Value) -> Option<(PipelineRef, i64, Option<String>)> {
    let (pipeline, part) = part(json::text(metadata, "/metadata/namespace"), metadata)?;
    let annotations = metadata.pointer("/metadata/annotations");
    let plugins = annotations.and_then(|it| it.get(PLUGINS)?.as_str()).map(str::to_owned);
    (part.index == 0).then_some((pipeline, part.number, plugins))
}

/// The number of the newest revision, by what only runs write: the one that the Lease notes as applied last, and those
/// that follow it without a gap, of runs that died. A record of any other number does not count, whatever it says.
pub(crate) fn newest(numbers: impl IntoIterator<Item = i64>, lease_state: &LeaseState) -> i64 {
    let mut numbers: Vec<_> = numbers.into_iter().collect();
    numbers.sort_unstable();
    let unnoted = numbers.iter().rev().find(|it| **it <= HIGHEST_UNNOTED);
    let mut newest = match unnoted {
        Some(last) if !lease_state.exists() => *last.max(&0),
        _ => lease_state.revision(),
    };
    for number in numbers {
        if newest.checked_add(1) == Some(number) {
            newest = number;
        }
    }
    newest
}

/// The first parts of revisions.
pub(crate) fn firsts(parts: &[Part]) -> impl Iterator<Item = &Part> {
    parts.iter().filter(|it| it.index == 0)
}

/// Whether a record can be read and holds the objects of this digest.
pub(crate) async fn holds(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    number: i64,
    digest: &str,
) -> bool {
    let found = read(client, pipeline, number).await;
    matches!(found, Ok(Some(stored)) if stored.digest == digest)
}

/// A revision to be written.
pub(crate) struct New<'a> {
    pub(crate) pipeline: &'a PipelineRef,
    pub(crate) number: i64,
    pub(crate) digest: &'a str,
    pub(crate) summary: Summary,
    pub(crate) content: &'a Content,
}

/// Writes a revision, its first part last.
pub(crate) async fn write(client: &Client<'_>, new: New<'_>) -> Result<(), Problem> {
    let packed = pack(new.content).map_err(|error| {
        Problem::new(Code::UnusableRevision, format!("revision {} cannot be packed", new.number))
            .why(error)
    })?;
    let mut pieces = packed.chunks(PART / 4 * 3);
    let first = pieces.next().unwrap_or_default();
    let rest: Vec<_> = pieces.collect();
    for (at, piece) in rest.iter().enumerate() {
        let content = json!({"content": ByteString(piece.to_vec())});
        put(client, &new, at + 1, content).await?;
    }
    let first = First {
        summary: new.summary.clone(),
        parts: rest.len() + 1,
        content: ByteString(first.to_vec()),
    };
    let first = serde_json::to_value(first).expect("because all of its keys are texts");
    put(client, &new, 0, first).await
}

/// Creates one part. An object of its name is what an earlier try wrote, or the rest of a run that died.
async fn put(
    client: &Client<'_>,
    new: &New<'_>,
    part: usize,
    mut data: Value,
) -> Result<(), Problem> {
    let object = name(new.pipeline, new.number, part);
    data["apiVersion"] = wellhead_spec::API_VERSION.into();
    data["kind"] = "Revision".into();
    let mut body = json!({
        "apiVersion": object.kind.api_version(),
        "kind": "ControllerRevision",
        "metadata": {
            "name": object.name,
            "namespace": object.namespace,
            "labels": {PIPELINE_LABEL: new.pipeline.name, PART_LABEL: part.to_string()},
            "annotations": {DIGEST: new.digest},
        },
        "revision": new.number,
        "data": data,
    });
    if let Some(plugins) = uses(&new.summary, new.content).filter(|_| part == 0) {
        body["metadata"]["annotations"][PLUGINS] = plugins.into();
    }
    let failed = |failure: Failure| failure.problem("write", &object);
    // Twice: the second time after the rest of a dead run was removed.
    for _ in 0..2 {
        match client.create(&object, &body).await {
            Ok(_) => return Ok(()),
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => return Err(failed(failure)),
        }
        let Some(found) = client.get(&object).await.map_err(failed)? else { continue };
        if found["data"] == body["data"] {
            return Ok(());
        }
        if part == 0 {
            break;
        }
        remove(client, &object, json::uid(&found)).await?;
    }
    Err(Problem::new(Code::UnusableRevision, format!("{object} exists and holds something else"))
        .on(&object)
        .hint(format!("look at it, and remove it: {}", object.kubectl("delete"))))
}

/// Removes one part.
pub(crate) async fn remove(
    client: &Client<'_>,
    object: &ObjectRef,
    uid: &str,
) -> Result<(), Problem> {
    let params = client::precondition(Some(uid.to_owned()), None);
    match client.delete(object, &params).await {
        Err(failure) if !failure.is_conflict() => Err(failure.problem("delete", object)),
        _ => Ok(()),
    }
}

/// A revision as it was read: all of it belongs together, and its objects are the pipeline's own.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) summary: Summary,
    pub(crate) content: Content,
    /// The digest of the objects, computed again.
    pub(crate) digest: String,
}

/// What the first part of a revision says about itself: its number, its digest as it claims, and the rest.
pub(crate) fn summary(
    pipeline: &PipelineRef,
    first: &Value,
) -> Result<(i64, String, Summary), Problem> {
    let name = json::name(first);
    let bad = |why: String| unreadable(pipeline, name, why);
    let part = belonging(pipeline, first).map_err(bad)?;
    if part.index != 0 {
        return Err(bad("it is not a first part".to_owned()));
    }
    let summary = Summary::deserialize(&first["data"]).map_err(|error| bad(error.to_string()))?;
    Ok((part.number, part.digest, summary))
}

/// Which part an object is, if all that tells it says the same.
fn belonging(pipeline: &PipelineRef, found: &Value) -> Result<Part, String> {
    let (of, part) =
        part(&pipeline.namespace, found).ok_or("its name is not what its labels say")?;
    if of != *pipeline {
        return Err(format!("it is one of {of}"));
    }
    if !(1..=HIGHEST).contains(&part.number) {
        return Err(format!("no revision has the number {}", part.number));
    }
    if found["revision"].as_i64() != Some(part.number) {
        return Err("its name and its content have different numbers".to_owned());
    }
    Ok(part)
}

/// The whole of a revision, from its first part.
pub(crate) async fn read(
    client: &Client<'_>,
    pipeline: &PipelineRef,
    number: i64,
) -> Result<Option<Stored>, Problem> {
    let object = name(pipeline, number, 0);
    let found = client.get(&object).await.map_err(|failure| failure.problem("read", &object))?;
    let Some(found) = found else { return Ok(None) };
    let bad = |error: String| unreadable(pipeline, &object.name, error);
    let claimed = belonging(pipeline, &found).map_err(bad)?.digest;
    let First { summary, parts, content } =
        First::deserialize(&found["data"]).map_err(|error| bad(error.to_string()))?;
    if parts > PARTS {
        return Err(bad(format!("it claims to have {parts} parts")));
    }
    let mut packed = content.0;
    for index in 1..parts {
        let object = name(pipeline, number, index);
        let found = client.get(&object).await;
        let found = found.map_err(|failure| failure.problem("read", &object))?;
        let found = found.ok_or_else(|| bad(format!("{object} is missing")))?;
        let part = belonging(pipeline, &found).map_err(|why| bad(format!("{object}: {why}")))?;
        if part.digest != claimed {
            return Err(bad(format!("{object} is of another revision")));
        }
        let piece = ByteString::deserialize(&found["data"]["content"]);
        packed.extend(piece.map_err(|error| bad(format!("{object} is damaged: {error}")))?.0);
    }
    open(pipeline, summary, &claimed, &packed).map(Some).map_err(bad)
}

/// A revision of which all parts are there, if its objects are the pipeline's own and those of its digest.
pub(crate) fn open(
    pipeline: &PipelineRef,
    summary: Summary,
    claimed: &str,
    packed: &[u8],
) -> Result<Stored, String> {
    let content: Content = unpack(packed)?;
    own::check(pipeline, &content.objects)?;
    let digest = digest(&content.objects);
    if digest != claimed {
        return Err(format!("its objects have the digest {digest}, and it claims {claimed}"));
    }
    Ok(Stored { summary, content, digest })
}

fn unreadable(pipeline: &PipelineRef, name: &str, why: impl Into<String>) -> Problem {
    let object = ObjectRef::new(Kind::ControllerRevision, &pipeline.namespace, name);
    Problem::new(Code::UnusableRevision, format!("the revision {name} cannot be used"))
        .on(&object)
        .why(why)
        .hint(format!(
            "use another revision; to look at it, and to remove it: {}; {}",
            object.kubectl("get"),
            object.kubectl("delete")
        ))
}
