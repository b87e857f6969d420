//! What Wellhead accepts, the API server accepts.
//!
//! Pipelines and edits come from a generator that likes the edges of every rule, right and wrong. What the
//! validation refuses is left out; the objects of everything else are applied to a real API server in a strict
//! dry run, and each refusal is a rule that the validation lacks.
//!
//! Of pairs of them, a plan says exactly when the server makes another generation and another revision (`plan`).
//!
//! `PROPTEST_CASES` raises the number of accepted cases, `PROPTEST_RNG_SEED` gives others.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step of a test ends the test")]
#![expect(clippy::too_many_lines, reason = "each field is a line with its values")]

mod complete;
mod container;
mod edits;
mod env;
mod menu;
mod on_top;
mod pipeline;
mod plan;
mod probe;
mod protection;
mod safety;
mod scheduling;
mod security;
mod server;
mod setters;
mod unions;
mod volume;

use std::collections::BTreeSet;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use wellhead_spec::{Finding, Pipeline, Severity, validate};

use crate::server::{Accepted, Server, told};

/// Accepted cases of each test where nothing is asked for, and the least where something is.
const CASES: usize = 150;
/// At least one of this many generated cases is accepted; fewer, and the generator tests little.
const TRIES: usize = 12;

/// Number of accepted cases. Nothing makes it smaller than [`CASES`].
fn cases() -> usize {
    number("PROPTEST_CASES").unwrap_or(CASES).max(CASES)
}

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

/// A source of cases: the same in every run, unless another seed is asked for.
pub(crate) struct Source(TestRunner);

impl Source {
    pub(crate) fn new() -> Self {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&(number("PROPTEST_RNG_SEED").unwrap_or(0) as u64).to_le_bytes());
        Self(TestRunner::new_with_rng(
            Config::default(),
            TestRng::from_seed(RngAlgorithm::ChaCha, &seed),
        ))
    }

    pub(crate) fn draw<S: Strategy>(&mut self, strategy: &S) -> S::Value {
        strategy.new_tree(&mut self.0).unwrap().current()
    }
}

/// The pipeline of a document, if all of its fields have the right type and every rule holds.
pub(crate) fn accept(document: &Value) -> Result<Pipeline, Vec<Finding>> {
    let Ok(pipeline) = serde_json::from_value::<Pipeline>(document.clone()) else {
        return Err(Vec::new());
    };
    // The same way as a pipeline that plugins edited: through its draft.
    let pipeline = Pipeline::from_draft(pipeline.to_draft())?;
    let mut findings = validate(&pipeline);
    findings.retain(|it| it.severity == Severity::Error);
    if findings.is_empty() { Ok(pipeline) } else { Err(findings) }
}

/// So many accepted documents.
fn accepted_documents(namespace: &'static str, wanted: usize) -> Vec<Accepted> {
    let (mut source, strategy) = (Source::new(), pipeline::document(namespace));
    let mut accepted = Vec::with_capacity(wanted);
    for _ in 0..wanted * TRIES {
        let document = source.draw(&strategy);
        if let Ok(pipeline) = accept(&document) {
            accepted.push(Accepted { pipeline, made_of: document });
        }
        if accepted.len() == wanted {
            return accepted;
        }
    }
    assert!(
        accepted.len() == wanted,
        "only {} of {} were accepted",
        accepted.len(),
        wanted * TRIES
    );
    accepted
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_accepts_every_pipeline_that_is_accepted() {
    let server = Server::start().await;
    let accepted = accepted_documents(server.namespace, cases());
    let refusals = server.refusals(&accepted).await;
    assert!(refusals.is_empty(), "{} kinds of refusal\n{}", refusals.len(), told(&refusals));
}

/// So many sequences of edits that lead to an accepted pipeline, and all setters that were in effect.
fn accepted_edits(namespace: &'static str, wanted: usize) -> Vec<Accepted> {
    let (mut source, edits) = (Source::new(), edits::sequence());
    let program = edits::Program::load();
    let bases = accepted_documents(namespace, wanted);
    let (mut accepted, mut made_in_all) = (Vec::with_capacity(wanted), 0);
    for base in bases.iter().cycle().take(wanted * TRIES) {
        let edits = source.draw(&edits);
        if let edits::Outcome::Made(pipeline, made) = program.run(&base.pipeline, &edits) {
            made_in_all += made;
            let made_of = serde_json::json!({"edits": edits, "base": base.made_of});
            accepted.push(Accepted { pipeline: *pipeline, made_of });
        }
        if accepted.len() == wanted {
            break;
        }
    }
    assert!(
        accepted.len() == wanted,
        "only {} of {} were accepted",
        accepted.len(),
        wanted * TRIES
    );
    assert!(made_in_all > wanted, "{made_in_all} edits were made in {wanted} sequences");
    accepted
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_accepts_what_accepted_edits_lead_to() {
    let server = Server::start().await;
    let accepted = accepted_edits(server.namespace, cases());
    let refusals = server.refusals(&accepted).await;
    assert!(refusals.is_empty(), "{} kinds of refusal\n{}", refusals.len(), told(&refusals));
}

#[test]
fn every_field_of_a_pipeline_is_in_some_accepted_case() {
    let accepted = accepted_documents("n", CASES);
    let seen: BTreeSet<&str> = accepted
        .iter()
        .flat_map(|it| it.made_of["spec"].as_object().unwrap().keys())
        .map(String::as_str)
        .collect();
    let schema = wellhead_spec::pipeline_schema();
    let known = find(&schema, "PipelineSpec").unwrap()["properties"].as_object().unwrap();
    let missing: Vec<_> = known.keys().filter(|key| !seen.contains(key.as_str())).collect();
    assert!(missing.is_empty(), "never generated and accepted: {missing:?}");
}

/// The definition of a type, wherever the schema keeps it.
fn find<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    match schema {
        Value::Object(fields) => {
            fields.get(name).or_else(|| fields.values().find_map(|it| find(it, name)))
        }
        Value::Array(items) => items.iter().find_map(|it| find(it, name)),
        _ => None,
    }
}
