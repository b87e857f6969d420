//! The text of kubeconfigs, and what several of them say together.
//!
//! They are read as kubectl reads them: the first document of a file, the last of equal keys, unknown fields ignored,
//! `null` as if it were not there. What an error says never quotes a value, for it may be a secret.
//! <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy};

/// Most bytes of one kubeconfig, thousands of clusters with their certificates.
pub(super) const MAX_BYTES: usize = 32 << 20;

/// One kubeconfig, or several together.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Kubeconfig {
    #[serde(deserialize_with = "or_default")]
    kind: String,
    #[serde(rename = "apiVersion", deserialize_with = "or_default")]
    api_version: String,
    #[serde(rename = "current-context", deserialize_with = "or_default")]
    pub(super) current_context: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) contexts: Vec<NamedContext>,
    #[serde(deserialize_with = "or_default")]
    pub(super) clusters: Vec<NamedCluster>,
    #[serde(deserialize_with = "or_default")]
    pub(super) users: Vec<NamedUser>,
}

/// An entry of `contexts`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NamedContext {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) context: ContextEntry,
}

/// Which cluster, as whom, in which namespace.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContextEntry {
    #[serde(deserialize_with = "or_default")]
    pub(super) cluster: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) user: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) namespace: String,
}

/// An entry of `clusters`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NamedCluster {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) cluster: ClusterEntry,
}

/// How to reach an API server and how to recognize it.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct ClusterEntry {
    #[serde(deserialize_with = "or_default")]
    pub(super) server: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) proxy_url: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) tls_server_name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) insecure_skip_tls_verify: bool,
    #[serde(deserialize_with = "or_default")]
    pub(super) certificate_authority: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) certificate_authority_data: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) disable_compression: bool,
    #[serde(deserialize_with = "or_default")]
    pub(super) extensions: Vec<NamedExtension>,
}

/// Something of a tool's own.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct NamedExtension {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) extension: Value,
}

/// An entry of `users`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NamedUser {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) user: UserEntry,
}

/// Who to be.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct UserEntry {
    #[serde(deserialize_with = "or_default")]
    pub(super) token: String,
    #[serde(rename = "tokenFile", deserialize_with = "or_default")]
    pub(super) token_file: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) username: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) password: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) client_certificate: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) client_certificate_data: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) client_key: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) client_key_data: String,
    #[serde(rename = "as", deserialize_with = "or_default")]
    pub(super) impersonate: String,
    #[serde(rename = "as-uid", deserialize_with = "or_default")]
    pub(super) impersonate_uid: String,
    #[serde(rename = "as-groups", deserialize_with = "or_default")]
    pub(super) impersonate_groups: Vec<String>,
    #[serde(rename = "as-user-extra", deserialize_with = "or_default")]
    pub(super) impersonate_extra: BTreeMap<String, Vec<String>>,
    pub(super) auth_provider: Option<AuthProvider>,
    pub(super) exec: Option<Exec>,
}

/// A way to log in that client-go has built in.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct AuthProvider {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) config: BTreeMap<String, String>,
}

/// A program that prints credentials.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Exec {
    #[serde(deserialize_with = "or_default")]
    pub(super) api_version: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) command: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) args: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) env: Vec<Variable>,
    #[serde(deserialize_with = "or_default")]
    pub(super) install_hint: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) interactive_mode: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) provide_cluster_info: bool,
}

/// A variable of such a program.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) value: String,
}

/// `null` is as good as nothing, as in Go.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Kubeconfig {
    /// Reads the text of one file. An error is one line, with the place where there is one.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            return Err(format!("it is larger than {} MiB", MAX_BYTES >> 20));
        }
        let text = text(bytes)?;
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_nodes: 2_000_000,
                max_events: 8_000_000,
                max_total_scalar_bytes: MAX_BYTES,
                max_depth: 64,
            },
            alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100_000 },
            duplicate_keys: DuplicateKeyPolicy::LastWins,
            merge_keys: MergeKeyPolicy::Merge,
            strict_booleans: false,
            // kubectl does not take a number for a text either.
            no_schema: true,
            with_snippet: false,
        };
        let mut rest = text.as_bytes();
        let first = serde_saphyr::read_with_options::<_, Self>(&mut rest, options).next();
        let config = first.transpose().map_err(|error| syntax(&error))?.unwrap_or_default();
        config.check()?;
        Ok(config)
    }

    /// What kubectl checks of a file before it looks at any entry.
    fn check(&self) -> Result<(), String> {
        for (field, value, wanted) in
            [("kind", &self.kind, "Config"), ("apiVersion", &self.api_version, "v1")]
        {
            if !value.is_empty() && value != wanted {
                return Err(format!("it is not a kubeconfig: `{field}` is not `{wanted}`"));
            }
        }
        let contexts = self.contexts.iter().map(|it| &it.name);
        twice("contexts", contexts)?;
        twice("clusters", self.clusters.iter().map(|it| &it.name))?;
        twice("users", self.users.iter().map(|it| &it.name))
    }

    /// Adds what a later file of a list says: the first one that says something wins.
    pub(super) fn merge(&mut self, later: Self) {
        fn add<T>(all: &mut Vec<T>, later: Vec<T>, name: impl Fn(&T) -> String) {
            let known: HashSet<_> = all.iter().map(&name).collect();
            all.extend(later.into_iter().filter(|it| !known.contains(&name(it))));
        }
        if self.current_context.is_empty() {
            self.current_context = later.current_context;
        }
        add(&mut self.contexts, later.contexts, |it| it.name.clone());
        add(&mut self.clusters, later.clusters, |it| it.name.clone());
        add(&mut self.users, later.users, |it| it.name.clone());
    }

    /// Takes relative paths from the folder that their file is in.
    pub(super) fn resolve(&mut self, folder: &Path) {
        let absolute = |path: &mut String| {
            if !path.is_empty() && Path::new(path).is_relative() {
                *path = folder.join(&*path).to_string_lossy().into_owned();
            }
        };
        for it in &mut self.clusters {
            absolute(&mut it.cluster.certificate_authority);
        }
        for NamedUser { user, .. } in &mut self.users {
            absolute(&mut user.client_certificate);
            absolute(&mut user.client_key);
            absolute(&mut user.token_file);
            // A name alone is looked for in PATH.
            if let Some(exec) = user.exec.as_mut().filter(|it| it.command.contains('/')) {
                absolute(&mut exec.command);
            }
        }
    }

    /// Whether it says nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.current_context.is_empty()
            && self.contexts.is_empty()
            && self.clusters.is_empty()
            && self.users.is_empty()
    }
}

fn twice<'a>(list: &str, names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("`{list}` has two entries with the name `{name}`"));
        }
    }
    Ok(())
}

/// UTF-8, or UTF-16 with a byte order mark, as editors of Windows write it.
fn text(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, String> {
    let wide = |from: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
        let units: Vec<u16> = units.map(|it| from([it[0], it[1]])).collect();
        String::from_utf16(&units).map(Into::into).map_err(|_| "it is not UTF-16".to_owned())
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            std::str::from_utf8(bytes).map(Into::into).map_err(|_| "it is not UTF-8".to_owned())
        }
    }
}

/// What the reader says, without the text of the file.
fn syntax(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};
    let said = match error {
        Error::AliasError { error, .. } => return syntax(error),
        Error::SerdeInvalidType { expected, .. }
        | Error::SerdeInvalidValue { expected, .. }
        | Error::SerdeInvalidLength { expected, .. } => format!("expected {expected}"),
        Error::Unexpected { expected, .. } => format!("expected {expected}"),
        Error::InvalidScalar { ty, .. } => format!("expected {ty}"),
        Error::ExternalMessage { .. } => UserMessageFormatter.format_message(error).into_owned(),
        Error::InvalidUtf8Input => "it is not UTF-8".to_owned(),
        Error::UnknownAnchor { .. } => "an alias has no anchor".to_owned(),
        Error::QuotingRequired { .. } => {
            "expected a text: put quotes around what reads as a number or boolean".to_owned()
        }
        _ => "it is not the YAML of a kubeconfig".to_owned(),
    };
    match error.location() {
        Some(at) if at.line() > 0 => format!("line {}, column {}: {said}", at.line(), at.column()),
        _ => said,
    }
}
