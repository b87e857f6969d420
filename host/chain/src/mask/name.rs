//! Whether a name is that of a secret: of a variable, a header, an annotation, a flag, or a key in a text.

/// Words that are secret wherever they stand in a name, also inside of a longer word (`PGPASSWORD`).
const ANYWHERE: [&str; 13] = [
    "apikey",
    "authorization",
    "connectionstring",
    "connstr",
    "credential",
    "masterauth",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "requirepass",
    "secret",
    "token",
];
/// Words that are secret when they stand alone.
const ALONE: [&str; 18] = [
    "auth",
    "bearer",
    "cookie",
    "cookies",
    "creds",
    "dsn",
    "jwt",
    "key",
    "otp",
    "pass",
    "passcode",
    "pat",
    "pw",
    "pwd",
    "salt",
    "sas",
    "sig",
    "signature",
];
/// Ends of longer words that are secret: `ROOTPW`, `DBPASS`, `MYSQLPWD`.
const ENDS: [&str; 3] = ["pass", "pw", "pwd"];
/// Words with such an end that mean something else.
const HARMLESS: [&str; 4] = ["bypass", "compass", "oldpwd", "underpass"];
/// Words that say nothing of a secret in a text, where anything may be called so.
const COMMON: [&str; 7] = ["auth", "bearer", "cookies", "jwt", "key", "pat", "salt"];
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
const PLACES: [&str; 8] =
    ["dir", "directory", "file", "filename", "files", "folder", "mount", "path"];

/// Whether what has this name may be a secret.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let words = words(name);
    let alone = |word: &String| ALONE.contains(&word.as_str());
    let secret = has_anywhere(&words) || has_long(&words) || words.iter().any(alone);
    secret && !is_about(&words, value)
}

/// Whether a key in a text is that of a secret. Fewer are: `key: a` stands in every other text.
pub(super) fn is_secret_in_text(name: &str, value: &str) -> bool {
    let words = words(name);
    let alone = |word: &String| ALONE.contains(&word.as_str()) && !COMMON.contains(&word.as_str());
    let key = words.windows(2).any(|it| it[1] == "key" && OF_KEYS.contains(&it[0].as_str()));
    let secret = key || has_anywhere(&words) || has_long(&words) || words.iter().any(alone);
    secret && !is_about(&words, value)
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

/// Whether a word is one of two that are written as one: `ACCESSKEY`, `rootpw`.
fn has_long(words: &[String]) -> bool {
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
        ] {
            assert!(!is_secret(name, value), "{name}");
        }
    }

    #[test]
    fn a_text_calls_more_things_keys_than_secrets() {
        for name in ["--password", "db.password", "AccountKey", "api_key", "Pwd", "private-key"] {
            assert!(is_secret_in_text(name, "x"), "{name}");
        }
        for name in ["key", "auth", "--key", "partition.key", "topologyKey", "secretName"] {
            assert!(!is_secret_in_text(name, "x"), "{name}");
        }
    }
}
