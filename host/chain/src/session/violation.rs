//! What the operator does not allow, and the line that would allow it.

use std::borrow::Cow;
use std::fmt;

use wellhead_spec::{FieldPath, PathPattern, is_fact_name, yaml_item};

use crate::Budget;
use crate::text::{NAME_CHARACTERS, in_code};

/// An edit that the operator's decisions forbid. It ends the run even when the plugin goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// No grant covers the field.
    Denied {
        /// The field.
        path: FieldPath,
        /// Whether it is an item that the plugin adds to a list.
        adds: bool,
    },
    /// The field is protected, and the entry does not open it.
    Protected {
        /// The field. It may stand inside of the value that the plugin wrote.
        path: FieldPath,
        /// Why it is protected.
        why: Cow<'static, str>,
    },
    /// An earlier plugin set the field to something else.
    Conflict {
        /// The field.
        path: FieldPath,
        /// Name of the earlier plugin.
        earlier: String,
        /// What the earlier plugin set, as text; removed fields are `(removed)`.
        theirs: String,
        /// What this plugin wants, as text.
        ours: String,
    },
    /// The chain entry grants no such fact.
    UngrantedFact {
        /// Name of the fact, sanitized.
        name: String,
    },
    /// A validator tried to write.
    ReadOnly {
        /// The field.
        path: FieldPath,
    },
    /// A budget is used up.
    OverLimit {
        /// The budget.
        budget: Budget,
        /// Its value.
        limit: u64,
        /// What the edit would have used.
        used: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { path, .. } => write!(f, "`{path}` is not granted"),
            Self::Protected { path, why } => write!(f, "`{path}` is protected: {why}"),
            Self::Conflict { path, earlier, theirs, ours } => {
                write!(f, "`{path}`: `{earlier}` left {theirs}, this plugin wants {ours}")
            }
            Self::UngrantedFact { name } => {
                write!(f, "the fact {} is not granted", in_code(name, NAME_CHARACTERS))
            }
            Self::ReadOnly { path } => write!(f, "`{path}`: a validator cannot write"),
            Self::OverLimit { budget, limit, used } => f.write_str(&budget.describe(*limit, *used)),
        }
    }
}

impl Violation {
    /// The same, which says so where the plugin asks in its description to open the field.
    pub(crate) fn asked_by(self, opens: &[String]) -> Self {
        let asks = |path: &FieldPath| {
            let mut patterns = opens.iter().filter_map(|it| it.parse::<PathPattern>().ok());
            patterns.any(|pattern| pattern.covers(path))
        };
        match self {
            Self::Protected { path, why } if asks(&path) => {
                let why = format!("{why}; the plugin asks for it, and its entry does not open it");
                Self::Protected { path, why: why.into() }
            }
            other => other,
        }
    }

    /// The line that would allow it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Denied { path, adds } => {
                let list = path.parent().filter(|_| *adds);
                let grant =
                    list.map_or_else(|| quoted(path), |it| quoted_text(&format!("{it}[+]")));
                Some(format!("add to the entry's `grants`: {grant}"))
            }
            Self::Protected { path, .. } => Some(format!(
                "if this plugin may do so, add to the entry's `opens`: {}",
                quoted(path)
            )),
            Self::Conflict { path, .. } => Some(format!(
                "remove one of them, or add to this entry's `overrides`: {}",
                quoted(path)
            )),
            Self::OverLimit { budget, .. } => budget.hint(),
            Self::UngrantedFact { name } => {
                is_fact_name(name).then(|| format!("add to the entry's `facts`: {name}"))
            }
            Self::ReadOnly { .. } => None,
        }
    }
}

/// A path as an item of a YAML list.
pub(crate) fn quoted(path: &FieldPath) -> String {
    quoted_text(&path.to_string())
}

fn quoted_text(text: &str) -> String {
    yaml_item(text).into_owned()
}
