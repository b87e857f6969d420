//! The processes of a control plane.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// One process of a control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Part {
    /// The database of the API server.
    #[serde(rename = "etcd")]
    Etcd,
    /// The API server.
    #[serde(rename = "kube-apiserver")]
    ApiServer,
    /// Runs the controllers of workloads, claims, namespaces, garbage collection and so on.
    #[serde(rename = "kube-controller-manager")]
    ControllerManager,
    /// Assigns pods to nodes.
    #[serde(rename = "kube-scheduler")]
    Scheduler,
    /// Plays nodes and kubelets: makes pods run, or fail as their image asks.
    #[serde(rename = "kwok")]
    Kwok,
}

impl Part {
    /// Every part, in the order of starting.
    pub const ALL: [Self; 5] =
        [Self::Etcd, Self::ApiServer, Self::ControllerManager, Self::Scheduler, Self::Kwok];

    /// Name of the part's program, as in process lists, log files and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Kwok => "kwok",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Accepts the program's name with or without `kube-`.
impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|part| part.name() == text || part.name().strip_prefix("kube-") == Some(text))
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("no part is called `{text}`; the parts are {names}")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_by_its_name_with_and_without_prefix() {
        for part in Part::ALL {
            assert_eq!(part.name().parse(), Ok(part));
        }
        assert_eq!("apiserver".parse(), Ok(Part::ApiServer));
    }

    #[test]
    fn an_unknown_part_is_refused_with_the_names_that_exist() {
        let message = "api-server".parse::<Part>().unwrap_err();
        assert!(
            message.contains("`api-server`") && message.contains("kube-apiserver"),
            "{message}"
        );
    }
}
