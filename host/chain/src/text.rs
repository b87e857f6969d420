//! Text from a plugin is hostile: it is escaped and shortened before anybody sees it.

pub(crate) use wellhead_spec::{
    from_difference, in_code, quote, quote_unless_word, sanitize, sanitize_name,
};

/// Most characters of a plugin's text that one message shows.
pub(crate) const SHOWN_CHARACTERS: usize = 1_000;
/// Most characters of a name that a plugin gives.
pub(crate) const NAME_CHARACTERS: usize = 200;
