//! Runs other programs.

use std::io;
use std::process::{Command, Stdio};

use crate::Error;

/// What becomes of what a tool prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// It goes to standard error as it is written.
    #[default]
    Show,
    /// It is part of the error, if there is one.
    OnFailure,
}

/// Runs a tool to its end.
///
/// # Errors
/// [`Error::Start`] and [`Error::Failed`].
pub fn run(command: &mut Command, output: Output) -> Result<(), Error> {
    command.stdin(Stdio::null());
    let (status, said) = match output {
        // Standard output belongs to the result of the command that builds.
        Output::Show => {
            let status = command.stdout(io::stderr()).stderr(Stdio::inherit()).status();
            (status.map_err(start_error(command))?, String::new())
        }
        Output::OnFailure => {
            let output = command.output().map_err(start_error(command))?;
            let said = [output.stdout, output.stderr].concat();
            (output.status, String::from_utf8_lossy(&said).trim_end().to_owned())
        }
    };
    if status.success() { Ok(()) } else { Err(Error::Failed { command: text(command), said }) }
}

/// Runs a tool and returns what it prints on standard output.
///
/// # Errors
/// [`Error::Start`] and [`Error::Failed`].
pub fn read(command: &mut Command) -> Result<String, Error> {
    let output = command.stdin(Stdio::null()).output().map_err(start_error(command))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(Error::Failed { command: text(command), said: said(&output.stderr) })
    }
}

fn start_error(command: &Command) -> impl FnOnce(io::Error) -> Error + use<> {
    let command = text(command);
    move |source| Error::Start { command, source }
}

/// The command as a person would type it: without its environment, and without what it adds to cargo's configuration,
/// which has the folders of the machine.
fn text(command: &Command) -> String {
    let mut is_config = false;
    let typed = command.get_args().filter(|it| {
        let is_value = std::mem::replace(&mut is_config, *it == "--config");
        !is_value && !is_config
    });
    std::iter::once(command.get_program())
        .chain(typed)
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
