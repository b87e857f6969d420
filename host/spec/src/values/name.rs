//! Names as types: a value of one of them is a name that Kubernetes accepts in that place.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest DNS label. <https://www.rfc-editor.org/rfc/rfc1123>
const DNS_LABEL_MAX: usize = 63;
/// Longest DNS subdomain. <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>
const DNS_SUBDOMAIN_MAX: usize = 253;
/// Longest name of a StatefulSet whose pods can be created: the controller labels each pod with
/// `controller-revision-hash: <name>-<hash>`, a label value has at most 63 characters, and the hash
/// at most 10. The API server accepts longer names. <https://github.com/kubernetes/kubernetes/issues/64023>
const STATEFUL_SET_MAX: usize = DNS_LABEL_MAX - 1 - 10;

/// Digits of the largest ordinal, an `i32`.
const ORDINAL_MAX: usize = 10;

// A pod is named `<pipeline>-<ordinal>`, which is also its host name, and a claim's object
// `<claim>-<pipeline>-<ordinal>`. With names of these types neither can be too long.
const _: () = assert!(STATEFUL_SET_MAX + 1 + ORDINAL_MAX <= DNS_LABEL_MAX);
const _: () = assert!(DNS_LABEL_MAX + 1 + STATEFUL_SET_MAX + 1 + ORDINAL_MAX <= DNS_SUBDOMAIN_MAX);

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {rule}")]
pub struct InvalidName {
    text: String,
    what: &'static str,
    rule: &'static str,
}

/// Which characters a name has.
#[derive(Clone, Copy)]
enum Form {
    /// RFC 1123 label: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`.
    Label,
    /// RFC 1123 subdomain: labels joined by dots.
    Subdomain,
}

impl Form {
    fn accepts(self, text: &str) -> bool {
        match self {
            Self::Label => is_label(text.as_bytes()),
            Self::Subdomain => text.as_bytes().split(|byte| *byte == b'.').all(is_label),
        }
    }
}

fn is_label(text: &[u8]) -> bool {
    is_hyphenated(text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whether a text is made of such characters and of `-`, which stands at neither end.
pub(crate) fn is_hyphenated(text: &[u8], is_inner: impl Fn(&u8) -> bool) -> bool {
    let mut ends = [text.first(), text.last()].into_iter();
    ends.all(|end| end.is_some_and(|byte| *byte != b'-'))
        && text.iter().all(|byte| is_inner(byte) || *byte == b'-')
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $form:expr, $max:expr, $pattern:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("pattern" = $pattern, "maxLength" = $max, "x-rule" = concat!($what, ": ", $rule)))]
        pub struct $name(String);

        impl $name {
            /// Most characters that such a name may have.
            pub const MAX_LENGTH: usize = $max;

            /// Checks a text and takes it as a name.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                Self::check(&text)?;
                Ok(Self(text))
            }

            /// Checks a text without taking it.
            pub fn check(text: &str) -> Result<(), InvalidName> {
                if text.len() <= Self::MAX_LENGTH && $form.accepts(text) {
                    return Ok(());
                }
                Err(InvalidName { text: text.to_owned(), what: $what, rule: $rule })
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// Name of a pipeline and of its StatefulSet. Pods are named `<name>-<ordinal>`, so it is a DNS
    /// label, and has at most 52 = 63 - 1 - 10 characters: its pods carry the label
    /// `controller-revision-hash: <name>-<hash>`.
    PipelineName, "a pipeline name", Form::Label, STATEFUL_SET_MAX,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "lowercase letters, digits and `-`, no `-` at either end, at most 52 characters"
);
name_type!(
    /// Name of a Service. Servers before Kubernetes 1.36 want a letter first (RFC 1035); `validate` warns of a digit that
    /// nobody wrote. <https://kep.k8s.io/5311>
    ServiceName, "a Service name", Form::Label, DNS_LABEL_MAX,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "lowercase letters, digits and `-`, no `-` at either end, at most 63 characters"
);
name_type!(
    /// Name of a namespace.
    Namespace, "a namespace", Form::Label, DNS_LABEL_MAX,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "lowercase letters, digits and `-`, no `-` at either end, at most 63 characters"
);
name_type!(
    /// Name of a claim. It is also the name of the pod's volume, hence a DNS label.
    ClaimName, "a claim name", Form::Label, DNS_LABEL_MAX,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "lowercase letters, digits and `-`, no `-` at either end, at most 63 characters"
);
name_type!(
    /// Name of a chain entry.
    PluginName, "a plugin name", Form::Label, DNS_LABEL_MAX,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "lowercase letters, digits and `-`, no `-` at either end, at most 63 characters"
);
name_type!(
    /// Name of any other object, e.g. a service account.
    ObjectName, "an object name", Form::Subdomain, DNS_SUBDOMAIN_MAX,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    "lowercase letters, digits, `-` and `.`, a letter or digit at both ends, at most 253 characters"
);
