//! Holds a control plane in the folder of its only argument until it is killed: the owner whose
//! death the tests watch.

use std::env;
use std::io::{self, Read};

use wellhead_harness::{ControlPlane, Error, Options, controlplane_binary};

fn main() -> Result<(), Error> {
    let dir = env::args_os().nth(1).unwrap_or_default();
    let _control_plane = ControlPlane::start(&controlplane_binary()?, &Options::in_dir(dir))?;
    // Returns only if whoever started this program ends first.
    let _ = io::stdin().read_to_end(&mut Vec::new());
    Ok(())
}
