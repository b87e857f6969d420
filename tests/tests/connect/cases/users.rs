//! Users of a kubeconfig.

use super::{ALICE, CA, Case, config};

/// Users without a helper, or with one that cannot be used.
fn without_helpers() -> Vec<(&'static str, String)> {
    [
        ("token", "token: t"),
        ("token and tokenFile", "token: t, tokenFile: token"),
        ("tokenFile", "tokenFile: token"),
        ("tokenFile that is not there", "tokenFile: nothing"),
        ("tokenFile of a blank", "tokenFile: blank"),
        ("empty token", "token: ''"),
        ("null token", "token: null"),
        ("number as token", "token: 12345"),
        ("yes as token", "token: true"),
        ("token with a line break", "token: \"a\\nb\""),
        ("nothing", ""),
        ("username and password", "username: admin, password: pw"),
        ("username", "username: admin"),
        ("password", "password: pw"),
        ("username and token", "username: admin, password: pw, token: t"),
        ("username and tokenFile", "username: admin, password: pw, tokenFile: token"),
        ("certificate", ALICE),
        ("certificate and token", "TOKEN"),
        ("certificate and username", "NAME"),
        ("certificate without key", "client-certificate: '{CERTS}alice.pem'"),
        ("key without certificate", "client-key: '{CERTS}alice.key'"),
        ("certificate that is not there", "client-certificate: nothing, client-key: '{CERTS}alice.key'"),
        ("key of another", "client-certificate: '{CERTS}alice.pem', client-key: '{CERTS}bob.key'"),
        ("certificate that is none", "client-certificate: token, client-key: '{CERTS}alice.key'"),
        ("certificate of bad base64", "client-certificate-data: '%%%', client-key: '{CERTS}alice.key'"),
        ("certificate twice", "client-certificate-data: YQ==, client-certificate: token, client-key: token"),
        ("impersonate", "token: t, as: jane"),
        ("impersonate all", "token: t, as: jane, as-uid: '7', as-groups: [dev, 'ops team'], as-user-extra: {a: [x, y], b/c: [z]}"),
        ("impersonate groups only", "token: t, as-groups: [dev]"),
        ("impersonate uid only", "token: t, as-uid: '7'"),
        ("impersonate without credentials", "as: jane"),
        ("auth-provider gcp", "auth-provider: {name: gcp, config: {access-token: t}}"),
        ("auth-provider azure", "auth-provider: {name: azure}"),
        ("auth-provider of nobody", "auth-provider: {name: nobody}"),
        ("auth-provider and token", "token: t, auth-provider: {name: gcp}"),
        ("auth-provider and exec", "auth-provider: {name: oidc}, exec: {command: sh}"),
        ("unknown field", "token: t, tokn: x"),
        ("exec without version", "exec: {command: sh, interactiveMode: Never}"),
        ("exec alpha", "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: sh, interactiveMode: Never}"),
        ("exec without mode", "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh}"),
        ("exec of another mode", "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: never}"),
    ]
    .into_iter()
    .map(|(name, user)| match user {
        "TOKEN" => (name, format!("{ALICE}, token: t")),
        "NAME" => (name, format!("{ALICE}, username: admin, password: pw")),
        user => (name, user.to_owned()),
    })
    .collect()
}

/// Users with a helper.
fn with_a_helper() -> [(&'static str, String); 20] {
    let exec = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never";
    let beta = "apiVersion: client.authentication.k8s.io/v1beta1";
    let helper = |more: &str| format!("exec: {{{exec}, {more}}}");
    [
        ("exec", helper("command: ./helper")),
        (
            "exec beta",
            format!("exec: {{{beta}, command: ./helper, env: [{{name: BETA, value: '1'}}]}}"),
        ),
        ("exec of PATH", helper("command: sh, args: ['{DIR}/helper']")),
        (
            "exec with a variable",
            helper("command: ./helper, env: [{name: TOKEN, value: from-env}]"),
        ),
        (
            "exec with a variable twice",
            helper("command: ./helper, env: [{name: TOKEN, value: a}, {name: TOKEN, value: b}]"),
        ),
        ("exec with an argument", helper("command: ./helper, args: [from-argument]")),
        ("exec that fails", helper("command: 'false'")),
        ("exec that is not there", helper("command: no-such-helper")),
        ("exec without command", helper("installHint: x")),
        ("exec with an empty name", helper("command: ./helper, env: [{name: '', value: x}]")),
        ("exec that prints nothing", helper("command: 'true'")),
        ("exec that prints no JSON", helper("command: echo, args: [secret]")),
        (
            "exec of another version",
            format!("exec: {{{beta}, command: ./helper, interactiveMode: Never}}"),
        ),
        ("exec without status", helper("command: ./helper, env: [{name: STATUS, value: '{}'}]")),
        ("exec with a certificate", helper("command: ./certificate")),
        (
            "exec with half a certificate",
            helper("command: ./helper, env: [{name: STATUS, value: '{\"clientKeyData\":\"x\"}'}]"),
        ),
        ("exec with cluster info", helper("command: ./cluster, provideClusterInfo: true")),
        (
            "exec that wants a terminal",
            format!("exec: {{{}, command: ./helper}}", exec.replace("Never", "Always")),
        ),
        ("exec beside a token", format!("token: t, {}", helper("command: ./helper"))),
        ("exec beside a certificate", format!("{ALICE}, {}", helper("command: ./helper"))),
    ]
}

/// Users, at a server with TLS and at one without.
pub(super) fn users() -> Vec<Case> {
    let users = without_helpers().into_iter().chain(with_a_helper());
    let users: Vec<_> = users.collect();
    let mut cases = Vec::new();
    for (name, user) in &users {
        for (server, more) in [("https://localhost:{TLS}", CA), ("http://127.0.0.1:{PLAIN}", "")] {
            let case = Case::new(format!("user of {name}, {server}"), config(server, more, user));
            let mut case = with_helpers(case).file("token", "from-file\n").file("blank", " \n");
            case.differs = user_difference(name, server.starts_with("https"));
            cases.push(case);
        }
    }
    cases
}

/// What Wellhead does otherwise with a user.
fn user_difference(name: &str, is_tls: bool) -> Option<(&'static str, &'static str)> {
    let too_old = "a helper that cannot be used is refused with and without TLS";
    (name == "exec alpha" && !is_tls).then_some(("refused", too_old))
}

/// Programs that print credentials.
fn with_helpers(case: Case) -> Case {
    let print = "#!/bin/sh\n\
        version=v1; test -z \"$BETA\" || version=v1beta1\n\
        token=${1:-${TOKEN:-from-helper}}\n\
        test -n \"$STATUS\" || STATUS=\"{\\\"token\\\":\\\"$token\\\"}\"\n\
        printf '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/%s\",\"status\":%s}' \"$version\" \"$STATUS\"\n";
    let certificate = "#!/bin/sh\n\
        text() { sed ':a;N;$!ba;s/\\n/\\\\n/g' \"$1\"; }\n\
        printf '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientCertificateData\":\"%s\",\"clientKeyData\":\"%s\"}}' \
        \"$(text '{CERTS}bob.pem')\" \"$(text '{CERTS}bob.key')\" | sed 's/\\\\\\\\n/\\\\n/g'\n";
    let cluster = "#!/bin/sh\n\
        server=$(printf %s \"$KUBERNETES_EXEC_INFO\" | sed 's/.*\"server\":\"\\([^\"]*\\)\".*/\\1/')\n\
        printf '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"for-%s\"}}' \"$server\"\n";
    case.file("helper", print).file("certificate", certificate).file("cluster", cluster)
}
