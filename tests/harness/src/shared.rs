//! One control plane for all tests of a test program.

use std::panic;
use std::sync::OnceLock;

use crate::{ControlPlane, Options, controlplane_binary};

/// One control plane for all tests of a test program, started by the first that asks.
///
/// It ends with the test program. Tests keep apart by namespaces of their own, see
/// [`fresh_namespace`](crate::fresh_namespace); a test that kills parts starts a [`ControlPlane`]
/// of its own.
#[derive(Debug)]
pub struct SharedControlPlane;

impl SharedControlPlane {
    /// Returns the control plane of this process.
    ///
    /// # Panics
    ///
    /// When it does not start; the message says why and what to type.
    pub fn get() -> &'static ControlPlane {
        static SHARED: OnceLock<ControlPlane> = OnceLock::new();
        shared(&SHARED, Options::temporary)
    }

    /// Returns the control plane of this process that has CSI: a second one, if there is one without.
    ///
    /// # Panics
    ///
    /// When it does not start; the message says why and what to type.
    pub fn with_csi() -> &'static ControlPlane {
        static SHARED: OnceLock<ControlPlane> = OnceLock::new();
        shared(&SHARED, || Options::temporary().with_csi())
    }
}

fn shared(
    once: &'static OnceLock<ControlPlane>,
    options: impl FnOnce() -> Options,
) -> &'static ControlPlane {
    once.get_or_init(|| {
        let control_plane = start(&options());
        keep_logs_when_a_test_fails(once);
        control_plane
    })
}

#[expect(clippy::panic, reason = "a test that has no cluster has failed")]
fn start(options: &Options) -> ControlPlane {
    let started = controlplane_binary().and_then(|binary| ControlPlane::start(&binary, options));
    match started {
        Ok(control_plane) => control_plane,
        Err(error) => panic!("{error}\n{}", error.hint().unwrap_or_default()),
    }
}

/// A static value is never dropped, so a hook has to notice the failure.
#[expect(clippy::print_stderr, reason = "who reads a failed test needs the place of the logs")]
fn keep_logs_when_a_test_fails(shared: &'static OnceLock<ControlPlane>) {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        previous(info);
        if let Some(control_plane) = shared.get() {
            control_plane.keep_logs();
            eprintln!("logs of the control plane: {}", control_plane.logs().display());
        }
    }));
}
