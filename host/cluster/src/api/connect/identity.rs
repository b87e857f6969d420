//! Certificates and keys: whom to trust, and whom to be in TLS.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use wellhead_diagnostics::Code;

use super::kubeconfig::{ClusterEntry, UserEntry};
use super::world::World;
use crate::model::error::Problem;

/// A client's certificate chain and its key, in PEM.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// Where a kubeconfig has certificates.
struct Place<'a> {
    field: &'a str,
    /// As in ``user `ci` ``.
    of: &'a str,
}

impl Place<'_> {
    fn problem(&self, why: impl Into<String>) -> Problem {
        Problem::new(
            Code::NoClusterConfig,
            format!("`{}` of {} cannot be used", self.field, self.of),
        )
        .why(why)
    }
}

/// The bytes of a file or of base64 text; `None` when neither is given. kubectl takes no entry that has both.
fn bytes(
    place: &Place<'_>,
    data: &str,
    file: &str,
    world: &World<'_>,
) -> Result<Option<Vec<u8>>, Problem> {
    let hint =
        "correct the entry in the kubeconfig, or generate it again with the tool that wrote it";
    match (data.is_empty(), file.is_empty()) {
        (true, true) => Ok(None),
        (false, false) => {
            let why = format!("`{0}-data` is given, too; kubectl takes one of them", place.field);
            Err(place.problem(why).hint("remove one of the two from the kubeconfig"))
        }
        (false, true) => {
            // Go's decoder skips line ends, so that a block of YAML is fine.
            let data: String = data.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
            let place = Place { field: &format!("{}-data", place.field), of: place.of };
            STANDARD
                .decode(data)
                .map(Some)
                .map_err(|_| place.problem("it is not base64").hint(hint))
        }
        (true, false) => (world.read)(Path::new(file)).map(Some).map_err(|error| {
            place.problem(format!("{file}: {}", super::load::words(&error))).hint(hint)
        }),
    }
}

/// The certificates of a PEM text, as far as they can be read.
fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    // An error ends one section, not the text. Each takes at least a byte.
    CertificateDer::pem_slice_iter(pem).take(pem.len()).filter_map(Result::ok).collect()
}

/// The authorities that may have signed the server's certificate; `None` means those of this system.
pub(super) fn authorities(
    cluster: &ClusterEntry,
    name: &str,
    world: &World<'_>,
) -> Result<Option<Vec<Vec<u8>>>, Problem> {
    let of = format!("cluster `{name}`");
    let place = Place { field: "certificate-authority", of: &of };
    let (data, file) = (&cluster.certificate_authority_data, &cluster.certificate_authority);
    let Some(pem) = bytes(&place, data, file, world)? else { return Ok(None) };
    if cluster.insecure_skip_tls_verify {
        let why = "`insecure-skip-tls-verify` is true, too; kubectl takes one of them";
        return Err(place.problem(why).hint("remove one of the two from the kubeconfig"));
    }
    // What is no authority is skipped, as long as one is left.
    let fits =
        |it: &CertificateDer<'static>| rustls::RootCertStore::empty().add(it.clone()).is_ok();
    let found: Vec<_> = certificates(&pem).into_iter().filter(fits).collect();
    if found.is_empty() {
        return Err(place
            .problem("it holds no certificate in PEM")
            .hint("get the kubeconfig of the cluster again"));
    }
    Ok(Some(found.into_iter().map(|it| it.to_vec()).collect()))
}

/// The certificate and key of a user. What they hold matters with TLS alone.
pub(super) fn of_user(
    user: &UserEntry,
    name: &str,
    is_tls: bool,
    world: &World<'_>,
) -> Result<Option<Identity>, Problem> {
    let of = format!("user `{name}`");
    let place = Place { field: "client-certificate", of: &of };
    let (data, file) = (&user.client_certificate_data, &user.client_certificate);
    let Some(certificate) = bytes(&place, data, file, world)? else { return Ok(None) };
    let key_place = Place { field: "client-key", of: &of };
    let key = bytes(&key_place, &user.client_key_data, &user.client_key, world)?;
    let key = key.ok_or_else(|| {
        place
            .problem("neither `client-key` nor `client-key-data` is given")
            .hint("add the key to the kubeconfig, or generate it again with the tool that wrote it")
    })?;
    let identity = Identity { certificate, key };
    if is_tls {
        identity.check().map_err(|why| place.problem(why).hint("generate the kubeconfig again"))?;
    }
    Ok(Some(identity))
}

impl Identity {
    /// What is wrong with it, if anything.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let chain = certificates(&self.certificate);
        if chain.is_empty() {
            return Err("it holds no certificate in PEM");
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(
            |_| "its key is not a private key in PEM: PKCS#8, PKCS#1 or SEC1, not encrypted",
        )?;
        let provider = rustls::crypto::ring::default_provider();
        rustls::sign::CertifiedKey::from_der(chain, key, &provider).map(drop).map_err(|error| {
            match error {
                rustls::Error::InconsistentKeys(_) => "its key belongs to another certificate",
                rustls::Error::InvalidCertificate(_) => "its certificate cannot be read",
                _ => "its key is of a kind that is not supported",
            }
        })
    }

    /// As an entry of a kubeconfig would have it.
    pub(super) fn encoded(&self) -> (String, String) {
        // Only what was checked: other sections would be an error to the client library.
        let mut chain = String::new();
        for it in certificates(&self.certificate) {
            chain.push_str(&pem("CERTIFICATE", &it));
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_or_else(
            |_| String::new(),
            |key| {
                let label = match &key {
                    PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
                    PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
                    _ => "PRIVATE KEY",
                };
                pem(label, key.secret_der())
            },
        );
        (STANDARD.encode(chain), STANDARD.encode(key))
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line));
    let body = lines.collect::<Vec<_>>().join("\n");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
