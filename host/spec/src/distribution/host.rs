//! Names of registries.

/// The host of Docker Hub in references.
pub(crate) const DOCKER_HUB: &str = "docker.io";
/// Other names of Docker Hub that people copy from its configuration.
const HUB_NAMES: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];
/// Most characters of a host name. <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4>
const MAX_NAME: usize = 253;
/// Most characters of one label of it.
const MAX_LABEL: usize = 63;

/// A registry's host with its port, in its canonical form: lower case, without the port of HTTPS. The error says what is
/// wrong.
pub(crate) fn canonical(text: &str) -> Result<String, &'static str> {
    if !text.is_ascii() {
        return Err("the host has letters outside ASCII, which may look like others");
    }
    if text.contains('@') {
        return Err(
            "a reference has no user name: credentials come from the files of docker and podman",
        );
    }
    let text = text.to_ascii_lowercase();
    let (name, port) = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or("`[` has no `]`")?;
        let address: std::net::Ipv6Addr =
            address.parse().map_err(|_| "the host is not an IPv6 address")?;
        let port = match port {
            "" => None,
            _ => Some(port.strip_prefix(':').ok_or("after `]` comes a port")?),
        };
        (format!("[{address}]"), port)
    } else {
        let (name, port) =
            text.split_once(':').map_or((&*text, None), |(name, port)| (name, Some(port)));
        check_name(name)?;
        (name.to_owned(), port)
    };
    let name = if HUB_NAMES.contains(&&*name) { DOCKER_HUB.to_owned() } else { name };
    match port.map(self::port).transpose()? {
        None | Some(443) => Ok(name),
        Some(port) => Ok(format!("{name}:{port}")),
    }
}

fn port(text: &str) -> Result<u16, &'static str> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let port = is_plain.then(|| text.parse().ok()).flatten();
    port.ok_or("a port is a number from 1 to 65535")
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && crate::values::name::is_hyphenated(label.as_bytes(), u8::is_ascii_alphanumeric)
    };
    if name.is_empty() {
        return Err("it names no host");
    }
    if name.len() > MAX_NAME || !name.split('.').all(is_label) {
        return Err("a host has letters, digits, `-` and `.` only");
    }
    // `127.1` and `0x7f.1` are addresses to some resolvers and names to others.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|it| it.is_ascii_digit()) || last.starts_with("0x");
    if is_number && name.parse::<std::net::Ipv4Addr>().is_err() {
        return Err("the host looks like an IPv4 address and is not one");
    }
    Ok(())
}

/// Whether the first part of a reference is a host, as container tools decide it: it has a dot or a port, or is
/// `localhost`.
pub(crate) fn is_host(first: &str) -> bool {
    first.contains(['.', ':']) || first.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn hosts_have_one_spelling() {
        for (text, host) in [
            ("Registry.Example.COM", "registry.example.com"),
            ("registry.example.com:443", "registry.example.com"),
            ("localhost:5000", "localhost:5000"),
            ("127.0.0.1:5000", "127.0.0.1:5000"),
            ("[::0:1]:5000", "[::1]:5000"),
            ("index.docker.io", "docker.io"),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(host), "{text}");
            assert_eq!(canonical(host).as_deref(), Ok(host));
        }
    }

    #[test]
    fn what_resolvers_read_in_different_ways_is_refused() {
        for text in [
            "",
            "a..b",
            ".a.b",
            "a.b.",
            "-a.b",
            "a_b.c",
            "127.1",
            "2130706433:80",
            "0x7f.1",
            "a.b:0",
            "a.b:00443",
            "a.b:65536",
            "a.b:",
            "a.b:80:80",
            "[::1",
            "[::1]x",
            "joe@a.b",
            "\u{430}.example.com",
            "a%2e.b",
        ] {
            assert!(canonical(text).is_err(), "{text}");
        }
    }
}
