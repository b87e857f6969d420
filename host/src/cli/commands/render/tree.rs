//! A tree of files for GitOps, one for each object.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{fs, io};

use wellhead::{Frozen, Object, Previous, ProvenanceRecord, Run, to_yaml, value_to_yaml};
use wellhead_spec::{MAX_FILE, read_text_file};

use super::before;
use super::flux::{self, FluxSource, Layout};
use super::messages::{self, Before};
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::file::{check_folder, replace};
use crate::cli::output::printer::Printer;

/// The folder of pipelines without a namespace. No namespace has such a name.
const NO_NAMESPACE: &str = "_";
/// What tells a file of ours from others.
const MARK: &str = "app.kubernetes.io/managed-by: wellhead";
/// How the names of our files begin.
const KINDS: [&str; 3] = ["service-", "persistentvolumeclaim-", "statefulset-"];

/// Where a tree is, and what it looks like.
#[derive(Clone, Debug)]
pub(crate) struct Tree<'a> {
    /// Its folder.
    pub(crate) directory: &'a Path,
    pub(crate) layout: Layout,
    pub(crate) source: &'a FluxSource,
    /// Where the folder is in the source; left out: where it is in its repository.
    pub(crate) path: Option<&'a str>,
}

#[derive(Default)]
struct Counts {
    written: usize,
    unchanged: usize,
    removed: usize,
    /// The files that belong to the tree.
    kept: HashSet<PathBuf>,
}

/// What is rendered on top of what was rendered before, and nothing is written yet.
#[derive(Default)]
pub(crate) struct Plan {
    /// What each pipeline had, where that changes what is rendered.
    previous: Vec<Option<Rc<Previous>>>,
    /// What there is to say.
    pub(crate) said: Vec<Diagnostic>,
    /// What cannot be.
    refused: Vec<Diagnostic>,
}

impl Plan {
    /// What is rendered of a pipeline.
    pub(crate) fn frozen(&self, run: &Run, pipeline: usize) -> Frozen {
        let previous = self.previous.get(pipeline).and_then(Option::as_deref);
        run.for_others(pipeline, previous.unwrap_or(&Previous::default()))
    }

    /// Whether a pipeline is rendered otherwise than it would be if nothing had been rendered before.
    pub(crate) fn keeps(&self, pipeline: usize) -> bool {
        self.previous.get(pipeline).is_some_and(Option::is_some)
    }

    /// The objects that are rendered of a pipeline; one after the other where none needs another one.
    pub(crate) fn objects<'r>(
        &self,
        run: &'r Run,
        pipeline: usize,
    ) -> impl Iterator<Item = Object> + use<'r> {
        let kept = self.keeps(pipeline).then(|| self.frozen(run, pipeline).objects);
        let each = kept.is_none().then(|| run.objects_for_others(pipeline));
        kept.into_iter().flatten().chain(each.into_iter().flatten())
    }

    /// Holds the record of a pipeline to what is rendered of it. Most are rendered as they are asked for.
    pub(crate) fn hold(&self, record: &mut ProvenanceRecord, run: &Run, pipeline: usize) {
        if self.keeps(pipeline) || run.leaves_out(pipeline) {
            let asked = run.objects_of(pipeline);
            record.hold_to(pipeline, &asked, &self.frozen(run, pipeline).objects);
        }
    }

    /// Compares what a run renders with a file or folder that was rendered before.
    pub(crate) fn over(run: &Run, path: &Path) -> Result<Self, Failure> {
        let previous = Rc::new(before::named(path)?);
        let mut plan = Self::default();
        for pipeline in 0..run.outcomes.len() {
            plan.add(run, pipeline, &previous, &Before::Named(path));
        }
        if plan.refused.is_empty() { Ok(plan) } else { Err(Failure::Refused(plan.refused)) }
    }

    fn add(
        &mut self,
        run: &Run,
        pipeline: usize,
        previous: &Rc<Previous>,
        before: &Before<'_>,
    ) -> Frozen {
        let frozen = run.for_others(pipeline, previous);
        self.refused.extend(messages::of_refused(&frozen, before));
        self.said.extend(messages::of_frozen(&frozen, before));
        let is_changed = !previous.is_empty()
            && (!frozen.gone.is_empty()
                || !run.objects_for_others(pipeline).eq(frozen.objects.iter().cloned()));
        self.previous.push(is_changed.then(|| Rc::clone(previous)));
        frozen
    }
}

impl Tree<'_> {
    /// Compares what a run renders with the tree that is there. Nothing is written when something cannot be.
    pub(crate) fn plan(&self, run: &Run) -> Result<Plan, Failure> {
        let (mut plan, mut unreadable) = (Plan::default(), Vec::new());
        for pipeline in 0..run.outcomes.len() {
            let folder = self.folder(run, pipeline);
            let files =
                named_as_ours(&folder).map_err(|error| Failure::unwritable(&folder, &error))?;
            let previous = Rc::new(before::read(&files, &mut unreadable));
            let before = Before::Tree(&files);
            let frozen = plan.add(run, pipeline, &previous, &before);
            plan.said.extend(messages::of_order(&frozen).filter(|_| self.layout == Layout::Flat));
        }
        match (unreadable.is_empty(), plan.refused.is_empty()) {
            (true, true) => Ok(plan),
            (false, _) => Err(Failure::Unreadable(unreadable)),
            (true, false) => Err(Failure::Refused(plan.refused)),
        }
    }

    fn folder(&self, run: &Run, pipeline: usize) -> PathBuf {
        let (namespace, name) = names(run, pipeline);
        self.directory.join(namespace).join(name)
    }

    /// Writes the objects of a run.
    pub(crate) fn write(&self, run: &Run, plan: &Plan, printer: &Printer) -> Result<(), Failure> {
        let mut counts = Counts::default();
        for pipeline in 0..run.outcomes.len() {
            let frozen = plan.frozen(run, pipeline);
            let folder = self.folder(run, pipeline);
            for part in flux::PARTS {
                check_folder(self.directory, &folder.join(part))
                    .map_err(|error| Failure::unwritable(&folder, &error))?;
            }
            for object in &frozen.objects {
                let path = folder.join(self.layout.part(object)).join(file_name(object));
                let note = if object.kind == "StatefulSet" {
                    Previous::note(&frozen.gone)
                } else {
                    String::new()
                };
                let text = note + &to_yaml(std::slice::from_ref(object));
                counts.write(path, &text)?;
            }
            self.write_flux(run, pipeline, &frozen, &mut counts)?;
            let files =
                named_as_ours(&folder).map_err(|error| Failure::unwritable(&folder, &error))?;
            for path in files.iter().filter(|it| is_ours(it)) {
                counts.remove_unless_kept(path)?;
            }
            for part in flux::PARTS {
                // One that holds something stays.
                let _ = fs::remove_dir(folder.join(part));
            }
        }
        let Counts { written, unchanged, removed, .. } = counts;
        let place = self.directory.display();
        printer
            .line(&format!("{place}: {written} written, {unchanged} unchanged, {removed} removed"));
        Ok(())
    }

    /// Writes the Kustomizations of a pipeline, or removes those of another layout.
    fn write_flux(
        &self,
        run: &Run,
        pipeline: usize,
        frozen: &Frozen,
        counts: &mut Counts,
    ) -> Result<(), Failure> {
        let (namespace, name) = names(run, pipeline);
        let files = flux::files(self.directory, namespace, name);
        if self.layout == Layout::Flux {
            let root =
                self.path.map_or_else(|| flux::path_in_source(self.directory), str::to_owned);
            let steps = [root.trim_matches('/'), namespace, name];
            let steps = steps.into_iter().filter(|step| !step.is_empty() && *step != ".");
            let path = steps.fold(".".to_owned(), |path, step| format!("{path}/{step}"));
            let kustomizations = flux::kustomizations(self.source, &path, &frozen.objects);
            for (file, object) in files.iter().zip(kustomizations) {
                if let Some(object) = object {
                    counts.write(file.clone(), &value_to_yaml(&object))?;
                }
            }
        }
        for file in files.iter().filter(|file| is_ours(file)) {
            counts.remove_unless_kept(file)?;
        }
        Ok(())
    }
}

impl Counts {
    fn write(&mut self, path: PathBuf, text: &str) -> Result<(), Failure> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
        let changed = replace(&path, text).map_err(|error| Failure::unwritable(&path, &error))?;
        *(if changed { &mut self.written } else { &mut self.unchanged }) += 1;
        self.kept.insert(path);
        Ok(())
    }

    fn remove_unless_kept(&mut self, path: &Path) -> Result<(), Failure> {
        if !self.kept.contains(path) {
            fs::remove_file(path).map_err(|error| Failure::unwritable(path, &error))?;
            self.removed += 1;
        }
        Ok(())
    }
}

/// The names of the folders of a pipeline.
fn names(run: &Run, pipeline: usize) -> (&str, &str) {
    let metadata = &run.outcomes[pipeline].pipeline.metadata;
    let namespace = metadata.namespace.as_ref().map_or(NO_NAMESPACE, |name| name.as_str());
    (namespace, metadata.name.as_str())
}

fn file_name(object: &Object) -> String {
    format!("{}-{}.yaml", object.kind.to_lowercase(), object.name)
}

/// Files of a pipeline's folder, and of its parts, that are named as ours are.
fn named_as_ours(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for part in std::iter::once("").chain(flux::PARTS) {
        let entries = match fs::read_dir(folder.join(part)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_yaml = path.extension().is_some_and(|it| it == "yaml");
            if is_yaml && KINDS.iter().any(|kind| name.starts_with(kind)) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_ours(path: &Path) -> bool {
    read_text_file(path, MAX_FILE).is_ok_and(|text| text.contains(MARK))
}
