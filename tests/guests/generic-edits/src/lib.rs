//! Calls the functions of track 0.2 of the contract that take a field's path, as its config lists, and logs each
//! answer: the plugin of tests. It is written against the contract itself, without an SDK.

use serde::Deserialize;

wit_bindgen::generate!({ path: "../../../wit/v0.2", world: "plugin" });

use exports::wellhead::plugin::{describe, transform, validate};
use wellhead::plugin::pipeline::{Pipeline, Place};
use wellhead::plugin::types::{EditError, Rejection};
use wellhead::plugin::{context, facts, log};

struct GenericEdits;

/// What to do.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// The calls of the transformer, in order.
    calls: Vec<Call>,
    /// The calls of the validator.
    judges: Vec<Call>,
    /// A finding of the validator, by its code.
    finds: Option<String>,
    /// A rejection of the transformer, by its code.
    rejects: Option<String>,
}

/// A call of one function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    /// Its name, e.g. `append`.
    call: String,
    /// The path, or the name of a fact.
    path: String,
    /// The value as JSON.
    #[serde(default)]
    json: String,
    /// For `insert`: `first`, `last`, `before PATH`, `after PATH`.
    #[serde(default)]
    at: String,
}

impl Call {
    fn place(&self) -> Place {
        match self.at.split_once(' ') {
            Some(("before", path)) => Place::Before(path.to_owned()),
            Some(("after", path)) => Place::After(path.to_owned()),
            _ if self.at == "first" => Place::First,
            _ => Place::Last,
        }
    }

    /// Makes it, and tells the answer.
    fn answer(&self, pipeline: &Pipeline) -> String {
        let text = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        let answer = match self.call.as_str() {
            "get" => pipeline.get(&self.path).map(text),
            "set" => pipeline.set(&self.path, &self.json).map(|()| "ok".to_owned()),
            "remove" => pipeline.remove(&self.path).map(|()| "ok".to_owned()),
            "append" => pipeline.append(&self.path, &self.json),
            "insert" => pipeline.insert(&self.path, &self.json, &self.place()),
            "base" => context::base(&self.path).map(text),
            "set-by" => context::set_by(&self.path).map(text),
            "live" => context::live(&self.path).map(text),
            "fact" => facts::get(&self.path).map(text),
            other => panic!("there is no function `{other}`"),
        };
        answer.unwrap_or_else(|error| told(&error))
    }
}

/// An error in a line.
fn told(error: &EditError) -> String {
    let (case, it) = match error {
        EditError::Denied(it) => ("denied", it),
        EditError::Conflict(it) => ("conflict", it),
        EditError::Invalid(it) => ("invalid", it),
        EditError::NotFound(it) => ("not-found", it),
        EditError::ReadOnly(it) => ("read-only", it),
        EditError::OverLimit(it) => ("over-limit", it),
    };
    format!("{case} {}: {}", it.path, it.message)
}

fn config(json: &str) -> Config {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("the config: {error}"))
}

fn call(calls: &[Call], pipeline: &Pipeline) {
    for call in calls {
        log::log(log::Level::Info, &call.answer(pipeline));
    }
}

impl describe::Guest for GenericEdits {
    fn describe() -> describe::PluginInfo {
        describe::PluginInfo {
            name: "generic-edits".to_owned(),
            version: "0.1.0".to_owned(),
            description: "Calls what its config lists.".to_owned(),
            config_schema: "{}".to_owned(),
            writes: vec!["**".to_owned()],
            opens: vec!["serviceAccountName".to_owned()],
            facts: vec!["storageClasses".to_owned()],
            license: Some("Apache-2.0".to_owned()),
            homepage: Some("https://plugins.example/generic-edits".to_owned()),
            min_host: None,
            extra: vec![("a-key-of-later".to_owned(), "x".to_owned())],
        }
    }
}

impl transform::Guest for GenericEdits {
    fn transform(target: &Pipeline, json: String) -> Result<(), Rejection> {
        let config = config(&json);
        target.because("the config says so");
        call(&config.calls, target);
        config.rejects.map_or(Ok(()), |code| {
            Err(Rejection {
                code: Some(code),
                message: "the tier `gold` is not known".to_owned(),
                arguments: vec![("tier".to_owned(), "gold".to_owned())],
                path: Some("replicas".to_owned()),
                hint: None,
                link: Some("https://plugins.example/tiers".to_owned()),
                extra: Vec::new(),
            })
        })
    }
}

impl validate::Guest for GenericEdits {
    fn validate(target: &Pipeline, json: String) -> Result<Vec<validate::Finding>, Rejection> {
        let config = config(&json);
        call(&config.judges, target);
        let finding = |code| validate::Finding {
            severity: validate::Severity::Warning,
            code: Some(code),
            message: "the image has no tag".to_owned(),
            arguments: vec![("image".to_owned(), "nginx".to_owned())],
            path: Some("containers.db.image".to_owned()),
            hint: None,
            link: Some("https://plugins.example/tags".to_owned()),
            extra: Vec::new(),
        };
        Ok(config.finds.map(finding).into_iter().collect())
    }
}

export!(GenericEdits);
