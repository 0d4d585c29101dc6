//! Completed onboardings whose job was never requested. A job that was requested is known by its subjects, also when its
//! other events are in the archive, so nothing is remembered of promises that were kept.

use std::collections::{BTreeMap, HashSet};

use ally_domain::athlete::AthleteEvent;
use ally_domain::dead_letter::{Ended, Ending};
use ally_domain::envelope::Position;
use ally_domain::ids::{AggregateKind, AggregateRef, JobId};
use ally_domain::ports::Unheld;
use time::OffsetDateTime;

use super::follow::{Wanted, follow};
use super::stream_of;
use crate::codec;
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::{StreamName, durable};
use crate::read::Reader;
use crate::upcast::Upcasters;

/// The event that promises a job.
const PROMISE: &str = "onboarding_completed";
/// What a job that was requested has in the log: its request, or the event that stands for its archived ones.
const KEPT_BY: [&str; 2] = ["requested", "archived"];
/// Promises that one look reads at most; the next one goes on there.
const MAX_READ: usize = 20_000;
/// Promises whose jobs are asked for at once.
const PAGE: usize = 256;

/// The promises that were not kept, up to a sequence.
#[derive(Debug, Default)]
pub(super) struct Promises {
    /// When the stream was made that all of it was read from.
    created: Option<OffsetDateTime>,
    read: u64,
    unkept: BTreeMap<u64, Promise>,
}

#[derive(Debug, Clone)]
struct Promise {
    athlete: AggregateRef,
    job: JobId,
}

impl Promises {
    /// Reads on to what the consumer has settled. What is behind it will still be delivered.
    pub(super) async fn read_on(
        &mut self,
        jetstream: &JetStream,
        upcasters: &Upcasters,
        settled: u64,
    ) -> Result<(), JetStreamError> {
        let end = jetstream.stream_end(StreamName::Onboarding).await?;
        if end.last < self.read || self.created.is_some_and(|created| created != end.created) {
            *self = Self::default();
        }
        self.created = Some(end.created);
        if settled <= self.read {
            return Ok(());
        }
        let names = jetstream.names();
        let wanted = Wanted {
            stream: StreamName::Onboarding,
            filter: names.event_of_all(AggregateKind::Athlete, PROMISE),
            headers_only: false,
            after: self.read,
        };
        let (mut found, mut read, mut count) = (BTreeMap::new(), self.read, 0);
        follow(jetstream, wanted, |raw| {
            if raw.sequence > settled {
                return false;
            }
            // One that cannot be read was parked by its consumer.
            if let Ok(event) = codec::decode(names, upcasters, StreamName::Onboarding, &raw)
                && let Ok(AthleteEvent::OnboardingCompleted(completed)) = event.decode()
            {
                found.insert(raw.sequence, Promise { athlete: event.aggregate, job: completed.job_id });
            }
            (read, count) = (raw.sequence, count + 1);
            count < MAX_READ
        })
        .await?;
        drop_kept(jetstream, &mut found).await?;
        self.unkept.append(&mut found);
        self.read = read;
        Ok(())
    }

    /// Those that nobody has kept meanwhile, and that are not parked for an operator.
    pub(super) async fn unkept(&mut self, jetstream: &JetStream) -> Result<Vec<Unheld>, JetStreamError> {
        drop_kept(jetstream, &mut self.unkept).await?;
        let mut unkept = Vec::new();
        for (sequence, promise) in &self.unkept {
            let unheld = Unheld {
                job: promise.job.clone(),
                about: promise.athlete.clone(),
                consumer: durable::ONBOARDING.to_owned(),
                message: Position { stream: StreamName::Onboarding.as_str().to_owned(), sequence: *sequence },
                copy: 0,
            };
            if !is_parked(jetstream, &unheld).await? {
                unkept.push(unheld);
            }
        }
        Ok(unkept)
    }
}

async fn drop_kept(jetstream: &JetStream, promises: &mut BTreeMap<u64, Promise>) -> Result<(), JetStreamError> {
    let reader = Reader::new(jetstream.clone(), StreamName::Plans);
    let jobs: Vec<JobId> = promises.values().map(|promise| promise.job.clone()).collect();
    let mut kept = HashSet::new();
    for page in jobs.chunks(PAGE) {
        let subjects = page.iter().flat_map(|job| {
            let job = AggregateRef { kind: AggregateKind::Job, id: job.into() };
            KEPT_BY.map(|event| jetstream.names().event(&job, event))
        });
        let found = reader.lasts(&subjects.collect::<Vec<_>>()).await?;
        kept.extend(found.iter().filter_map(|raw| jetstream.names().parse_event(&raw.subject)).map(|job| job.id));
    }
    promises.retain(|_, promise| !kept.contains(&(&promise.job).into()));
    Ok(())
}

/// Whether an operator has the message in hand, or has discarded it.
pub(super) async fn is_parked(jetstream: &JetStream, unheld: &Unheld) -> Result<bool, JetStreamError> {
    let (stream, sequence) = (stream_of(&unheld.message)?, unheld.message.sequence);
    let (names, reader) = (jetstream.names(), Reader::new(jetstream.clone(), StreamName::DeadLetters));
    if reader.last(&names.dead_letter(&unheld.consumer, stream, sequence)).await?.is_some() {
        return Ok(true);
    }
    let audit = reader.last(&names.dead_letter_audit(&unheld.consumer, stream, sequence)).await?;
    let ended = audit.and_then(|audit| serde_json::from_slice::<Ended>(&audit.payload).ok());
    Ok(ended.is_some_and(|ended| ended.action == Ending::Discarded))
}
