//! The budgets that a plugin can use up while it runs, in words.

/// A budget of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Units of fuel.
    Fuel,
    /// Milliseconds: the backstop behind fuel, which is the only one that differs between machines.
    Time,
    /// Bytes of memories and tables.
    Memory,
    /// Elements of tables.
    TableElements,
    /// Bytes of the stack of the plugin's code.
    Stack,
    /// Bytes between the plugin and the host.
    Transfer,
    /// Handles.
    Handles,
    /// Edits.
    Edits,
    /// Bytes of edited values.
    EditedBytes,
    /// Bytes of messages.
    LogBytes,
}

/// A budget that is used up. As an error of a host function it ends the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.budget.describe(self.limit, self.used))]
pub(crate) struct UsedUp {
    pub(crate) budget: Budget,
    pub(crate) limit: u64,
    pub(crate) used: u64,
}

impl UsedUp {
    pub(crate) fn new(budget: Budget, limit: usize, used: usize) -> Self {
        Self { budget, limit: limit as u64, used: used as u64 }
    }
}

impl Budget {
    /// The budget in words, with its value, and with what was asked for if that is more.
    pub fn describe(self, limit: u64, used: u64) -> String {
        let unit = match self {
            Self::Fuel => "units of fuel",
            Self::Time => "ms",
            Self::Memory => "bytes of memory",
            Self::TableElements => "elements of tables",
            Self::Stack => "bytes of stack",
            Self::Transfer => "bytes between plugin and host",
            Self::Handles => "handles",
            Self::Edits => "edits",
            Self::EditedBytes => "edited bytes",
            Self::LogBytes => "bytes of messages",
        };
        let more = if used > limit { format!(", and needs {used}") } else { String::new() };
        format!("it used up its {limit} {unit}{more}")
    }

    /// Name of the budget in `limits` of a chain entry, if it can be set there.
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::Fuel => Some("fuel"),
            Self::Memory => Some("memory"),
            Self::TableElements => Some("tableElements"),
            Self::Transfer => Some("transfer"),
            Self::Handles => Some("handles"),
            Self::Edits => Some("edits"),
            Self::EditedBytes => Some("editedBytes"),
            Self::LogBytes => Some("logBytes"),
            Self::Time | Self::Stack => None,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(self) -> Option<String> {
        match self {
            Self::Stack => Some("the plugin recurses without end, or too deep".to_owned()),
            _ => self
                .field()
                .map(|field| format!("an operator may raise `limits.{field}` of the chain entry")),
        }
    }
}
