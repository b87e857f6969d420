//! The name by which the command was called, for usage lines and for the commands that messages tell to type.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

/// The name of the command where nothing says otherwise.
const NAME: &str = "wellhead";

/// What a user types to run this program: `wellhead`, `kubectl wellhead`, or as a link to it is called.
pub(crate) fn name() -> &'static str {
    static CALLED: OnceLock<String> = OnceLock::new();
    CALLED.get_or_init(|| called(std::env::args_os().next().as_deref().unwrap_or_default()))
}

/// The name in the first word of a command line. kubectl finds a plugin by a file name with `-` for a
/// blank and `_` for `-`.
/// <https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/#naming-a-plugin>
fn called(word: &OsStr) -> String {
    let file = Path::new(word).file_name().and_then(OsStr::to_str).unwrap_or_default();
    let stem = file.strip_suffix(".exe").unwrap_or(file);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match stem.strip_prefix("kubectl-") {
        _ if stem.is_empty() || stem.len() > 64 || !stem.chars().all(plain) => NAME.to_owned(),
        Some(plugin) => format!("kubectl {}", plugin.replace('-', " ").replace('_', "-")),
        None => stem.to_owned(),
    }
}

/// A text in which commands of ours begin with the name by which this one was called.
pub(crate) fn in_commands(text: &str) -> Cow<'_, str> {
    named(text, name())
}

fn named<'t>(text: &'t str, name: &str) -> Cow<'t, str> {
    if name == NAME || !text.contains(NAME) {
        return Cow::Borrowed(text);
    }
    let ours = format!("{NAME} ");
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&ours) {
        named.push_str(&rest[..at]);
        let begins =
            named.is_empty() || ["`", "| ", "go on: "].iter().any(|it| named.ends_with(it));
        named.push_str(if begins { name } else { NAME });
        rest = &rest[at + NAME.len()..];
    }
    named.push_str(rest);
    Cow::Owned(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_called_as_its_file_and_a_plugin_as_kubectl_calls_it() {
        for (word, name) in [
            ("wellhead", "wellhead"),
            ("/usr/local/bin/wellhead", "wellhead"),
            ("./wh", "wh"),
            ("wellhead.exe", "wellhead"),
            ("kubectl-wellhead", "kubectl wellhead"),
            ("/home/a/.krew/bin/kubectl-well_head", "kubectl well-head"),
            ("kubectl-wellhead.exe", "kubectl wellhead"),
            ("", "wellhead"),
            ("/", "wellhead"),
            ("a b\u{1b}", "wellhead"),
        ] {
            assert_eq!(called(OsStr::new(word)), name, "{word}");
        }
    }

    #[test]
    fn commands_in_a_text_get_the_name_and_other_words_do_not() {
        let plugin = |text| named(text, "kubectl wellhead").into_owned();
        assert_eq!(plugin("wellhead history db"), "kubectl wellhead history db");
        assert_eq!(
            plugin("`wellhead explain CODE`, or `helm template C | wellhead import -f -`"),
            "`kubectl wellhead explain CODE`, or `helm template C | kubectl wellhead import -f -`"
        );
        assert_eq!(plugin("the manager is wellhead here"), "the manager is wellhead here");
        assert_eq!(plugin("namespace `wellhead`"), "namespace `wellhead`");
        assert_eq!(named("`wellhead plan`", "wellhead"), "`wellhead plan`");
    }
}
