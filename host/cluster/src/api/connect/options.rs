//! Which cluster to talk to, and as whom.

use std::path::PathBuf;
use std::time::Duration;

/// Which cluster to talk to, as whom, and how long to wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// A kubeconfig file. Without one: the list in `KUBECONFIG`, then `~/.kube/config`, then the service account of
    /// the pod this runs in.
    pub kubeconfig: Option<PathBuf>,
    /// A context of the kubeconfig. Without one: its current context.
    pub context: Option<String>,
    /// A cluster of the kubeconfig, instead of the context's.
    pub cluster: Option<String>,
    /// A user of the kubeconfig, instead of the context's.
    pub user: Option<String>,
    /// Who to be, for the server, instead of who the credentials say.
    pub impersonate: Impersonate,
    /// How long one request may take, its repetitions included, until it is given up. Zero is no limit. Without one:
    /// 30 s for each attempt and 90 s together.
    pub request_timeout: Option<Duration>,
}

/// Who to be instead: the server asks whether the credentials may impersonate them.
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impersonate {
    /// The user.
    pub user: Option<String>,
    /// The user's groups.
    pub groups: Vec<String>,
    /// The user's uid.
    pub uid: Option<String>,
}
