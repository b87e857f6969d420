//! Whether a text looks like a secret, or has one in it, whatever its name is.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexSet};
use serde_json::Value;

use super::{address, name};

/// Whether a text is a secret by its looks, or has one in it.
pub(super) fn is_secret(text: &str) -> bool {
    // The shortest that is known: `a:b@c`.
    text.len() >= 5
        && (TOKENS.is_match(text)
            || address::has_password(text)
            || has_credentials(text)
            || has_pair(text)
            || has_short_flag(text)
            || has_document(text))
}

/// Whether a value is a secret because of its name.
pub(super) fn names_secret(name: &str, value: &str) -> bool {
    is_value(value) && name::is_secret(name, value)
}

/// Whether an argument is a flag that says that the next one is a secret: `--password x`.
pub(super) fn is_flag_of(flag: &str, value: &str) -> bool {
    let name = flag.trim_start_matches('-');
    let is_flag = name.len() < flag.len() && !name.is_empty() && name.chars().all(is_inner);
    (is_flag && !value.starts_with('-') && is_pair(name, value)) || is_user_of(flag, value)
}

/// Whether an argument has a password attached to a flag of one letter, as the clients of `MySQL` take it: `-pX`. Without
/// an argument beside it that [`names_user`], `-p` begins many other flags.
/// <https://dev.mysql.com/doc/refman/8.4/en/connecting.html>
pub(super) fn is_attached(argument: &str) -> bool {
    argument.strip_prefix("-p").is_some_and(|it| is_value(it) && !is_number(it))
}

/// Whether an argument says that it, or the next one, is a user: `-uroot`.
pub(super) fn names_user(argument: &str) -> bool {
    argument.starts_with("-u") || argument.starts_with("--user")
}

/// A port is one.
fn is_number(text: &str) -> bool {
    text.trim_start_matches('=').bytes().all(|it| it.is_ascii_digit())
}

/// Whether a command line has a password that [`is_attached`], or credentials as curl takes them: `-u user:password`.
fn has_short_flag(text: &str) -> bool {
    let words: Vec<_> = text.split(|it: char| it.is_whitespace() || "\"'".contains(it)).collect();
    if !words.iter().any(|it| names_user(it)) {
        return false;
    }
    words.iter().any(|it| is_attached(it)) || words.windows(2).any(|it| is_user_of(it[0], it[1]))
}

/// Whether an argument is a user with a password, after the flag that says so: `-u user:password`.
/// <https://curl.se/docs/manpage.html#-u>
fn is_user_of(flag: &str, value: &str) -> bool {
    let password =
        value.split_once(':').map(|(user, password)| !user.is_empty() && is_value(password));
    // Ids of a user and a group are none: `-u 1000:1000`.
    ["-u", "--user"].contains(&flag)
        && password == Some(true)
        && !value.bytes().all(|it| it.is_ascii_digit() || it == b':')
}

/// Whether a value is a secret because of the name before it in a text.
fn is_pair(name: &str, value: &str) -> bool {
    is_value(value) && name::is_secret_in_text(name, value) && !name::is_path(value)
}

fn is_inner(it: char) -> bool {
    it.is_ascii_alphanumeric() || "-_.".contains(it)
}

/// Tokens that say what they are, and private keys.
static TOKENS: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = [
        // PEM, and PuTTY's.
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
        r"PuTTY-User-Key-File-",
        r"AGE-SECRET-KEY-1",
        // A registry's user and password, as Docker keeps them: base64 of both.
        r#"\bauth\\?"\s*:\s*\\?"[A-Za-z0-9+/]{8,}={0,2}\\?""#,
        // JSON Web Tokens.
        r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}",
        // AWS access keys. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
        r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,}",
        // GitHub, GitLab.
        r"\bgh[opusr]_[A-Za-z0-9]{16,}",
        r"\bgithub_pat_[A-Za-z0-9_]{16,}",
        r"\bgl(?:pat|dt|rt|ft|ptt|soat|cbt|agent)-[A-Za-z0-9_-]{10,}",
        // Slack.
        r"\bxox[a-z]-[A-Za-z0-9-]{8,}",
        r"\bxapp-[A-Za-z0-9-]{8,}",
        r"hooks\.slack\.com/(?:services|workflows)/\S",
        // Stripe, and those who call theirs alike.
        r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}",
        r"\bwhsec_[A-Za-z0-9+/=]{8,}",
        r"\bsk-[A-Za-z0-9_-]{16,}",
        // Google, npm, PyPI, SendGrid, Vault, DigitalOcean, Docker, Hugging Face, Shopify, Databricks, Linear.
        r"\bAIza[0-9A-Za-z_-]{20,}",
        r"\bya29\.[0-9A-Za-z_-]{10,}",
        r"\bGOCSPX-[0-9A-Za-z_-]{10,}",
        r"\bnpm_[A-Za-z0-9]{20,}",
        r"\bpypi-[A-Za-z0-9_-]{16,}",
        r"\bSG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        r"\bhv[sbr]\.[A-Za-z0-9_-]{10,}",
        r"\bdo[opr]_v1_[a-f0-9]{16,}",
        r"\bdckr_pat_[A-Za-z0-9_-]{10,}",
        r"\bhf_[A-Za-z0-9]{16,}",
        r"\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{16,}",
        r"\bdapi[a-f0-9]{16,}",
        r"\blin_api_[A-Za-z0-9]{16,}",
    ];
    RegexSet::new(patterns).expect("because the patterns are constant")
});

pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("because the pattern is constant")
}

/// Whether credentials of HTTP stand in the text: `Bearer x`, `Basic x`; or those of a command: `-u user:password`.
fn has_credentials(text: &str) -> bool {
    static BEARER: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)\bbearer\s+([A-Za-z0-9$({._~+/=-]+)"));
    static BASIC: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)\bbasic\s+([A-Za-z0-9$({._~+/=-]{4,})"));
    static USER: LazyLock<Regex> = LazyLock::new(|| {
        regex(r#"(?:^|[\s"'])(?:-u|--user|--proxy-user)[\s=]*["']?([^\s:"'=]+):([^\s"']+)"#)
    });
    // Redis' settings, and netrc.
    static SETTING: LazyLock<Regex> = LazyLock::new(|| {
        regex(r#"(?i)\b(?:requirepass|masterauth|login\s+\S+\s+password)\s+["']?([^\s"']+)"#)
    });
    const WORDS: [&str; 6] =
        ["token", "tokens", "auth", "authentication", "authorization", "scheme"];
    let is_word = |it: &str| WORDS.contains(&it.to_ascii_lowercase().trim_end_matches('.'));
    // `Basic` begins many a sentence.
    let is_odd = |it: &str| it.bytes().any(|it| !it.is_ascii_lowercase());
    let is_number = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let has = |pattern: &Regex, is: &dyn Fn(&Captures<'_>) -> bool| {
        pattern.captures_iter(text).any(|it| is(&it))
    };
    has(&BEARER, &|it| is_value(&it[1]) && !is_word(&it[1]))
        || has(&BASIC, &|it| is_value(&it[1]) && !is_word(&it[1]) && is_odd(&it[1]))
        || has(&SETTING, &|it| is_value(&it[1]))
        // `-u 1000:1000` is a user and a group.
        || has(&USER, &|it| is_value(&it[2]) && !is_number(&it[2]))
}

/// Whether a name and a value stand in the text, of which the value is a secret: `Password=x;`, `&password=x`,
/// `password: x`, `"password": "x"`, `--password=x`, `--password x`, `X-Api-Key: x`.
fn has_pair(text: &str) -> bool {
    /// Most characters of a value that are looked at.
    const LONGEST: usize = 200;
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        regex(r#"([A-Za-z0-9_.-]+(?: [A-Za-z]+)?)\\?["']?[ \t]*(?:=>|[:=]|%3[dD])[ \t]*"#)
    });
    static FLAG: LazyLock<Regex> = LazyLock::new(|| {
        regex(r#"(?:^|[\s"'])--?([A-Za-z0-9][A-Za-z0-9_.-]*)[ \t]+["']?([^\s"'-][^\s"']*)"#)
    });
    // What follows is not part of a match: a value may begin with a name again (`https://h?password=x`).
    let pair = |it: Captures<'_>| {
        let rest = &text[it.get_match().end()..];
        let value = first(rest, LONGEST);
        let is_scheme = SCHEMES.contains(&value.to_ascii_lowercase().as_str());
        let rest = if is_scheme {
            rest.trim_start_matches(['\\', '"', '\'']).get(value.len()..)
        } else {
            None
        };
        is_pair(&it[1], &rest.map_or(value, |it| first(it.trim_start(), LONGEST)))
    };
    NAME.captures_iter(text).any(pair) || FLAG.captures_iter(text).any(|it| is_pair(&it[1], &it[2]))
}

/// Words before credentials of HTTP.
const SCHEMES: [&str; 7] = ["apikey", "basic", "bearer", "digest", "negotiate", "splunk", "token"];

/// The value at the start of a text, in quotes or not.
fn first(text: &str, longest: usize) -> String {
    let text = text.trim_start_matches('\\');
    let quoted = text.starts_with(['"', '\'']);
    let ends = |it: char| {
        it == '\n' || "\"'".contains(it) || (!quoted && (it.is_whitespace() || "&;,".contains(it)))
    };
    let value = text.chars().skip(usize::from(quoted)).take(longest);
    value.take_while(|it| !ends(*it)).collect()
}

/// Whether a text that is a document of JSON has a secret, e.g. the annotation in which kubectl keeps an object; or one of
/// YAML whose items have a name and a value.
fn has_document(text: &str) -> bool {
    const NAME: &str = r#"\bname["']?[ \t]*:[ \t]*["']?([A-Za-z0-9_.-]+)["']?"#;
    const VALUE: &str = r#"\bvalue["']?[ \t]*:[ \t]*["']?([^\s"'},]+)["']?"#;
    static NAME_FIRST: LazyLock<Regex> =
        LazyLock::new(|| regex(&format!(r"{NAME}[ \t]*,?\s*[\x22']?{VALUE}")));
    static VALUE_FIRST: LazyLock<Regex> =
        LazyLock::new(|| regex(&format!(r"{VALUE}[ \t]*,?\s*[\x22']?{NAME}")));
    let is_item = |name: &str, value: &str| is_value(value) && name::is_secret(name, value);
    if NAME_FIRST.captures_iter(text).any(|it| is_item(&it[1], &it[2]))
        || VALUE_FIRST.captures_iter(text).any(|it| is_item(&it[2], &it[1]))
    {
        return true;
    }
    if !text.trim_start().starts_with(['{', '[']) {
        return false;
    }
    serde_json::from_str::<Value>(text).is_ok_and(|value| {
        let mut shown = value.clone();
        super::hide_field("", &mut shown);
        shown != value
    })
}

/// Whether a value is one itself, and not a reference to one that a container, a shell or a template puts there.
pub(super) fn is_value(value: &str) -> bool {
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^(?:\$\([^)]*\)?|\$\{[^}]*\}?|\$[A-Z_][A-Z0-9_]*|\{\{.*|%\([^)]*\)s?|<[^>]*>)+[)\]}/.]*$",
        )
    });
    let nothing = ["", "null", "none", "true", "false", "{", "[", "|", ">", "\\"].contains(&value);
    !nothing && !REFERENCE.is_match(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_looks() {
        for text in [
            "postgres://app:hunter2@db/app",
            "redis://:hunter2@cache:6379",
            "a=1 amqp://u:hunter2@h b",
            "postgres://u:hun/ter2@h/db",
            "app:hunter2@tcp(db:3306)/app",
            "app:hunter2@db:5432/app",
            "Server=x;Password=hunter2",
            "Server=x;User Id=u;Pwd=hunter2;",
            "AccountName=a;AccountKey=hunter2==",
            "host=db user=u password=hunter2 sslmode=require",
            "jdbc:postgresql://h/db?user=u&password=hunter2",
            "jdbc:sqlserver://h;user=u;password=hunter2;",
            "https://h/x?api_key=hunter2",
            "/health?a=b&key=hunter2",
            "https://0123456789abcdef@github.com/org/repo.git",
            "jdbc:oracle:thin:scott/hunter2@db:1521:orcl",
            "--sas=hunter2",
            "accesskey=hunter2",
            r#"{"auths":{"registry.example.com":{"auth":"dTpodW50ZXIy"}}}"#,
            "users:\n- user:\n    client-key-data: aHVudGVyMg==",
            "--password=hunter2",
            "--db-password hunter2",
            "server --requirepass-token=hunter2",
            "exec db --password 'hunter2' --verbose",
            "curl -H 'Authorization: Bearer hunter2'",
            "Authorization: Basic hunter2",
            "X-Api-Key: hunter2",
            "Authorization: Token hunter2",
            "https://h/c/b?sv=1&sig=hunter2",
            "port 6379\nrequirepass hunter2\n",
            "machine h login u password hunter2",
            "Bearer hunter2",
            "Basic dXNlcjpodW50ZXIy",
            "curl -u admin:hunter2 http://h",
            "curl --user=admin:hunter2 http://h",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "github_pat_11ABCDEFG0123456789_abcdefghij",
            "glpat-abcdefghij0123456789",
            "xoxb-123456789012-abcdefghijkl",
            "https://hooks.slack.com/services/T000/B000/XXXX",
            "sk_live_abcdefghijklmnop",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
            "-----BEGIN PRIVATE KEY-----",
            "user: a\npassword: hunter2\n",
            "[db]\npassword = hunter2",
            r#"{"user":"a","password":"hunter2"}"#,
            r#"{"env":[{"name":"DB_PASSWORD","value":"hunter2"}]}"#,
            r#"say "{\"password\":\"hunter2\"}""#,
            "env:\n- name: DB_PASSWORD\n  value: hunter2\n",
            "- {value: hunter2, name: DB_PASSWORD}",
            "export DB_PASSWORD=hunter2; run",
            "$2y$10$abc is PASSWORD_HASH=$2y$10$abcdefg",
        ] {
            assert!(is_secret(text), "{text}");
        }
    }

    #[test]
    fn ordinary_texts_and_references_are_none() {
        for text in [
            "postgres://app@db/app",
            "http://db:80/a:b@c",
            "https://db",
            "nginx:1.14.2",
            "registry.example.com:5000/db:17@sha256:0123456789abcdef",
            "db:17@sha256:0123456789abcdef",
            "mailto:a@example.com",
            "git@github.com:org/repo.git",
            "https://deploy@github.com/org/repo.git",
            "https://h/x?key=$(KEY)&monkey=1",
            "client-key: /certs/client.key",
            "--password-file=/run/secrets/db",
            "--token-ttl=1h",
            "--password=$(DB_PASSWORD)",
            "--password=${DB_PASSWORD}",
            "PGPASSWORD=$POSTGRES_PASSWORD psql",
            "postgres://app:$(DB_PASSWORD)@db/app",
            "Authorization: Bearer $(TOKEN)",
            "--set key=value",
            "key: a",
            "docker run -u 1000:1000",
            "basic usage",
            "a bearer token",
            "exec /cockroach/cockroach start --certs-dir /certs --advertise-host $(hostname -f)",
            r#"{"matchExpressions":[{"key":"app","operator":"In"}]}"#,
            r#"{"secretName":"db","tokenExpirationSeconds":3600}"#,
            "-----BEGIN CERTIFICATE-----",
            "ssh-rsa AAAA",
            "secretKeyRef:\n  name: db\n",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }

    #[test]
    fn a_flag_says_what_the_next_argument_is() {
        for flag in ["--password", "-password", "--db.password", "--api-key", "--requirepass-token"]
        {
            assert!(is_flag_of(flag, "x"), "{flag}");
            assert!(!is_flag_of(flag, "--verbose") && !is_flag_of(flag, "$(PASSWORD)"), "{flag}");
        }
        for other in ["--token-ttl", "password", "--", "--key", "--a=b"] {
            assert!(!is_flag_of(other, "x"), "{other}");
        }
        assert!(!is_flag_of("--password-file", "/run/secrets/db"));
        assert!(is_flag_of("-u", "admin:hunter2") && is_flag_of("--user", "admin:hunter2"));
        assert!(!is_flag_of("-u", "admin") && !is_flag_of("-u", "1000:1000"));
    }

    #[test]
    fn a_password_attached_to_its_flag_is_known_beside_a_user() {
        for text in [
            "mysqladmin ping -uroot -phunter2",
            "exec mysql -u root -h db -pHunter-2 -e 'SELECT 1'",
            "mariadb --user=root -phunter2",
            "curl -s -u admin:hunter2 http://localhost:9200/_cluster/health",
        ] {
            assert!(is_secret(text), "{text}");
        }
        for text in [
            "mysqladmin ping -uroot -p$MYSQL_ROOT_PASSWORD",
            "mysqladmin ping -uroot -p3306",
            "serve -port 80 -path /data -profile x",
            "su-exec -u 1000:1000 redis-server",
            "useradd -u 999 -m postgres",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }
}
