//! Errors of the client library and of those below it, in our words: theirs name types of Rust.

use std::error::Error;
use std::io::ErrorKind;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

/// What an error means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// Why, in one line.
    pub(crate) said: String,
    /// What to do about it.
    pub(crate) hint: &'static str,
    /// Whether the same will be so the next time.
    pub(crate) is_permanent: bool,
}

const NETWORK: &str =
    "check the server address, the network and the certificate, then run the same command";
const SERVER_CERTIFICATE: &str = "check `server`, `certificate-authority` and `tls-server-name` of the cluster's entry \
                                  in the kubeconfig, or get the kubeconfig again";
const CLIENT_CERTIFICATE: &str = "log in again, or choose another user with --context or --user";
const PROXY: &str = "check the proxy: `proxy-url` of the kubeconfig, else HTTPS_PROXY and NO_PROXY";

fn words_of(said: impl Into<String>, hint: &'static str, is_permanent: bool) -> Words {
    Words { said: said.into(), hint, is_permanent }
}

/// The words for an error, by the innermost cause that says something.
pub(crate) fn words(error: &(dyn Error + 'static)) -> Words {
    let causes = causes(error);
    let tls = causes.iter().find_map(|it| it.downcast_ref::<rustls::Error>());
    let proxy = causes.iter().find_map(|it| of_proxy(&it.to_string()));
    let resolves = causes.iter().any(|it| it.to_string().starts_with("dns error"));
    let systems = causes.iter().rev().filter_map(|it| it.downcast_ref::<std::io::Error>());
    let system = systems.into_iter().find(|it| it.kind() != ErrorKind::Other);
    let mut words = if let Some(error) = tls {
        of_tls(error)
    } else if let Some(words) = proxy {
        words
    } else if resolves {
        words_of("the name of the host is not known to the DNS", NETWORK, false)
    } else if let Some(error) = system {
        words_of(of_system(error), NETWORK, false)
    } else {
        words_of(of_http(&causes), NETWORK, false)
    };
    // What fails on the way to a proxy is not the server's.
    let reaches_proxy = causes.iter().any(|it| {
        let said = it.to_string();
        [
            "tunnel error: failed to create",
            "tunnel error: io",
            "SOCKS error: failed to create",
            "SOCKS error: io",
        ]
        .iter()
        .any(|start| said.starts_with(start))
    });
    if reaches_proxy {
        words = words_of(format!("the proxy: {}", words.said), PROXY, words.is_permanent);
    }
    words
}

/// An error and its causes. An `io::Error` skips its own payload in `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut all = vec![error];
    let mut next = Some(error);
    while let Some(current) = next {
        let payload = current.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = payload.map(|it| it as &(dyn Error + 'static)).or_else(|| current.source());
        all.extend(next);
        // No library nests so deeply; one that points at itself would not end.
        if all.len() > 32 {
            break;
        }
    }
    all
}

fn of_system(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused: nothing listens there",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            "the connection was reset"
        }
        ErrorKind::UnexpectedEof => "the connection was closed before the reply was complete",
        ErrorKind::TimedOut => "the connection could not be made in time",
        ErrorKind::HostUnreachable => "there is no route to the host",
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "the network is unreachable",
        ErrorKind::AddrNotAvailable => "the address is not available on this machine",
        ErrorKind::PermissionDenied => "this machine does not permit the connection",
        _ => "the connection failed",
    }
}

/// What hyper says, which keeps its kinds to itself.
fn of_http(causes: &[&(dyn Error + 'static)]) -> &'static str {
    const KNOWN: [(&str, &str); 7] = [
        (
            "connection closed before message completed",
            "the connection was closed before the reply was complete",
        ),
        ("connection error", "the connection broke"),
        ("error reading a body", "the connection broke in the middle of the reply"),
        (
            "end of file before message length",
            "the connection was closed before the reply was complete",
        ),
        ("invalid HTTP", "the reply is not HTTP"),
        ("deadline has elapsed", "the connection could not be made in time"),
        ("timed out", "the connection could not be made in time"),
    ];
    let said: Vec<_> = causes.iter().map(ToString::to_string).collect();
    let meaning = |(sign, words): &(&str, &'static str)| {
        said.iter().any(|it| it.contains(sign)).then_some(*words)
    };
    KNOWN.iter().find_map(meaning).unwrap_or("the connection failed")
}

/// What hyper-util says of proxies, whose types are not public.
fn of_proxy(said: &str) -> Option<Words> {
    let reason = said.strip_prefix("tunnel error: ").or_else(|| said.strip_prefix("SOCKS"))?;
    let words = match reason {
        "proxy authorization required" => {
            words_of("the proxy wants a user and a password (407)", PROXY, true)
        }
        "unsuccessful" => words_of("the proxy refuses to connect to the server", PROXY, false),
        "unexpected end of file" => words_of("the proxy closed the connection", PROXY, false),
        "proxy response headers too long" => words_of("the proxy's reply is not HTTP", PROXY, true),
        _ if said.starts_with("SOCKS5") || said.starts_with("SOCKS error: failed parsing") => {
            words_of("the proxy refuses to connect to the server", PROXY, false)
        }
        _ => return None,
    };
    Some(words)
}

fn of_tls(error: &rustls::Error) -> Words {
    match error {
        rustls::Error::InvalidCertificate(error) => {
            let said = format!("the server's certificate {}", of_certificate(error));
            words_of(said, SERVER_CERTIFICATE, true)
        }
        rustls::Error::AlertReceived(alert) => of_alert(*alert),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => words_of(
            "the server does not speak TLS",
            "check the port; write http:// in `server` of the kubeconfig where that is meant",
            true,
        ),
        rustls::Error::PeerIncompatible(_) => words_of(
            "the server has no version or cipher of TLS in common with this client, which wants TLS 1.2 or 1.3",
            NETWORK,
            true,
        ),
        _ => words_of("the TLS handshake failed", NETWORK, true),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    let said = match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet; is the clock of this machine right?"
        }
        CertificateError::Revoked => "was revoked",
        CertificateError::UnknownIssuer => {
            "is signed by an authority that the kubeconfig does not name"
        }
        CertificateError::BadSignature => {
            "has a signature that does not fit the authority of the kubeconfig"
        }
        CertificateError::NotValidForName => "is for another host",
        CertificateError::NotValidForNameContext { expected, presented } => {
            return format!("is for another host than {}{}", expected.to_str(), names(presented));
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "is not one of a server"
        }
        CertificateError::BadEncoding => "cannot be read",
        // The names of the others are no words for a person.
        _ => "cannot be verified",
    };
    said.to_owned()
}

/// The names that a certificate is for: as the library writes them, `DnsName("a")`.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 8;
    let names: Vec<_> = presented
        .iter()
        .take(SHOWN)
        .map(|it| it.split('"').nth(1).or(it.split(['(', ')']).nth(1)).unwrap_or(it))
        .collect();
    match names.len() {
        0 => ": it names none".to_owned(),
        _ if presented.len() > SHOWN => format!(": {} and more", names.join(", ")),
        _ => format!(": {}", names.join(", ")),
    }
}

fn of_alert(alert: AlertDescription) -> Words {
    let said = match alert {
        AlertDescription::CertificateExpired => {
            "the server says that the client certificate has expired"
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateRevoked
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => "the server does not accept the client certificate",
        AlertDescription::CertificateRequired => "the server wants a client certificate",
        AlertDescription::UnrecognisedName => {
            return words_of(
                "the server does not know the name that it is asked for",
                SERVER_CERTIFICATE,
                true,
            );
        }
        AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure => {
            return words_of(
                "the server has no version or cipher of TLS in common with this client, which wants TLS 1.2 or 1.3",
                NETWORK,
                true,
            );
        }
        _ => return words_of("the server ended the TLS handshake", NETWORK, true),
    };
    words_of(said, CLIENT_CERTIFICATE, true)
}
