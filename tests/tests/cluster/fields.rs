//! The list of fields on which `docs/reference/kubernetes-fields.md` decides is what this server serves.

use std::fmt::Write as _;
use std::path::Path;

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;
use wellhead_harness::SharedControlPlane;

/// `TYPE: FIELD FIELD ...`, a type a line.
const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../host/spec/kubernetes-fields.txt");
/// Where types stand: the document of the server, and the beginning of their names there.
const GROUPS: [(&str, &str); 3] = [
    ("/openapi/v3/api/v1", "io.k8s.api.core.v1."),
    ("/openapi/v3/apis/apps/v1", "io.k8s.api.apps.v1."),
    ("/openapi/v3/api/v1", "io.k8s.apimachinery.pkg.apis.meta.v1."),
];

/// `BLESS=1` writes what the server serves of the types that are listed.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_fields_is_what_the_server_serves() {
    let path = SharedControlPlane::get().kubeconfig().to_owned();
    let kubeconfig = Kubeconfig::read_from(path).expect("the kubeconfig can be read");
    let config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let client = kube::Client::try_from(config.expect("it is good")).expect("a client");
    let mut schemas = Vec::new();
    for (document, prefix) in GROUPS {
        let request = http::Request::get(document).body(Vec::new()).expect("a request");
        let document: Value =
            client.request(request).await.expect("the server describes its types");
        schemas.push((prefix, document["components"]["schemas"].clone()));
    }
    let list = std::fs::read_to_string(LIST).expect("the list is there");
    let mut served = String::new();
    for line in list.lines() {
        let Some((name, _)) = line.split_once(':').filter(|_| !line.starts_with('#')) else {
            let _ = writeln!(served, "{line}");
            continue;
        };
        let schema = schemas.iter().find_map(|(prefix, all)| all.get(format!("{prefix}{name}")));
        let fields = schema.and_then(|it| it["properties"].as_object()).expect(name);
        let fields: Vec<_> = fields.keys().map(String::as_str).collect();
        let _ = writeln!(served, "{name}: {}", fields.join(" "));
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(Path::new(LIST), &served).expect("the list can be written");
    }
    assert_eq!(
        list, served,
        "BLESS=1 writes it; then decide on each new field in docs/reference/kubernetes-fields.md"
    );
}
