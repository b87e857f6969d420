//! Which proxy a server is reached through, by the rules of kubectl: `proxy-url` of the kubeconfig for that cluster
//! always, else what the environment says. <https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>

use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery};
use wellhead_diagnostics::Code;

use super::server::Server;
use super::world::World;
use crate::model::error::Problem;

/// A proxy to go through.
#[derive(Debug)]
pub(super) struct Proxy {
    /// With its port, and its user and password where it has them.
    pub(super) url: Uri,
    /// Where the address comes from, for messages.
    pub(super) from: String,
}

impl Proxy {
    /// The address without user and password.
    pub(super) fn address(&self) -> String {
        let authority = self.url.authority().map_or("", Authority::as_str);
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        format!("{}://{place}", self.url.scheme_str().unwrap_or("http"))
    }
}

/// The proxy for a server. `proxy_url` is that of the kubeconfig's cluster.
pub(super) fn choose(
    server: &Server,
    cluster: &str,
    proxy_url: &str,
    world: &World<'_>,
) -> Result<Option<Proxy>, Problem> {
    if !proxy_url.is_empty() {
        let from = format!("`proxy-url` of cluster `{cluster}`");
        return parse(proxy_url).map(|url| Some(Proxy { url, from: from.clone() })).map_err(
            |why| unusable(&from, why, "write it as `http://HOST:PORT` into the kubeconfig"),
        );
    }
    let names =
        if server.is_tls() { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let Some((from, value)) = first(names, world) else { return Ok(None) };
    let no_proxy = first(["NO_PROXY", "no_proxy"], world).map(|(_, value)| value);
    if !server.is_tls() && first(["REQUEST_METHOD"; 2], world).is_some() {
        // A client of a CGI program sets HTTP_PROXY with the header `Proxy`. https://httpoxy.org
        return Err(Problem::new(
            Code::NoClusterConfig,
            format!("{from} is not used in a CGI program"),
        )
        .why("REQUEST_METHOD is set, so the sender of an HTTP request may have set it")
        .hint("write `proxy-url` into the cluster's entry of the kubeconfig"));
    }
    if is_direct(&server.host, server.port, no_proxy.as_deref().unwrap_or_default()) {
        return Ok(None);
    }
    let url = match parse(&value) {
        // `proxy.example:3128` and `localhost:3128` are meant, too.
        Err(Fault::NoUrl) => parse(&format!("http://{value}")),
        parsed => parsed,
    };
    let hint = format!("write it as {from}=http://HOST:PORT");
    url.map(|url| Some(Proxy { url, from: from.clone() }))
        .map_err(|why| unusable(&from, why, &hint))
}

/// The first variable that has a value.
fn first(names: [&str; 2], world: &World<'_>) -> Option<(String, String)> {
    let value = |name: &str| (world.variable)(name).filter(|value| !value.is_empty());
    names.into_iter().find_map(|name| Some((name.to_owned(), value(name)?)))
}

/// What is wrong with the address of a proxy. It is never quoted, as it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    NoUrl,
    Scheme,
    Port,
    SocksPassword,
}

fn unusable(from: &str, fault: Fault, hint: &str) -> Problem {
    let why = match fault {
        Fault::NoUrl => "it is not a URL with a host",
        Fault::Scheme => "its scheme is not `http`, `https` or `socks5`",
        Fault::Port => "its port is not between 1 and 65535",
        Fault::SocksPassword => {
            "it has a user and a password, which are sent to `http` and `https` proxies only"
        }
    };
    Problem::new(Code::NoClusterConfig, format!("{from} is not a usable proxy")).why(why).hint(hint)
}

fn parse(text: &str) -> Result<Uri, Fault> {
    let (scheme, rest) = text.split_once("://").ok_or(Fault::NoUrl)?;
    let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => ("http", 80),
        "https" => ("https", 443),
        "socks5" | "socks5h" => ("socks5", 1080),
        _ => return Err(Fault::Scheme),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, place) =
        authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    if scheme == "socks5" && user.is_some_and(|it| !it.is_empty()) {
        return Err(Fault::SocksPassword);
    }
    let (host, given) = super::server::split(place).ok_or(Fault::NoUrl)?;
    let port = match given {
        "" => port,
        given => given.parse::<u16>().ok().filter(|it| *it != 0).ok_or(Fault::Port)?,
    };
    // A user without a password has an empty one.
    let user = user.map(|it| if it.contains(':') { format!("{it}@") } else { format!("{it}:@") });
    let user = user.unwrap_or_default();
    let authority: Authority = format!("{user}{host}:{port}").parse().map_err(|_| Fault::NoUrl)?;
    Uri::builder()
        .scheme(scheme)
        .authority(authority)
        .path_and_query(PathAndQuery::from_static("/"))
        .build()
        .map_err(|_| Fault::NoUrl)
}

/// Whether a host is reached without the proxy of the environment: this machine always, and what `NO_PROXY` lists.
fn is_direct(host: &str, port: u16, no_proxy: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok().map(plain);
    host == "localhost"
        || address.is_some_and(|it| it.is_loopback())
        || no_proxy.split(',').any(|entry| {
            let entry = entry.trim().to_ascii_lowercase();
            entry == "*" || covers(&entry, &host, address, port)
        })
}

/// Whether an entry of `NO_PROXY` means a host.
fn covers(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u8>())
    {
        return address.is_some_and(|address| contains(network, bits, address));
    }
    let (name, wanted) = super::server::split(entry).unwrap_or((entry, ""));
    let port_fits = wanted.is_empty() || wanted.parse() == Ok(port);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(listed) = name.parse::<IpAddr>() {
        return port_fits && address == Some(plain(listed));
    }
    if address.is_some() || name.is_empty() {
        return false;
    }
    let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
    let matches = match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    };
    matches && port_fits
}

/// An IPv4 address that is written as an IPv6 one is that address.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    /// The first bits of a number that is `width` bits wide.
    fn head(value: u128, width: u8, bits: u8) -> Option<u128> {
        (bits <= width).then(|| value.checked_shr(u32::from(width - bits)).unwrap_or(0))
    }
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u128::from(network.to_bits()), u128::from(address.to_bits()), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    head(network, width, bits).is_some_and(|it| Some(it) == head(address, width, bits))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Proxy, is_direct, parse};

    #[test]
    fn loopback_and_listed_hosts_are_reached_directly() {
        for (host, port, list) in [
            ("localhost", 6443, ""),
            ("127.0.0.1", 6443, ""),
            ("127.8.8.8", 6443, ""),
            ("[::1]", 6443, ""),
            ("api.corp.example", 443, "10.0.0.1, corp.example"),
            ("corp.example", 443, "corp.example"),
            ("API.corp.example", 443, ".Corp.example,"),
            ("api.corp.example", 443, "*.corp.example"),
            ("api.corp.example", 6443, "corp.example:6443"),
            ("10.0.0.1", 443, "10.0.0.1"),
            ("10.0.0.1", 6443, "10.0.0.1:6443"),
            ("10.1.2.3", 443, "10.0.0.0/8"),
            ("10.1.2.3", 443, "0.0.0.0/0"),
            ("[fd00::1]", 443, "fd00::/8"),
            ("[fd00::1]", 443, "fd00::1"),
            ("[fd00::1]", 6443, "[fd00::1]:6443"),
            ("anything", 443, " , * "),
        ] {
            assert!(is_direct(host, port, list), "{host}:{port} of {list:?}");
        }
    }

    #[test]
    fn other_hosts_go_through_the_proxy() {
        for (host, port, list) in [
            ("api.example", 443, ""),
            ("api.example", 443, ",,"),
            ("notcorp.example", 443, "corp.example"),
            ("corp.example", 443, ".corp.example"),
            ("corp.example", 443, "*.corp.example"),
            ("api.corp.example", 443, "corp.example:6443"),
            ("10.0.0.1", 443, "10.0.0.1:6443"),
            ("11.0.0.1", 443, "10.0.0.0/8"),
            ("10.0.0.1", 443, "10.0.0.0/99"),
            ("10.0.0.1", 443, "0.0.1"),
            ("api.example", 443, ":443"),
            ("[fd00::1]", 443, "fe00::/8"),
        ] {
            assert!(!is_direct(host, port, list), "{host}:{port} of {list:?}");
        }
    }

    #[test]
    fn an_address_gets_its_port_and_is_shown_without_its_password() {
        for (text, url, shown) in [
            ("http://proxy", "http://proxy:80/", "http://proxy:80"),
            ("HTTPS://Proxy/x", "https://Proxy:443/", "https://Proxy:443"),
            ("socks5h://[::1]", "socks5://[::1]:1080/", "socks5://[::1]:1080"),
            ("http://u:p%40ss@proxy:3128", "http://u:p%40ss@proxy:3128/", "http://proxy:3128"),
        ] {
            let proxy = Proxy { url: parse(text).expect(text), from: String::new() };
            assert_eq!(proxy.url.to_string(), url);
            assert_eq!(proxy.address(), shown);
        }
    }

    #[test]
    fn what_is_no_proxy_is_told_apart() {
        for (text, fault) in [
            ("proxy:3128", Fault::NoUrl),
            ("http://", Fault::NoUrl),
            ("http://a b", Fault::NoUrl),
            ("ftp://proxy", Fault::Scheme),
            ("http://proxy:99999", Fault::Port),
            ("socks5://user:secret@proxy", Fault::SocksPassword),
        ] {
            assert_eq!(parse(text).expect_err(text), fault, "{text}");
        }
    }
}
