//! Finding kubeconfigs, and what was chosen of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use wellhead_diagnostics::Code;

use super::kubeconfig::{ClusterEntry, ContextEntry, Kubeconfig, UserEntry};
use super::options::ConnectOptions;
use super::world::World;
use crate::model::error::Problem;

/// What a connection is made of.
pub(super) struct Selected {
    /// The context's name; empty where cluster and user were named without one.
    pub(super) context: String,
    pub(super) namespace: String,
    pub(super) cluster_name: String,
    pub(super) cluster: ClusterEntry,
    pub(super) user_name: String,
    pub(super) user: UserEntry,
}

/// The files that the options and the environment name.
struct Source {
    files: Vec<PathBuf>,
    /// Whether the user asked for these files, so that one of them must be there.
    asked: bool,
    /// Whether the one file must be there.
    explicit: bool,
}

fn source(options: &ConnectOptions, world: &World<'_>) -> Source {
    if let Some(file) = &options.kubeconfig {
        return Source { files: vec![file.clone()], asked: true, explicit: true };
    }
    let Some(list) = (world.variable)("KUBECONFIG").filter(|list| !list.is_empty()) else {
        let home = world.home.iter().map(|home| home.join(".kube").join("config"));
        return Source { files: home.collect(), asked: false, explicit: false };
    };
    let mut seen = HashSet::new();
    let files = std::env::split_paths(&list).filter(|it| !it.as_os_str().is_empty());
    let files: Vec<_> = files.filter(|file| seen.insert(file.clone())).collect();
    Source { asked: !files.is_empty(), files, explicit: false }
}

/// Reads the configured kubeconfigs; `None` when there is none. A file that cannot be read is an
/// error and never silently replaced by the pod's service account.
pub(super) fn kubeconfig(
    options: &ConnectOptions,
    world: &World<'_>,
) -> Result<Option<Kubeconfig>, Problem> {
    let source = source(options, world);
    let mut merged: Option<Kubeconfig> = None;
    let (mut missing, mut broken) = (Vec::new(), Vec::new());
    for file in &source.files {
        let bytes = match (world.read)(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !source.explicit => {
                missing.push(file.display().to_string());
                continue;
            }
            Err(error) => {
                broken.push(format!("{}: {}", file.display(), words(&error)));
                continue;
            }
        };
        match Kubeconfig::parse(&bytes) {
            Ok(mut config) => {
                config.resolve(&folder(file));
                match &mut merged {
                    Some(first) => first.merge(config),
                    None => merged = Some(config),
                }
            }
            Err(why) => broken.push(format!("{}: {why}", file.display())),
        }
    }
    if !broken.is_empty() {
        return Err(Problem::new(Code::NoClusterConfig, "the kubeconfig cannot be read")
            .why(broken.join("\n"))
            .hint("correct the file, pass --kubeconfig FILE or set KUBECONFIG"));
    }
    if merged.is_none() && source.asked {
        return Err(Problem::new(
            Code::NoClusterConfig,
            "the files that KUBECONFIG names do not exist",
        )
        .why(missing.join("\n"))
        .hint("pass --kubeconfig FILE or set KUBECONFIG"));
    }
    Ok(merged)
}

fn folder(file: &Path) -> PathBuf {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    file.parent().map(Path::to_owned).unwrap_or_default()
}

/// An error of the system without its number.
pub(super) fn words(error: &std::io::Error) -> String {
    let said = error.to_string();
    said.split(" (os error").next().unwrap_or(&said).to_lowercase()
}

/// Looks the context, its cluster and its user up. A user that is not there is an error here: kubectl asks for a name
/// and a password then.
pub(super) fn select(config: &Kubeconfig, options: &ConnectOptions) -> Result<Selected, Problem> {
    let given = |name: &Option<String>| name.clone().filter(|it| !it.is_empty());
    let (cluster, user) = (given(&options.cluster), given(&options.user));
    let current = Some(config.current_context.clone()).filter(|it| !it.is_empty());
    let context_name = given(&options.context).or(current);
    let context = match &context_name {
        Some(name) => {
            let found = config.contexts.iter().find(|it| it.name == *name);
            found.map(|it| it.context.clone()).ok_or_else(|| {
                let names = config.contexts.iter().map(|it| it.name.as_str());
                Problem::new(
                    Code::NoClusterConfig,
                    format!("context \"{name}\" is not in the kubeconfig"),
                )
                .why(available(names))
                .hint("pass --context NAME")
            })?
        }
        // Without a context, flags may name both of its parts.
        None if cluster.is_some() => ContextEntry::default(),
        None => {
            let names = config.contexts.iter().map(|it| it.name.as_str());
            return Err(Problem::new(
                Code::NoClusterConfig,
                "the kubeconfig names no current context",
            )
            .why(available(names))
            .hint("pass --context NAME"));
        }
    };
    let context_name = context_name.unwrap_or_default();
    let is_user_named = user.is_some();
    let (cluster_name, user_name) =
        (cluster.unwrap_or(context.cluster), user.unwrap_or(context.user));
    let found = config.clusters.iter().find(|it| it.name == cluster_name);
    let cluster = found.map(|it| it.cluster.clone()).ok_or_else(|| {
        let names = config.clusters.iter().map(|it| it.name.as_str());
        lacks("cluster", &cluster_name, &context_name, available(names))
    })?;
    let found = config.users.iter().find(|it| it.name == user_name);
    let user = match found {
        Some(found) => found.user.clone(),
        // An address without TLS takes no credentials, so none need be named.
        None if !is_user_named && is_plain(&cluster.server) => UserEntry::default(),
        None => {
            let names = config.users.iter().map(|it| it.name.as_str());
            return Err(lacks("user", &user_name, &context_name, available(names)));
        }
    };
    let namespace = context.namespace;
    Ok(Selected { context: context_name, namespace, cluster_name, cluster, user_name, user })
}

fn is_plain(server: &str) -> bool {
    server.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("http://"))
}

fn lacks(kind: &str, name: &str, context: &str, available: String) -> Problem {
    let what = if name.is_empty() {
        format!("context \"{context}\" names no {kind}")
    } else {
        format!("the kubeconfig has no {kind} `{name}`")
    };
    let hint = if context.is_empty() {
        format!("pass --{kind} NAME")
    } else {
        format!("correct `{kind}` of context \"{context}\", or pass --{kind} NAME")
    };
    Problem::new(Code::NoClusterConfig, what).why(available).hint(hint)
}

/// The names that could be meant, of many the first.
fn available<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<_> = names.collect();
    match names.len() {
        0 => "available: none".to_owned(),
        count if count > SHOWN => {
            format!("available: {} and {} more", names[..SHOWN].join(", "), count - SHOWN)
        }
        _ => format!("available: {}", names.join(", ")),
    }
}
