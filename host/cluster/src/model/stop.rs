//! Stopping between two steps.

use tokio::sync::watch;

/// Asks a running call to stop. Clones share the request.
///
/// No new request is started; a request in flight ends first, so that its outcome is known.
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Sender<bool>);

impl Default for StopSignal {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl StopSignal {
    /// Asks to stop. Calling it again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when a stop is asked for.
    pub(crate) async fn stopped(&self) {
        let mut receiver = self.0.subscribe();
        // The sender lives in `self`, so waiting ends only by a stop.
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }
}
