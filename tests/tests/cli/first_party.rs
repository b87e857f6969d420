//! The three first-party plugins in one chain.

use std::path::{Path, PathBuf};

use crate::context::{Context, json};

/// A guest that `cargo xtask guests` builds.
fn guest(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("target/guests").join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is missing: run `cargo xtask guests` first", path.display());
    path
}

const SPEC: &str = "\
apiVersion: wellhead.dev/v1alpha1
kind: Pipeline
metadata:
  name: db
  namespace: prod
spec:
  replicas: 2
  containers:
    - name: db
      image: docker.io/library/postgres:17
  claims:
    - {name: data, size: 1Gi, mountPath: /data}
";

fn customization() -> String {
    let entry = |name: &str, rest: &str| {
        format!("    - name: {name}\n      source: {}\n{rest}", guest(name).display())
    };
    [
        "apiVersion: wellhead.dev/v1alpha1\nkind: Customization\nmetadata: {name: platform}\n\
         spec:\n  plugins:\n"
            .to_owned(),
        entry(
            "storage-class",
            "      config: {default: fast}\n      grants: [\"claims.*.storageClass\"]\n",
        ),
        entry("replicas", "      config: {default: {min: 3}}\n      grants: [replicas]\n"),
    ]
    .concat()
}

/// Each plugin changes its field, and `explain` knows which.
#[test]
fn a_chain_of_first_party_plugins_is_explained() {
    let context = Context::new();
    context.write("db.yaml", SPEC);
    context.write("platform.yaml", customization());
    let arguments = ["explain", "--changed", "-f", "db.yaml", "-c", "platform.yaml", "-o", "json"];
    let document = json(&mut context.command(&arguments));
    let fields = document["pipelines"][0]["fields"].as_object().unwrap();
    let set: Vec<_> = fields
        .iter()
        .map(|(field, steps)| {
            let step = steps.as_array().unwrap().last().unwrap();
            let reason = step["reason"].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap();
            assert!(document["reasons"][reason].is_string(), "{step}");
            let plugin = step["plugin"].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap();
            (field.as_str(), document["plugins"][plugin]["name"].as_str().unwrap())
        })
        .collect();
    assert_eq!(set, [("claims.data.storageClass", "storage-class"), ("replicas", "replicas")]);
}
