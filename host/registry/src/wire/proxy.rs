//! Which proxy leads to a host, by the rules that curl, Go and kubectl have in common.
//! <https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>

use std::fmt;
use std::net::IpAddr;

use super::origin::Origin;

/// The proxies of the environment.
#[derive(Clone, Default)]
pub struct Proxies {
    https: Option<String>,
    http: Option<String>,
    direct: Vec<String>,
}

impl fmt::Debug for Proxies {
    /// Without the addresses, which may have passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").field("direct", &self.direct).finish_non_exhaustive()
    }
}

impl Proxies {
    /// What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&str; 2]| {
            names.into_iter().find_map(|name| variable(name).filter(|it| !it.is_empty()))
        };
        let direct = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
        Self {
            https: first(["HTTPS_PROXY", "https_proxy"]),
            http: first(["HTTP_PROXY", "http_proxy"]),
            direct: direct.split(',').map(|it| it.trim().to_ascii_lowercase()).collect(),
        }
    }

    /// The proxy of a host. This machine is reached without one.
    pub(crate) fn to(&self, origin: &Origin) -> Option<String> {
        let proxy = if origin.tls { &self.https } else { &self.http };
        let proxy = proxy.as_ref().filter(|_| !self.is_direct(origin))?;
        let has_scheme = proxy.contains("://");
        Some(if has_scheme { proxy.clone() } else { format!("http://{proxy}") })
    }

    fn is_direct(&self, origin: &Origin) -> bool {
        let host = origin.host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<IpAddr> = host.parse().ok();
        origin.is_local()
            || self.direct.iter().any(|it| it == "*" || covers(it, host, address, origin.port))
    }
}

/// Whether an entry of `NO_PROXY` means a host.
fn covers(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>())
    {
        return address.is_some_and(|address| contains(network, bits, address));
    }
    let wanted = Origin::of(entry, true);
    let has_port =
        entry.rsplit_once(':').is_some_and(|it| it.1.parse::<u16>().is_ok() && !it.0.contains(':'));
    let name = if has_port { &*wanted.host } else { entry };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let name = name.strip_prefix("*.").unwrap_or(name);
    let port_fits = !has_port || wanted.port == port;
    if let Ok(wanted) = name.parse::<IpAddr>() {
        return port_fits && address == Some(wanted);
    }
    let domain = name.trim_start_matches('.');
    let below = host.strip_suffix(domain).is_some_and(|it| it.ends_with('.'));
    port_fits && !domain.is_empty() && (below || host == domain && !name.starts_with('.'))
}

fn contains(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) if bits <= 32 => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= bits
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if bits <= 128 => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= bits
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(variables: &[(&str, &str)], host: &str, tls: bool) -> Option<String> {
        let value = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        Proxies::of(value).to(&Origin::of(host, tls))
    }

    #[test]
    fn the_scheme_of_the_registry_chooses_its_proxy() {
        let both = [("HTTPS_PROXY", "p:1"), ("http_proxy", "http://q:2"), ("ALL_PROXY", "r:3")];
        assert_eq!(to(&both, "a.b", true).as_deref(), Some("http://p:1"));
        assert_eq!(to(&both, "a.b", false).as_deref(), Some("http://q:2"));
        assert_eq!(to(&both[1..], "a.b", true), None);
        for host in ["localhost:5000", "127.0.0.1", "[::1]:5000"] {
            assert_eq!(to(&both, host, true), None, "{host}");
        }
    }

    #[test]
    fn hosts_that_no_proxy_leads_to_are_reached_directly() {
        for (entry, host, direct) in [
            ("*", "a.b", true),
            ("a.b", "a.b", true),
            ("a.b", "x.a.b", true),
            (".a.b", "x.a.b", true),
            ("*.a.b", "x.a.b", true),
            (".a.b", "a.b", false),
            ("a.b", "xa.b", false),
            ("a.b:443", "a.b", true),
            ("a.b:444", "a.b", false),
            ("x, A.B", "a.b", true),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("fd00::/8", "[fd00::1]", true),
            ("10.1.2.3", "10.1.2.3:5000", true),
            ("", "a.b", false),
        ] {
            let variables = [("HTTPS_PROXY", "p:1"), ("NO_PROXY", entry)];
            assert_eq!(to(&variables, host, true).is_none(), direct, "{entry} {host}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let proxies = Proxies::of(|_| Some("http://joe:secret@p:1".to_owned()));
        assert!(!format!("{:?}", Proxies { direct: Vec::new(), ..proxies }).contains("secret"));
    }
}
