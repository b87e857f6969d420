//! One connection of a client, and the one to the server behind it.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};

use super::http::Message;
use super::{Fault, Request, Shared, hold};
use crate::Error;

type Client = BufReader<StreamOwned<ServerConnection, TcpStream>>;
type Server = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// What the proxy is to its clients, and what it is to the server.
pub(super) struct Ends {
    as_server: Arc<ServerConfig>,
    as_client: Arc<ClientConfig>,
    /// Address and port.
    server: String,
}

impl Ends {
    /// With the serving certificate of the control plane whose data are in the folder.
    pub(super) fn new(data: &Path, server: String) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificates: Vec<_> = CertificateDer::pem_file_iter(data.join("serving.crt"))
            .and_then(Iterator::collect)
            .map_err(Error::Pem)?;
        let key = PrivateKeyDer::from_pem_file(data.join("serving.key")).map_err(Error::Pem)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.clone());
        let as_client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(Error::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let as_server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::Tls)?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(Error::Tls)?;
        Ok(Self { as_server: as_server.into(), as_client: as_client.into(), server })
    }

    fn connect(&self) -> io::Result<Server> {
        let socket = TcpStream::connect(&self.server)?;
        socket.set_nodelay(true)?;
        let name = ServerName::from(std::net::IpAddr::from([127, 0, 0, 1]));
        let tls = ClientConnection::new(Arc::clone(&self.as_client), name);
        Ok(BufReader::new(StreamOwned::new(tls.map_err(io::Error::other)?, socket)))
    }
}

/// Serves a client until one of them has enough.
pub(super) fn serve(client: TcpStream, ends: &Ends, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let tls = ServerConnection::new(Arc::clone(&ends.as_server)).map_err(io::Error::other)?;
    let mut client = BufReader::new(StreamOwned::new(tls, client));
    let mut server = None;
    while let Some(message) = Message::read(&mut client)? {
        let request = Request::read(message.word(0), message.word(1), &message.body);
        let number = shared.note(&request);
        let fault = (hold(&shared.script))(&request);
        let mut passage = Passage { client: &mut client, server: &mut server, ends, shared };
        if !passage.pass(message, number, fault)? {
            return Ok(());
        }
    }
    Ok(())
}

/// One request on its way.
struct Passage<'a> {
    client: &'a mut Client,
    server: &'a mut Option<Server>,
    ends: &'a Ends,
    shared: &'a Shared,
}

impl Passage<'_> {
    /// Does the fault to a request; returns whether the connection goes on.
    fn pass(&mut self, mut message: Message, number: u64, fault: Fault) -> io::Result<bool> {
        match fault {
            Fault::Refuse => return self.reset(),
            Fault::Silence => return self.be_silent(),
            Fault::Answer { code, retry_after } => return self.answer(code, retry_after),
            Fault::Delay(delay) => thread::sleep(delay),
            Fault::Before(then) => {
                then();
                return self.hand_over(message, number);
            }
            Fault::StripBody => message.body.clear(),
            _ => {}
        }
        let mut answer = self.ask(&mut message, number)?;
        match fault {
            Fault::Lose => self.reset(),
            Fault::SilenceAfter => self.be_silent(),
            Fault::AnswerAfter(code) => self.answer(code, None),
            Fault::CutBody => {
                let half = answer.body.len() / 2;
                let whole = [answer.head(), answer.body].concat();
                let socket = self.client.get_mut();
                socket.write_all(&whole[..whole.len() - half])?;
                socket.flush()?;
                self.reset()
            }
            Fault::HalfRecord => self.half_record(&[answer.head(), answer.body].concat()),
            Fault::Close => {
                answer.set("connection", "close".to_owned());
                answer.write(self.client.get_mut())?;
                Ok(false)
            }
            Fault::After(then) => {
                then();
                answer.write(self.client.get_mut()).map(|()| true)
            }
            Fault::Clock(seconds) => {
                let date = answer.header("date").map(|date| later(date, seconds));
                answer.set("date", date.unwrap_or_default());
                answer.write(self.client.get_mut()).map(|()| true)
            }
            _ => answer.write(self.client.get_mut()).map(|()| true),
        }
    }

    fn hand_over(&mut self, mut message: Message, number: u64) -> io::Result<bool> {
        let mut answer = self.ask(&mut message, number)?;
        answer.write(self.client.get_mut()).map(|()| true)
    }

    /// Asks the server, and writes down what it says.
    fn ask(&mut self, message: &mut Message, number: u64) -> io::Result<Message> {
        if self.server.is_none() {
            *self.server = Some(self.ends.connect()?);
        }
        let Some(server) = self.server.as_mut() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        message.write(server.get_mut())?;
        let answer = Message::read(server)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if answer.header("connection") == Some("close") {
            *self.server = None;
        }
        let object: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let uid =
            ["/metadata/uid", "/details/uid"].iter().find_map(|at| object.pointer(at)?.as_str());
        self.shared.note_answer(number, answer.word(1).parse().ok(), uid);
        Ok(answer)
    }

    fn answer(&mut self, code: u16, retry_after: Option<u32>) -> io::Result<bool> {
        let body = format!(
            r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","message":"the proxy says {code}","code":{code}}}"#
        );
        let mut answer = Message::answer(code, &body);
        if let Some(seconds) = retry_after {
            answer.set("retry-after", seconds.to_string());
        }
        answer.write(self.client.get_mut()).map(|()| true)
    }

    /// Ends the connection by RST, as a server does whose process dies.
    fn reset(&mut self) -> io::Result<bool> {
        let socket = socket2::SockRef::from(&self.client.get_ref().sock);
        socket.set_linger(Some(Duration::ZERO))?;
        Ok(false)
    }

    /// Waits until the client gives up.
    fn be_silent(&mut self) -> io::Result<bool> {
        let _ = self.client.read(&mut [0])?;
        Ok(false)
    }

    fn half_record(&mut self, answer: &[u8]) -> io::Result<bool> {
        let stream = self.client.get_mut();
        stream.conn.writer().write_all(answer)?;
        let mut records = Vec::new();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut records)?;
        }
        stream.sock.write_all(&records[..records.len() / 2])?;
        stream.sock.shutdown(Shutdown::Both)?;
        Ok(false)
    }
}

/// A time of HTTP, so many seconds later.
fn later(date: &str, seconds: i64) -> String {
    let format = "%a, %d %b %Y %H:%M:%S GMT";
    let parsed = jiff::civil::DateTime::strptime(format, date);
    let later = parsed.map(|time| time.saturating_add(jiff::Span::new().seconds(seconds)));
    later.map_or_else(|_| date.to_owned(), |time| time.strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_hour_later_may_be_the_next_day() {
        let later = super::later("Wed, 25 Nov 2026 23:30:00 GMT", 3_600);
        assert_eq!(later, "Thu, 26 Nov 2026 00:30:00 GMT");
    }
}
