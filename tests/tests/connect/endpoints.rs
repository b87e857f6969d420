//! Doubles that record who comes by: an API server with and without TLS, and proxies of three kinds in front of it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// A file of `certificates`.
pub(crate) fn certificate(name: &str) -> String {
    format!("{}/tests/connect/certificates/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// How a server double behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It answers every request.
    Answers,
    /// It closes the connection in the middle of a reply.
    Breaks,
    /// It answers 403 as to somebody without credentials.
    Anonymous,
    /// It answers this token with 401, and all others.
    Refuses(&'static str),
}

/// What was seen, in order.
type Log = Arc<Mutex<Vec<String>>>;

/// Connections that are open, and how many there ever were.
#[derive(Default)]
struct Connections {
    counts: Mutex<(usize, usize)>,
    changed: Condvar,
}

impl Connections {
    fn change(&self, how: impl FnOnce(&mut (usize, usize))) {
        how(&mut self.counts.lock().expect("no double panics"));
        self.changed.notify_all();
    }
}

/// One double.
pub(crate) struct Endpoint {
    pub(crate) port: u16,
    log: Log,
    connections: Arc<Connections>,
}

impl Endpoint {
    /// What was seen since the last time, once all clients have left.
    pub(crate) fn seen(&self) -> Vec<String> {
        let counts = self.connections.counts.lock().expect("no double panics");
        let before = counts.1;
        // Connections are taken in order: when this one was, all of before were.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        let wait = |counts: &mut (usize, usize)| counts.1 == before || counts.0 > 0;
        drop(self.connections.changed.wait_while(counts, wait).expect("no double panics"));
        std::mem::take(&mut *self.log.lock().expect("no double panics"))
    }

    fn listen(serve: impl Fn(TcpStream, &Log) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (log, connections) = (Log::default(), Arc::<Connections>::default());
        let serve = Arc::new(serve);
        let (kept, counted) = (Arc::clone(&log), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (serve, log) = (Arc::clone(&serve), Arc::clone(&kept));
                let connections = Arc::clone(&counted);
                connections.change(|counts| *counts = (counts.0 + 1, counts.1 + 1));
                std::thread::spawn(move || {
                    // A client that goes away is no failure of a double.
                    drop(serve(stream, &log));
                    connections.change(|counts| counts.0 -= 1);
                });
            }
        });
        Self { port, log, connections }
    }

    /// An API server without TLS.
    pub(crate) fn plain() -> Self {
        Self::listen(|mut stream, log| {
            let answered = answer(stream.try_clone()?, "plain", "", Manner::Answers, log);
            // What is no HTTP is told so, as servers do.
            answered.or_else(|_| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        })
    }

    /// An API server with the certificate of this name.
    pub(crate) fn tls(name: &'static str, manner: Manner) -> Self {
        let config = server_config(name);
        Self::listen(move |stream, log| {
            let stream = accept(stream, &config)?;
            let who = stream.conn.peer_certificates().map_or("", |chain| name_of(&chain[0]));
            answer(stream, "tls", who, manner, log)
        })
    }

    /// A proxy that takes `CONNECT` and leads every connection to the first of two servers, or to the second one where
    /// the port is one of plain HTTP. It answers with this status.
    pub(crate) fn http_proxy(name: &'static str, servers: [u16; 2], status: &'static str) -> Self {
        Self::listen(move |stream, log| connect(stream, name, servers, status, log))
    }

    /// The same behind TLS.
    pub(crate) fn https_proxy(server: u16) -> Self {
        let config = server_config("server");
        Self::listen(move |stream, log| {
            let mut stream = accept(stream, &config)?;
            let head = head(&mut BufReader::new(&mut stream))?;
            note(log, format!("https-proxy {}", proxied(&head)));
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            // One direction at a time is not enough for TLS in TLS, so what comes is only recorded.
            stream.sock.set_read_timeout(Some(Duration::from_secs(5)))?;
            let _ = (server, stream.read(&mut [0; 1]));
            Ok(())
        })
    }

    /// A SOCKS5 proxy that leads every connection to one server.
    pub(crate) fn socks_proxy(server: u16) -> Self {
        Self::listen(move |mut stream, log| {
            let mut head = [0; 2];
            stream.read_exact(&mut head)?;
            stream.read_exact(&mut vec![0; head[1].into()])?;
            stream.write_all(&[5, 0])?;
            let mut request = [0; 4];
            stream.read_exact(&mut request)?;
            let length = match request[3] {
                1 => 4,
                4 => 16,
                _ => {
                    let mut length = [0];
                    stream.read_exact(&mut length)?;
                    length[0].into()
                }
            };
            let mut target = vec![0; length];
            stream.read_exact(&mut target)?;
            stream.read_exact(&mut [0; 2])?;
            note(log, format!("socks-proxy {}", String::from_utf8_lossy(&target).escape_debug()));
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
            pipe(&stream, server)
        })
    }
}

fn note(log: &Log, what: String) {
    log.lock().expect("no double panics").push(what);
}

fn server_config(name: &str) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let read = |file: String| std::fs::read(file).expect("the certificates are there");
    let chain = CertificateDer::from_pem_slice(&read(certificate(&format!("{name}.pem"))));
    let key = PrivateKeyDer::from_pem_slice(&read(certificate(&format!("{name}.key"))));
    let mut clients = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(&read(certificate("authority.pem")));
    clients.add(authority.expect("PEM")).expect("an authority");
    let verifier =
        WebPkiClientVerifier::builder_with_provider(clients.into(), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .expect("a verifier");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![chain.expect("PEM")], key.expect("PEM"))
        .expect("a certificate and its key");
    Arc::new(config)
}

fn accept(
    mut stream: TcpStream,
    config: &Arc<ServerConfig>,
) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(connection, stream))
}

fn name_of(certificate: &CertificateDer<'_>) -> &'static str {
    let has = |name: &str| certificate.windows(name.len()).any(|it| it == name.as_bytes());
    ["alice", "bob"].into_iter().find(|name| has(name)).unwrap_or("somebody")
}

/// The lines of a request up to its body.
fn head(stream: &mut impl BufRead) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => return Ok(lines),
            line => lines.push(line.to_owned()),
        }
    }
}

fn header<'a>(head: &'a [String], wanted: &str) -> Vec<&'a str> {
    let pairs = head.iter().filter_map(|line| line.split_once(": "));
    pairs.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value).collect()
}

/// Where to and with which password, of a request to a proxy.
fn proxied(head: &[String]) -> String {
    let target = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    // A request without TLS names the whole address.
    let target = match target.strip_prefix("http://") {
        Some(plain) => match plain.split('/').next().unwrap_or_default() {
            host if host.contains(':') => host.to_owned(),
            host => format!("{host}:80"),
        },
        None => target.to_owned(),
    };
    let auth = header(head, "proxy-authorization");
    let auth = auth.first().map(|value| format!(" with {value}")).unwrap_or_default();
    format!("to {target}{auth}")
}

/// Who asks, as the server sees it.
fn identity(head: &[String], certificate: &str) -> String {
    let mut who = Vec::new();
    if !certificate.is_empty() {
        who.push(format!("certificate of {certificate}"));
    }
    who.extend(header(head, "authorization").iter().map(|it| (*it).to_owned()));
    let acting = head.iter().filter_map(|line| line.split_once(": "));
    let mut acting: Vec<_> = acting
        .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
        .filter(|line| line.starts_with("impersonate-"))
        .collect();
    acting.sort();
    who.extend(acting);
    if who.is_empty() { "nobody".to_owned() } else { who.join(", ") }
}

/// Records and answers requests until the client leaves.
fn answer(
    stream: impl Read + Write,
    name: &str,
    certificate: &str,
    manner: Manner,
    log: &Log,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let head = head(&mut stream)?;
        let length = header(&head, "content-length").first().and_then(|it| it.parse().ok());
        stream.read_exact(&mut vec![0; length.unwrap_or(0)])?;
        let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        // Tools ask for different things: what matters is what stands before an API server's own paths.
        let end = ["/version", "/api"].iter().filter_map(|it| path.find(it)).min();
        let prefix = &path[..end.unwrap_or(0)];
        let who = identity(&head, certificate);
        note(log, format!("{name}{prefix} as {who}"));
        let refused = match manner {
            Manner::Refuses(token) => who.contains(token),
            _ => false,
        };
        let (status, body) = match manner {
            _ if refused => ("401 Unauthorized", status_of(401, "Unauthorized")),
            Manner::Anonymous => {
                let said = r#"leases is forbidden: User \"system:anonymous\" cannot get resource"#;
                ("403 Forbidden", status_of(403, said))
            }
            _ if path.ends_with("/version") => ("200 OK", r#"{"major":"1"}"#.to_owned()),
            _ => ("404 Not Found", status_of(404, "not found")),
        };
        let length = body.len() + if manner == Manner::Breaks { 100 } else { 0 };
        let reply = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.get_mut().write_all(reply.as_bytes())?;
        stream.get_mut().flush()?;
        if manner == Manner::Breaks {
            return Ok(());
        }
    }
}

fn status_of(code: u16, message: &str) -> String {
    format!(
        r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","code":{code},"message":"{message}"}}"#
    )
}

fn connect(
    stream: TcpStream,
    name: &str,
    servers: [u16; 2],
    status: &str,
    log: &Log,
) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let head = head(&mut reader)?;
    note(log, format!("{name} {}", proxied(&head)));
    let mut stream = stream;
    if !head.first().is_some_and(|line| line.starts_with("CONNECT ")) {
        note(log, format!("plain as {}", identity(&head, "")));
        return stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    }
    stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes())?;
    let is_plain = [":80 ", ":8080 "].iter().any(|port| head[0].contains(port));
    let server = servers[usize::from(is_plain)];
    if status.starts_with("200") { pipe(&stream, server) } else { Ok(()) }
}

/// Carries bytes both ways until one side ends.
fn pipe(client: &TcpStream, server: u16) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", server))?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    let up = std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let _ = io::copy(&mut &server, &mut &*client);
    let _ = client.shutdown(Shutdown::Both);
    let _ = up.join();
    Ok(())
}
