//! The jobs that have not ended, and the event that put each into its queue: followed in the log itself, by headers alone,
//! so that no view has to be right or reachable for a job to be found. What is remembered grows with the open jobs only.

use std::collections::HashMap;

use ally_domain::envelope::Position;
use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef, JobId};
use ally_domain::job::{ENDS, Priority, QUEUED_BY};
use ally_domain::ports::Unheld;
use time::OffsetDateTime;

use super::follow::{Wanted, follow};
use super::settled::Settled;
use crate::codec;
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::{StreamName, durable};

/// Ends beside [`ENDS`]: parked for an operator, and gone to the archive.
const OTHER_ENDS: [&str; 2] = ["dead_lettered", "archived"];

/// The open jobs up to a sequence.
#[derive(Debug, Default)]
pub(super) struct OpenJobs {
    /// When the stream was made that all of it was read from.
    created: Option<OffsetDateTime>,
    read: u64,
    queued: HashMap<AggregateId, Queued>,
}

/// What put a job into its queue last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Queued {
    queue: Priority,
    sequence: u64,
}

impl OpenJobs {
    /// Reads on to the present end of the log: behind the last event that was read, and not behind the end that the leader
    /// tells, which a lagging replica may not have yet.
    pub(super) async fn read_on(&mut self, jetstream: &JetStream) -> Result<(), JetStreamError> {
        let end = jetstream.stream_end(StreamName::Plans).await?;
        if end.last < self.read || self.created.is_some_and(|created| created != end.created) {
            tracing::warn!(
                read = self.read,
                last = end.last,
                "the stream of jobs is another one; it is read from its beginning"
            );
            *self = Self::default();
        }
        self.created = Some(end.created);
        let names = jetstream.names();
        let wanted = Wanted {
            stream: StreamName::Plans,
            filter: names.kind(AggregateKind::Job),
            headers_only: true,
            after: self.read,
        };
        follow(jetstream, wanted, |raw| {
            if let (Some(job), Some(event)) = (names.parse_event(&raw.subject), codec::event_type(&raw)) {
                self.note(job.id, &event.name, raw.sequence);
            }
            true
        })
        .await
    }

    fn note(&mut self, job: AggregateId, event: &str, sequence: u64) {
        self.read = self.read.max(sequence);
        if let Some((_, queue)) = QUEUED_BY.iter().find(|(name, _)| *name == event) {
            self.queued.insert(job, Queued { queue: *queue, sequence });
        } else if ENDS.iter().chain(&OTHER_ENDS).any(|end| *end == event) {
            self.queued.remove(&job);
        }
    }

    /// Those whose message is settled.
    pub(super) fn settled_by(&self, settled: &Settled) -> Vec<Unheld> {
        let found = self.queued.iter().filter(|(_, it)| settled.is_settled(durable::of(it.queue), it.sequence));
        let unheld = found.map(|(id, it)| Unheld {
            job: JobId::from(id),
            about: AggregateRef { kind: AggregateKind::Job, id: id.clone() },
            consumer: durable::of(it.queue).to_owned(),
            message: Position { stream: StreamName::Plans.as_str().to_owned(), sequence: it.sequence },
            copy: 0,
        });
        unheld.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_open_from_its_request_to_its_end_and_again_from_its_redrive() {
        let (mut open, job): (_, AggregateId) = (OpenJobs::default(), "j1".parse().unwrap());
        for (event, queue) in [("requested", Priority::Normal), ("expedited", Priority::High)] {
            open.note(job.clone(), event, open.read + 1);
            assert_eq!(open.queued[&job], Queued { queue, sequence: open.read });
        }
        open.note(job.clone(), "dead_lettered", 3);
        assert!(open.queued.is_empty());
        open.note(job.clone(), "redriven", 4);
        assert_eq!(open.queued[&job], Queued { queue: Priority::Normal, sequence: 4 });
        for end in ENDS.iter().chain(&OTHER_ENDS) {
            open.note(job.clone(), end, 5);
            assert!(open.queued.is_empty(), "{end}");
        }
    }
}
