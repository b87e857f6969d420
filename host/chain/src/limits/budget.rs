//! The budgets that a plugin can use up while it runs, in words.

use std::time::Duration;

/// A budget of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Units of fuel.
    Fuel,
    /// Milliseconds of processor time: the backstop behind fuel, the only one that differs between machines.
    Time,
    /// Bytes of memories and tables.
    Memory,
    /// Elements of tables.
    TableElements,
    /// Bytes of the stack of the plugin's code.
    Stack,
    /// Bytes between the plugin and the host in one call.
    Transfer,
    /// Bytes between the plugin and the host's functions in all calls.
    Traffic,
    /// Handles.
    Handles,
    /// Edits.
    Edits,
    /// Bytes of edited values.
    EditedBytes,
    /// Bytes of messages.
    LogBytes,
}

/// A budget that is used up, or would be. As an error of a host function it ends the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.budget.describe(self.limit, self.used))]
pub struct UsedUp {
    /// The budget.
    pub budget: Budget,
    /// Its value.
    pub limit: u64,
    /// What was used or asked for.
    pub used: u64,
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
            Self::Time => {
                let [used, limit] = [used, limit].map(Duration::from_millis);
                return of_processor_time(used, limit);
            }
            Self::Memory => "bytes of memory",
            Self::TableElements => "elements of tables",
            Self::Stack => "bytes of stack",
            Self::Transfer => "bytes between plugin and host",
            Self::Traffic => "bytes of traffic with the host",
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
            Self::Traffic => Some("traffic"),
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
            Self::Time => Some("it loops without end, or has the host do too much".to_owned()),
            _ => self
                .field()
                .map(|field| format!("an operator may raise `limits.{field}` of the chain entry")),
        }
    }
}

/// What used too much processor time, in words.
pub(crate) fn of_processor_time(used: Duration, limit: Duration) -> String {
    let (used, limit) = (used.as_secs_f64(), limit.as_secs());
    format!("it used {used:.1} s of processor time of {limit} s")
}

/// What got too little processor time, in words.
pub(crate) fn in_all(used: Duration, clock: Duration) -> String {
    format!("{:.1} s of processor time in {:.0} s", used.as_secs_f64(), clock.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Budget; 11] = [
        Budget::Fuel,
        Budget::Time,
        Budget::Memory,
        Budget::TableElements,
        Budget::Stack,
        Budget::Transfer,
        Budget::Traffic,
        Budget::Handles,
        Budget::Edits,
        Budget::EditedBytes,
        Budget::LogBytes,
    ];

    #[test]
    fn a_budget_is_told_with_its_value_and_what_was_asked_for_if_that_is_more() {
        let fuel = |used| Budget::Fuel.describe(10, used);
        assert_eq!(fuel(10), "it used up its 10 units of fuel");
        assert_eq!(fuel(9), fuel(10));
        assert_eq!(fuel(11), "it used up its 10 units of fuel, and needs 11");
        assert_eq!(Budget::Time.describe(2_000, 2_049), "it used 2.0 s of processor time of 2 s");
        let all = ALL.map(|it| it.describe(1, 1)).into_iter();
        assert_eq!(all.collect::<std::collections::BTreeSet<_>>().len(), ALL.len());
        let used_up = UsedUp::new(Budget::Memory, 10, 12);
        assert_eq!(used_up.to_string(), "it used up its 10 bytes of memory, and needs 12");
    }

    #[test]
    fn a_hint_names_a_setting_of_an_entry() {
        let schema = wellhead_spec::customization_schema();
        let fields = schema["$defs"]["PluginLimits"]["properties"].as_object().unwrap();
        for budget in ALL {
            let Some(field) = budget.field() else { continue };
            assert!(fields.contains_key(field), "{field}");
            let hint = format!("an operator may raise `limits.{field}` of the chain entry");
            assert_eq!(budget.hint(), Some(hint));
        }
        let fixed: Vec<_> = ALL.into_iter().filter(|it| it.field().is_none()).collect();
        assert_eq!(fixed, [Budget::Time, Budget::Stack]);
        let hint = Budget::Time.hint();
        assert_eq!(hint.as_deref(), Some("it loops without end, or has the host do too much"));
        let hint = Budget::Stack.hint();
        assert_eq!(hint.as_deref(), Some("the plugin recurses without end, or too deep"));
    }
}
