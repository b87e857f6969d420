//! The file of a plan: written by `plan --out`, read by `apply FILE`.

use std::io::{self, Write as _};
use std::path::Path;

use wellhead::{Cluster, FilesSince, SavedPlan};
use wellhead_diagnostics::Code;
use wellhead_spec::{check_replaceable, read_text_file};

use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::printer::Printer;

/// Writes a plan as a whole, for its user alone: it holds values that are secrets.
pub(crate) fn write(path: &Path, plan: &SavedPlan) -> Result<(), Failure> {
    let text = plan.to_text().map_err(|error| {
        let what = format!("cannot write the plan {}", path.display());
        let what = Diagnostic::error(Code::InvalidPlanFile, what).fact(error.to_string());
        Failure::Usage(Box::new(what.hint("plan fewer pipelines at a time")))
    })?;
    let write = || {
        check_replaceable(path)?;
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map(drop).map_err(io::Error::from)
    };
    write().map_err(|error| Failure::unwritable(path, &error))
}

/// Reads a plan, and refuses one that is not the one that is `named` by its digest, whose files changed or that is for
/// another cluster.
pub(crate) fn read(
    path: &Path,
    named: Option<&str>,
    cluster: &Cluster,
    printer: &Printer,
) -> Result<SavedPlan, Failure> {
    let shown = path.display();
    let text = read_text_file(path, SavedPlan::MAX_BYTES).map_err(|error| {
        let what = format!("cannot read the plan {shown}");
        let what = Diagnostic::error(Code::InvalidPlanFile, what).fact(error.to_string());
        Failure::Usage(Box::new(what.hint("write one with `wellhead plan --out FILE`")))
    })?;
    let plan = SavedPlan::from_text(&text).map_err(|error| {
        let what = Diagnostic::error(Code::InvalidPlanFile, format!("{shown} is not a plan"));
        let what = what.fact(error.to_string());
        Failure::Usage(Box::new(
            what.hint("write one with `wellhead plan --out FILE`; specs are named by `-f`"),
        ))
    })?;
    drop(text);
    let digest = plan.digest();
    if let Some(named) = named.filter(|named| *named != digest) {
        let what = format!("{shown} is not the plan that is named");
        let why = format!("its digest is {digest}, and not {named}");
        return Err(stale(
            what,
            why,
            "make a new plan with `wellhead plan --out FILE`, and look at it",
        ));
    }
    if plan.server != cluster.server_url() {
        let what = format!("the plan was made for another cluster than {}", cluster.context_name());
        let why = format!("it was made for {}, and this is {}", plan.server, cluster.server_url());
        return Err(stale(what, why, "name the cluster by `--context` or `--kubeconfig`"));
    }
    match plan.files_since() {
        FilesSince::Same => {}
        FilesSince::Elsewhere => {
            printer.line("the files that the plan was made from are not here: not compared");
        }
        FilesSince::Changed(files) => {
            let files: Vec<_> = files.iter().map(|it| it.display().to_string()).collect();
            return Err(stale(
                "the files changed since the plan was made".to_owned(),
                format!("changed or gone: {}", files.join(", ")),
                "make a new plan with `wellhead plan --out FILE`, look at it, and apply that",
            ));
        }
    }
    printer.line(&format!("the plan of {}, {digest}", plan.made));
    Ok(plan)
}

fn stale(what: String, why: String, hint: &str) -> Failure {
    Failure::Stale(Box::new(Diagnostic::error(Code::StalePlan, what).fact(why).hint(hint)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wellhead_cluster::{About, Packed};

    use super::*;

    #[test]
    fn a_plan_that_could_not_be_read_again_is_not_written() {
        let empty = json!({"apiVersion": wellhead_spec::API_VERSION, "kind": "SavedPlan", "wellhead": "",
            "made": "2026-01-01T00:00:00Z", "server": "", "files": [], "pipelines": [], "about": [], "objects": []});
        let mut plan = SavedPlan::from_text(&empty.to_string()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db.whplan");
        let spec: Value = (0..60_000).map(|_| json!({})).collect();
        plan.about.push(Packed::of(&About { spec: json!({"spec": spec}), ..About::default() }));
        let Err(Failure::Usage(what)) = write(&path, &plan) else { panic!("it is written") };
        assert_eq!(what.code, Code::InvalidPlanFile);
        assert_eq!(what.facts, ["a part of it has more than 50000 objects and lists"]);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "no file is left");
        plan.about.clear();
        assert!(write(&path, &plan).is_ok() && path.exists());
    }
}
