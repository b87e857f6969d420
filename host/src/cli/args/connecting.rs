//! Which cluster a command talks to, and as whom: the options of kubectl, by its names.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};
use wellhead::{ConnectOptions, Impersonate};

use super::duration;
use crate::cli::program::{self, quoted};

/// Options of a connection.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Connecting {
    /// Context of the kubeconfig [default: current context]
    #[arg(long, global = true, env = "WELLHEAD_CONTEXT", alias = "kube-context")]
    #[arg(hide_env_values = true)]
    context: Option<String>,
    /// Kubeconfig file [default: those of KUBECONFIG, else ~/.kube/config]
    #[arg(long, global = true, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Cluster of the kubeconfig, instead of the context's
    #[arg(long, global = true, hide_short_help = true)]
    cluster: Option<String>,
    /// User of the kubeconfig, instead of the context's
    #[arg(long, global = true, hide_short_help = true)]
    user: Option<String>,
    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER", hide_short_help = true)]
    as_user: Option<String>,
    /// Group to impersonate, with `--as`; repeat it for several
    #[arg(long, global = true, value_name = "GROUP", action = ArgAction::Append)]
    #[arg(hide_short_help = true)]
    as_group: Vec<String>,
    /// UID to impersonate, with `--as`
    #[arg(long, global = true, value_name = "UID", hide_short_help = true)]
    as_uid: Option<String>,
    /// Timeout of one request: seconds, or a duration such as 500ms or 1m; 0 waits forever [default: 30s,
    /// with retries]
    #[arg(long, global = true, value_name = "TIME", value_parser = request_timeout)]
    #[arg(hide_short_help = true)]
    request_timeout: Option<Duration>,
}

/// kubectl's form: seconds without a unit, too.
fn request_timeout(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => duration::duration(text).map_err(|_| {
            "write seconds such as 10, a duration such as 500ms or 1m, or 0 for no limit".to_owned()
        }),
    }
}

impl Connecting {
    /// Which cluster to talk to.
    pub(crate) fn options(&self) -> ConnectOptions {
        // An empty value is none, as in kubectl: scripts pass variables that may be unset.
        let given = |value: &Option<String>| value.clone().filter(|it| !it.is_empty());
        ConnectOptions {
            kubeconfig: self.kubeconfig.clone(),
            context: given(&self.context),
            cluster: given(&self.cluster),
            user: given(&self.user),
            impersonate: Impersonate {
                user: given(&self.as_user),
                groups: self.as_group.clone(),
                uid: given(&self.as_uid),
            },
            request_timeout: self.request_timeout,
        }
    }

    /// The options that decide what a command reaches, for a command that shall reach the same. kubectl has the same.
    pub(crate) fn words(&self) -> String {
        let ConnectOptions { kubeconfig, context, cluster, user, impersonate, .. } = self.options();
        let kubeconfig = kubeconfig.map(|it| it.to_string_lossy().into_owned());
        let single = [
            ("kubeconfig", kubeconfig),
            ("context", context),
            ("cluster", cluster),
            ("user", user),
            ("as", impersonate.user),
            ("as-uid", impersonate.uid),
        ];
        let single = single.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let groups = impersonate.groups.into_iter().map(|group| ("as-group", group));
        single
            .chain(groups)
            .fold(String::new(), |line, (name, value)| line + " --" + name + " " + &quoted(&value))
    }

    /// Remembers the options for the hints of this process.
    pub(crate) fn remember(&self) {
        program::remember(self.words());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_those_of_kubectl() {
        for (text, milliseconds) in
            [("0", 0), ("10", 10_000), ("10s", 10_000), ("1m", 60_000), ("500ms", 500), ("0s", 0)]
        {
            assert_eq!(request_timeout(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "-1", "-5s", "soon", "1 day"] {
            assert!(request_timeout(text).is_err(), "{text}");
        }
    }
}
