//! From a question to the fields that answer it.

use serde_json::Value;
use wellhead::{FieldPath, Located, Object, Outcome, Pipeline, ResourceSet, Run};
use wellhead_chain::{Write, Writer};
use wellhead_render::{Origin, OriginSource, origins};
use wellhead_spec::Segment;
use wellhead_spec::draft::{get, list_key};

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::failure::Failure;
use super::mask::mask;
use super::row::{Before, Row, SetBy};

/// What to explain.
pub(super) enum Question {
    /// What the plugins changed.
    Changes,
    /// Every field of every object.
    Everything,
    /// A field of the spec and what is below it.
    Spec(FieldPath),
    /// A field of an object and what is below it.
    Object {
        /// Its kind, as in Kubernetes.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The field; the root for all.
        field: FieldPath,
    },
}

/// The object that a text such as `sts/db` names.
pub(super) fn object(text: &str) -> Option<(&'static str, String)> {
    let (kind, name) = text.split_once('/')?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "statefulset" | "statefulsets" | "sts" => "StatefulSet",
        "service" | "services" | "svc" => "Service",
        "claim" | "claims" | "pvc" | "persistentvolumeclaim" | "persistentvolumeclaims" => {
            "PersistentVolumeClaim"
        }
        _ => return None,
    };
    Some((kind, name.to_owned()))
}

/// The fields that answer a question; an error where there is none and there should be.
pub(super) fn answer(run: &Run, question: &Question) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for (base, outcome) in run.inputs.pipelines.iter().zip(&run.outcomes) {
        let history = History::of(base, outcome);
        match question {
            Question::Changes => rows.extend(history.changes()),
            Question::Spec(path) => rows.extend(history.spec(path)),
            Question::Everything => rows.extend(history.objects(|_| true)),
            Question::Object { kind, name, field } => rows.extend(
                history
                    .objects(|object| object.kind == *kind && object.name == *name)
                    .into_iter()
                    .filter(|row| field.contains(&row.path))
                    .collect::<Vec<_>>(),
            ),
        }
    }
    if rows.is_empty() && !matches!(question, Question::Changes) {
        return Err(not_found(run, question));
    }
    Ok(rows.into_iter().map(|it| it.row).collect())
}

/// A row and the path of its field.
struct Found {
    path: FieldPath,
    row: Row,
}

/// One pipeline before and after its plugins.
struct History<'r> {
    base: &'r Located<Pipeline>,
    outcome: &'r Outcome,
    before: Value,
    after: Value,
}

impl<'r> History<'r> {
    fn of(base: &'r Located<Pipeline>, outcome: &'r Outcome) -> Self {
        Self { base, outcome, before: base.to_draft(), after: outcome.pipeline.to_draft() }
    }

    /// What plugins wrote, in the order of the first write of each field.
    fn changes(&self) -> Vec<Found> {
        let mut paths: Vec<FieldPath> = Vec::new();
        for write in &self.outcome.provenance.writes {
            for path in self.leaves_below(&write.path) {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
        paths.into_iter().map(|path| self.field(&path)).collect()
    }

    /// The fields at and below a path of the spec.
    fn spec(&self, path: &FieldPath) -> Vec<Found> {
        let written = self.outcome.provenance.history(path).next().is_some();
        if get(&self.after, path).is_none() && !written {
            return Vec::new();
        }
        self.leaves_below(path).iter().map(|path| self.field(path)).collect()
    }

    /// The fields of some objects.
    fn objects(&self, wanted: impl Fn(&Object) -> bool) -> Vec<Found> {
        let set: ResourceSet = wellhead_render::render(&self.outcome.pipeline);
        let objects = set.objects();
        origins(&self.outcome.pipeline, &set)
            .into_iter()
            .filter(|origin| wanted(&objects[origin.object]))
            .map(|origin| self.of_origin(&objects[origin.object], origin))
            .collect()
    }

    fn of_origin(&self, object: &Object, origin: Origin) -> Found {
        let Origin { path, value, source, .. } = origin;
        let row = match source {
            OriginSource::Spec(field) => self.field(&field).row,
            OriginSource::Default(reason) => Row {
                set_by: SetBy::Default,
                reason: Some(reason.to_owned()),
                before: Vec::new(),
                ..self.field(&FieldPath::root()).row
            },
        };
        let row = Row {
            object: Some(name(object)),
            field: path.to_string(),
            value: Some(mask(&path, &value)),
            ..row
        };
        Found { path, row }
    }

    /// The row of one field of the spec.
    fn field(&self, path: &FieldPath) -> Found {
        let provenance = &self.outcome.provenance;
        let writes: Vec<&Write> = match path.segments() {
            [] => Vec::new(),
            _ => provenance.history(path).collect(),
        };
        let value = get(&self.after, path).map(|value| mask(path, value));
        let mut before = Vec::new();
        let mut set_by = self.base_of(path);
        let mut earlier = get(&self.before, path).cloned();
        for write in &writes {
            let value = earlier.take().map(|value| mask(path, &value));
            before.push(Before { value, set_by: set_by.take() });
            earlier = within(write, path);
            set_by = Some(by(provenance.writer(write)));
        }
        let reason = writes.last().and_then(|write| write.reason.as_deref().map(str::to_owned));
        let row = Row {
            pipeline: self.base.metadata.name.to_string(),
            object: None,
            field: path.to_string(),
            value,
            set_by: set_by.unwrap_or(SetBy::Default),
            before,
            reason,
        };
        Found { path: path.clone(), row }
    }

    /// Who set a field before the plugins; `None` where nobody did.
    fn base_of(&self, path: &FieldPath) -> Option<SetBy> {
        get(&self.before, path)?;
        match self.base.location(path) {
            Some(location) => Some(SetBy::BaseSpec { location }),
            None if *path == FieldPath::of(["namespace"]) => Some(SetBy::CommandLine),
            None => Some(SetBy::BaseSpec { location: self.base.nearest(path) }),
        }
    }

    /// The leaves at and below a path as they are now; the path itself where there is nothing.
    fn leaves_below(&self, path: &FieldPath) -> Vec<FieldPath> {
        let mut found = Vec::new();
        match get(&self.after, path) {
            Some(value) => leaves(value, path, &mut found),
            None => found.push(path.clone()),
        }
        found
    }
}

/// The value that a write gave to a field at, above or below its own.
fn within(write: &Write, path: &FieldPath) -> Option<Value> {
    let mut value = write.new.as_ref()?;
    let above = write.path.segments();
    for (depth, segment) in path.segments().iter().enumerate().skip(above.len()) {
        let list: FieldPath = path.segments()[..depth].iter().cloned().collect();
        value = match (value, segment) {
            (Value::Object(fields), Segment::Key(key)) => fields.get(key)?,
            (Value::Array(items), _) => items.get(list_key(&list).position(items, segment)?)?,
            _ => return None,
        };
    }
    Some(value.clone())
}

fn leaves(value: &Value, path: &FieldPath, found: &mut Vec<FieldPath>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| leaves(value, &path.key(key), found));
        }
        Value::Array(items) if !items.is_empty() => {
            let keys = list_key(path);
            for (index, item) in items.iter().enumerate() {
                leaves(item, &path.with(keys.segment(item, index)), found);
            }
        }
        _ => found.push(path.clone()),
    }
}

fn by(writer: &Writer) -> SetBy {
    SetBy::Plugin {
        name: writer.name.clone(),
        version: writer.version.clone(),
        digest: writer.digest.clone(),
        customization: writer.customization.clone(),
    }
}

/// An object as a person types it.
fn name(object: &Object) -> String {
    let kind = match object.kind.as_str() {
        "PersistentVolumeClaim" => "claim".to_owned(),
        kind => kind.to_lowercase(),
    };
    format!("{kind}/{}", object.name)
}

fn not_found(run: &Run, question: &Question) -> Failure {
    /// Objects that a message names.
    const NAMED: usize = 8;
    let objects = run.sets().flat_map(|set| set.objects());
    let (what, hint) = match question {
        Question::Object { kind, name: wanted, field } => {
            let known = objects.map(|it| (it.kind == *kind && it.name == *wanted, name(&it)));
            let known: Vec<_> = known.take(1_000).collect();
            if known.iter().any(|it| it.0) {
                let what = format!("{}/{wanted} has no field `{field}`", kind.to_lowercase());
                (what, "leave out the field to see all".to_owned())
            } else {
                let names: Vec<_> = known.into_iter().take(NAMED).map(|it| it.1).collect();
                let what = format!("no pipeline renders a {kind} `{wanted}`");
                (what, format!("objects are, e.g., {}", names.join(", ")))
            }
        }
        Question::Spec(path) => (
            format!("no pipeline sets `{path}`"),
            "a default is explained as a field of its object, e.g. statefulset/NAME spec.replicas"
                .to_owned(),
        ),
        Question::Changes | Question::Everything => {
            ("there is nothing to explain".to_owned(), "name a pipeline by `-f`".to_owned())
        }
    };
    Failure::not_found(Diagnostic::error(codes::NOT_FOUND, what).hint(hint))
}
