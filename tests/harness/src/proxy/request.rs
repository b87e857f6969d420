//! What a request asks for.

use std::fmt;

/// The verbs of Kubernetes' API.
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// GET of an object.
    Get,
    /// GET of a collection.
    List,
    /// POST.
    Create,
    /// PUT.
    Update,
    /// PATCH.
    Patch,
    /// DELETE of an object.
    Delete,
    /// Anything else.
    Other,
}

/// A request. Displays as `Patch statefulsets/db (dry run)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Request {
    /// What it does.
    pub verb: Verb,
    /// The plural of the kind, e.g. `statefulsets`.
    pub resource: String,
    /// The namespace, or nothing.
    pub namespace: String,
    /// The object's name, or nothing.
    pub name: String,
    /// Whether nothing is to be stored.
    pub dry_run: bool,
}

impl Request {
    /// From the method, the target and the body of an HTTP request.
    pub(crate) fn read(method: &str, target: &str, body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        // `/api/VERSION` or `/apis/GROUP/VERSION`.
        let prefix = if parts.next() == Some("apis") { 2 } else { 1 };
        let mut parts = parts.skip(prefix).peekable();
        let mut namespace = String::new();
        if parts.peek() == Some(&"namespaces") {
            let whole: Vec<_> = parts.clone().collect();
            if whole.len() > 2 {
                parts.next();
                parts.next().unwrap_or_default().clone_into(&mut namespace);
            }
        }
        let resource = parts.next().unwrap_or_default().to_owned();
        let mut name = parts.next().unwrap_or_default().to_owned();
        let verb = match (method, name.is_empty()) {
            ("GET", false) => Verb::Get,
            ("GET", true) => Verb::List,
            ("POST", _) => Verb::Create,
            ("PUT", _) => Verb::Update,
            ("PATCH", _) => Verb::Patch,
            ("DELETE", false) => Verb::Delete,
            _ => Verb::Other,
        };
        if verb == Verb::Create && name.is_empty() {
            name = name_in(body);
        }
        let dry_run = query.split('&').any(|it| it == "dryRun=All");
        Self { verb, resource, namespace, name, dry_run }
    }

    /// Whether it stores something. A review is a question, although it is asked by a POST.
    pub fn is_write(&self) -> bool {
        let changes = !matches!(self.verb, Verb::Get | Verb::List);
        changes && !self.dry_run && !self.resource.ends_with("reviews")
    }

    /// Whether it stores something about an object of this kind.
    pub fn writes(&self, resource: &str) -> bool {
        self.is_write() && self.resource == resource
    }

    /// Kind and name, e.g. `statefulsets/db`.
    pub fn object(&self) -> String {
        format!("{}/{}", self.resource, self.name)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.dry_run { " (dry run)" } else { "" };
        write!(f, "{:?} {}{note}", self.verb, self.object())
    }
}

fn name_in(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    body.pointer("/metadata/name").and_then(|name| name.as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Request, Verb};

    #[test]
    fn a_request_says_what_it_does_to_which_object() {
        let patch = "/apis/apps/v1/namespaces/ns/statefulsets/db?dryRun=All&fieldManager=wellhead";
        let read = Request::read("PATCH", patch, b"");
        assert_eq!(read.to_string(), "Patch statefulsets/db (dry run)");
        assert_eq!(read.namespace, "ns");
        assert!(!read.is_write());
        let read = Request::read("GET", "/api/v1/nodes?limit=500", b"");
        assert_eq!((read.verb, read.object().as_str()), (Verb::List, "nodes/"));
        let read = Request::read("GET", "/api/v1/namespaces/ns", b"");
        assert_eq!((read.verb, read.object().as_str()), (Verb::Get, "namespaces/ns"));
    }

    #[test]
    fn a_created_object_is_named_by_the_body() {
        let path = "/apis/apps/v1/namespaces/ns/controllerrevisions";
        let read = Request::read("POST", path, br#"{"metadata": {"name": "wellhead.db.1"}}"#);
        assert_eq!(read.to_string(), "Create controllerrevisions/wellhead.db.1");
        assert!(read.writes("controllerrevisions"));
        let review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        assert!(!Request::read("POST", review, b"{}").is_write());
    }
}
