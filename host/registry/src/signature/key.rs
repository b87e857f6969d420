//! Public keys of signers, in PEM.

use std::fmt;

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls::pki_types::alg_id;
use rustls::pki_types::pem::{PemObject as _, SectionKind};

/// Shortest DER of an RSA key with 2048 bits: modulus, exponent and what is around them.
const RSA_2048: usize = 256;

/// The public key of a signer: ECDSA with P-256 or P-384, Ed25519, or RSA with 2048 to 8192 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    P256,
    P384,
    Ed25519,
    Rsa,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.kind)
    }
}

impl PublicKey {
    pub(super) fn new(kind: Kind, bytes: &[u8]) -> Self {
        Self { kind, bytes: bytes.to_vec() }
    }

    /// The one key of a text in PEM. The error says what the text is instead.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let mut sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(pem);
        let section = sections.next().transpose().map_err(|_| "it is not PEM".to_owned())?;
        let (kind, der) = section.ok_or("it has no key in PEM")?;
        match kind {
            SectionKind::PublicKey => {}
            SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey => {
                return Err("this is a private key: name the public one, and keep this one".into());
            }
            SectionKind::Certificate => {
                return Err("this is a certificate: name the public key in it".into());
            }
            _ => return Err("it has no public key in PEM".into()),
        }
        if sections.next().is_some() {
            return Err("it has more than one key".into());
        }
        Self::from_der(&der)
    }

    /// The key of a `SubjectPublicKeyInfo`. <https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7>
    fn from_der(der: &[u8]) -> Result<Self, String> {
        let broken = || "its key is not DER".to_owned();
        let (whole, rest) = element(der, 0x30).ok_or_else(broken)?;
        let (algorithm, key) = element(whole, 0x30).ok_or_else(broken)?;
        let (key, behind) = element(key, 0x03).ok_or_else(broken)?;
        // A bit string begins with how many bits its last byte lacks.
        let [0, bytes @ ..] = key else { return Err(broken()) };
        if !rest.is_empty() || !behind.is_empty() {
            return Err(broken());
        }
        let kind = [
            (alg_id::ECDSA_P256, Kind::P256),
            (alg_id::ECDSA_P384, Kind::P384),
            (alg_id::ED25519, Kind::Ed25519),
            (alg_id::RSA_ENCRYPTION, Kind::Rsa),
        ];
        let kind = kind.into_iter().find(|it| it.0.as_ref() == algorithm).map(|it| it.1);
        let kind = kind.ok_or("its key is neither of P-256, P-384, Ed25519 nor RSA")?;
        if kind == Kind::Rsa && bytes.len() <= RSA_2048 {
            return Err("an RSA key has at least 2048 bits".into());
        }
        Ok(Self { kind, bytes: bytes.to_vec() })
    }

    /// Whether a signature over a message is one of the key's owner.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithms: &[&dyn VerificationAlgorithm] = match self.kind {
            Kind::P256 => &[&ECDSA_P256_SHA256_ASN1],
            // cosign hashes with SHA-256 whatever the curve, other tools as the curve suggests.
            Kind::P384 => &[&ECDSA_P384_SHA384_ASN1, &ECDSA_P384_SHA256_ASN1],
            Kind::Ed25519 => &[&ED25519],
            Kind::Rsa => &[&RSA_PKCS1_2048_8192_SHA256],
        };
        algorithms
            .iter()
            .any(|it| UnparsedPublicKey::new(*it, &self.bytes).verify(message, signature).is_ok())
    }
}

/// The content of the first element of DER, if it has this tag, and what comes behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [first, length, rest @ ..] = der else { return None };
    if *first != tag {
        return None;
    }
    let (length, rest) = match *length {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?)), rest.get(2..)?),
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn file(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys");
        std::fs::read(format!("{folder}/{name}")).unwrap()
    }

    #[test]
    fn signatures_of_openssl_are_verified() {
        for (key, signature) in [
            ("p256.pub", "p256.sig"),
            ("p384.pub", "p384.sig"),
            ("p384.pub", "p384-256.sig"),
            ("ed25519.pub", "ed25519.sig"),
            ("rsa2048.pub", "rsa2048.sig"),
        ] {
            let public = PublicKey::from_pem(&file(key)).unwrap();
            let mut bytes = STANDARD.decode(file(signature)).unwrap();
            assert!(public.signed(b"message", &bytes), "{signature}");
            assert!(!public.signed(b"massage", &bytes), "{signature}");
            for bit in (0..8 * bytes.len()).step_by(5) {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(!public.signed(b"message", &bytes), "{signature}: bit {bit}");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn what_is_not_a_key_of_a_known_kind_is_named() {
        for (name, says) in [
            ("rsa1024.pub", "2048 bits"),
            ("secp256k1.pub", "neither of P-256"),
            ("p521.pub", "neither of P-256"),
            ("private.pem", "private key"),
            ("p256.sig", "no key in PEM"),
            ("../tls/good.pem", "certificate"),
        ] {
            let error = PublicKey::from_pem(&file(name)).unwrap_err();
            assert!(error.contains(says), "{name}: {error}");
        }
        let twice = [file("p256.pub"), file("p384.pub")].concat();
        assert!(PublicKey::from_pem(&twice).unwrap_err().contains("more than one"));
    }

    #[test]
    fn a_key_with_any_bit_changed_is_another_one_or_none() {
        let text = file("p256.pub");
        let signature = STANDARD.decode(file("p256.sig")).unwrap();
        for bit in 0..8 * text.len() {
            let mut changed = text.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let same = PublicKey::from_pem(&text).unwrap();
            if let Ok(key) = PublicKey::from_pem(&changed).map_err(drop)
                && key != same
            {
                assert!(!key.signed(b"message", &signature), "bit {bit}");
            }
        }
    }
}
