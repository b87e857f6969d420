//! A registry that takes pushes, as strictly as the specification wants it.
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push>

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Answer, Asked, Registry, digest};

/// How the registry differs from one that takes everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Habits {
    /// Every push is refused with this status.
    pub refuses: Option<u16>,
    /// A blob with more bytes must come in pieces of at most so many.
    pub piece: Option<usize>,
    /// Requests with this place in the order of all that came are answered with 500.
    pub fails_at: Option<usize>,
    /// And those from this place on.
    pub fails_from: Option<usize>,
    /// Lists referrers itself, so that clients keep no list of them.
    pub referrers: bool,
}

/// What it has.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Contents by digest.
    pub blobs: BTreeMap<String, Vec<u8>>,
    /// Manifests by repository and digest or version.
    pub manifests: BTreeMap<(String, String), Vec<u8>>,
    uploads: BTreeMap<String, Vec<u8>>,
    asked: usize,
    habits: Habits,
}

/// A registry that takes pushes.
pub struct Writable {
    /// What answers requests.
    pub registry: Registry,
    stored: Arc<Mutex<Stored>>,
}

impl Writable {
    /// Starts an empty one on this machine, over HTTP.
    pub fn start(habits: Habits) -> io::Result<Self> {
        let stored = Arc::new(Mutex::new(Stored { habits, ..Stored::default() }));
        let state = Arc::clone(&stored);
        let registry = Registry::start(None, move |asked| {
            state.lock().unwrap_or_else(PoisonError::into_inner).answer(asked)
        })?;
        Ok(Self { registry, stored })
    }

    /// What it has now.
    pub fn stored(&self) -> Stored {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes its habits, and counts requests from now on.
    pub fn becomes(&self, habits: Habits) {
        let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        (stored.habits, stored.asked) = (habits, 0);
    }
}

impl Stored {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let habits = self.habits;
        self.asked += 1;
        let fails_now = habits.fails_at.is_some_and(|it| it + 1 == self.asked);
        if fails_now || habits.fails_from.is_some_and(|it| it < self.asked) {
            return Answer::new(500, "");
        }
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let writes = !matches!(&*asked.method, "GET" | "HEAD");
        if let Some(status) = habits.refuses.filter(|_| writes) {
            return Answer::new(status, "Method not allowed");
        }
        let Some((repository, kind, name)) = parts(path) else { return Answer::new(404, "") };
        match (&*asked.method, kind) {
            ("GET" | "HEAD", "blobs") => {
                found(self.blobs.get(name), "application/octet-stream", &asked.method)
            }
            ("GET" | "HEAD", "manifests") => {
                let manifest = self.manifests.get(&(repository.to_owned(), name.to_owned()));
                let kind = manifest.map(|it| media_type(it)).unwrap_or_default();
                found(manifest, &kind, &asked.method)
            }
            ("GET", "tags") => self.tags(repository),
            ("GET", "referrers") if habits.referrers => self.referrers(repository, name),
            ("POST", "uploads") => {
                let id = format!("{}", self.uploads.len());
                self.uploads.insert(id.clone(), Vec::new());
                let location = format!("/v2/{repository}/blobs/uploads/{id}?state=a%2Fb");
                Answer::new(202, "").header("location", location)
            }
            ("PATCH" | "PUT", "uploads") => self.upload(asked, repository, name, query),
            ("PUT", "manifests") => self.manifest(asked, repository, name),
            _ => Answer::new(404, ""),
        }
    }

    fn upload(&mut self, asked: &Asked, repository: &str, id: &str, query: &str) -> Answer {
        let Some(known) = self.uploads.get_mut(id) else { return Answer::new(404, "") };
        if self.habits.piece.is_some_and(|most| asked.body.len() > most) {
            return Answer::new(413, "");
        }
        let range = format!("{}-{}", known.len(), known.len() + asked.body.len().max(1) - 1);
        if asked.method == "PATCH" && asked.header("content-range") != Some(&range) {
            return Answer::new(416, "");
        }
        known.extend_from_slice(&asked.body);
        if asked.method == "PATCH" {
            let location = format!("/v2/{repository}/blobs/uploads/{id}?state=c");
            return Answer::new(202, "").header("location", location);
        }
        let is = digest(known);
        let wanted = format!("digest={}", is.replace(':', "%3A"));
        if !query.split('&').any(|it| it == wanted) || !query.contains("state=") {
            return Answer::new(400, r#"{"errors":[{"code":"DIGEST_INVALID","message":"x"}]}"#);
        }
        let content = self.uploads.remove(id).unwrap_or_default();
        self.blobs.insert(is.clone(), content);
        Answer::new(201, "").header("docker-content-digest", is)
    }

    /// A manifest whose contents are there.
    fn manifest(&mut self, asked: &Asked, repository: &str, name: &str) -> Answer {
        let is = digest(&asked.body);
        let text = String::from_utf8_lossy(&asked.body);
        let known = text.split('"').filter(|it| it.starts_with("sha256:"));
        let is_there = |it: &str| {
            let manifest = (repository.to_owned(), it.to_owned());
            self.blobs.contains_key(it) || self.manifests.contains_key(&manifest)
        };
        let complete = known.clone().count() > 0 && known.clone().all(is_there);
        if !complete || (name.contains(':') && name != is) {
            return Answer::new(
                400,
                r#"{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"x"}]}"#,
            );
        }
        for name in [name, &is] {
            self.manifests.insert((repository.to_owned(), name.to_owned()), asked.body.clone());
        }
        let answer = Answer::new(201, "").header("docker-content-digest", is);
        match subject(&asked.body) {
            Some(subject) if self.habits.referrers => answer.header("oci-subject", subject),
            _ => answer,
        }
    }

    /// The manifests whose subject has this digest.
    fn referrers(&self, repository: &str, digest_of: &str) -> Answer {
        let all = self.manifests.iter().filter(|it| it.0.0 == repository && it.0.1.contains(':'));
        let ours = all.filter(|it| subject(it.1).as_deref() == Some(digest_of));
        let listed: Vec<_> = ours
            .map(|((_, name), bytes)| {
                serde_json::json!({"mediaType": media_type(bytes), "digest": name, "size": bytes.len()})
            })
            .collect();
        let kind = "application/vnd.oci.image.index.v1+json";
        let index = serde_json::json!({"schemaVersion": 2, "mediaType": kind, "manifests": listed});
        Answer::new(200, index.to_string()).header("content-type", kind)
    }

    fn tags(&self, repository: &str) -> Answer {
        let of = |it: &&(String, String)| it.0 == repository && !it.1.contains(':');
        let tags: Vec<_> = self.manifests.keys().filter(of).map(|it| it.1.clone()).collect();
        if tags.is_empty() {
            return Answer::new(404, r#"{"errors":[{"code":"NAME_UNKNOWN","message":"x"}]}"#);
        }
        Answer::new(200, serde_json::json!({"name": repository, "tags": tags}).to_string())
    }
}

/// What a manifest says that it is.
fn media_type(manifest: &[u8]) -> String {
    let value = serde_json::from_slice::<serde_json::Value>(manifest).unwrap_or_default();
    value["mediaType"].as_str().unwrap_or_default().to_owned()
}

/// The digest of the manifest that a manifest refers to.
fn subject(manifest: &[u8]) -> Option<String> {
    let value = serde_json::from_slice::<serde_json::Value>(manifest).ok()?;
    value["subject"]["digest"].as_str().map(str::to_owned)
}

fn found(content: Option<&Vec<u8>>, media_type: &str, method: &str) -> Answer {
    let missing = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"x"}]}"#;
    match content {
        Some(_) if method == "HEAD" => Answer::new(200, ""),
        Some(content) => Answer::new(200, content.clone()).header("content-type", media_type),
        None if method == "HEAD" => Answer::new(404, ""),
        None => Answer::new(404, missing),
    }
}

/// The repository of a path, what it names there, and its name.
fn parts(path: &str) -> Option<(&str, &'static str, &str)> {
    let path = path.strip_prefix("/v2/")?;
    ["/blobs/uploads/", "/blobs/", "/manifests/", "/referrers/", "/tags/"].iter().find_map(
        |separator| {
            let (repository, name) = path.split_once(separator)?;
            let kind = separator.trim_matches('/');
            let kind = if kind.ends_with("uploads") { "uploads" } else { kind };
            Some((repository, kind, name))
        },
    )
}
