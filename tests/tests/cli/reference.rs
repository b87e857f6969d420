//! `docs/reference/cli.md` is what the command says about itself.

use std::fmt::Write as _;
use std::fs;

use crate::context::{Context, output};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/cli.md");
/// Where the help of a command goes over to what every command has.
const GLOBAL: &str = "\nGlobal options:\n";

/// The page, and the options that every command has.
struct Reference {
    context: Context,
    page: String,
    global: String,
}

impl Reference {
    fn help(&self, command: &[&str]) -> String {
        let run = output(&mut self.context.command(&[command, &["--help"]].concat()));
        assert!(run.status.success(), "{command:?}");
        String::from_utf8(run.stdout).expect("text")
    }

    /// Adds a command and those below it.
    fn add(&mut self, command: &[&str]) {
        let help = self.help(command);
        let (own, global) = help.split_once(GLOBAL).expect("every command has global options");
        assert_eq!(global.trim_end(), self.global, "{command:?} has other global options");
        self.section(&["wellhead", &command.join(" ")].join(" "), own);
        for name in commands(own) {
            self.add(&[command, &[name]].concat());
        }
    }

    fn section(&mut self, title: &str, text: &str) {
        let lines: Vec<_> = text.trim_end().lines().map(str::trim_end).collect();
        let _ = write!(self.page, "\n## {title}\n\n```text\n{}\n```\n", lines.join("\n"));
    }
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<&str> {
    let listed = help.split_once("\nCommands:\n").map_or("", |it| it.1);
    let listed = listed.lines().take_while(|it| !it.is_empty());
    listed.filter_map(|it| it.split_whitespace().next()).collect()
}

/// Whoever changes an option or a text sees it in the page.
#[test]
fn the_reference_is_the_help_of_every_command() {
    let mut it = Reference {
        context: Context::new(),
        page: "# Commands\n\nThe `--help` of every command. `BLESS=1 cargo test -p wellhead-tests \
               --test cli reference` writes this page.\n"
            .to_owned(),
        global: String::new(),
    };
    let help = it.help(&[]);
    let (own, rest) = help.split_once(GLOBAL).expect("it has global options");
    let (global, codes) = rest.split_once("\nExit codes:\n").expect("it has exit codes");
    global.trim_end().clone_into(&mut it.global);
    it.section("wellhead", own);
    it.section("Global options", global);
    it.section("Exit codes", codes);
    for name in commands(own) {
        it.add(&[name]);
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(PAGE, &it.page).expect("the page can be written");
    }
    let page = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(page == it.page, "{PAGE} is not what `--help` says; BLESS=1 writes it");
}
