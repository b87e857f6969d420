//! How registries are reached.

use std::path::PathBuf;
use std::time::Duration;

use wellhead_spec::RegistrySettings;

use crate::{Credentials, Proxies};

/// How registries are reached.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What an operator says of some of them.
    pub registries: Vec<RegistrySettings>,
    /// The folder that their `caFile` is relative to.
    pub folder: PathBuf,
    /// Where credentials are looked for.
    pub credentials: Credentials,
    /// Which proxy leads to which host.
    pub proxies: Proxies,
    /// How long is waited, and for what.
    pub deadlines: Deadlines,
}

impl Options {
    /// What the environment and the user's home say, and no settings of an operator.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            credentials: Credentials::of(variable),
            proxies: Proxies::of(variable),
            ..Self::default()
        }
    }

    pub(crate) fn settings(&self, host: &str) -> Option<&RegistrySettings> {
        self.registries.iter().find(|it| it.host == host)
    }
}

/// How long is waited, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For a connection.
    pub connect: Duration,
    /// For the head of an answer, and for each part of its body.
    pub silence: Duration,
    /// For a whole answer, beside a second for each 64 KiB of it.
    pub answer: Duration,
    /// For a credential helper.
    pub helper: Duration,
    /// Before a request is sent once more; doubled each time.
    pub retry: Duration,
    /// The longest that a registry may ask to wait.
    pub retry_after: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(10),
            answer: Duration::from_mins(1),
            helper: Duration::from_secs(15),
            retry: Duration::from_millis(200),
            retry_after: Duration::from_secs(10),
        }
    }
}

impl Deadlines {
    /// For an answer of so many bytes.
    pub(crate) fn for_bytes(&self, bytes: u64) -> Duration {
        self.answer + Duration::from_secs(bytes >> 16)
    }
}
