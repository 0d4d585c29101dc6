//! How far an attempt is, for the athlete who waits: what the provider says becomes an event of the job, but only where
//! the attempt lasts. A plan that takes milliseconds costs no event more than its start and its end.

use std::convert::Infallible;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::job::JobCommand;
use ally_domain::ports::Progress;
use tokio::sync::watch;
use tokio::time::Instant;

use super::PlannerHandler;
use super::attempt::Attempt;

/// An attempt that takes no longer than this says nothing: its end comes sooner than anybody would look.
const LASTS: Duration = Duration::from_millis(500);
/// The least time between two events of one attempt.
const APART: Duration = Duration::from_secs(1);

/// A phase and its percentage.
type Phase = Option<(&'static str, u8)>;

/// The provider's end.
pub(super) struct Said(watch::Sender<Phase>);

/// The job's end.
pub(super) struct Heard(watch::Receiver<Phase>);

/// Carries the newest phase; one that was passed before it was heard is not heard at all.
pub(super) fn channel() -> (Said, Heard) {
    let (said, heard) = watch::channel(None);
    (Said(said), Heard(heard))
}

impl Progress for Said {
    fn say(&self, phase: &'static str, percent: u8) {
        self.0.send_replace(Some((phase, percent)));
    }
}

impl PlannerHandler {
    /// Writes down what the provider says, until the attempt is over and this is dropped. A phase that could not be
    /// written is passed over: nothing depends on it.
    pub(super) async fn report(&self, attempt: &Attempt, event: &Recorded, Heard(mut heard): Heard) -> Infallible {
        let mut next = Instant::now() + LASTS;
        loop {
            tokio::time::sleep_until(next).await;
            let phase = *heard.borrow_and_update();
            if let Some((phase, percent)) = phase {
                let command = JobCommand::Progress { attempt: attempt.number(), phase: phase.to_owned(), percent };
                if let Err(error) = attempt.execute(&self.executor, &command, &self.context(event)).await {
                    tracing::debug!(job_id = %attempt.job_id, %error, "the progress of an attempt was not written down");
                }
            }
            if heard.changed().await.is_err() {
                return std::future::pending().await;
            }
            next = next.max(Instant::now()) + if phase.is_some() { APART } else { Duration::ZERO };
        }
    }
}
