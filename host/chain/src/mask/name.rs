//! Whether a name is that of a secret: of a variable, a header, an annotation, a flag, or a key in a text.

/// Words that are secret wherever they stand in a name, also inside of a longer word (`PGPASSWORD`). Some are what people
/// call a password where they do not speak English.
const ANYWHERE: [&str; 18] = [
    "apikey",
    "authorization",
    "connectionstring",
    "connstr",
    "contrasena",
    "credential",
    "kennwort",
    "masterauth",
    "motdepasse",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "privatekey",
    "requirepass",
    "secret",
    "token",
    "wachtwoord",
];
/// Words that are secret when they stand alone.
const ALONE: [&str; 21] = [
    "auth",
    "bearer",
    "cookie",
    "cookies",
    "creds",
    "dsn",
    "jwt",
    "key",
    "keytab",
    "otp",
    "pass",
    "passcode",
    "pat",
    "pin",
    "pw",
    "pwd",
    "salt",
    "sas",
    "senha",
    "sig",
    "signature",
];
/// Ends of longer words that are secret: `ROOTPW`, `DBPASS`, `MYSQLPWD`, `JSESSIONID`.
const ENDS: [&str; 5] = ["pass", "pw", "pwd", "sessid", "sessionid"];
/// Words with such an end that mean something else.
const HARMLESS: [&str; 4] = ["bypass", "compass", "oldpwd", "underpass"];
/// Words that say nothing of a secret in a text, where anything may be called so, unless its value looks like one.
const COMMON: [&str; 8] = ["auth", "bearer", "cookies", "jwt", "key", "pat", "pin", "salt"];
/// What a key is a secret with, in a text: `api_key`, `AccountKey`, `sharedAccessKey`.
const OF_KEYS: [&str; 13] = [
    "access",
    "account",
    "api",
    "app",
    "application",
    "client",
    "consumer",
    "encryption",
    "license",
    "master",
    "private",
    "signing",
    "storage",
];
/// Last words of names of something about a secret: what it is called, how long it is good for, what kind it is.
const ABOUT: [&str; 34] = [
    "algorithm",
    "audience",
    "count",
    "days",
    "disabled",
    "enabled",
    "expiration",
    "expirations",
    "expires",
    "expiry",
    "hours",
    "interval",
    "issuer",
    "length",
    "lifetime",
    "limit",
    "method",
    "minutes",
    "mode",
    "name",
    "names",
    "namespace",
    "policy",
    "ref",
    "required",
    "rotation",
    "scope",
    "scopes",
    "seconds",
    "size",
    "timeout",
    "ttl",
    "type",
    "version",
];
/// Last words of names of places where a secret is.
const PLACES: [&str; 9] =
    ["dir", "directory", "file", "filename", "files", "folder", "keytab", "mount", "path"];

/// Whether what has this name may be a secret.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let words = words(name);
    let alone = |word: &String| ALONE.contains(&word.as_str());
    let secret = has_anywhere(&words) || has_long(&words) || words.iter().any(alone);
    secret && !is_about(&words, value)
}

/// Whether a key in a text, or a flag, is that of a secret. Fewer are: `key: a` stands in every other text, and `--key` is
/// the name of a file more often than not.
pub(super) fn is_secret_in_text(name: &str, value: &str) -> bool {
    let words = words(name);
    let alone = |word: &String| {
        let word = word.as_str();
        let is_common = COMMON.contains(&word);
        ALONE.contains(&word)
            && (!is_common || is_generated(value) || (word == "auth" && is_login(value)))
    };
    let key = words.windows(2).any(|it| it[1] == "key" && OF_KEYS.contains(&it[0].as_str()));
    let secret = key || has_anywhere(&words) || has_long(&words) || words.iter().any(alone);
    secret && !is_about(&words, value)
}

/// Whether a value is one that nobody thinks of: letters and digits in a row, too long for a word.
fn is_generated(value: &str) -> bool {
    /// Fewest characters of it.
    const LENGTH: usize = 16;
    let mut runs = value.split(|it: char| !it.is_ascii_alphanumeric());
    !value.contains('.')
        && runs.any(|run| {
            let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
            run.len() >= LENGTH && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
        })
}

/// Whether a value is a user with a password: `admin:hunter2`. A host with a port is none.
fn is_login(value: &str) -> bool {
    value.split_once(':').is_some_and(|(user, password)| {
        let is_port = password.bytes().all(|it| it.is_ascii_digit());
        !user.is_empty() && !is_port && !password.starts_with('/')
    })
}

/// The words of a name, in lower case: `X-Api-Key`, `DB_PASSWORD`, `clientSecret`, `AWSSecretKey`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = character.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_digit() || next_is_lower);
        if begins || !character.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if character.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(character.to_ascii_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the words have one of [`ANYWHERE`], which may be written as two (`api_key`).
fn has_anywhere(words: &[String]) -> bool {
    let whole = words.concat();
    ANYWHERE.iter().any(|word| whole.contains(word))
}

/// Whether a word is one of two that are written as one: `ACCESSKEY`, `rootpw`; or two mean a secret only together.
fn has_long(words: &[String]) -> bool {
    if words.windows(2).any(|it| it == ["session", "id"]) || words == ["sessionid"] {
        return true;
    }
    let is_key = |word: &str| word.strip_suffix("key").is_some_and(|it| OF_KEYS.contains(&it));
    let ends = |word: &str| ENDS.iter().any(|end| word.ends_with(end) && word.len() > end.len());
    let is_long =
        |word: &String| is_key(word) || (ends(word) && !HARMLESS.contains(&word.as_str()));
    words.iter().any(is_long)
}

/// Whether a name is that of something about a secret, which is none itself.
fn is_about(words: &[String], value: &str) -> bool {
    let last = words.last().map_or("", String::as_str);
    ABOUT.contains(&last) || (PLACES.contains(&last) && is_path(value))
}

/// Whether a value is the path of a file.
pub(super) fn is_path(value: &str) -> bool {
    let begins = ["/", "./", "../", "~/"].iter().any(|start| value.starts_with(start));
    let inner = |it: char| it.is_ascii_alphanumeric() || "/._-~$(){} ".contains(it);
    begins && value.chars().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_style() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "passwd",
            "SSH_PASSPHRASE",
            "PASSPHRASE",
            "GITHUB_TOKEN",
            "clientSecret",
            "AWSSecretAccessKey",
            "AWS_ACCESS_KEY_ID",
            "X-Api-Key",
            "APIKEY",
            "apiKey",
            "Authorization",
            "PROXY_AUTHORIZATION",
            "Cookie",
            "ERLANG_COOKIE",
            "GOOGLE_CREDENTIALS",
            "PRIVATE_KEY",
            "tls.key",
            "SENTRY_DSN",
            "example.com/ci-token",
            "TOKEN_FILE",
            "DBPASS",
            "ROOTPW",
            "LDAP_BINDPW",
            "ACCESSKEY",
            "ENCRYPTIONKEY",
            "AZURE_SAS",
            "CREDS",
            "CONNSTR",
            "DB_CONNECTION_STRING",
            "AUTH_SALT",
            "DB_PASSWORT",
            "KENNWORT",
            "MOT_DE_PASSE",
            "DB_SENHA",
            "PIN",
            "CARD_PIN",
            "pinCode",
            "SESSION_ID",
            "sessionId",
            "JSESSIONID",
            "PHPSESSID",
            "KEYTAB",
            "KRB5_KEYTAB_BASE64",
        ] {
            assert!(is_secret(name, "x"), "{name}");
        }
    }

    #[test]
    fn names_about_secrets_are_none() {
        for (name, value) in [
            ("secretName", "db"),
            ("SECRET_NAME", "db"),
            ("tokenExpirationSeconds", "3600"),
            ("TOKEN_TTL", "1h"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("POSTGRES_PASSWORD_FILE", "./db.txt"),
            ("PASSWORD_MIN_LENGTH", "8"),
            ("LOG_LEVEL", "debug"),
            ("KEYCLOAK_URL", "http://keycloak"),
            ("MONKEY", "x"),
            ("PASSIVE_MODE", "x"),
            ("AUTHOR", "x"),
            ("COMPASS", "x"),
            ("BYPASS_CACHE", "x"),
            ("OLDPWD", "/"),
            ("TURKEY", "x"),
            ("PINNED", "x"),
            ("PINNED_VERSION", "x"),
            ("SHIPPING", "x"),
            ("PING_INTERVAL", "x"),
            ("SPINNER", "x"),
            ("SESSION_IDLE", "30"),
            ("SESSION_STORE", "redis"),
            ("SESSION_ID_LENGTH", "32"),
            ("OBSESSION", "x"),
            ("KRB5_KEYTAB", "/etc/krb5.keytab"),
            ("PASSPORT", "x"),
            ("WORTH", "x"),
        ] {
            assert!(!is_secret(name, value), "{name}");
        }
    }

    #[test]
    fn a_text_calls_more_things_keys_than_secrets() {
        for name in ["--password", "db.password", "AccountKey", "api_key", "Pwd", "private-key"] {
            assert!(is_secret_in_text(name, "x"), "{name}");
        }
        for name in ["key", "auth", "--key", "partition.key", "topologyKey", "secretName", "pin"] {
            assert!(!is_secret_in_text(name, "x"), "{name}");
        }
    }

    #[test]
    fn what_may_be_anything_is_a_secret_if_it_looks_generated() {
        for (name, value) in [
            ("--key", "3f2504e04f8911d39a0c0305e82c3301"),
            ("--key", "c2VjcmV0LXNlY3JldC0x"),
            ("--auth", "admin:hunter2"),
            ("--auth", "3f2504e04f8911d3"),
            ("salt", "9b74c9897bac770ffc029102a200c5de"),
        ] {
            assert!(is_secret_in_text(name, value), "{name} {value}");
        }
        for (name, value) in [
            ("--key", "tls.key"),
            ("--key", "/certs/3f2504e04f8911d39a0c0305e82c3301.pem"),
            ("--key", "region-2024-production"),
            ("--key", "topology.kubernetes.io/zone"),
            ("--auth", "scram-sha-256"),
            ("--auth", "db.shop.svc:8080"),
            ("--auth", "https://auth.example.com"),
            ("--pin", "v1.2.3"),
        ] {
            assert!(!is_secret_in_text(name, value), "{name} {value}");
        }
    }
}
