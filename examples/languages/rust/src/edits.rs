//! Edits of any field, as the config lists them.

use wellhead_plugin::{Pipeline, Place, Rejection, facts, log};

use crate::config::{Edit, Operation};

/// Makes an edit.
pub(crate) fn make(pipeline: &Pipeline, edit: &Edit) -> Result<(), Rejection> {
    let Edit { path, value, .. } = edit;
    pipeline.because(&format!("the platform edits `{path}`"));
    match edit.edit {
        Operation::Set => pipeline.set_as(path, value)?,
        Operation::Remove => pipeline.remove(path)?,
        Operation::Append => log::info(&format!("added `{}`", pipeline.append_as(path, value)?)),
        Operation::Insert => {
            let added = pipeline.insert_as(path, value, &place(edit))?;
            log::info(&format!("added `{added}`"));
        }
        Operation::Show => show(path, pipeline.get(path)?.is_some()),
        Operation::Fact => show(path, facts::get(path)?.is_some()),
    }
    Ok(())
}

fn show(path: &str, is_set: bool) {
    log::info(&format!("`{path}` is {}", if is_set { "set" } else { "not set" }));
}

fn place(edit: &Edit) -> Place {
    match edit.at.as_deref().unwrap_or("last") {
        "first" => Place::First,
        "last" => Place::Last,
        beside => match beside.strip_prefix("before ") {
            Some(path) => Place::Before(path.to_owned()),
            None => Place::After(beside.strip_prefix("after ").unwrap_or_default().to_owned()),
        },
    }
}
