//! Errors of the connection in words of ours.

use std::io;

use ureq::Error;
use wellhead_diagnostics::Code;
use wellhead_spec::sanitize;

use super::origin::Origin;
use crate::RegistryError;

/// Most characters of a cause.
const CAUSE: usize = 300;

/// Why no answer came. What may pass has the code of a registry that fails.
pub(crate) fn explain(error: &Error, origin: &Origin) -> RegistryError {
    let unreachable = |why: String| {
        RegistryError::new(Code::RegistryUnreachable, format!("{origin} cannot be reached: {why}"))
    };
    let fails = |why: &str| RegistryError::new(Code::RegistryFails, format!("{origin} {why}"));
    match error {
        Error::HostNotFound => unreachable("no address was found for its name".to_owned())
            .hint("check the name; where a proxy leads to it, set HTTPS_PROXY"),
        Error::Rustls(error) => tls(&unreachable, error),
        Error::Io(error) => match rustls_error(error) {
            Some(error) => tls(&unreachable, error),
            None if error.kind() == io::ErrorKind::ConnectionRefused => {
                unreachable("the connection was refused".to_owned())
            }
            None => fails("broke the connection off"),
        },
        Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            unreachable("no connection came about in time".to_owned())
        }
        Error::Timeout(_) => fails("did not answer in time"),
        Error::ConnectProxyFailed(_) => unreachable("the proxy refused to connect".to_owned())
            .hint("check HTTPS_PROXY and NO_PROXY"),
        Error::InvalidProxyUrl => unreachable("its proxy cannot be used".to_owned())
            .hint("write it as http://HOST:PORT into HTTPS_PROXY"),
        Error::LargeResponseHeader(..) => fails("answers with too large a head"),
        Error::Protocol(_) | Error::Http(_) => fails("answers with what is not HTTP"),
        Error::ConnectionFailed => unreachable("no connection came about".to_owned()),
        other => unreachable(sanitize(&other.to_string(), CAUSE)),
    }
}

/// The error of TLS that one of the connection may hold.
fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn tls(unreachable: &dyn Fn(String) -> RegistryError, error: &rustls::Error) -> RegistryError {
    use rustls::CertificateError as Bad;
    let (why, hint) = match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => (
                "no authority that is trusted signed its certificate".to_owned(),
                "name the authority's certificate as `caFile` of the registry in the trust policy",
            ),
            Bad::Expired | Bad::ExpiredContext { .. } => {
                ("its certificate has expired".to_owned(), "check the clock of this machine")
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => (
                "its certificate is for another name".to_owned(),
                "write the name that the certificate has",
            ),
            other => (format!("its certificate is refused: {other}"), "check the certificate"),
        },
        rustls::Error::PeerIncompatible(_) => (
            "it and Wellhead have no version of TLS in common".to_owned(),
            "the registry must offer TLS 1.2 or 1.3",
        ),
        other => (sanitize(&other.to_string(), CAUSE), "check that it speaks TLS on this port"),
    };
    unreachable(why).hint(hint)
}
