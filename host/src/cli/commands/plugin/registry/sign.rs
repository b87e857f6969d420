//! `wellhead plugin sign`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use wellhead::sign_plugin;
use wellhead_registry::SigningKey;
use wellhead_spec::{Digest, read_file};

use super::reference;
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::envelope::Envelope;

/// Most bytes of a file with a key.
pub(super) const MAX_KEY: u64 = 64 << 10;

/// Sign a plugin in a registry with a key
///
/// Writes what `cosign sign --key` of cosign 3 writes without a log. Where the plugin has a signature of this key, nothing is written.
#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// `oci://HOST/REPOSITORY:VERSION`
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The private key: ECDSA with P-256 or P-384, or Ed25519, in PKCS #8 (PEM) without a password
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Serialize)]
struct Report<'r> {
    source: String,
    manifest: &'r Digest,
    signature: &'r Digest,
    outcome: &'static str,
}

impl Sign {
    pub(crate) fn is_json(&self) -> bool {
        self.output == Text::Json
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let source = reference(&self.source, "")?;
        let shown = self.key.display();
        let pem = read_file(&self.key, MAX_KEY).map_err(|error| {
            Failure::usage(
                format!("the key {shown} cannot be read: {error}"),
                "name a file with `--key`",
            )
        })?;
        let key = SigningKey::from_pem(&pem).map_err(|why| {
            let hint = "`openssl genpkey -algorithm ed25519 -out author.key` makes one";
            Failure::usage(format!("the key {shown} cannot sign: {why}"), hint)
        })?;
        let distribution = context.global.sourcing.distribution()?;
        let signed = sign_plugin(&distribution, &source, &key)?;
        let report = Report {
            source: source.to_string(),
            manifest: &signed.manifest,
            signature: &signed.signature,
            outcome: if signed.already { "already signed" } else { "signed" },
        };
        if self.is_json() {
            context.printer.json(&Envelope::new("PluginSigned", report, Vec::new()))?;
        } else {
            context.printer.text(&format!(
                "{}: {}\nmanifest   {}\nsignature  {}\n",
                report.source, report.outcome, report.manifest, report.signature
            ))?;
        }
        Ok(Exit::Done)
    }
}
