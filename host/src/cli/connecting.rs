//! Which cluster a command talks to, and as whom: the options of kubectl, by its names.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use clap::{ArgAction, Args};
use wellhead::{ConnectOptions, Impersonate};

use super::cluster::quoted;

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
        Err(_) => super::duration::duration(text).map_err(|_| {
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
        let _ = REMEMBERED.set(self.words());
    }
}

static REMEMBERED: OnceLock<String> = OnceLock::new();

/// A hint whose commands reach the cluster that this command does, as whom this command is.
pub(crate) fn repeated(hint: &str) -> String {
    match REMEMBERED.get() {
        Some(words) if !words.is_empty() => repeat(hint, words),
        _ => hint.to_owned(),
    }
}

/// Commands of Wellhead that talk to a cluster.
const COMMANDS: [&str; 9] =
    ["plan", "apply", "list", "status", "drift", "import", "history", "rollback", "delete"];

const KUBECTL: &str = "kubectl ";
const WELLHEAD: &str = "wellhead ";

fn repeat(hint: &str, words: &str) -> String {
    let mut text = String::new();
    let mut rest = hint;
    while let Some((before, program, after)) = next_command(rest) {
        text.push_str(before);
        text.push_str(program);
        // The command line of this process, quoted, has them already.
        let line = after.lines().next().unwrap_or_default();
        let names = words.split(" --").skip(1).filter_map(|it| it.split(' ').next());
        if !names.into_iter().any(|name| line.contains(&format!("-{name}"))) {
            text.push_str(words);
        }
        rest = after;
    }
    text + rest
}

/// Splits behind the first `kubectl` or `wellhead VERB` that is a command.
fn next_command(text: &str) -> Option<(&str, &str, &str)> {
    let starts = |at: usize| text[..at].chars().next_back().is_none_or(|c| " `\n(".contains(c));
    let command = |name: &'static str| {
        text.match_indices(name).filter_map(move |(at, _)| {
            let end = at + name.len();
            let verb = text[end..].split([' ', '`', '\n']).next().unwrap_or_default();
            let end = match name {
                KUBECTL if verb.starts_with(|c: char| c.is_ascii_lowercase() || c == '-') => {
                    end - 1
                }
                WELLHEAD if COMMANDS.contains(&verb) => end + verb.len(),
                _ => return None,
            };
            starts(at).then_some((at, end))
        })
    };
    let (start, end) = command(KUBECTL).chain(command(WELLHEAD)).min()?;
    Some((&text[..start], &text[start..end], &text[end..]))
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

    #[test]
    fn commands_in_hints_reach_the_same_cluster() {
        let words = " --context prod --as 'a b'";
        for (hint, repeated) in [
            ("kubectl -n ns get pv", "kubectl --context prod --as 'a b' -n ns get pv"),
            (
                "`wellhead history` lists them",
                "`wellhead history --context prod --as 'a b'` lists them",
            ),
            (
                "wellhead rollback db -n ns\nwellhead delete db",
                "wellhead rollback --context prod --as 'a b' db -n ns\n\
                 wellhead delete --context prod --as 'a b' db",
            ),
            ("go on: wellhead apply -f x --context=prod --as='a b'", ""),
            ("go on: wellhead apply -f x --kube-context prod", ""),
            ("`wellhead explain CODE` and `wellhead schema`", ""),
            ("not my-kubectl get, nor kubectl", ""),
        ] {
            let wanted = if repeated.is_empty() { hint } else { repeated };
            let got = repeat(hint, words);
            assert_eq!(got, wanted);
        }
    }
}
