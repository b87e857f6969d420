//! Connections that do not come about: each says why in words, what to do, and nothing of the client library.

use std::net::TcpListener;

use crate::bed::said;
use crate::endpoints::{Endpoint, Manner, certificate};

fn run(server: &str, more: &str, environment: &[(&str, &str)]) -> String {
    let authority = format!("certificate-authority: '{}'", certificate("authority.pem"));
    let more = if more.contains("certificate-authority") || server.starts_with("http:") {
        more.to_owned()
    } else {
        format!("{authority}, {more}")
    };
    let config = format!(
        "current-context: c\nclusters: [{{name: c, cluster: {{server: '{server}', {more}}}}}]\n\
         contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\nusers: [{{name: u, user: {{token: secret}}}}]\n"
    );
    let said =
        said(&[("config", &config)], environment, &["status", "db", "--request-timeout=400ms"]);
    for sign in [
        "panicked",
        "Error",
        "Some(",
        "secret",
        "ServiceError",
        "hyper",
        "os error",
        "Kind::",
        "buffer",
    ] {
        assert!(!said.contains(sign), "{sign}: {said}");
    }
    said
}

fn says(said: &str, wanted: &[&str]) {
    for text in wanted {
        assert!(said.contains(text), "{text}: {said}");
    }
}

/// A port at which nobody listens.
fn nobody() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

#[test]
fn servers_that_are_not_reached() {
    let port = nobody();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let quiet = silent.local_addr().expect("it is bound").port();
    for (server, words) in [
        (
            format!("https://localhost:{port}"),
            ["WH0410", "connection refused", "check the server address"],
        ),
        (
            "https://no-such-host.invalid".to_owned(),
            ["WH0410", "not known to the DNS", "check the server address"],
        ),
        (format!("https://localhost:{quiet}"), ["WH0410", "no answer within 400 ms", "again"]),
    ] {
        says(&run(&server, "", &[]), &words);
    }
}

#[test]
fn servers_that_are_not_trusted() {
    let tls = |name| format!("https://localhost:{}", Endpoint::tls(name, Manner::Answers).port);
    let stranger = format!("certificate-authority: '{}'", certificate("stranger.pem"));
    for (server, more, words) in [
        (
            tls("server"),
            stranger.as_str(),
            "is signed by an authority that the kubeconfig does not name",
        ),
        (tls("elsewhere"), "", "is for another host than localhost: elsewhere.example.test"),
        (tls("expired"), "", "has expired"),
        (
            tls("server"),
            "tls-server-name: other.example.test",
            "is for another host than other.example.test",
        ),
    ] {
        let said = run(&server, more, &[]);
        says(&said, &["WH0410", "the server's certificate", words, "`certificate-authority`"]);
    }
}

/// A kubeconfig may be somebody else's: what it names is neither waited for nor put into the path of a request.
#[test]
fn pipes_and_namespaces_that_are_none() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).expect("a pipe");
    let authority = format!("certificate-authority: '{}'", pipe.display());
    let said_of_pipe = run("https://localhost:1", &authority, &[]);
    says(&said_of_pipe, &["WH0411", "not a regular file"]);
    for namespace in ["a/../b", "A", "\"a\\u202e\""] {
        let config = format!(
            "current-context: c\nclusters: [{{name: c, cluster: {{server: 'http://localhost:1'}}}}]\n\
             contexts: [{{name: c, context: {{cluster: c, user: u, namespace: {namespace}}}}}]\nusers: [{{name: u}}]\n"
        );
        let said = said(&[("config", &config)], &[], &["list", "--request-timeout=400ms"]);
        says(&said, &["WH0411", "the namespace of context `c`", "is not a namespace"]);
    }
}

#[test]
fn servers_that_speak_something_else() {
    let plain = Endpoint::plain().port;
    says(
        &run(&format!("https://localhost:{plain}"), "", &[]),
        &["WH0410", "does not speak TLS", "http://"],
    );
    let tls = Endpoint::tls("server", Manner::Breaks).port;
    says(&run(&format!("https://localhost:{tls}"), "", &[]), &["WH0410", "the connection"]);
    let anonymous = Endpoint::tls("server", Manner::Anonymous).port;
    let said = run(&format!("https://localhost:{anonymous}"), "", &[]);
    says(&said, &["WH0412", "no credentials were sent", "choose another user"]);
}

#[test]
fn proxies_that_do_not_lead_on() {
    let server = "https://api.example.test:6443";
    let proxy = |status| Endpoint::http_proxy("proxy", [1, 1], status).port;
    let refused = "the proxy refuses to connect to the server";
    for (port, words) in [
        (proxy("407 Proxy Authentication Required"), "wants a user and a password (407)"),
        (proxy("403 Forbidden"), refused),
        (proxy("502 Bad Gateway"), refused),
        (proxy("200 OK"), "the connection"),
        (nobody(), "the proxy: connection refused"),
    ] {
        let url = format!("http://u:secret@127.0.0.1:{port}");
        let shown = format!("http://127.0.0.1:{port} (HTTPS_PROXY)");
        says(&run(server, "", &[("HTTPS_PROXY", &url)]), &["WH0410", words, &shown]);
        let more = format!("proxy-url: '{url}'");
        let shown = format!("http://127.0.0.1:{port} (`proxy-url` of cluster `c`)");
        says(&run(server, &more, &[]), &["WH0410", words, &shown]);
    }
    let url = format!("socks5://127.0.0.1:{}", nobody());
    says(&run(server, "", &[("HTTPS_PROXY", &url)]), &["WH0410", "the proxy", "help: "]);
}
