//! A registry that lies on demand: it answers each request with what a test says, over HTTP or TLS, and remembers what it
//! was asked.

pub mod writable;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// E.g. `GET`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// What was sent with it.
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| &*it.1)
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// E.g. 200.
    pub status: u16,
    /// Names and values. The length is added, where the content has one.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub content: Content,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes, of more that never come: the connection stays open.
    Silence(Vec<u8>),
    /// One byte at a time, with this pause after each, without an end.
    Drip(Duration),
    /// Zeros without an end.
    Endless,
    /// The connection ends without an answer.
    Nothing,
}

impl Answer {
    /// An answer with a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), content: Content::Bytes(body.into()) }
    }

    /// A good answer whose body is another one than a text.
    pub fn content(content: Content) -> Self {
        Self { content, ..Self::new(200, "") }
    }

    /// The same with one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// What answers requests.
type Answerer = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A registry. It ends with the process; nothing of it is on disk.
pub struct Registry {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    sent: Arc<AtomicU64>,
}

impl Registry {
    /// Starts one on this machine. With a configuration of TLS, it speaks that.
    pub fn start(
        tls: Option<Arc<rustls::ServerConfig>>,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let (asked, sent) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicU64>::default());
        let answer: Arc<Answerer> = Arc::new(answer);
        let (log, count) = (Arc::clone(&asked), Arc::clone(&sent));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, answer) = (tls.clone(), Arc::clone(&answer));
                let (log, count) = (Arc::clone(&log), Arc::clone(&count));
                // A client that ends a connection is no reason to fail: tests do so all the time.
                std::thread::spawn(move || {
                    let _ = match tls {
                        None => serve(stream, &*answer, &log, &count),
                        Some(tls) => rustls::ServerConnection::new(tls)
                            .map_err(io::Error::other)
                            .and_then(|it| {
                                serve(rustls::StreamOwned::new(it, stream), &*answer, &log, &count)
                            }),
                    };
                });
            }
        });
        Ok(Self { port, asked, sent })
    }

    /// One that has a plugin, and nothing else.
    pub fn with(plugin: &Published) -> io::Result<Self> {
        let plugin = plugin.clone();
        Self::start(None, move |asked| plugin.answer(asked))
    }

    /// `127.0.0.1` with its port.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it was asked until now.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes of bodies that it sent until now.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

fn serve(
    stream: impl Read + Write,
    answer: &Answerer,
    log: &Mutex<Vec<Asked>>,
    count: &AtomicU64,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let asked = read(&mut stream)?;
    log.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    let Answer { status, mut headers, content } = answer(&asked);
    let length = match &content {
        Content::Bytes(bytes) => Some(bytes.len()),
        Content::Silence(bytes) => Some(bytes.len() + 1),
        _ => None,
    };
    headers.extend(length.map(|it| ("content-length".to_owned(), it.to_string())));
    let headers: Vec<_> = headers.iter().map(|it| format!("{}: {}\r\n", it.0, it.1)).collect();
    let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n{}", headers.concat());
    let mut send = |bytes: &[u8]| -> io::Result<()> {
        let stream = stream.get_mut();
        stream.write_all(bytes)?;
        stream.flush()?;
        count.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    };
    if matches!(content, Content::Nothing) {
        return Ok(());
    }
    send(format!("{head}\r\n").as_bytes())?;
    match content {
        Content::Nothing => {}
        Content::Bytes(bytes) => send(&bytes)?,
        Content::Silence(bytes) => {
            send(&bytes)?;
            // The client's end.
            stream.read_to_end(&mut Vec::new())?;
        }
        Content::Endless => loop {
            send(&[0; 16 << 10])?;
        },
        Content::Drip(pause) => loop {
            send(&[0])?;
            std::thread::sleep(pause);
        },
    }
    Ok(())
}

fn read(stream: &mut impl BufRead) -> io::Result<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length =
        headers.iter().find(|it| it.0 == "content-length").and_then(|it| it.1.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body)?;
    Ok(Asked { method, path, headers, body })
}

/// A plugin as `oras push` and `wkg oci push` write it.
#[derive(Clone, Debug)]
pub struct Published {
    /// The repository.
    pub repository: String,
    /// The version.
    pub version: String,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// The config.
    pub config: Vec<u8>,
    /// The component.
    pub component: Vec<u8>,
}

/// The digest of bytes.
pub fn digest(bytes: &[u8]) -> String {
    let hex: Vec<String> = Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect();
    format!("sha256:{}", hex.concat())
}

impl Published {
    /// A component under a version.
    pub fn new(repository: &str, version: &str, component: impl Into<Vec<u8>>) -> Self {
        let component = component.into();
        let config = serde_json::json!({
            "created": "1970-01-01T00:00:00Z",
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [digest(&component)],
            "component": {"exports": [], "imports": []},
        });
        let mut published = Self {
            repository: repository.to_owned(),
            version: version.to_owned(),
            manifest: Vec::new(),
            config: config.to_string().into_bytes(),
            component,
        };
        published.manifest = published.honest_manifest().to_string().into_bytes();
        published
    }

    /// The manifest of what it has.
    pub fn honest_manifest(&self) -> serde_json::Value {
        serde_json::json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.wasm.config.v0+json",
                "digest": digest(&self.config),
                "size": self.config.len(),
            },
            "layers": [{
                "mediaType": "application/wasm",
                "digest": digest(&self.component),
                "size": self.component.len(),
                "annotations": {"org.opencontainers.image.title": "plugin.wasm"},
            }],
        })
    }

    /// What an honest registry answers.
    pub fn answer(&self, asked: &Asked) -> Answer {
        let path = asked.path.split('?').next().unwrap_or_default();
        let Some(rest) = path.strip_prefix(&format!("/v2/{}/", self.repository)) else {
            return Answer::new(404, r#"{"errors":[{"code":"NAME_UNKNOWN","message":"x"}]}"#);
        };
        let manifest = || {
            let kind = "application/vnd.oci.image.manifest.v1+json";
            Answer::new(200, self.manifest.clone()).header("content-type", kind)
        };
        match rest.split_once('/') {
            Some(("manifests", name)) if name == self.version || name == digest(&self.manifest) => {
                manifest()
            }
            Some(("blobs", name)) if name == digest(&self.config) => {
                Answer::new(200, self.config.clone())
            }
            Some(("blobs", name)) if name == digest(&self.component) => {
                Answer::new(200, self.component.clone())
            }
            Some(("tags", "list")) => {
                Answer::new(200, format!(r#"{{"tags":["{}"]}}"#, self.version))
            }
            _ => Answer::new(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"x"}]}"#),
        }
    }
}
