//! The command line of this process, and the command lines that its messages tell to type.

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

/// Whether kubectl called this program to complete the words of its plugin.
/// <https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/#using-shell-completion>
pub(crate) fn completes() -> bool {
    let word = std::env::args_os().next().unwrap_or_default();
    let file = Path::new(&word).file_name().and_then(OsStr::to_str).unwrap_or_default();
    file.starts_with("kubectl_complete-")
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

/// The command line of this process, for a message that says how to go on.
pub(crate) fn this_command() -> String {
    let words = std::env::args().skip(1).map(|word| quoted(&word));
    std::iter::once(name().to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The options of this command that decide what it reaches.
static REMEMBERED: OnceLock<String> = OnceLock::new();

/// Remembers the options that decide what this command reaches, for its hints.
pub(crate) fn remember(options: String) {
    let _ = REMEMBERED.set(options);
}

/// A hint whose commands reach the cluster that this command does, as whom this command is.
pub(crate) fn repeated(hint: &str) -> String {
    match REMEMBERED.get() {
        Some(words) if !words.is_empty() => repeat(hint, words),
        _ => hint.to_owned(),
    }
}

/// Commands of Wellhead that talk to a cluster.
const COMMANDS: [&str; 10] = [
    "plan", "apply", "list", "status", "drift", "import", "history", "rollback", "delete",
    "volumes",
];

const KUBECTL: &str = "kubectl ";

const WELLHEAD: &str = "wellhead ";

fn repeat(hint: &str, words: &str) -> String {
    let mut text = String::new();
    let mut rest = hint;
    while let Some((before, program, after)) = next_command(rest) {
        text.push_str(before);
        text.push_str(program);
        // The command line of this process, quoted, has them already.
        let line = after.lines().next().unwrap_or_default();
        let names = words.split(" --").skip(1).filter_map(|it| it.split(' ').next());
        if !names.into_iter().any(|name| line.contains(&format!("-{name}"))) {
            text.push_str(words);
        }
        rest = after;
    }
    text + rest
}

/// Splits behind the first `kubectl` or `wellhead VERB` that is a command.
fn next_command(text: &str) -> Option<(&str, &str, &str)> {
    let starts = |at: usize| text[..at].chars().next_back().is_none_or(|c| " `\n(".contains(c));
    let command = |name: &'static str| {
        text.match_indices(name).filter_map(move |(at, _)| {
            let end = at + name.len();
            let verb = text[end..].split([' ', '`', '\n']).next().unwrap_or_default();
            let end = match name {
                KUBECTL if verb.starts_with(|c: char| c.is_ascii_lowercase() || c == '-') => {
                    end - 1
                }
                WELLHEAD if COMMANDS.contains(&verb) => end + verb.len(),
                _ => return None,
            };
            starts(at).then_some((at, end))
        })
    };
    let (start, end) = command(KUBECTL).chain(command(WELLHEAD)).min()?;
    Some((&text[..start], &text[start..end], &text[end..]))
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

    #[test]
    fn commands_in_hints_reach_the_same_cluster() {
        let words = " --context prod --as 'a b'";
        for (hint, repeated) in [
            ("kubectl -n ns get pv", "kubectl --context prod --as 'a b' -n ns get pv"),
            (
                "`wellhead history` lists them",
                "`wellhead history --context prod --as 'a b'` lists them",
            ),
            (
                "wellhead rollback db -n ns\nwellhead delete db",
                "wellhead rollback --context prod --as 'a b' db -n ns\n\
                 wellhead delete --context prod --as 'a b' db",
            ),
            ("go on: wellhead apply -f x --context=prod --as='a b'", ""),
            ("go on: wellhead apply -f x --kube-context prod", ""),
            ("`wellhead explain CODE` and `wellhead schema`", ""),
            ("not my-kubectl get, nor kubectl", ""),
        ] {
            let wanted = if repeated.is_empty() { hint } else { repeated };
            let got = repeat(hint, words);
            assert_eq!(got, wanted);
        }
    }
}
