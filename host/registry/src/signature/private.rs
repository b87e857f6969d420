//! Private keys of authors, in PEM.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _,
};
use rustls::pki_types::pem::{PemObject as _, SectionKind};
use sha2::{Digest as _, Sha256};

use super::key::{Kind, PublicKey};

/// What an author signs with: a key of ECDSA with P-256 or P-384, or of Ed25519.
pub struct SigningKey {
    pair: Pair,
    random: SystemRandom,
}

enum Pair {
    Ecdsa(Box<EcdsaKeyPair>, Kind),
    Ed25519(Ed25519KeyPair),
}

impl fmt::Debug for SigningKey {
    /// Without anything that is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    /// The key of a text in PEM, in PKCS #8 and without a password. The error says what the text is instead, and quotes
    /// nothing of it.
    pub fn from_pem(pem: &[u8]) -> Result<Self, &'static str> {
        let head = |words: &[u8]| pem.windows(words.len()).any(|it| it == words);
        if head(b"-----BEGIN ENCRYPTED ") {
            return Err(
                "it has a password: sign with `cosign sign --key`, or write it without one by \
                        `openssl pkcs8 -topk8 -nocrypt`",
            );
        }
        let section = <(SectionKind, Vec<u8>)>::from_pem_slice(pem);
        let (kind, der) = section.map_err(|_| "it has no private key in PEM")?;
        match kind {
            SectionKind::PrivateKey => {}
            SectionKind::PublicKey => return Err("this is a public key: name the private one"),
            SectionKind::EcPrivateKey | SectionKind::RsaPrivateKey => {
                return Err("it is not in PKCS #8: write it so by `openssl pkcs8 -topk8 -nocrypt`");
            }
            _ => return Err("it has no private key in PEM"),
        }
        let random = SystemRandom::new();
        let ecdsa = [
            (&ECDSA_P256_SHA256_ASN1_SIGNING, Kind::P256),
            (&ECDSA_P384_SHA384_ASN1_SIGNING, Kind::P384),
        ];
        for (algorithm, kind) in ecdsa {
            if let Ok(pair) = EcdsaKeyPair::from_pkcs8(algorithm, &der, &random) {
                return Ok(Self { pair: Pair::Ecdsa(Box::new(pair), kind), random });
            }
        }
        match Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
            Ok(pair) => Ok(Self { pair: Pair::Ed25519(pair), random }),
            Err(_) => Err("its key is neither of P-256, P-384 nor Ed25519"),
        }
    }

    /// What others verify its signatures with.
    pub fn public(&self) -> PublicKey {
        match &self.pair {
            Pair::Ecdsa(pair, kind) => PublicKey::new(*kind, pair.public_key().as_ref()),
            Pair::Ed25519(pair) => PublicKey::new(Kind::Ed25519, pair.public_key().as_ref()),
        }
    }

    /// A signature over a message; none where the system has no random numbers.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::Ecdsa(pair, _) => Some(pair.sign(&self.random, message).ok()?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }

    /// What tells verifiers with several keys which one it is.
    pub(super) fn hint(&self) -> String {
        let bytes = match &self.pair {
            Pair::Ecdsa(pair, _) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        };
        STANDARD.encode(Sha256::digest(bytes))
    }
}
