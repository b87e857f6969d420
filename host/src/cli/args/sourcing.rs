//! How plugins of registries are found.

use std::path::{Path, PathBuf};

use clap::Args;
use etcetera::BaseStrategy as _;
use wellhead::{Distribution, Source, check_trust_keys};
use wellhead_registry::{Options, Store};
use wellhead_spec::load_trust_policy;

use crate::cli::failure::Failure;

/// Where the operator of a machine keeps its trust policy.
const OF_MACHINE: &str = "/etc/wellhead/trust.yaml";

/// Options of plugins that come from registries.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Plugins of registries")]
pub(crate) struct Sourcing {
    /// Fail if a lock is not up to date
    #[arg(
        long,
        global = true,
        env = "WELLHEAD_LOCKED",
        hide_short_help = true,
        hide_env_values = true
    )]
    #[arg(value_parser = clap::builder::FalseyValueParser::new())]
    locked: bool,
    /// Ask no registry: plugins come from the store
    #[arg(
        long,
        global = true,
        env = "WELLHEAD_OFFLINE",
        hide_short_help = true,
        hide_env_values = true
    )]
    #[arg(value_parser = clap::builder::FalseyValueParser::new())]
    offline: bool,
    /// `--locked` and `--offline`
    #[arg(long, global = true, hide_short_help = true)]
    frozen: bool,
    /// Lock of all customizations [default: wellhead.lock beside each]
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    lock: Option<PathBuf>,
    /// Trust policy [default: wellhead/trust.yaml of the user's configuration, else /etc/wellhead/trust.yaml]
    #[arg(long, global = true, value_name = "FILE", env = "WELLHEAD_TRUST_POLICY")]
    #[arg(hide_short_help = true, hide_env_values = true)]
    trust_policy: Option<PathBuf>,
}

impl Sourcing {
    /// What they say. A trust policy that is not valid is an error, whatever a command does.
    pub(crate) fn distribution(&self) -> Result<Distribution, Failure> {
        let policy = self.policy().map(|path| load_trust_policy(&Source::Path(path))).transpose();
        let policy = policy.map_err(|loaded| {
            let findings = loaded.findings.clone();
            Failure::Run(wellhead::Error::Input(wellhead::InvalidInput::new(findings, loaded)))
        })?;
        policy.as_ref().map_or(Ok(()), check_trust_keys)?;
        Ok(Distribution {
            policy,
            lock: self.lock.clone(),
            locked: self.locked || self.frozen,
            offline: self.offline || self.frozen,
            store: wellhead::store_directory().map(Store::new),
            options: Options::from_environment(),
        })
    }

    fn policy(&self) -> Option<PathBuf> {
        self.trust_policy.clone().or_else(|| {
            let user = etcetera::choose_base_strategy().ok().map(|it| it.config_dir());
            let user = user.map(|it| it.join("wellhead/trust.yaml"));
            user.into_iter().chain([Path::new(OF_MACHINE).to_owned()]).find(|it| it.exists())
        })
    }
}
