//! `wellhead cache`: compiled plugins and components of registries on disk.

mod store;

use std::fmt::Write as _;
use std::time::SystemTime;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use wellhead::{Allocation, Cache as Compiled, CacheEntry, Compiler, Engine};
use wellhead_diagnostics::Code;
use wellhead_registry::Stored;

use self::store::{StoreInfo, store};
use crate::cli::args::format::Text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::diagnostic::Diagnostic;
use crate::cli::output::envelope::Envelope;
use crate::cli::output::table::table;

/// Digits of a digest that tell plugins apart in a table; `-o json` has all.
const SHORT_DIGEST: usize = 12;

/// Show or clear compiled plugins and components of registries
///
/// A plugin is compiled when it is first used, and cached in `WELLHEAD_CACHE_DIR`. The cache can be cleared
/// at any time: the next run compiles the plugin again. Beside it is the store, with components of registries and their
/// signatures.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Cache {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    /// List the compiled plugins, the most recently used first, and the components in the store
    List(Output),
    /// Remove all compiled plugins; they are compiled again when needed
    Clear(Clear),
    /// Print the cache directory
    Dir,
}

#[derive(Debug, Args)]
struct Output {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Text,
}

#[derive(Debug, Args)]
struct Clear {
    /// Remove components of registries and their signatures, too; they are fetched again when needed, or loaded by
    /// `wellhead plugin load`
    #[arg(long)]
    store: bool,
    #[command(flatten)]
    output: Output,
}

/// The cache as a document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CacheInfo {
    directory: String,
    /// Bytes of all entries, and how many they may have.
    bytes: u64,
    capacity: u64,
    entries: Vec<Entry>,
    store: StoreInfo,
}

/// A compiled plugin as a document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Name and version that the plugin gives itself; none of an entry that is damaged.
    plugin: Option<String>,
    version: Option<String>,
    /// Of the plugin, as in provenance.
    digest: String,
    bytes: u64,
    used: Timestamp,
    /// What it was compiled for.
    engine: String,
    /// Whether that is this program.
    current: bool,
}

/// What was removed, as a document.
#[derive(Serialize)]
struct Cleared {
    entries: usize,
    bytes: u64,
    /// Those of the store, if it was cleared.
    components: usize,
}

impl Cache {
    pub(crate) fn is_json(&self) -> bool {
        match &self.command {
            CacheCommand::List(it) => it.output == Text::Json,
            CacheCommand::Clear(it) => it.output.output == Text::Json,
            CacheCommand::Dir => false,
        }
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let cache = cache()?;
        let printer = &context.printer;
        match &self.command {
            CacheCommand::List(_) => {
                let info = info(&cache)?;
                if self.is_json() {
                    printer.json(&Envelope::new("Cache", info, Vec::new()))?;
                } else {
                    printer.text(&info.text())?;
                }
            }
            CacheCommand::Clear(clear) => {
                let removed = cache.clear().map_err(|error| failure("cleared", &cache, &error))?;
                let stored = if clear.store { store().clear()? } else { Stored::default() };
                let bytes = bytes(&removed) + stored.bytes;
                let components = stored.components.len();
                let cleared = Cleared { entries: removed.len(), bytes, components };
                if self.is_json() {
                    printer.json(&Envelope::new("CacheCleared", cleared, Vec::new()))?;
                } else {
                    let plugins = count(cleared.entries, "compiled plugin");
                    let components = count(cleared.components, "component");
                    let and =
                        if clear.store { format!(" and {components}") } else { String::new() };
                    printer.text(&format!("removed {plugins}{and}, {}\n", size(cleared.bytes)))?;
                }
            }
            CacheCommand::Dir => printer.text(&format!("{}\n", cache.directory().display()))?,
        }
        Ok(Exit::Done)
    }
}

fn cache() -> Result<Compiled, Failure> {
    wellhead::user_cache().ok_or_else(|| {
        let what =
            Diagnostic::error(Code::CacheUnusable, "there is no home directory to keep a cache in");
        Failure::File(Box::new(what.hint("name a directory by WELLHEAD_CACHE_DIR")))
    })
}

fn failure(what: &str, cache: &Compiled, error: &std::io::Error) -> Failure {
    let message = format!("the cache {} cannot be {what}", cache.directory().display());
    Failure::File(Box::new(Diagnostic::error(Code::CacheUnusable, message).fact(error.to_string())))
}

fn info(cache: &Compiled) -> Result<CacheInfo, Failure> {
    let entries = cache.entries().map_err(|error| failure("read", cache, &error))?;
    // It compiles nothing: it tells what it would use.
    let engine = Engine::new(Allocation::OnDemand, Compiler::default());
    let engine = engine.map_err(wellhead::Error::Engine)?;
    Ok(CacheInfo {
        directory: cache.directory().display().to_string(),
        bytes: bytes(&entries),
        capacity: cache.capacity(),
        store: StoreInfo::new(&store(), &entries)?,
        entries: entries.iter().map(|entry| Entry::new(entry, &engine)).collect(),
    })
}

impl Entry {
    fn new(entry: &CacheEntry, engine: &Engine) -> Self {
        let (plugin, version) = entry.description().map(|it| (it.name, it.version)).unzip();
        Self {
            plugin,
            version,
            digest: format!("sha256:{}", entry.plugin),
            bytes: entry.bytes,
            used: Timestamp::try_from(entry.used).unwrap_or_default(),
            engine: entry.engine.clone(),
            current: entry.is_for(engine),
        }
    }

    fn row(&self) -> [String; 6] {
        let digest = self.digest.trim_start_matches("sha256:");
        [
            self.plugin.clone().unwrap_or_else(|| "(damaged)".to_owned()),
            self.version.clone().unwrap_or_default(),
            size(self.bytes),
            age(self.used),
            if self.current { "this version" } else { "another version" }.to_owned(),
            digest.get(..SHORT_DIGEST).unwrap_or(digest).to_owned(),
        ]
    }
}

impl CacheInfo {
    fn text(&self) -> String {
        let mut text = String::new();
        if !self.entries.is_empty() {
            let header = ["PLUGIN", "VERSION", "SIZE", "USED", "COMPILED FOR", "DIGEST"];
            text += &table(header, self.entries.iter().map(Entry::row));
            text.push('\n');
        }
        let plugins = count(self.entries.len(), "compiled plugin");
        // Writing to a string does not fail.
        let _ = writeln!(text, "{plugins}, {} of {}", size(self.bytes), size(self.capacity));
        text + &self.store.text()
    }
}

fn bytes(entries: &[CacheEntry]) -> u64 {
    entries.iter().map(|it| it.bytes).sum()
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A size in MiB, with one digit of its fraction, rounded up.
fn size(bytes: u64) -> String {
    let tenths = (u128::from(bytes) * 10).div_ceil(1 << 20);
    match tenths % 10 {
        0 => format!("{} MiB", tenths / 10),
        tenth => format!("{}.{tenth} MiB", tenths / 10),
    }
}

/// How long ago something was, in its largest unit.
fn age(then: Timestamp) -> String {
    let now = Timestamp::try_from(SystemTime::now()).unwrap_or(then);
    let minutes = now.duration_since(then).as_secs().max(0) / 60;
    match (minutes / (24 * 60), minutes / 60) {
        (0, 0) if minutes < 1 => "now".to_owned(),
        (0, 0) => format!("{minutes} min ago"),
        (0, hours) => format!("{hours} h ago"),
        (days, _) => format!("{days} d ago"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn sizes_are_in_mebibytes() {
        let shown = [0, 1, 629_064, 1 << 20, 512 << 20].map(size);
        assert_eq!(shown, ["0 MiB", "0.1 MiB", "0.6 MiB", "1 MiB", "512 MiB"]);
    }

    #[test]
    fn ages_are_in_their_largest_unit() {
        let before = |minutes| Timestamp::now() - SignedDuration::from_mins(minutes);
        let shown = [-5, 0, 5, 59, 60, 1_439, 1_440, 100_000].map(|it| age(before(it)));
        let expected =
            ["now", "now", "5 min ago", "59 min ago", "1 h ago", "23 h ago", "1 d ago", "69 d ago"];
        assert_eq!(shown, expected);
    }
}
