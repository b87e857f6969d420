//! The address of an API server.

use http::Uri;
use http::uri::Authority;
use wellhead_diagnostics::Code;

use crate::model::error::Problem;

/// Where an API server is.
#[derive(Debug)]
pub(super) struct Server {
    /// Scheme, host, port where one is given, and path. It has neither user nor query.
    pub(super) url: Uri,
    /// The host; an IPv6 address has its brackets.
    pub(super) host: String,
    /// The port, that of the scheme where none is given.
    pub(super) port: u16,
}

impl Server {
    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme_str() == Some("https")
    }

    /// The address without a slash at its end.
    pub(super) fn address(&self) -> String {
        self.url.to_string().trim_end_matches('/').to_owned()
    }

    /// Writes the port out. A tunnel takes that of https where none is given.
    pub(super) fn with_port(mut self) -> Self {
        let mut parts = self.url.clone().into_parts();
        parts.authority = format!("{}:{}", self.host, self.port).parse().ok().or(parts.authority);
        if let Ok(url) = Uri::from_parts(parts) {
            self.url = url;
        }
        self
    }

    /// Reads `server` of a cluster.
    pub(super) fn parse(text: &str, cluster: &str) -> Result<Self, Problem> {
        let problem =
            |what: String, hint: String| Problem::new(Code::NoClusterConfig, what).hint(hint);
        if text.is_empty() {
            return Err(problem(
                format!("cluster `{cluster}` has no server"),
                "write `server: https://HOST:PORT` into its entry of the kubeconfig".to_owned(),
            ));
        }
        let shown = without_user(text);
        let Some((scheme, rest)) = text.split_once("://").filter(|(it, _)| is_scheme(it)) else {
            let place = shown.trim().trim_start_matches('/');
            let scheme = if place.contains("://") { "" } else { "https://" };
            return Err(problem(
                format!("server `{shown}` of cluster `{cluster}` has no scheme"),
                format!("write {scheme}{place}"),
            ));
        };
        let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "https" => ("https", 443),
            "http" => ("http", 80),
            _ => {
                let what =
                    format!("server `{shown}` of cluster `{cluster}` is not an HTTP address");
                return Err(problem(what, "write https://HOST:PORT".to_owned()));
            }
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            let what = format!("server `{shown}` of cluster `{cluster}` holds a user");
            return Err(problem(what, "write credentials into the user's entry".to_owned()));
        }
        let unusable = |why: &str| {
            let what = format!("server `{shown}` of cluster `{cluster}` is not an address");
            problem(what, format!("write {scheme}://HOST:PORT")).why(why)
        };
        let (host, port) = split(authority).ok_or_else(|| {
            unusable("it needs a host, an IPv6 address in brackets: https://[fd00::1]:6443")
        })?;
        let number = match port {
            "" => default_port,
            port => port
                .parse()
                .ok()
                .filter(|it| *it != 0)
                .ok_or_else(|| unusable("its port is not between 1 and 65535"))?,
        };
        let colon = if port.is_empty() { "" } else { ":" };
        let authority: Authority = format!("{host}{colon}{port}")
            .parse()
            .map_err(|_| unusable("its host has a character that no host has"))?;
        // What follows the path is not part of an API server's address; kubectl drops it, too.
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path };
        let url = Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build();
        let url = url.map_err(|_| unusable("its path has a character that no path has"))?;
        Ok(Self { url, host: host.to_owned(), port: number })
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// An address without the user and password that it may begin with.
fn without_user(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = text.split_at(start);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    format!("{scheme}{place}{path}")
}

/// Host and port of `host`, `host:port` or `[address]:port`; the port may be empty.
pub(super) fn split(place: &str) -> Option<(&str, &str)> {
    let (host, port) = match place.find(']') {
        Some(end) if place.starts_with('[') => {
            let (host, rest) = place.split_at(end + 1);
            (host, if rest.is_empty() { "" } else { rest.strip_prefix(':')? })
        }
        _ => place.split_once(':').unwrap_or((place, "")),
    };
    (!host.is_empty() && host != "[]" && !port.contains(':')).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[test]
    fn addresses_of_servers() {
        for (text, url, port) in [
            ("https://api", "https://api/", 443),
            ("https://api/", "https://api/", 443),
            ("HTTPS://api:6443", "https://api:6443/", 6443),
            ("http://127.0.0.1:8001", "http://127.0.0.1:8001/", 8001),
            ("https://[fd00::1]:6443", "https://[fd00::1]:6443/", 6443),
            ("https://[::1]", "https://[::1]/", 443),
            ("https://rancher/k8s/clusters/c-x", "https://rancher/k8s/clusters/c-x", 443),
            ("https://api:/x/?a=b#c", "https://api/x/", 443),
        ] {
            let server = Server::parse(text, "c").expect(text);
            assert_eq!((server.url.to_string().as_str(), server.port), (url, port), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_way_out() {
        for (text, said, hint) in [
            ("", "cluster `c` has no server", "server: https://HOST:PORT"),
            (
                "127.0.0.1:6443",
                "server `127.0.0.1:6443` of cluster `c` has no scheme",
                "write https://127.0.0.1:6443",
            ),
            ("127.0.0.1", "has no scheme", "write https://127.0.0.1"),
            (
                "//api:6443",
                "server `//api:6443` of cluster `c` has no scheme",
                "write https://api:6443",
            ),
            ("[::1]:6443", "has no scheme", "write https://[::1]:6443"),
            (" https://api", "has no scheme", "write https://api"),
            ("ftp://api", "is not an HTTP address", "write https://HOST:PORT"),
            ("unix:///run/api", "is not an HTTP address", "write https://HOST:PORT"),
            ("https://", "is not an address", "write https://HOST:PORT"),
            ("https://:6443", "is not an address", "write https://HOST:PORT"),
            ("https://fd00::1:6443", "is not an address", "write https://HOST:PORT"),
            ("https://api:99999", "is not an address", "write https://HOST:PORT"),
            ("https://api:0", "is not an address", "write https://HOST:PORT"),
            ("https://a b:6443", "is not an address", "write https://HOST:PORT"),
            ("https://api/a b", "is not an address", "write https://HOST:PORT"),
            ("https://[]:6443", "is not an address", "write https://HOST:PORT"),
        ] {
            let problem = Server::parse(text, "c").expect_err(text);
            assert!(problem.what.contains(said), "{text}: {}", problem.what);
            assert!(problem.hints.join("\n").contains(hint), "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        for text in ["https://u:secret@api", "u:secret@api", "ftp://u:secret@api"] {
            let problem = Server::parse(text, "c").expect_err(text);
            assert!(!format!("{problem:?}").contains("secret"), "{problem:?}");
        }
    }
}
