//! No planted secret is in anything that is shown, and what is none is.

use std::fmt::Write as _;

use wellhead_tests::guest::{Edit, Guest, Manner};

use crate::context::{Context, output};

/// Values of variables with ordinary names, arguments, and annotations; each has the planted word.
const LOOKS: &[&str] = &[
    "postgres://u:hunter2@h/db",
    "Server=x;User Id=u;Password=hunter2;Encrypt=true",
    "jdbc:postgresql://h/db?user=u&password=hunter2",
    "u:hunter2@tcp(h:3306)/db",
    "--password=hunter2",
    "--api-key hunter2",
    "curl -H 'Authorization: Bearer hunter2' http://h",
    "Basic hunter2Hunter2",
    "X-Api-Key: hunter2",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2",
    "AKIAHUNTER2EXAMPLE00",
    "ghp_hunter2hunter2hunter2hunter2hunter2h",
    "xoxb-123456789012-hunter2hunter2",
    "sk_live_hunter2hunter2",
    "-----BEGIN EC PRIVATE KEY-----hunter2-----END EC PRIVATE KEY-----",
    r#"{"database": {"password": "hunter2"}}"#,
    r#"[{"name": "DB_PASSWORD", "value": "hunter2"}]"#,
];
/// Names of variables, headers and annotations whose values are hidden.
const NAMES: &[&str] = &[
    "AUTHORIZATION",
    "PASSPHRASE",
    "COOKIE",
    "DB_PASSWORD",
    "X-Api-Key",
    "awsSecretKey",
    "GITHUB_TOKEN",
    "MYSQL_PWD",
];
/// What is shown: a name and a value.
const SHOWN: &[(&str, &str)] = &[
    ("LEVEL", "debug-shown"),
    ("DB_PASSWORD_FILE", "/run/shown"),
    ("TOKEN_TTL", "1h-shown"),
    ("URL", "http://shown:80/a:b@c"),
    ("PASSWORD_FROM", "$(DB_PASSWORD)"),
];

fn pipeline() -> String {
    let mut text = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata:\n  name: db\n  annotations:\n".to_owned();
    let quoted = |value: &str| format!("'{}'", value.replace('\'', "''"));
    for (index, value) in LOOKS.iter().enumerate() {
        let _ = writeln!(text, "    looks-{index}: {}", quoted(value));
    }
    for name in NAMES {
        let _ = writeln!(text, "    {name}: hunter2");
    }
    text += "spec:\n  containers:\n  - name: db\n    image: postgres:17\n    args:\n    - --password\n    - hunter2\n";
    for value in LOOKS {
        let _ = writeln!(text, "    - {}", quoted(value));
    }
    text += "    env:\n";
    for (index, value) in LOOKS.iter().enumerate() {
        let _ = writeln!(text, "    - {{name: LOOKS_{index}, value: {}}}", quoted(value));
    }
    for name in NAMES {
        let _ = writeln!(text, "    - {{name: {name}, value: hunter2}}");
    }
    for (name, value) in SHOWN {
        let _ = writeln!(text, "    - {{name: {name}, value: {}}}", quoted(value));
    }
    text += "    livenessProbe:\n      httpGet:\n        port: 80\n        httpHeaders:\n";
    for name in NAMES {
        let _ = writeln!(text, "        - {{name: {}, value: hunter2}}", name.replace('_', "-"));
    }
    text + "  volumes:\n  - {name: a, secret: {secretName: password-shown}}\n  \
            - {name: b, flexVolume: {driver: a/b, options: {password: hunter2}}}\n"
}

fn assert_hidden(what: &str, text: &str) {
    let lower = text.to_lowercase();
    let at =
        lower.find("hunter2").map(|at| &lower[at.saturating_sub(200)..(at + 40).min(lower.len())]);
    assert_eq!(at, None, "{what}");
}

#[test]
fn what_is_asked_for_has_no_planted_secret() {
    let context = Context::new();
    context.write("db.yaml", pipeline());
    let rendered = context.run(&["render", "-f", "db.yaml", "--provenance", "record.json"]);
    assert!(rendered.starts_with("exit code: 0"), "{rendered}");
    assert!(rendered.contains("hunter2"), "objects are never masked");
    let record = std::fs::read_to_string(context.path("record.json")).expect("it was written");
    let explain = |more: &[&str]| context.run(&[&["explain"], more].concat());
    for (what, text) in [
        ("the record", record),
        ("explain", explain(&["-f", "db.yaml"])),
        ("explain -o json", explain(&["-f", "db.yaml", "-o", "json"])),
        ("explain --from", explain(&["--from", "record.json"])),
    ] {
        assert_hidden(what, &text);
        for (name, value) in SHOWN.iter().chain(&[("secretName", "password-shown")]) {
            assert!(text.contains(value), "{what} shows {name}: {text}");
        }
    }
}

#[test]
fn what_plugins_do_and_what_stops_them_has_no_planted_secret() {
    let probe = |word: &str| {
        format!(
            r#"{{"httpGet":{{"port":80,"httpHeaders":[{{"name":"Cookie","value":"{word}"}}]}}}}"#
        )
    };
    let makes = |word: &str| {
        let edits = [
            Edit::container("set-args").texts(&[
                "-c",
                "--password",
                word,
                &format!("--token={word}"),
            ]),
            Edit::container("set-liveness-probe").some(probe(word)),
        ];
        Guest::makes(&edits, Manner::Stubborn)
    };
    let (one, two) = (makes("hunter2-one"), makes("hunter2-two"));
    let grants = r#"grants: ["**"]"#;
    for trial in [&[grants][..], &[grants, "audit: true"]] {
        let context = Context::with_guests(&[("one", &one, &[grants]), ("two", &two, trial)]);
        context.write("db.yaml", pipeline());
        let arguments = ["render", "-f", "db.yaml", "-c", "team.yaml", "--trace"];
        let said = output(&mut context.command(&arguments)).stderr;
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(said.contains("two"), "{said}");
        assert_hidden("messages and trace", &said);
    }
}

/// The line that an error points at is shown, and not when it has a secret in it.
#[test]
fn no_line_of_a_file_that_is_shown_has_a_secret() {
    let context = Context::with_pipeline();
    let head = "apiVersion: wellhead.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: db}\nspec:\n  containers:\n  \
                - name: db\n    image: postgres:17\n    env:\n";
    for env in [
        "    - {name: DB_PASSWORD, value: hunter2, valu: x}\n",
        "    - name: DB_PASSWORD\n      value: [hunter2]\n",
        "    - value: [hunter2]\n      name: DB_PASSWORD\n",
        "    - {name: URL, value: 'postgres://u:hunter2@h/db', valu: x}\n",
        "    args: [--password=hunter2, {}]\n",
        "    - name: DB_PASSWORD\n      # of the database\n\n      value: [hunter2]\n",
        "    - value: [hunter2]\n      # of the database\n      name: DB_PASSWORD\n",
        "    - name: DB_PASSWORD\n      value:\n        [hunter2]\n",
        "    - name: DB_PASSWORD\n      valueFrom: {}\n      value: [hunter2]\n",
        "    - name: DB_PASSWORD\n      valu: hunter2\n",
        "    - name: DB_PASSWORD\n      value: x\n      value: hunter2\n",
        "    - name: DB_PASSWORD\n      value: 'a\n\n        hunter2' x\n",
        "    args: [--password, [hunter2]]\n",
        "    args:\n    - --password\n    # of the database\n    - [hunter2]\n",
        "    livenessProbe:\n      httpGet:\n        port: 80\n        httpHeaders:\n        - name: Authorization\n          \
         # it\n          value: [hunter2]\n",
    ] {
        context.write("db.yaml", format!("{head}{env}"));
        let shown = context.run(&["render", "-f", "db.yaml"]);
        assert!(shown.starts_with("exit code: 1"), "{shown}");
        assert!(shown.contains("--> db.yaml:"), "{shown}");
        assert_hidden(env, &shown);
    }
}
