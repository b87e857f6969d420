//! Whether an address has a secret in it: a password, or a token.

use std::sync::LazyLock;

use regex::Regex;

use super::shape::{is_value, regex};

/// Whether an address with a password stands in the text: `scheme://user:password@host`, `user:password@tcp(host)`,
/// `user:password@host` alone; or a token in the place of a user, or in a query.
pub(super) fn has_password(text: &str) -> bool {
    /// Up to the host, a query or a blank.
    static URL: LazyLock<Regex> = LazyLock::new(|| regex(r#"://([^\s"'<>]*)"#));
    static DRIVER: LazyLock<Regex> =
        LazyLock::new(|| regex(r#"[^\s:@"'/]+:([^\s@"']+)@(?:tcp|tcp6|udp|unix|cloudsql)\("#));
    static ALONE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"^["']?([A-Za-z0-9_.+-]+):([^\s@/"']+)@([A-Za-z0-9_.-]+)(?::[0-9]+)?(?:[/?]\S*)?["']?$"#,
        )
    });
    let in_url = URL.captures_iter(text).any(|it| is_userinfo(&it[1]));
    let in_driver = || DRIVER.captures_iter(text).any(|it| is_value(&it[1]));
    let alone = || {
        ALONE.captures(text.trim()).is_some_and(|it| {
            !["mailto", "sip", "sips", "xmpp", "acct"].contains(&&it[1])
                // An image with a digest: `db:17@sha256:...`.
                && !text.contains("@sha256:")
                && !text.contains("@sha512:")
                && is_value(&it[2])
        })
    };
    in_url || in_driver() || alone() || has_token(text)
}

/// Whether what follows `://` begins with a user and a password.
fn is_userinfo(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (userinfo, host) = match (authority.rsplit_once('@'), rest.rsplit_once('@')) {
        (Some((userinfo, _)), _) => (userinfo, ""),
        // A password with `/` in it, which is wrong and works here and there; a port is a number.
        (None, Some((userinfo, host))) => (userinfo, host),
        (None, None) => return false,
    };
    userinfo.split_once(':').is_some_and(|(_, password)| {
        let port = password.split(['/', '?', '#']).next().unwrap_or_default();
        let is_port = !host.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
        !is_port && is_value(password)
    })
}

/// Whether an address has a token where others have a user, or under a name that means one in queries alone; or a
/// password as Oracle's driver takes it.
fn has_token(text: &str) -> bool {
    /// Fewest characters of a token that stands for a user.
    const TOKEN: usize = 16;
    static USER: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bhttps?://([A-Za-z0-9_.~-]+):?@"));
    static QUERY: LazyLock<Regex> =
        LazyLock::new(|| regex(r#"[?&](?i:auth|bearer|code|jwt|key|pat)=([^\s&#"']+)"#));
    // <https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc/data-sources-and-URLs.html>
    static ORACLE: LazyLock<Regex> =
        LazyLock::new(|| regex(r#"(?i)\bjdbc:oracle:[a-z0-9]+:[^\s/@"']+/([^\s@"']+)@"#));
    let is_token = |it: &str| it.len() >= TOKEN && it.bytes().any(|it| it.is_ascii_digit());
    USER.captures_iter(text).any(|it| is_token(&it[1]))
        || QUERY.captures_iter(text).any(|it| is_value(&it[1]))
        || ORACLE.captures_iter(text).any(|it| is_value(&it[1]))
}
