//! A job that is told event by event.

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_handlers::Cursor;
use ally_projections::job_status::{self, JobStatusView};

use super::event_type::JobEventType;
use super::message;

/// The stream whose events are told.
pub(super) const STREAM: &str = "PLANS";

/// A job, as far as it was told.
#[derive(Default)]
pub(super) struct Told {
    /// Where it stands.
    pub view: Option<JobStatusView>,
    /// The sequence of its last event that was told, or could have been.
    pub last: u64,
}

/// A message that is ready to be sent.
pub(super) struct Message {
    pub id: Cursor,
    pub text: String,
}

impl Told {
    /// Takes in the next event of the job; what it tells, where it tells something.
    fn fold(&mut self, event: &Recorded) -> Result<Option<JobEventType>, EncodingError> {
        self.view = job_status::fold(self.view.take(), event)?;
        let told = JobEventType::of(event).filter(|_| event.position.stream == STREAM);
        if told.is_some() {
            self.last = event.position.sequence;
        }
        Ok(told)
    }

    /// The same; the message for it.
    pub(super) fn take(&mut self, log: u32, event: &Recorded) -> Result<Option<Message>, EncodingError> {
        let (Some(event_type), Some(view)) = (self.fold(event)?, &self.view) else { return Ok(None) };
        let id = Cursor { log, sequence: self.last };
        Ok(Some(Message { id, text: message::job_event(event_type, id.to_string(), event, view.clone()) }))
    }

    /// Takes in a history up to a sequence; the messages for what stands behind another one.
    pub(super) fn take_all(
        &mut self,
        log: u32,
        events: &[Recorded],
        (since, until): (u64, u64),
    ) -> Result<Vec<Message>, EncodingError> {
        let mut messages = Vec::new();
        for event in events {
            let is_own = event.position.stream == STREAM;
            if is_own && event.position.sequence > until {
                continue;
            }
            if is_own && event.position.sequence > since {
                messages.extend(self.take(log, event)?);
            } else {
                // Nobody is told, so nothing is written.
                self.fold(event)?;
            }
        }
        Ok(messages)
    }
}
