//! Which authorities are trusted for TLS: those of the system, and those that the operator names for a registry.

use std::sync::{Arc, OnceLock};

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use wellhead_diagnostics::Code;
use wellhead_spec::read_file;

use super::origin::Origin;
use crate::error::Result;
use crate::{Options, RegistryError};

/// Most bytes of a file of certificates: the system's has 200 KiB.
const MOST: u64 = 4 << 20;

/// The system's authorities, read when the first registry is reached.
#[derive(Debug, Default)]
pub(crate) struct Roots(OnceLock<Vec<Certificate<'static>>>);

impl Roots {
    /// How TLS is spoken with an origin.
    pub(crate) fn tls(&self, options: &Options, origin: &Origin) -> Result<TlsConfig> {
        let mut certificates = self.0.get_or_init(of_system).clone();
        let settings = options.settings(&origin.to_string());
        if let Some(file) = settings.and_then(|it| it.ca_file.as_ref()) {
            let path = options.folder.join(file);
            let unusable = |why: String| {
                let message =
                    format!("`caFile` {} of {origin} cannot be used: {why}", path.display());
                RegistryError::new(Code::InvalidTrustPolicy, message)
            };
            let bytes = read_file(&path, MOST).map_err(|error| unusable(error.to_string()))?;
            let found = parse_pem(&bytes).filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            });
            let before = certificates.len();
            certificates.extend(found);
            if certificates.len() == before {
                return Err(unusable("it has no certificate in PEM".to_owned()));
            }
        }
        Ok(TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::new_with_certs(&certificates))
            .build())
    }
}

fn of_system() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::debug!(%error, "some authorities of the system cannot be read");
    }
    found.certs.iter().map(|it| Certificate::from_der(it).to_owned()).collect()
}
