//! How the cluster crate reads the cluster: as Kubernetes' own types, and, where it decides, through one seam.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Expr, ExprAssign, ExprIndex, ExprMethodCall, Item, Lit};

use super::imports::{Crate, is_test};

const CLUSTER: &str = "host/cluster/src";

/// The functions that read fields of JSON by their names.
const JSON: &str = "model/json.rs";

/// Where fields are read by their names, as texts, and why. What is not here reads types: a slip of a text reads as
/// nothing, one of a field does not compile.
const UNTYPED: [(&str, &str); 24] = [
    ("api/", "replies of any kind, configs of clients and headers"),
    ("managed_fields/", "paths of whatever fields managers own"),
    ("model/", "the functions that read JSON, and what makes types of it"),
    ("decide/", "compares what is sent with what is there, and keeps fields that it does not know"),
    ("recreate/", "sends objects with all that they have"),
    (
        "migrate/",
        "snapshots, which are no types of `k8s_openapi`; sizes by their resource; what is sent",
    ),
    ("check/migration.rs", "judges claims as they are sent, and snapshot classes"),
    ("verbs/volumes/", "snapshots, which are no types of `k8s_openapi`"),
    ("check/dry_run.rs", "compares what the server would store with what was sent"),
    ("check/scale_down.rs", "judges what is sent"),
    ("check/storage_class.rs", "judges what is sent"),
    (
        "check/preflight/",
        "judges pods and claims as they are sent; what it reads of the cluster is typed",
    ),
    (
        "observe/inventory.rs",
        "keeps the objects of pipelines whole: what is written of them is decided later",
    ),
    (
        "observe/live.rs",
        "keeps the objects of pipelines whole: what is written of them is decided later",
    ),
    ("observe/ownership.rs", "judges the objects of pipelines beside what is sent"),
    ("store/handover.rs", "keeps whole what others had set"),
    ("store/packing.rs", "a record of ours"),
    ("store/revisions.rs", "a record of ours"),
    ("verbs/apply/", "what is sent, and what came back"),
    ("verbs/delete", "the objects of pipelines as the inventory keeps them"),
    ("verbs/plan/", "shows what is sent beside what is there"),
    ("verbs/rollback.rs", "keeps the annotations of a record"),
    ("verbs/workload.rs", "keeps objects of others whole, of which an import makes pipelines"),
    ("wait/way_back.rs", "compares the templates of records, and sends a pod that is made of one"),
];

/// Where the server is read without the `Reader` of live objects and Leases, and why.
const DIRECT: [(&str, &str); 21] = [
    ("observe/live.rs", "the seam: how a connection is a `Reader`"),
    ("observe/ending.rs", "namespaces"),
    ("observe/events.rs", "events"),
    ("observe/pods.rs", "pods"),
    ("check/preflight/read.rs", "facts of the cluster"),
    ("check/migration.rs", "facts of the cluster"),
    ("migrate/look.rs", "a write that depends on it follows"),
    ("verbs/volumes/", "volumes and snapshots, and whether a claim has another volume"),
    ("check/storage_class.rs", "facts of the cluster"),
    ("decide/leftover/take.rs", "a write that depends on it follows"),
    ("decide/send.rs", "a write that depends on it follows"),
    ("recreate/orphans.rs", "pods and their revisions"),
    ("recreate/steps.rs", "a write that depends on it follows"),
    ("recreate/successor.rs", "a write that depends on it follows"),
    ("store/handover.rs", "records"),
    ("store/history.rs", "records"),
    ("store/lease/acquired.rs", "a write that depends on it follows"),
    ("store/revisions.rs", "records"),
    ("verbs/delete", "volumes, and whether what was deleted is gone"),
    ("verbs/workload.rs", "objects of others, which an import reads and no one writes"),
    ("wait/pipeline.rs", "whether a storage class exists"),
];

/// The methods of a connection that read.
const READS: [&str; 6] = ["exists", "get", "list", "list_as", "list_typed", "walk"];

/// What a file does that has to have a reason.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    untyped: BTreeSet<String>,
    direct: BTreeSet<String>,
}

impl Found {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        found.visit_file(&syn::parse_file(text).expect("a source parses"));
        found
    }
}

fn text_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(it) => match &it.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Reference(it) => text_of(&it.expr),
        _ => None,
    }
}

fn is_client(expression: &Expr) -> bool {
    match expression {
        Expr::Path(it) => it.path.is_ident("client") || it.path.is_ident("aside"),
        Expr::Reference(it) => is_client(&it.expr),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Fn(it) => &it.attrs,
            Item::Impl(it) => &it.attrs,
            Item::Mod(it) => &it.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_assign(&mut self, assignment: &'ast ExprAssign) {
        // What is written is JSON.
        if !matches!(*assignment.left, Expr::Index(_)) {
            self.visit_expr(&assignment.left);
        }
        self.visit_expr(&assignment.right);
    }

    fn visit_expr_index(&mut self, index: &'ast ExprIndex) {
        self.untyped.extend(text_of(&index.index).map(|field| format!("[{field:?}]")));
        visit::visit_expr_index(self, index);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let method = call.method.to_string();
        let field = call.args.first().and_then(text_of);
        if method == "pointer" {
            self.untyped.insert(".pointer()".to_owned());
        } else if let ("get", Some(field)) = (method.as_str(), field) {
            self.untyped.insert(format!(".get({field:?})"));
        } else if READS.contains(&method.as_str()) && is_client(&call.receiver) {
            self.direct.insert(format!("client.{method}()"));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// Files that do something without a reason, and reasons that nothing needs any more.
fn without_reason(
    found: &BTreeMap<String, BTreeSet<String>>,
    reasons: &[(&str, &str)],
) -> Vec<String> {
    let is_named = |file: &str| reasons.iter().any(|(place, _)| file.starts_with(place));
    let unnamed = found.iter().filter(|(file, what)| !what.is_empty() && !is_named(file));
    let unnamed = unnamed.map(|(file, what)| format!("{file}: {what:?}"));
    let is_needed =
        |place: &str| found.iter().any(|(file, what)| file.starts_with(place) && !what.is_empty());
    let idle = reasons.iter().filter(|(place, _)| !is_needed(place));
    unnamed.chain(idle.map(|(place, _)| format!("{place} needs no exception"))).collect()
}

fn sources() -> impl Iterator<Item = (String, Found)> {
    let sources = super::sources(CLUSTER).into_iter();
    let sources =
        sources.filter(|file| !file.ends_with("tests.rs") && !file.ends_with("fixture.rs"));
    sources.map(|file| {
        let text = std::fs::read_to_string(super::root().join(CLUSTER).join(&file));
        let found = Found::of(&text.expect("a source is readable"));
        (file, found)
    })
}

#[test]
fn what_is_read_of_the_cluster_has_types() {
    let imports = Crate::read(CLUSTER).imports();
    let found = sources().map(|(file, Found { mut untyped, .. })| {
        if imports.get(&file).is_some_and(|it| it.contains(JSON)) {
            untyped.insert(JSON.to_owned());
        }
        (file, untyped)
    });
    let wrong = without_reason(&found.collect(), &UNTYPED);
    assert!(wrong.is_empty(), "read it as a type of k8s_openapi: {wrong:#?}");
}

#[test]
fn live_objects_and_leases_are_read_through_one_seam() {
    let found = sources().map(|(file, Found { direct, .. })| (file, direct)).collect();
    let wrong = without_reason(&found, &DIRECT);
    assert!(wrong.is_empty(), "read live objects and Leases by `observe::live`: {wrong:#?}");
}

#[test]
fn a_read_is_found_however_it_is_written() {
    let untyped = |body: &str| Found::of(&format!("fn f() {{ {body} }}")).untyped.len();
    for body in [r#"pod.pointer("/status")"#, r#"pod["status"]["phase"]"#, r#"pod.get("status")"#] {
        assert!(untyped(body) > 0, "{body}");
    }
    for body in [r#"body["spec"]["replicas"] = 1.into();"#, "pods.get(&name)", "pod.status"] {
        assert_eq!(untyped(body), 0, "{body}");
    }
    let direct = |body: &str| Found::of(&format!("async fn f() {{ {body} }}")).direct.len();
    assert_eq!(direct("client.get(&object).await"), 1);
    assert_eq!(direct("live::read_one(client, &object).await"), 0);
    assert_eq!(
        Found::of("#[cfg(test)]\nmod tests { fn f() { client.get(&o); a[\"b\"]; } }"),
        Found::default()
    );
}
