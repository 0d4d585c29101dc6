//! What is followed for ever breaks off now and then: it is told once, and begun again after a pause.

use std::fmt::Display;
use std::time::Duration;

/// The pause after a failure.
const PAUSE: Duration = Duration::from_millis(250);

/// What was told last, so that an outage is one line of the log and not four a second.
#[derive(Default)]
pub(crate) struct Interruptions {
    told: String,
}

impl Interruptions {
    /// Tells why a log is not followed, unless that was told last, and waits until it is to be tried again.
    pub(crate) async fn pause(&mut self, log: &str, why: &impl Display) {
        let why = why.to_string();
        if why != self.told {
            tracing::warn!(error = why, "the log of {log} is not followed; it is tried again");
            self.told = why;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
