//! `cargo xtask cluster`: the control plane of the tests, for people.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wellhead_harness::{
    Control, Error, Options, Part, PartStatus, Status, build_controlplane, check_controlplane,
    controlplane_binary, start_detached, target_dir,
};

/// Runs the control plane of the tests by hand.
#[derive(Args)]
pub(crate) struct Cluster {
    #[command(subcommand)]
    action: Action,
    /// Which one, when several run at once.
    #[arg(long, global = true, default_value = "default", value_parser = name)]
    name: String,
}

#[derive(Subcommand)]
enum Action {
    /// Builds the control plane; the first time takes about 5 minutes.
    Build,
    /// Tests its CSI parts, the drivers against the specification of CSI.
    Check,
    /// Builds it if needed, starts it with fresh data and returns when it serves.
    Up {
        /// Number of simulated nodes.
        #[arg(long, default_value_t = 3)]
        nodes: u32,
        /// Also starts CSI drivers with their sidecars, and what does the work of copy Jobs.
        #[arg(long)]
        csi: bool,
    },
    /// Ends every process and removes every file.
    Down,
    /// Shows what runs, with process ids, ports and memory.
    Status,
    /// Ends one part with SIGKILL.
    Kill {
        /// A name that `status` prints, with or without its prefix.
        part: Part,
    },
    /// Starts a part that was killed, on its old port and data.
    Start {
        /// A name that `status` prints, with or without its prefix.
        part: Part,
    },
    /// Prints the path of the kubeconfig.
    Kubeconfig,
}

impl Cluster {
    /// Carries out the command.
    pub(crate) fn run(&self) -> Result<(), Error> {
        let control = Control::new(self.dir());
        match &self.action {
            Action::Build => build().map(|binary| println!("{}", binary.display())),
            Action::Check => check_controlplane(),
            Action::Up { nodes, csi } => self.up(*nodes, *csi),
            Action::Down => down(&control),
            Action::Status => control.status().map(|status| print(&status)),
            Action::Kill { part } => control.kill(*part),
            Action::Start { part } => control.start_part(*part),
            Action::Kubeconfig => {
                let status = control.status()?;
                println!("{}", status.kubeconfig.display());
                Ok(())
            }
        }
    }

    fn dir(&self) -> PathBuf {
        target_dir().join("cluster").join(&self.name)
    }

    fn up(&self, nodes: u32, csi: bool) -> Result<(), Error> {
        let binary = build()?;
        let options = Options { nodes, csi, ..Options::in_dir(self.dir()) };
        let control = start_detached(&binary, &options)?;
        println!("export KUBECONFIG={}", control.kubeconfig().display());
        eprintln!("the control plane is up; `cargo xtask cluster down` ends it");
        Ok(())
    }
}

/// Builds the control plane, and says so when that takes its time.
pub(crate) fn build() -> Result<PathBuf, Error> {
    if controlplane_binary().is_err() {
        eprintln!("building the control plane; the first time takes about 5 minutes");
    }
    build_controlplane()
}

/// Whatever the state before: afterwards nothing runs.
fn down(control: &Control) -> Result<(), Error> {
    match control.down() {
        Err(error @ Error::NotRunning { .. }) => {
            eprintln!("{error}");
            Ok(())
        }
        result => result,
    }
}

fn print(status: &Status) {
    println!("{:<25}{:>8}{:>7}{:>8}  state", "part", "pid", "port", "MiB");
    for (part, one) in &status.parts {
        let mebibytes = one.resident_kib / 1024;
        println!("{part:<25}{:>8}{:>7}{mebibytes:>8}  {}", one.pid, one.port, state(one));
    }
    println!("server      {}", status.server);
    println!("kubeconfig  {}", status.kubeconfig.display());
}

fn state(one: &PartStatus) -> &'static str {
    use wellhead_harness::PartState::{Exited, Running, Stopped};
    match (one.state, one.serving) {
        (Running, true) => "serving",
        (Running, false) => "running, does not serve",
        (Stopped, _) => "stopped",
        (Exited, _) => "exited",
    }
}

/// The name becomes a folder's.
fn name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.is_empty() && text.len() <= 30 && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("want 1 to 30 characters of a-z, 0-9 and -".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_the_folder() {
        assert_eq!(name("two-2"), Ok("two-2".to_owned()));
        for refused in ["", "..", "a/b", &"a".repeat(31)] {
            assert!(name(refused).is_err(), "{refused}");
        }
    }
}
