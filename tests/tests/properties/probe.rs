//! Probes, and what runs at the start and the end of a container.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::container::merged;
use crate::menu::{Json, either, list, menu, object, only};

fn handler(sleeps: bool) -> Json {
    let port = || {
        menu(
            json!([1, 80, 65_535, "http", "a-b1"]),
            json!([0, -1, 65_536, "", "80", "TOO-LONG-FOR-A-PORT", "a--b"]),
        )
    };
    let header = object(vec![
        ("name", 100, menu(json!(["X-A", "host", "a_b"]), json!(["", "a b", "a:b"]))),
        ("value", 100, only(json!(["", "b"]))),
    ]);
    let http = object(vec![
        ("path", 80, menu(json!(["/", "/healthz?x=1", "healthz"]), json!([""]))),
        ("port", 100, port()),
        ("scheme", 50, menu(json!(["HTTP", "HTTPS"]), json!(["http", "FTP", ""]))),
        ("host", 20, menu(json!(["localhost", "10.0.0.1"]), json!(["", "a b"]))),
        ("httpHeaders", 30, list(header, 2)),
    ]);
    let command = menu(json!([["true"], ["sh", "-c", "a\n---\nb"], [""]]), json!([[]]));
    let mut all = vec![
        http.prop_map(|it| json!({"httpGet": it})).boxed(),
        command.prop_map(|it| json!({"exec": {"command": it}})).boxed(),
        object(vec![("port", 100, port()), ("host", 20, only(json!(["h", ""])))])
            .prop_map(|it| json!({"tcpSocket": it}))
            .boxed(),
        menu(
            json!([{"exec": {"command": ["a"]}}]),
            json!([{}, {"exec": {}}, {"exec": {"command": ["a"]}, "tcpSocket": {"port": 1}}]),
        ),
    ];
    all.push(if sleeps {
        menu(json!([0, 1, 30]), json!([-1, 31, 1_000_000]))
            .prop_map(|it| json!({"sleep": {"seconds": it}}))
            .boxed()
    } else {
        object(vec![
            ("port", 100, menu(json!([1, 65_535]), json!([0, 65_536]))),
            ("service", 40, only(json!(["", "a.b"]))),
        ])
        .prop_map(|it| json!({"grpc": it}))
        .boxed()
    });
    either(all)
}

/// A probe; `threshold` is what its success threshold may be.
pub(crate) fn probe(threshold: Value, grace: u32) -> Json {
    let seconds = || menu(json!([0, 1, 600, i32::MAX]), json!([-1]));
    let settings = object(vec![
        ("initialDelaySeconds", 30, seconds()),
        ("timeoutSeconds", 30, seconds()),
        ("periodSeconds", 30, seconds()),
        ("failureThreshold", 30, seconds()),
        ("successThreshold", 30, menu(threshold, json!([-1, 2]))),
        ("terminationGracePeriodSeconds", grace, menu(json!([1, 30]), json!([0, -1]))),
    ]);
    merged(handler(false), settings)
}

pub(crate) fn lifecycle() -> Json {
    object(vec![
        ("postStart", 50, handler(true)),
        ("preStop", 70, handler(true)),
        ("stopSignal", 2, only(json!(["SIGTERM", "SIGUSR1", "TERM"]))),
    ])
}
