//! Changes of a protected field that are ordinary ones.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use crate::Quantity;

/// Which changes of a protected field need no opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unless {
    /// None.
    Never,
    /// The field gets its first value.
    Added,
    /// The field is removed.
    Removed,
    /// An item gets its name, or goes with it.
    AddedOrRemoved,
    /// The field becomes `false` or is removed.
    OffOrRemoved,
    /// The field becomes `false`; what is the default is not.
    Off,
    /// The field becomes `true`; what is the default is not.
    On,
    /// The field becomes one of these texts.
    OneOf(&'static [&'static str]),
    /// The field becomes one of these texts, or is removed.
    OneOfOrRemoved(&'static [&'static str]),
    /// No item is added to the list.
    Fewer,
    /// No item is taken out of the list.
    More,
    /// The field becomes a number above zero.
    Positive,
    /// The field becomes another number than zero, or is removed.
    NotZero,
    /// The text is not empty, or is removed.
    Filled,
    /// The mount takes no data from where it is; mounts are compared with each other.
    DataStays,
    /// The field becomes a larger quantity, or gets its first.
    Grown,
    /// No selector looks for this label.
    Unselected,
    /// The text begins otherwise, or is removed.
    WithoutPrefix(&'static str),
}

impl Unless {
    /// Whether a change is an ordinary one. `null` counts as removed. `selected` says whether a
    /// selector looks for this label.
    pub(super) fn holds(
        self,
        old: Option<&Value>,
        new: Option<&Value>,
        selected: impl FnOnce() -> bool,
    ) -> bool {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let in_words = |words: &[&str]| text(new).is_some_and(|it| words.contains(&it.as_str()));
        match self {
            Self::Never => false,
            Self::Added => old.is_none(),
            Self::Removed => new.is_none(),
            Self::AddedOrRemoved => old.is_none() || new.is_none(),
            Self::OffOrRemoved => new.is_none_or(|it| *it == Value::Bool(false)),
            Self::Off => new == Some(&Value::Bool(false)),
            Self::On => new == Some(&Value::Bool(true)),
            Self::OneOf(words) => in_words(words),
            Self::OneOfOrRemoved(words) => new.is_none() || in_words(words),
            Self::Fewer => words(new).is_subset(&words(old)),
            Self::More => {
                let new = words(new);
                new.contains("ALL") || words(old).is_subset(&new)
            }
            Self::Positive => new.and_then(Value::as_i64).is_some_and(|number| number > 0),
            Self::NotZero => new.is_none_or(|it| it.as_i64().is_some_and(|number| number != 0)),
            Self::Filled => new.is_none_or(|it| it.as_str().is_some_and(|text| !text.is_empty())),
            Self::DataStays => true,
            Self::Grown => old.is_none() || grown(old, new),
            Self::Unselected => !selected(),
            Self::WithoutPrefix(prefix) => !text(new).is_some_and(|it| it.starts_with(prefix)),
        }
    }

    /// Whether most changes of the field are protected ones, so that whoever writes it needs an
    /// opening.
    pub(super) fn is_rare(self) -> bool {
        !matches!(
            self,
            Self::Added
                | Self::AddedOrRemoved
                | Self::Positive
                | Self::NotZero
                | Self::Filled
                | Self::DataStays
                | Self::Grown
                | Self::Unselected
                | Self::More
                | Self::WithoutPrefix(_)
        )
    }

    /// The exception in words, to stand behind "unless".
    pub fn in_words(self) -> Option<String> {
        let listed = |words: &[&str]| {
            words.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" or ")
        };
        Some(match self {
            Self::Never => return None,
            Self::Added => "it is new".to_owned(),
            Self::Removed => "it is removed".to_owned(),
            Self::AddedOrRemoved => "the item is added or removed".to_owned(),
            Self::OffOrRemoved => "it becomes `false` or is removed".to_owned(),
            Self::Off => "it becomes `false`".to_owned(),
            Self::On => "it becomes `true`".to_owned(),
            Self::OneOf(words) => format!("it becomes {}", listed(words)),
            Self::OneOfOrRemoved(words) => format!("it becomes {} or is removed", listed(words)),
            Self::Fewer => "nothing is added".to_owned(),
            Self::More => "nothing is taken out".to_owned(),
            Self::Positive => "it is above 0".to_owned(),
            Self::NotZero => "it is not 0".to_owned(),
            Self::Filled => "it is not empty".to_owned(),
            Self::DataStays => "data stays mounted in the same place, unchanged".to_owned(),
            Self::Grown => "it grows".to_owned(),
            Self::Unselected => "no selector looks for it".to_owned(),
            Self::WithoutPrefix(prefix) => format!("it does not begin with `{prefix}`"),
        })
    }
}

/// The items of a list; those that are no texts as their JSON.
fn words(list: Option<&Value>) -> HashSet<Cow<'_, str>> {
    fn word(item: &Value) -> Cow<'_, str> {
        item.as_str().map_or_else(|| item.to_string().into(), Cow::Borrowed)
    }
    list.and_then(Value::as_array).into_iter().flatten().map(word).collect()
}

fn grown(old: Option<&Value>, new: Option<&Value>) -> bool {
    let size = |value: Option<&Value>| Quantity::new(value?.as_str()?).ok();
    match (size(old), size(new)) {
        (Some(old), Some(new)) => new.nanos() >= old.nanos(),
        // What is no quantity is refused elsewhere.
        _ => false,
    }
}
