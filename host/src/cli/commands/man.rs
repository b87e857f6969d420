//! `wellhead man`: the manual pages of a package.

use std::path::PathBuf;

use clap::{Args, Command};

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// Write a manual page for each command into a folder
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// A folder that exists
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    /// `command` is the definition of every command.
    pub(crate) fn run(&self, command: Command) -> Result<Exit, Failure> {
        clap_mangen::generate_to(command, &self.folder)?;
        Ok(Exit::Done)
    }
}
