//! Kubeconfigs, environments and options, combined. `{TLS}`, `{A}` and so on are ports of the doubles, `{DIR}` is the
//! case's folder.

mod network;
mod users;

/// One thing to try.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) arguments: Vec<String>,
    /// What Wellhead does instead of what kubectl does, and why.
    pub(crate) differs: Option<(&'static str, &'static str)>,
}

impl Case {
    fn new(name: impl Into<String>, config: impl Into<Vec<u8>>) -> Self {
        let files = vec![("config".to_owned(), config.into())];
        let (environment, arguments) = (Vec::new(), Vec::new());
        Self { name: name.into(), files, environment, arguments, differs: None }
    }

    fn file(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.retain(|(it, _)| it != name);
        self.files.push((name.to_owned(), content.into()));
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn arguments(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// Wellhead's outcome and why it is not kubectl's.
    fn differs(mut self, outcome: &'static str, why: &'static str) -> Self {
        self.differs = Some((outcome, why));
        self
    }
}

const CA: &str = "certificate-authority: '{CERTS}authority.pem'";
const ALICE: &str = "client-certificate: '{CERTS}alice.pem', client-key: '{CERTS}alice.key'";

/// A kubeconfig with one context.
fn config(server: &str, more: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
         clusters: [{{name: c, cluster: {{server: '{server}', {more}}}}}]\n\
         contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         users: [{{name: u, user: {{{user}}}}}]\n"
    )
}

fn local(user: &str) -> String {
    config("https://localhost:{TLS}", CA, user)
}

/// All cases.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = network::proxies();
    cases.extend(network::proxy_urls());
    cases.extend(users::users());
    cases.extend(network::servers());
    cases.extend(clusters());
    cases.extend(files());
    cases.extend(texts());
    cases.extend(options());
    cases.extend(network::combinations());
    cases
}

/// How a server is recognized.
fn clusters() -> Vec<Case> {
    let server = "https://localhost:{TLS}";
    let with = |name: &str, more: &str| {
        Case::new(format!("cluster with {name}"), config(server, more, "token: t"))
    };
    let authority =
        std::fs::read(crate::endpoints::certificate("authority.pem")).expect("it is there");
    let data = base64(&authority);
    let wrapped: String =
        data.as_bytes().chunks(76).map(|it| String::from_utf8_lossy(it) + "\n      ").collect();
    let block = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: c\n  cluster:\n    server: {server}\n    \
         certificate-authority-data: |\n      {wrapped}\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         users: [{{name: u, user: {{token: t}}}}]\n"
    );
    let two = [
        b"text\n".as_slice(),
        &std::fs::read(crate::endpoints::certificate("stranger.pem")).expect("it is there"),
        &authority,
    ]
    .concat();
    vec![
        with("no authority", ""),
        with("a strange authority", "certificate-authority: '{CERTS}stranger.pem'"),
        with("an authority in base64", &format!("certificate-authority-data: {data}")),
        Case::new("cluster with an authority in lines of base64", block),
        with("a relative authority", "certificate-authority: ca/two.pem").file("ca/two.pem", two),
        with("an authority that is not there", "certificate-authority: nothing.pem"),
        with("an authority that is none", "certificate-authority: config"),
        with("an authority of bad base64", "certificate-authority-data: '%%%'"),
        with("an authority of no PEM", "certificate-authority-data: aGVsbG8="),
        with(
            "an empty authority",
            "certificate-authority-data: '', insecure-skip-tls-verify: true",
        ),
        with("an authority twice", &format!("{CA}, certificate-authority-data: {data}")),
        with("no check", "insecure-skip-tls-verify: true"),
        with("no check, in YAML 1.1", "insecure-skip-tls-verify: yes"),
        with("no check, as text", "insecure-skip-tls-verify: 'true'")
            .differs("tls as Bearer t", "a quoted boolean says as much"),
        with("a check and no check", &format!("{CA}, insecure-skip-tls-verify: true")),
        with("another name", &format!("{CA}, tls-server-name: api.example.test")),
        with("an address as name", &format!("{CA}, tls-server-name: 127.0.0.1")),
        with("a wrong name", &format!("{CA}, tls-server-name: elsewhere.example.test")),
        with("compression off", &format!("{CA}, disable-compression: true")),
        with("nulls", &format!("{CA}, proxy-url: null, tls-server-name: null, extensions: null")),
    ]
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let value = chunk.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let at = (value >> (18 - 6 * digit)) & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[at as usize]) } else { '=' });
        }
    }
    text
}

/// A part of a kubeconfig.
fn part(current: &str, name: &str, server: &str, user: &str) -> String {
    format!(
        "current-context: {current}\n\
         clusters: [{{name: {name}, cluster: {{server: '{server}', {CA}}}}}]\n\
         contexts: [{{name: {name}, context: {{cluster: {name}, user: {name}}}}}]\n\
         users: [{{name: {name}, user: {{token: {user}}}}}]\n"
    )
}

/// Several files.
fn files() -> Vec<Case> {
    let tls = "https://localhost:{TLS}";
    let list = |name: &str, list: &str| {
        let case = Case::new(format!("files: {name}"), local("token: first"));
        case.file("second", part("second", "second", tls, "second"))
            .file("empty", "")
            .file("none", "apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null\npreferences: {}\ncurrent-context: \"\"\n")
            .file("again", local("token: again"))
            .file("broken", "clusters: [")
            .file("folder/part", "users: [{name: u, user: {tokenFile: token}}]\n")
            .file("folder/token", "in-folder")
            .variable("KUBECONFIG", list)
    };
    let nothing = "kubectl goes to localhost:8080, or in a pod to its cluster, when the files that were asked for are not there";
    vec![
        list("one", "{DIR}/config"),
        list("relative", "config"),
        list("missing first", "/nonexistent/config:{DIR}/config"),
        list("missing last", "{DIR}/config:/nonexistent/config"),
        list("without a context first", "{DIR}/none:{DIR}/config"),
        list("without a context last", "{DIR}/config:{DIR}/none"),
        list("empty first", "{DIR}/empty:{DIR}/config"),
        list("empty entries", ":{DIR}/config::"),
        list("first context wins", "{DIR}/config:{DIR}/second"),
        list("first context wins, the other way", "{DIR}/second:{DIR}/config"),
        list("first user wins", "{DIR}/again:{DIR}/config"),
        list("first user wins, by a part", "{DIR}/folder/part:{DIR}/config"),
        list("the same twice", "{DIR}/config:{DIR}/config"),
        list("broken last", "{DIR}/config:{DIR}/broken"),
        list("a folder", "{DIR}/folder"),
        list("other context", "{DIR}/config:{DIR}/second").arguments("--context second"),
        list("option over variable", "{DIR}/config").arguments("--kubeconfig second"),
        list("option that is not there", "{DIR}/config").arguments("--kubeconfig nothing"),
        list("all missing", "/nonexistent/config:/nonexistent/other").differs("refused", nothing),
        list("only separators", "::").differs("refused", "kubectl goes to localhost:8080 then"),
        list("empty alone", "{DIR}/empty")
            .differs("refused", "kubectl goes to localhost:8080 then"),
        list("without a context alone", "{DIR}/none")
            .differs("refused", "kubectl goes to localhost:8080 then"),
        Case::new("files: home", "")
            .file(".kube/config", local("token: home"))
            .variable("KUBECONFIG", ""),
    ]
}

/// Forms of the text.
fn texts() -> Vec<Case> {
    let good = local("token: t");
    let wide = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        let mut text = mark.to_vec();
        // Names of the bed are filled in after this, so there are none.
        let plain =
            good.replace("{TLS}", "1").replace("{CERTS}", &crate::endpoints::certificate(""));
        text.extend(plain.encode_utf16().flat_map(bytes));
        text
    };
    let case = |name: &str, text: String| Case::new(format!("text: {name}"), text);
    vec![
        case("plain", good.clone()),
        case("JSON", r#"{"current-context":"c","clusters":[{"name":"c","cluster":{"server":"https://localhost:{TLS}","insecure-skip-tls-verify":true}}],"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"users":[{"name":"u","user":{"token":"t"}}]}"#.to_owned()),
        case("with a mark", format!("\u{feff}{good}")),
        Case::new("text: UTF-16, little", wide([0xFF, 0xFE], u16::to_le_bytes)),
        Case::new("text: UTF-16, big", wide([0xFE, 0xFF], u16::to_be_bytes)),
        case("ends of Windows", good.replace('\n', "\r\n")),
        case("two documents", format!("{good}---\ncurrent-context: other\n")),
        case("a key twice", format!("{good}current-context: other\n")),
        case("a user twice", good.replace("users: [", "users: [{name: u, user: {token: other}}, ")),
        case("a context twice", good.replace("contexts: [", "contexts: [{name: c, context: {cluster: c, user: x}}, ")),
        case("another kind", good.replace("kind: Config", "kind: Pod")),
        case("another version", good.replace("apiVersion: v1", "apiVersion: v2")),
        case("no kind", good.replace("apiVersion: v1\nkind: Config\n", "")),
        case("an anchor", format!("x: &a {{token: anchored}}\n{}", good.replace("{token: t}", "*a"))),
        case("a merge", format!("x: &a {{token: merged}}\n{}", good.replace("{token: t}", "{<<: *a}"))),
        case("an unknown field", format!("{good}unknown: [1, {{a: b}}]\n")),
        case("a list as user", good.replace("{token: t}", "[t]")),
        case("a text as users", good.replace("users: [", "users: x #[")),
        case("a number as context", good.replace("current-context: c", "current-context: 1")),
        case("a context that is not there", good.replace("current-context: c", "current-context: d")),
        case("a cluster that is not there", good.replace("{cluster: c,", "{cluster: d,")).differs("refused", "kubectl goes to localhost:8080 then"),
        case("a user that is not there", good.replace("user: u}}]\nusers", "user: d}}]\nusers")),
        case("a user that is not named", good.replace(", user: u}}]\nusers", "}}]\nusers")),
        case("no YAML", "{[}\t:".to_owned()),
        Case::new("text: no UTF-8", b"users: [\xFF]".to_vec()),
    ]
}

/// The options of kubectl.
fn options() -> Vec<Case> {
    let text = || {
        let more = "clusters: [{name: c, cluster: {server: 'https://localhost:{TLS}', CA}}, {name: plain, cluster: {server: 'http://127.0.0.1:{PLAIN}'}}]\n";
        format!(
            "current-context: c\n{}contexts: [{{name: c, context: {{cluster: c, user: u}}}}, {{name: d, context: {{cluster: c, user: v}}}}]\n\
             users: [{{name: u, user: {{token: of-u}}}}, {{name: v, user: {{token: of-v, as: jane, as-groups: [dev]}}}}, {{name: a, user: {{{ALICE}}}}}]\n",
            more.replace("CA", CA)
        )
    };
    [
        "--context d",
        "--context=",
        "--context nothing",
        "--user v",
        "--user a",
        "--user nothing",
        "--cluster plain",
        "--cluster plain --user v",
        "--cluster nothing",
        "--context d --user u",
        "--context d --cluster plain",
        "--as joe",
        "--as joe --as-group one --as-group two",
        "--as joe --as-uid 7",
        "--as-group one",
        "--as-uid 7",
        "--user v --as joe",
        "--user v --as-group one",
        "--user v --as-uid 7",
        "--user a --as joe --as-group one,two",
        "--as system:serviceaccount:ns:name",
        "--cluster plain --as joe",
        "--request-timeout 0",
        "--request-timeout 5",
        "--request-timeout=1m",
        "--request-timeout=1500ms",
    ]
    .into_iter()
    .map(|arguments| Case::new(format!("options: {arguments}"), text()).arguments(arguments))
    .chain(["--cluster c --user u", "--cluster plain"].into_iter().map(|arguments| {
        let case = Case::new(
            format!("options without a context: {arguments}"),
            text().replace("current-context: c", ""),
        );
        case.arguments(arguments)
    }))
    .collect()
}
