//! A pipeline as a file.

use serde::Serialize;

use crate::{API_VERSION, Pipeline};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'p> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    pipeline: &'p Pipeline,
}

impl Pipeline {
    /// The pipeline as a document of YAML, with its fields in the order of their types. The same
    /// pipeline gives the same text, and [`load`](crate::load()) reads it back.
    pub fn to_yaml(&self) -> String {
        written(self)
    }
}

fn written(pipeline: &Pipeline) -> String {
    let document = Document { api_version: API_VERSION, kind: "Pipeline", pipeline };
    // Folding would leave blanks at line ends.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(&document, options)
        .expect("because a pipeline was read from a document")
}

#[cfg(test)]
mod tests {
    use crate::{Source, load};

    #[test]
    fn what_is_written_reads_back_as_the_same() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
        let mut read = 0;
        for folder in std::fs::read_dir(golden).unwrap() {
            let path = folder.unwrap().path().join("pipeline.yaml");
            let first = load(&[Source::Path(path.clone())]);
            for pipeline in &first.pipelines {
                let text = pipeline.to_yaml();
                let name = path.with_extension("written.yaml");
                let again = load(&[Source::Text { name, text: text.clone() }]);
                assert!(!again.has_errors(), "{:?}\n{text}", again.findings);
                assert_eq!(again.pipelines[0].value, pipeline.value, "{text}");
                assert_eq!(again.pipelines[0].to_yaml(), text);
                read += 1;
            }
        }
        assert!(read > 5);
    }

    #[test]
    fn fields_stand_as_people_write_them() {
        let text = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata:\n  name: db\n\
                    spec:\n  replicas: 3\n  containers:\n  - name: db\n    image: postgres:17\n    \
                    env:\n    - name: ON\n      value: \"yes\"\n";
        let source = Source::Text { name: "db.yaml".into(), text: text.to_owned() };
        let written = load(&[source]).pipelines[0].to_yaml();
        assert!(written.starts_with("apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\n"));
        assert!(written.contains("value: \"yes\""), "{written}");
        let at = |word: &str| written.find(word).unwrap();
        assert!(at("name: db") < at("replicas") && at("replicas") < at("containers"), "{written}");
    }
}
