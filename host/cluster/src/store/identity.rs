//! Who this run is, for a Lease and for the history.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// `user@host`, as far as it is known.
pub(crate) fn local() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user.filter(|it| !it.is_empty()).unwrap_or_else(|| "unknown".to_owned());
    format!("{user}@{}", host())
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "unknown".to_owned())
}

/// The same with what tells two runs apart, so that a run knows its own Lease again.
pub(crate) fn unique() -> String {
    // Each `RandomState` has keys of its own.
    let random = RandomState::new().build_hasher().finish();
    format!("{}_{}-{random:016x}", local(), std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_of_one_user_have_different_names() {
        let (one, two) = (unique(), unique());
        assert!(one.starts_with(&local()), "{one}");
        assert_ne!(one, two);
    }
}
