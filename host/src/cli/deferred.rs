//! Commands whose options are defined only when they are called.
//!
//! Defining the options of every command is a tenth of a cold `wellhead render`. A command line that
//! is right needs those of one command; help, errors and completion scripts need all of them.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Id, Parser};

use super::program;

/// Whether everything is defined from the start.
static WHOLE: AtomicBool = AtomicBool::new(false);

/// Parses the command line; ends the process with help or an error where that is called for.
pub(super) fn parse<C: Parser>() -> C {
    attempt().unwrap_or_else(|_| {
        WHOLE.store(true, Ordering::Relaxed);
        attempt().unwrap_or_else(|error| error.exit())
    })
}

/// Parses the command line under the name by which it was called.
fn attempt<C: Parser>() -> Result<C, Error> {
    let mut command = C::command().bin_name(program::name());
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    C::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The definition of every command.
pub(super) fn whole<C: Parser>() -> Command {
    WHOLE.store(true, Ordering::Relaxed);
    C::command()
}

/// A command that is defined when it is called.
#[derive(Debug)]
pub(super) struct Deferred<T>(pub(super) T);

impl<T: Args> Args for Deferred<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        if WHOLE.load(Ordering::Relaxed) {
            T::augment_args(command)
        } else {
            command.defer(T::augment_args)
        }
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
