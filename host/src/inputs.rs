//! From files to pipelines with a namespace, and the customizations that apply to them.

mod order;

use std::collections::{HashMap, HashSet};

use wellhead_chain::Facts;
use wellhead_diagnostics::Code;
use wellhead_spec::{
    Customization, FieldPath, Finding, Form, Located, Pipeline, Severity, load_facts, load_on,
};

use crate::chains::places::Places;
use crate::error::{Error, InvalidInput, Texts};
use crate::request::Request;

/// What was read.
#[derive(Debug)]
pub struct Inputs<P = Pipeline> {
    /// The pipelines, in the order of the files, with their namespace filled in.
    pub pipelines: Vec<Located<P>>,
    /// The customizations, in the order in which they apply.
    pub customizations: Vec<Located<Customization>>,
    /// What the operator tells plugins.
    pub(crate) facts: Facts,
    /// What should be looked at.
    pub warnings: Vec<Finding>,
    /// The files, for excerpts.
    pub texts: Texts,
}

/// Reads the files of a request. Every finding is reported at once.
pub(crate) fn load<P: Form>(request: &Request) -> Result<Inputs<P>, Error> {
    let mut bases = load_on::<P>(request.threads(), &request.pipelines);
    let mut changes = load_on::<P>(request.threads(), &request.customizations);
    let (facts, mut told) = load_facts(&request.facts);
    let mut findings = std::mem::take(&mut bases.findings);
    findings.append(&mut changes.findings);
    findings.append(&mut told.findings);
    findings.extend(changes.pipelines.iter().map(misplaced));
    findings.extend(given_twice(&bases.customizations, &changes.customizations));
    let has_errors = |findings: &[Finding]| findings.iter().any(is_error);

    let mut pipelines = std::mem::take(&mut bases.pipelines);
    let mut customizations = std::mem::take(&mut bases.customizations);
    customizations.append(&mut changes.customizations);
    findings.extend(pipelines.iter_mut().filter_map(|pipeline| fill_namespace(pipeline, request)));
    if !has_errors(&findings) {
        findings.extend(no_pipeline(&pipelines));
        findings.extend(duplicates(&pipelines));
        let idle =
            |it: &&Located<Customization>| !pipelines.iter().any(|one| selects(it, &one.value));
        if !pipelines.is_empty() {
            let placed = pipelines.iter().all(|it| it.value.metadata().namespace.is_some());
            let told = |it| selects_nothing(it, placed);
            findings.extend(customizations.iter().filter(idle).map(told));
        }
        findings.extend(order::unknown_names(&customizations));
        findings.extend(wrong_orders(&pipelines, &customizations));
    }
    let texts = Texts(vec![bases.emptied(), changes.emptied(), told]);
    if has_errors(&findings) {
        return Err(Error::Input(InvalidInput { findings, texts }));
    }
    let facts = Facts::new(&facts);
    Ok(Inputs { pipelines, customizations, facts, warnings: findings, texts })
}

/// What is wrong with the order of the chains. Pipelines with the same customizations share one.
fn wrong_orders<P: Form>(
    pipelines: &[Located<P>],
    customizations: &[Located<Customization>],
) -> Vec<Finding> {
    let (sets, _) = selections(pipelines, customizations);
    let mut findings: Vec<Finding> = Vec::new();
    for set in sets {
        let chain: Vec<_> = set.into_iter().map(|index| &customizations[index]).collect();
        for finding in order::check(&chain) {
            let same =
                |it: &Finding| (&it.message, &it.location) == (&finding.message, &finding.location);
            if !findings.iter().any(same) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// The distinct sets of customizations that select a pipeline, and for each pipeline its set.
pub(crate) fn selections<P: Form>(
    pipelines: &[Located<P>],
    customizations: &[Located<Customization>],
) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
    let mut sets = Vec::new();
    let mut of = Vec::with_capacity(pipelines.len());
    for pipeline in pipelines {
        let customizations = customizations.iter().enumerate();
        let set: Vec<usize> =
            customizations.filter(|it| selects(it.1, &pipeline.value)).map(|it| it.0).collect();
        let index = *known.entry(set).or_insert_with_key(|set| {
            sets.push(set.clone());
            sets.len() - 1
        });
        of.push(index);
    }
    (sets, of)
}

/// Whether a customization applies to a pipeline.
pub(crate) fn selects<P: Form>(customization: &Customization, pipeline: &P) -> bool {
    let select = customization.spec.select.as_ref();
    select.is_none_or(|select| select.matches(pipeline.metadata()))
}

/// The warnings of a run: those about pipelines are about what the plugins left, so that a plugin
/// may do what a warning asks for. `edited` has the findings of each pipeline that plugins changed.
pub(crate) fn warnings<P>(
    inputs: &Inputs<P>,
    edited: impl Iterator<Item = Option<Vec<Finding>>>,
) -> Vec<Finding> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (pipeline, findings) in inputs.pipelines.iter().zip(edited) {
        if let Some(findings) = findings {
            before.extend(pipeline.warnings());
            after.extend(findings);
        }
    }
    // Both have the order of the files.
    let mut before = before.into_iter().peekable();
    let stay = inputs.warnings.iter().filter(|it| before.next_if_eq(it).is_none());
    stay.cloned().chain(after).collect()
}

/// The findings of what plugins made of a pipeline, with their places. Most were said of the base, too, and have one.
pub(crate) fn located<P: Form>(places: &Places<'_, P>, findings: &[Finding]) -> Vec<Finding> {
    let key = |it: &Finding| (it.path.clone(), it.code, it.message.clone(), it.hint.clone());
    let known: HashMap<_, _> = places.base.warnings().iter().map(|it| (key(it), it)).collect();
    let locate = |it: &Finding| {
        known.get(&key(it)).map_or_else(|| places.locate(it.clone()), |it| (*it).clone())
    };
    findings.iter().map(locate).collect()
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// Fills in the namespace where the file names none. Another one in the file is an error.
fn fill_namespace<P: Form>(pipeline: &mut Located<P>, request: &Request) -> Option<Finding> {
    let metadata = pipeline.value.metadata_mut();
    let Some(theirs) = &metadata.namespace else {
        metadata.namespace = request.namespace.clone().or(request.default_namespace.clone());
        return None;
    };
    let ours = request.namespace.as_ref().filter(|ours| *ours != theirs)?;
    let message = format!(
        "pipeline `{}` is in namespace `{theirs}`, and the command line says `{ours}`",
        metadata.name
    );
    let finding = Finding::error(Code::NamespaceMismatch, FieldPath::of(["namespace"]), message);
    let hint = format!("leave out `-n {ours}`, or remove the namespace from the file");
    Some(pipeline.locate(finding.hint(hint)))
}

/// Pipelines that meet only because of the namespace that was filled in.
fn duplicates<P: Form>(pipelines: &[Located<P>]) -> Vec<Finding> {
    let mut seen: HashMap<_, &Located<P>> = HashMap::new();
    let mut findings = Vec::new();
    let path = FieldPath::of(["name"]);
    for pipeline in pipelines {
        let metadata = pipeline.value.metadata();
        let name = (metadata.namespace.as_ref(), &metadata.name);
        if let Some(first) = seen.insert(name, pipeline) {
            let message = format!(
                "pipeline `{}` is defined twice in one namespace, first at {}",
                name.1,
                first.nearest(&path)
            );
            let finding = Finding::error(Code::DuplicatePipeline, path.clone(), message);
            let hint = "rename or remove one, or give them different namespaces";
            findings.push(pipeline.locate(finding.hint(hint)));
        }
    }
    findings
}

fn no_pipeline<P>(pipelines: &[Located<P>]) -> Option<Finding> {
    let message = "there is no pipeline in the given files";
    let finding = Finding::error(Code::NoPipeline, FieldPath::root(), message);
    let hint = "`-f` names a file or folder that holds a document of `kind: Pipeline`";
    pipelines.is_empty().then(|| finding.hint(hint))
}

fn misplaced<P: Form>(pipeline: &Located<P>) -> Finding {
    let name = &pipeline.value.metadata().name;
    let message = format!("pipeline `{name}` is in a file of customizations");
    let finding = Finding::error(Code::MisplacedPipeline, FieldPath::root(), message);
    pipeline.locate(finding.hint("give the file by `-f`, or remove the pipeline from it"))
}

/// Customizations whose file is given by `-c` and, perhaps in its folder, by `-f`: they would run twice.
fn given_twice(
    bases: &[Located<Customization>],
    changes: &[Located<Customization>],
) -> Vec<Finding> {
    let file = |it: &Located<Customization>| std::fs::canonicalize(&**it.file()).ok();
    let known: HashSet<_> = bases.iter().filter_map(file).collect();
    let again = changes.iter().filter(|it| file(it).is_some_and(|file| known.contains(&file)));
    again
        .map(|it| {
            let message =
                format!("customization `{}` is given by `-f` and by `-c`", it.metadata.name);
            let finding = Finding::error(Code::DuplicateFile, FieldPath::of(["name"]), message);
            it.locate(finding.hint("leave out the `-c`: `-f` reads customizations, too"))
        })
        .collect()
}

/// `placed` says whether every pipeline has a namespace.
fn selects_nothing(customization: &Located<Customization>, placed: bool) -> Finding {
    let name = &customization.metadata.name;
    let message = format!("customization `{name}` selects none of the given pipelines");
    let finding = Finding::warning(Code::UnusedCustomization, FieldPath::of(["select"]), message);
    let select = customization.spec.select.as_ref();
    let hint = if !placed && select.is_some_and(|it| !it.namespaces.is_empty()) {
        "its plugins do nothing: name the namespace of the pipelines with `-n NAMESPACE`, correct `select`, or leave the file out"
    } else {
        "its plugins do nothing: correct `select`, or leave the file out"
    };
    customization.locate(finding.hint(hint))
}
