//! Where a request goes: scheme, host and port.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use wellhead_spec::is_loopback;

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) tls: bool,
    /// An IPv6 address is in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Origin {
    /// As an authority has it: without the scheme, and without its default port.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = if self.tls { 443 } else { 80 };
        f.write_str(&self.host)?;
        if self.port == default { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl Origin {
    /// That of a host with its port, where it has one.
    pub(crate) fn of(host: &str, tls: bool) -> Self {
        let at = host.rfind(':').filter(|at| !host[*at..].contains(']'));
        let (name, port) = at.map_or((host, None), |at| (&host[..at], host[at + 1..].parse().ok()));
        let default = if tls { 443 } else { 80 };
        Self { tls, host: name.to_ascii_lowercase(), port: port.unwrap_or(default) }
    }

    /// The URL of something there.
    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{self}{path}")
    }

    /// Whether it is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether it is this machine, or an address that only neighbours of a machine have, such as the one by which clouds
    /// give credentials to it.
    pub(crate) fn is_near(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_near = |address| match address {
            IpAddr::V4(it) => it.is_link_local() || it.is_unspecified(),
            IpAddr::V6(it) => {
                it.is_unicast_link_local()
                    || it.is_unspecified()
                    || it.to_ipv4_mapped().is_some_and(|it| it.is_loopback() || it.is_link_local())
            }
        };
        self.is_local() || address.is_ok_and(is_near)
    }
}

/// A URL of another party: its origin, and its path with the query. The error says what is wrong with it, and quotes
/// nothing of it.
pub(crate) fn parse(text: &str, from: &Origin) -> Result<(Origin, String), &'static str> {
    if let Some(path) = text.strip_prefix('/').filter(|it| !it.starts_with('/')) {
        let is_plain = path.bytes().all(|it| it.is_ascii_graphic());
        return if is_plain { Ok((from.clone(), text.to_owned())) } else { Err("it is not a URL") };
    }
    let url: Uri = text.parse().map_err(|_| "it is not a URL")?;
    let tls = match url.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err("it is neither https nor http"),
    };
    let authority = url.authority().ok_or("it has no host")?;
    if authority.as_str().contains('@') {
        return Err("it has a user name");
    }
    let path = url.path_and_query().map_or("/", |it| it.as_str());
    Ok((Origin::of(authority.as_str(), tls), path.to_owned()))
}

/// A text as part of a query: all but letters, digits and `-._~` is escaped.
pub(crate) fn query(text: &str) -> String {
    use fmt::Write as _;
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_its_port() {
        let origin = |host, tls| Origin::of(host, tls);
        assert_eq!(origin("a.b", true).port, 443);
        assert_eq!(
            origin("[::1]:5000", false),
            Origin { tls: false, host: "[::1]".into(), port: 5000 }
        );
        assert_eq!(origin("a.b:5000", true).url("/v2/"), "https://a.b:5000/v2/");
        assert_eq!(origin("a.b:443", true).url("/v2/"), "https://a.b/v2/");
    }

    #[test]
    fn what_is_near_is_not_followed_to() {
        for host in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "169.254.169.254",
            "0.0.0.0",
            "[::ffff:127.0.0.1]",
            "[fe80::1]",
        ] {
            assert!(Origin::of(host, false).is_near(), "{host}");
        }
        assert!(!Origin::of("10.0.0.1", true).is_near() && !Origin::of("a.b", true).is_near());
    }

    #[test]
    fn urls_of_others_are_parsed_strictly() {
        let from = Origin::of("a.b", true);
        assert_eq!(parse("/x?y=1", &from), Ok((from.clone(), "/x?y=1".to_owned())));
        assert_eq!(
            parse("https://C.d:8/x", &from),
            Ok((Origin::of("c.d:8", true), "/x".to_owned()))
        );
        for wrong in
            ["file:///etc/passwd", "ftp://a.b/c", "//c.d/x", "https://joe:x@c.d/", "x", "", "/a b"]
        {
            assert!(parse(wrong, &from).is_err(), "{wrong}");
        }
    }
}
