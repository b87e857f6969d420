//! Addresses of servers, and proxies in front of them.

use super::{ALICE, CA, Case, config};

/// Servers and environments, each with each.
pub(super) fn proxies() -> Vec<Case> {
    let servers = [
        "https://api.example.test:6443",
        "https://api.example.test",
        "https://240.1.2.3:6443",
        "https://localhost:{TLS}",
        "https://127.0.0.1:{TLS}",
        "http://127.0.0.1:{PLAIN}",
        "http://api.example.test:8080",
    ];
    let environments = [
        "",
        "HTTPS_PROXY=http://127.0.0.1:{A}",
        "https_proxy=http://127.0.0.1:{A}",
        "HTTPS_PROXY=http://127.0.0.1:{A} https_proxy=http://127.0.0.1:{B}",
        "HTTPS_PROXY= https_proxy=http://127.0.0.1:{B}",
        "HTTP_PROXY=http://127.0.0.1:{A}",
        "HTTP_PROXY=http://127.0.0.1:{A} HTTPS_PROXY=http://127.0.0.1:{B}",
        "ALL_PROXY=http://127.0.0.1:{A}",
        "HTTPS_PROXY=127.0.0.1:{A}",
        "HTTPS_PROXY=localhost:{A}",
        "HTTPS_PROXY=socks5://127.0.0.1:{SOCKS}",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=localhost,127.0.0.1",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=.internal,",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=*",
        "HTTPS_PROXY=http://127.0.0.1:{A} no_proxy=*",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=.other.test no_proxy=*",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=example.test",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=.example.test",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=*.example.test",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=EXAMPLE.TEST",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=xample.test",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=.api.example.test",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=api.example.test:6443",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=api.example.test:443",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=240.0.0.0/8",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=240.1.2.3",
        "HTTPS_PROXY=http://127.0.0.1:{A} NO_PROXY=240.1.2.3:443,240.1.2",
        "HTTP_PROXY=http://127.0.0.1:{A} NO_PROXY=api.example.test:80",
    ];
    let mut cases = Vec::new();
    for server in servers {
        for environment in environments {
            let more = if server.starts_with("https") { CA } else { "" };
            let name = format!("server {server}, {environment}");
            let case = Case::new(name, config(server, more, "token: t"));
            let pairs = environment.split(' ').filter_map(|it| it.split_once('='));
            cases.push(pairs.fold(case, |case, (name, value)| case.variable(name, value)));
        }
    }
    cases
}

/// Proxies that a kubeconfig names, and forms of proxies.
pub(super) fn proxy_urls() -> Vec<Case> {
    let named = |server: &str, proxy: &str| {
        config(server, &format!("{CA}, proxy-url: '{proxy}'"), "token: t")
    };
    let far = "https://api.example.test:6443";
    let mut cases = Vec::new();
    for environment in [
        "",
        "NO_PROXY=*",
        "NO_PROXY=.example.test,localhost,127.0.0.1",
        "HTTPS_PROXY=http://127.0.0.1:{B}",
        "HTTPS_PROXY=http://127.0.0.1:{B} NO_PROXY=*",
    ] {
        for server in
            [far, "https://localhost:{TLS}", "https://240.1.2.3:6443", "https://[100::1]:6443"]
        {
            for proxy in ["http://127.0.0.1:{A}", "socks5://127.0.0.1:{SOCKS}"] {
                let name = format!("server {server}, proxy-url {proxy}, {environment}");
                let pairs = environment.split(' ').filter_map(|it| it.split_once('='));
                let case = Case::new(name, named(server, proxy));
                cases.push(pairs.fold(case, |case, (name, value)| case.variable(name, value)));
            }
        }
    }
    for proxy in [
        "http://user:pa%40ss@127.0.0.1:{A}",
        "http://user@127.0.0.1:{A}",
        "https://localhost:{HTTPS}",
        "HTTP://127.0.0.1:{A}/",
        "http://127.0.0.1:{A}/path?query",
        "127.0.0.1:{A}",
        "ftp://127.0.0.1:{A}",
        "socks4://127.0.0.1:{SOCKS}",
        "http://127.0.0.1:port",
    ] {
        cases.push(Case::new(format!("proxy-url {proxy}"), named(far, proxy)));
    }
    let secret = "socks5://user:secret@127.0.0.1:{SOCKS}";
    cases.push(Case::new("proxy-url of SOCKS with a password", named(far, secret)).differs(
        "refused",
        "the client library sends no password to a SOCKS proxy; without it another proxy could be meant",
    ));
    for proxy in [
        "http://user:pw@127.0.0.1:{A}",
        "https://localhost:{HTTPS}",
        "http://127.0.0.1:{A}/",
        "HTTP://127.0.0.1:{A}",
    ] {
        let case = Case::new(format!("HTTPS_PROXY={proxy}"), config(far, CA, "token: t"));
        cases.push(case.variable("HTTPS_PROXY", proxy));
    }
    for (name, server, variable) in [
        ("CGI, plain", "http://api.example.test:8080", "HTTP_PROXY"),
        ("CGI, TLS", far, "HTTPS_PROXY"),
    ] {
        let more = if server == far { CA } else { "" };
        let case = Case::new(name, config(server, more, "token: t"));
        let case =
            case.variable(variable, "http://127.0.0.1:{A}").variable("REQUEST_METHOD", "GET");
        cases.push(case);
    }
    let plain =
        format!("{}, proxy-url: 'http://127.0.0.1:{{A}}'", "insecure-skip-tls-verify: false");
    let case =
        Case::new("proxy-url, plain server", config("http://api.example.test", &plain, "token: t"));
    cases.push(case);
    cases
}

const NO_SCHEME: &str =
    "kubectl speaks plain HTTP then and sends no credentials, which nobody means";

/// Forms of a server's address.
pub(super) fn servers() -> Vec<Case> {
    let with =
        |server: &str| Case::new(format!("server '{server}'"), config(server, CA, "token: t"));
    let mut cases: Vec<_> = [
        "https://localhost:{TLS}/",
        "HTTPS://localhost:{TLS}",
        "https://LOCALHOST:{TLS}",
        "https://localhost:{TLS}/k8s/clusters/c-xyz",
        "https://localhost:{TLS}/k8s/clusters/c-xyz/",
        "https://localhost:{TLS}/k8s?token=x#y",
        "https://local host:1",
        "https://[::1",
        "http://127.0.0.1:{PLAIN}/prefix",
        "http://127.0.0.1:{TLS}",
        "https://localhost:{PLAIN}",
        "//127.0.0.1:{PLAIN}",
        "https://",
    ]
    .into_iter()
    .map(with)
    .collect();
    for server in ["127.0.0.1:{PLAIN}", "localhost:{PLAIN}", "127.0.0.1"] {
        cases.push(with(server).differs("refused", NO_SCHEME));
    }
    for server in [
        "",
        "https://localhost:99999",
        "ht tp://localhost",
        "https://:{TLS}",
        "ftp://127.0.0.1:{PLAIN}",
        "https://user:secret@localhost:{TLS}",
    ] {
        cases.push(
            with(server).differs("refused", "an address that names another place than it seems to"),
        );
    }
    cases
}

/// Users behind proxies.
pub(super) fn combinations() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, user) in
        [("a token", "token: t"), ("a certificate", ALICE), ("another", "token: t, as: jane")]
    {
        for (by, variable, more) in [
            ("HTTPS_PROXY", "http://127.0.0.1:{A}", String::new()),
            ("NO_PROXY", "*", ", proxy-url: 'socks5://127.0.0.1:{SOCKS}'".to_owned()),
            ("NO_PROXY", "example.test", ", proxy-url: 'http://127.0.0.1:{B}'".to_owned()),
        ] {
            let server = "https://api.example.test/k8s/clusters/c-1";
            let text = config(server, &format!("{CA}{more}"), user);
            cases.push(
                Case::new(format!("{name} by {by}={variable}{more}"), text).variable(by, variable),
            );
        }
    }
    cases
}
