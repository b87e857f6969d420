//! What goes wrong with a plugin, told as what failed, why, and what to do.

mod code;
mod title;

use std::iter;
use std::path::PathBuf;
use std::time::Duration;

use wellhead_spec::Finding;

use crate::limits::budget::UsedUp;
use crate::plugin::crash::Frame;
use crate::plugin::foreign;
use crate::session::violation::Violation;
use crate::text::{NAME_CHARACTERS, SHOWN_CHARACTERS, quote, sanitize, sanitize_name};
use crate::{Budget, CompileLimit, Details, Excess, PluginWarning, Words};

/// The version of Wellhead.
pub(crate) const HOST_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The engine cannot start on this machine.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine does not start: {0:#}")]
pub struct EngineError(pub(crate) wasmtime::Error);

/// A plugin that cannot be used or did not do its work. Nothing that it edited is kept.
#[derive(Debug)]
pub struct PluginError {
    /// Name of the chain entry, or the file where there is none.
    pub plugin: String,
    /// Position of the entry in its chain, when it failed as a part of one. Names may repeat.
    pub entry: Option<usize>,
    /// What went wrong.
    pub fault: Fault,
}

/// What went wrong with a plugin.
#[derive(Debug)]
pub enum Fault {
    /// There is no such file.
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        cause: std::io::Error,
    },
    /// The file has another digest than the operator wrote down.
    WrongDigest {
        /// The digest that was asked for.
        pinned: String,
        /// That of the file.
        found: String,
    },
    /// The file is something else than WebAssembly.
    NotWebAssembly {
        /// What it seems to be.
        seems: &'static str,
        /// How to get to a plugin from there, where that is known.
        hint: Option<&'static str>,
    },
    /// The file is a core module.
    CoreModule {
        /// Another host than ours for which it is made, in words.
        host: Option<&'static str>,
    },
    /// The file is a component that the engine does not accept.
    Malformed {
        /// The engine's word.
        cause: String,
    },
    /// The component is over a structural budget, so that it is not compiled.
    Refused {
        /// Everything that is over a budget.
        excesses: Vec<Excess>,
    },
    /// The component uses what the engine does not have.
    Unsupported {
        /// The feature, in words.
        feature: &'static str,
        /// The validator's word, with the place in the file.
        cause: String,
    },
    /// A budget of the entry is larger than what the host's pool has for one plugin.
    OverPool {
        /// Name of the budget in `limits` of the chain entry.
        budget: &'static str,
        /// Its value.
        limit: u64,
        /// What a slot of the pool has.
        slot: u64,
    },
    /// What the component brings costs more work than it may.
    CompileLimit {
        /// What was to be done.
        work: Work,
        /// The limit at which it was ended.
        limit: CompileLimit,
        /// Its value.
        value: u64,
        /// The processor time that was used until then.
        processor: Duration,
    },
    /// The machine had so little time for the work that it was given up. The plugin is not at fault.
    Busy {
        /// What was to be done.
        work: Work,
        /// The processor time that it got.
        processor: Duration,
        /// The time on the clock after which it was given up.
        clock: Duration,
    },
    /// The compiler failed on the component, or what else the host does with it: a fault of Wellhead, or of
    /// a library of it.
    CompilerFailed {
        /// Where in its code, if it is known.
        place: Option<String>,
    },
    /// The component could not be compiled: its compiler was killed, or did not start.
    NotCompiled {
        /// What happened.
        cause: String,
    },
    /// The component is made for another host.
    WrongWorld {
        /// Everything that does not fit.
        mismatches: Vec<String>,
    },
    /// The config does not fit the plugin's schema.
    BadConfig {
        /// Every violation: where in the config, and what.
        violations: Vec<(String, String)>,
    },
    /// What the plugin says about itself is not usable.
    BadDescription {
        /// What is wrong.
        reason: String,
    },
    /// The plugin needs a newer host.
    OldHost {
        /// The oldest version that it works with.
        needs: String,
    },
    /// The plugin's code failed.
    Trap {
        /// The engine's word, in one line.
        cause: String,
        /// The frames, innermost first.
        backtrace: Vec<Frame>,
        /// The plugin's last warning, which for a panic is its message.
        said: Option<Box<str>>,
        /// Memory that it asked for before and did not get.
        denied: Option<Box<UsedUp>>,
    },
    /// The plugin used up a budget.
    OverBudget {
        /// The budget.
        budget: Budget,
        /// Its value.
        limit: u64,
        /// What the plugin used or asked for: as much, or more.
        used: u64,
        /// The frames that were running, innermost first; none where it was stopped before it ran.
        backtrace: Vec<Frame>,
    },
    /// The plugin did something else when it was run again.
    Nondeterministic {
        /// What was different.
        differences: Vec<String>,
    },
    /// The plugin refused to do its work.
    Rejected {
        /// The plugin's message.
        message: String,
        /// The field that is the reason.
        path: Option<String>,
        /// What to change.
        hint: Option<Box<str>>,
        /// Memory that it asked for before and did not get.
        denied: Option<Box<UsedUp>>,
        /// What programs need of it.
        details: Box<Details>,
    },
    /// The plugin did what the operator does not allow.
    Forbidden {
        /// Everything that it did so.
        violations: Vec<Violation>,
    },
    /// A validator objects to the pipeline.
    Judged {
        /// Its objections.
        findings: Vec<PluginWarning>,
    },
    /// What the plugin made of the pipeline is not valid.
    BadResult {
        /// Everything that is wrong with it.
        findings: Vec<Finding>,
    },
}

/// What the host does with a plugin within limits of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Validating and compiling it.
    Compiling,
    /// Checking a config against its schema.
    Checking,
    /// Finding the source lines of a crash.
    Locating,
    /// Calling it.
    Calling,
}

impl Fault {
    pub(crate) fn of(self, plugin: &str) -> PluginError {
        PluginError { plugin: sanitize_name(plugin, NAME_CHARACTERS), entry: None, fault: self }
    }

    pub(crate) fn at(self, position: usize, plugin: &str) -> PluginError {
        PluginError { entry: Some(position), ..self.of(plugin) }
    }

    /// The frames that were running when a call ended, innermost first.
    pub fn backtrace(&self) -> &[Frame] {
        match self {
            Self::Trap { backtrace, .. } | Self::OverBudget { backtrace, .. } => backtrace,
            _ => &[],
        }
    }

    /// Takes over where another run of the same call ended.
    pub fn take_backtrace(&mut self, from: &mut Self) {
        if let Some(frames) = from.backtrace_mut().map(std::mem::take)
            && let Some(mine) = self.backtrace_mut()
        {
            *mine = frames;
        }
    }

    pub(crate) fn backtrace_mut(&mut self) -> Option<&mut Vec<Frame>> {
        match self {
            Self::Trap { backtrace, .. } | Self::OverBudget { backtrace, .. } => Some(backtrace),
            _ => None,
        }
    }

    /// Memory that the plugin asked for and did not get, though it ended for another reason.
    fn denied(&self) -> Option<&UsedUp> {
        match self {
            Self::Trap { denied, .. } | Self::Rejected { denied, .. } => denied.as_deref(),
            _ => None,
        }
    }

    /// What the plugin itself says about it.
    pub fn words(&self) -> Vec<Words> {
        match self {
            Self::Rejected { message, path, hint, details, .. } => {
                vec![Words::of(message, path.as_deref(), hint.as_deref()).with(details)]
            }
            Self::Judged { findings } => findings.iter().filter_map(PluginWarning::words).collect(),
            Self::Trap { said, .. } => said.iter().map(|it| Words::new(it)).collect(),
            _ => Vec::new(),
        }
    }

    /// Why it failed: facts, one a line, the plugin's own words first, as such.
    pub fn causes(&self) -> Vec<String> {
        few(&self.all_causes(false))
    }

    /// The same with the plugin's words as they are, for files in which nobody else says anything.
    pub fn plain_causes(&self) -> Vec<String> {
        few(&self.all_causes(true))
    }

    fn all_causes(&self, plain: bool) -> Vec<String> {
        let denied = self.denied().map(|it| format!("the host denied it memory: {it}"));
        self.own_causes(plain).into_iter().chain(denied).collect()
    }

    fn own_causes(&self, plain: bool) -> Vec<String> {
        let says =
            |words: Words| if plain { words.plain() } else { words.line("the plugin says", "of") };
        match self {
            Self::Unreadable { cause, .. } => vec![cause.to_string()],
            // The validator repeats names of the file, which may be any text.
            Self::Malformed { cause } | Self::Unsupported { cause, .. }
                if cause.contains(['`', '"']) =>
            {
                vec![quote(cause, SHOWN_CHARACTERS)]
            }
            Self::Malformed { cause }
            | Self::Unsupported { cause, .. }
            | Self::NotCompiled { cause } => vec![cause.clone()],
            Self::CompilerFailed { place } => {
                let at = place.as_ref().map(|place| format!(" (at {place})")).unwrap_or_default();
                vec![format!(
                    "this is a bug in Wellhead or in one of its libraries{at}, not in your files"
                )]
            }
            Self::WrongDigest { pinned, found } => {
                vec![format!("entry  {pinned}"), format!("file   {found}")]
            }
            Self::Refused { excesses } => excesses.iter().map(Excess::to_string).collect(),
            Self::Trap { cause, .. } => {
                self.words().into_iter().map(says).chain([cause.clone()]).collect()
            }
            Self::WrongWorld { mismatches } => mismatches.clone(),
            Self::Nondeterministic { differences } => differences.clone(),
            Self::BadDescription { reason } => vec![reason.clone()],
            Self::OldHost { needs } => {
                vec![format!("it works with {needs} and later, and this is {HOST_VERSION}")]
            }
            Self::BadConfig { violations } => {
                violations.iter().map(|(path, what)| format!("{path}: {what}")).collect()
            }
            Self::Rejected { message, .. } => {
                let silent = message.trim().is_empty();
                let silent =
                    silent.then(|| "a fault of the plugin: it does not say why".to_owned());
                self.words().into_iter().map(says).chain(silent).collect()
            }
            Self::Forbidden { violations } => violations.iter().map(Violation::to_string).collect(),
            Self::Judged { findings } => {
                let lines = |(at, finding): (usize, &PluginWarning)| {
                    let line = finding.words().map_or_else(|| finding.message.clone(), says);
                    // The first is where the whole error is.
                    let place = finding.location.as_ref().filter(|_| at > 0 && !plain);
                    let line = place.map_or(line.clone(), |place| format!("{place}: {line}"));
                    iter::once(line).chain(finding.notes().cloned()).collect::<Vec<_>>()
                };
                findings.iter().enumerate().flat_map(lines).collect()
            }
            Self::BadResult { findings } => {
                findings.iter().map(|it| format!("{}: {}", it.path, it.message)).collect()
            }
            Self::Missing { .. }
            | Self::NotWebAssembly { .. }
            | Self::CoreModule { .. }
            | Self::OverPool { .. }
            | Self::CompileLimit { .. }
            | Self::Busy { .. }
            | Self::OverBudget { .. } => Vec::new(),
        }
    }

    /// What to do next. What the plugin suggests is told as that.
    pub fn hints(&self) -> Vec<String> {
        few(&self.all_hints(false))
    }

    /// The same with the plugin's words as they are, for files in which nobody else says anything.
    pub fn plain_hints(&self) -> Vec<String> {
        few(&self.all_hints(true))
    }

    fn all_hints(&self, plain: bool) -> Vec<String> {
        match self {
            Self::Missing { path } => vec![foreign::missing(path)],
            Self::WrongDigest { .. } => vec![
                "get the file that the digest is of; or, if the new one is meant, look at it with \
                 `wellhead plugin inspect FILE` and write its digest into the entry"
                    .to_owned(),
            ],
            Self::NotWebAssembly { hint, .. } => hint.iter().map(|it| (*it).to_owned()).collect(),
            Self::CoreModule { host } => vec![foreign::way_out(*host).to_owned()],
            Self::Refused { excesses } => {
                let names: Vec<_> = excesses.iter().map(|it| it.budget).collect();
                vec![format!(
                    "if its author is trusted, an operator may raise `limits.structure` of the chain \
                     entry: {}",
                    names.join(", ")
                )]
            }
            Self::OverPool { budget, .. } => vec![format!(
                "lower `limits.{budget}` of the chain entry, or run the host without a pool"
            )],
            Self::Unsupported { .. } => {
                vec!["build the plugin for WebAssembly 2.0, without this feature".to_owned()]
            }
            Self::CompileLimit { limit, .. } => limit.hints(),
            Self::Busy { work, .. } => {
                let longer = match work {
                    Work::Calling => "",
                    _ => ", or raise `--compile-cpu`, which raises both times",
                };
                vec![format!("run it again when the machine does less{longer}")]
            }
            Self::CompilerFailed { .. } => {
                let issues = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");
                vec![format!("please report it, with the plugin: {issues}")]
            }
            Self::OldHost { needs } => vec![format!(
                "upgrade Wellhead to {needs} or later, or use an earlier version of the plugin"
            )],
            Self::WrongWorld { .. } => vec![
                "build the plugin against the contract `wellhead:plugin@0.2.0`, without WASI"
                    .to_owned(),
            ],
            Self::BadConfig { .. } => {
                vec!["`wellhead plugin inspect FILE` prints the config's schema".to_owned()]
            }
            Self::OverBudget { budget, .. } => budget.hint().into_iter().collect(),
            Self::Rejected { .. } | Self::Judged { .. } => {
                let said = self.words().into_iter();
                let said = said.flat_map(|it| {
                    let page = it.page().filter(|_| !plain);
                    let hint = if plain { it.hint } else { it.suggestion() };
                    hint.into_iter().chain(page)
                });
                said.chain(self.denied().and_then(|it| it.budget.hint())).collect()
            }
            Self::Trap { .. } => {
                self.denied().and_then(|it| it.budget.hint()).into_iter().collect()
            }
            Self::Forbidden { violations } => {
                violations.iter().filter_map(Violation::hint).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The first lines, each as it may be shown. Their number is the plugin's choice.
fn few(lines: &[String]) -> Vec<String> {
    /// Lines that are shown.
    const LINES: usize = 20;
    /// Most characters of one, of which each text in it has at most a part.
    const LINE_CHARACTERS: usize = 2_000;
    let more = lines.len().saturating_sub(LINES);
    let shown = lines.iter().take(LINES).map(|line| sanitize(line, LINE_CHARACTERS));
    // Of a config, no more than these were looked for.
    let least = if lines.len() >= TOLD { "at least " } else { "" };
    shown.chain((more > 0).then(|| format!("... and {least}{more} more"))).collect()
}

impl std::error::Error for PluginError {}

/// Violations that are told. A schema decides how many there are.
pub(crate) const TOLD: usize = 100;
