//! Any text as a file of pipelines and customizations.

use serde_json::{Value, json};
use wellhead_spec::{API_VERSION, Loaded, Pipeline, Source, load};

use crate::shape;

/// A file is read or refused, every finding has its place in the text, and what was read is the same
/// when it is written and read again. Bytes that are no text choose changes of a valid pipeline.
pub(crate) fn run(data: &[u8]) {
    let text = match data.strip_prefix(b"\0") {
        Some(changes) => document(&shape::changed(changes)).to_string(),
        None => match std::str::from_utf8(data) {
            Ok(text) => text.to_owned(),
            Err(_) => return,
        },
    };
    let loaded = read(&text);
    assert_places(&loaded, &text);
    for pipeline in &loaded.pipelines {
        assert_reads_back(pipeline);
    }
    for customization in &loaded.customizations {
        let value = serde_json::to_value(&**customization).ok();
        let again = value.and_then(|it| serde_json::from_value(it).ok());
        assert_eq!(again.as_ref(), Some(&**customization), "written and read again");
    }
}

fn read(text: &str) -> Loaded {
    load(&[Source::Text { name: "fuzzed.yaml".into(), text: text.to_owned() }])
}

fn assert_places(loaded: &Loaded, text: &str) {
    for finding in &loaded.findings {
        let location = finding.location.as_ref().expect("because every finding has its place");
        let span = location.span.clone();
        assert!(text.get(span).is_some(), "{finding:?}");
        assert!(location.line >= 1 && location.column >= 1, "{finding:?}");
    }
    let nothing = loaded.pipelines.is_empty() && loaded.customizations.is_empty();
    assert!(!nothing || !loaded.findings.is_empty(), "what is not read has a reason");
}

fn assert_reads_back(pipeline: &Pipeline) {
    let draft = Pipeline::from_draft(pipeline.to_draft());
    assert_eq!(draft.as_ref(), Ok(pipeline), "as a draft");
    let value = serde_json::to_value(pipeline).expect("because the keys are texts");
    let again = read(&document(&value).to_string());
    assert!(!again.has_errors(), "{:?}", again.findings);
    assert_eq!(again.pipelines.first().map(|it| &**it), Some(pipeline), "as a file");
}

/// A pipeline's metadata and spec as a document.
fn document(value: &Value) -> Value {
    json!({
        "apiVersion": API_VERSION,
        "kind": "Pipeline",
        "metadata": value["metadata"],
        "spec": value["spec"],
    })
}
