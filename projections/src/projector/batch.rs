//! One transaction of a projector: the rows of every view that a stream feeds, and the checkpoint beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ports::{EventLog, Skipped};
use ally_telemetry::names::{self, label, query_outcome};
use deadpool_postgres::ClientWrapper;

use super::ProjectorError;
use super::read_ahead::{Read, Reads};
use super::trace::Traced;
use crate::checkpoints;
use crate::database::{DatabaseError, Measured, Statement, Statements, failed};
use crate::fact::Known;
use crate::failure::{self, Failure};
use crate::identity::{self, Stand};
use crate::job_changes;
use crate::job_status;
use crate::projection::{self, Projection, sequence};

const ENROL: &str = "INSERT INTO projection_checkpoint (projection, stream)
    SELECT projection, $2 FROM unnest($1::text[]) AS projection ON CONFLICT DO NOTHING";
const READ: &str = "SELECT projection, position, generation, stream_identity, last_event_id
    FROM projection_checkpoint WHERE stream = $2 AND projection = ANY($1)";
/// A checkpoint that belongs to no stream yet, or has read nothing, belongs to this one.
const ADOPT: &str = "UPDATE projection_checkpoint SET stream_identity = $3
    WHERE stream = $2 AND projection = ANY($1) AND (position = 0 OR stream_identity IS NULL)";

/// The fence: only who knows the checkpoint as it stands may move it.
const ADVANCE: Statement = Statement::new(
    "UPDATE",
    "projection_checkpoint",
    "UPDATE projection_checkpoint AS old SET position = new.position, updated_at = now(),
         last_event_id = CASE WHEN new.position > old.position THEN $6 ELSE old.last_event_id END
     FROM unnest($2::text[], $3::int8[], $4::int8[], $5::int8[]) AS new (projection, expected, generation, position)
     WHERE old.stream = $1 AND old.projection = new.projection
       AND old.position = new.expected AND old.generation = new.generation",
);
/// Events of one stream in order, sorted by whether they can be read.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    known: Vec<Known>,
    unknown: Vec<Recorded>,
    /// Known and not to be read, with why.
    poison: Vec<(Recorded, String)>,
    skipped: Vec<Skipped>,
    /// Events that were gone before they were read: the first of them, and the sequence of the last.
    missed: Vec<(Position, u64)>,
    /// The sequence of the first event; 0 when there is none.
    first: u64,
    last: u64,
    /// The id of the event at `last`; none where no event stands there.
    last_event_id: Option<String>,
}

impl Batch {
    pub(crate) fn new(Reads { events, skipped }: Reads) -> Self {
        // What was skipped moves no position: it may stand ahead of events that are still to come.
        let mut batch = Self { known: Vec::with_capacity(events.len()), skipped, ..Self::default() };
        batch.first = events.first().map_or(0, |read| read.recorded.position.sequence);
        for Read { recorded, fact } in events {
            if recorded.position.sequence > batch.last {
                batch.last = recorded.position.sequence;
                batch.last_event_id = Some(recorded.event_id.clone());
            }
            match fact {
                None => {}
                Some(Ok(fact)) => batch.known.push(Known { recorded, fact }),
                Some(Err(EncodingError::Unknown { .. })) => batch.unknown.push(recorded),
                Some(Err(error)) => batch.poison.push((recorded, error.to_string())),
            }
        }
        batch
    }

    /// The same batch, and what its reader found to be gone of the stream.
    pub(crate) fn without(self, stream: &str, missed: Vec<RangeInclusive<u64>>) -> Self {
        let position = |sequence| Position { stream: stream.to_owned(), sequence };
        let missed = missed.into_iter().map(|missed| (position(*missed.start()), *missed.end()));
        Self { missed: missed.collect(), ..self }
    }

    /// The sequence from which on it tells of the stream.
    pub(crate) fn first(&self) -> u64 {
        if self.first == 0 { self.last + 1 } else { self.first }
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Says that nothing else stands up to a sequence: the numbers between were deleted.
    pub(crate) fn reach(&mut self, sequence: u64) {
        if sequence > self.last {
            (self.last, self.last_event_id) = (sequence, None);
        }
    }

    /// The jobs whose rows it may change.
    fn jobs(&self) -> BTreeSet<&str> {
        self.known.iter().filter_map(|known| job_status::concerned(&known.recorded, &known.fact)).collect()
    }

    /// The job that it is about, where it is about one.
    pub(super) fn only_job(&self) -> Option<&str> {
        let jobs = self.jobs();
        let only = jobs.first().copied();
        only.filter(|_| jobs.len() == 1)
    }

    pub(crate) fn known(&self) -> &[Known] {
        &self.known
    }

    /// What a view goes without of this batch: events of a newer version and what cannot be read, where it would be read.
    pub(crate) fn passed_over(&self, projection: &dyn Projection, after: u64) -> Vec<Failure> {
        let name = projection.name();
        let concerns = |event: &&Recorded| event.position.sequence > after && projection.reads(&event.event_type);
        let newer = self.unknown.iter().filter(concerns).map(|event| Failure::newer(name, event));
        let poison = self.poison.iter().filter(|(event, _)| concerns(&event));
        let poison = poison.map(|(event, reason)| Failure::new(name, event, reason.clone()));
        let skipped = self.skipped.iter().filter(|skipped| skipped.position.sequence > after);
        // A view that has read nothing yet begins with what there is.
        let missed = self.missed.iter().filter(|(_, last)| after > 0 && *last > after);
        let missed = missed.map(|(first, last)| Failure::missed(name, first, *last));
        newer.chain(poison).chain(skipped.map(|skipped| Failure::skipped(name, skipped))).chain(missed).collect()
    }

    /// The same events, each a batch of its own, so that the one that the database refuses is found.
    pub(crate) fn split(self) -> Vec<Self> {
        let mut parts = BTreeMap::<u64, Self>::new();
        let at = |event: &Recorded| {
            let (last, last_event_id) = (event.position.sequence, Some(event.event_id.clone()));
            Self { last, last_event_id, ..Self::default() }
        };
        for known in self.known {
            let part = at(&known.recorded);
            parts.insert(part.last, Self { known: vec![known], ..part });
        }
        for recorded in self.unknown {
            let part = at(&recorded);
            parts.insert(part.last, Self { unknown: vec![recorded], ..part });
        }
        for poison in self.poison {
            let part = at(&poison.0);
            parts.insert(part.last, Self { poison: vec![poison], ..part });
        }
        let skipped = Self { skipped: self.skipped, missed: self.missed, ..Self::default() };
        // First: what the events move the positions past would seem to have been told of before.
        std::iter::once(skipped).chain(parts.into_values()).collect()
    }
}

/// A projection and how far it is.
struct Member {
    projection: Box<dyn Projection>,
    position: u64,
    generation: i64,
    /// Where it stood when it was read, and in which stream.
    stand: Stand,
}

/// The projections that one stream feeds. They advance together, in one transaction, so that a reader who sees a job
/// completed also sees its plan.
pub(crate) struct Members {
    stream: &'static str,
    members: Vec<Member>,
}

/// What becomes of a batch when the database refuses an event's data.
#[derive(Debug, Clone, Copy)]
enum Refused {
    /// The whole transaction fails.
    Fails,
    /// The event is set aside for the view that it was for.
    IsSetAside,
}

/// What one transaction did.
pub(crate) type Applied = Result<(), ProjectorError>;

/// The beginning or the end of a transaction, counted and timed like its statements.
async fn timed<T>(
    operation: &'static str,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, DatabaseError> {
    let measured = Measured::begin(operation, "transaction");
    let answer = work.await;
    measured.end(if answer.is_ok() { query_outcome::OK } else { query_outcome::ERROR });
    answer.map_err(|error| failed(operation, &error))
}

impl Members {
    /// Reads how far each projection is; a new one begins at the beginning.
    pub(crate) async fn load(connection: &ClientWrapper, stream: &'static str) -> Result<Self, DatabaseError> {
        let projections = projection::for_stream(stream);
        let names = projections.iter().map(|projection| projection.name()).collect::<Vec<_>>();
        let refused = |error| failed("SELECT projection_checkpoint", &error);
        connection.execute(ENROL, &[&names, &stream]).await.map_err(refused)?;
        let rows = connection.query(READ, &[&names, &stream]).await.map_err(refused)?;
        let places = rows.iter().map(|row| (row.get::<_, String>(0), (Stand::from_row(row), row.get::<_, i64>(2))));
        let mut places = places.collect::<BTreeMap<_, _>>();
        let members = projections.into_iter().map(|projection| {
            let (stand, generation) = places.remove(projection.name()).unwrap_or_default();
            Member { projection, position: stand.position, generation, stand }
        });
        Ok(Self { stream, members: members.collect() })
    }

    /// Makes sure that the stream is the one that every view was made from, and remembers which it is.
    pub(crate) async fn settle_in(&self, connection: &ClientWrapper, log: &dyn EventLog) -> Applied {
        let now = log.identity(self.stream).await?;
        let mut looked_at: Vec<&Stand> = Vec::new();
        for Member { stand, .. } in &self.members {
            // They mostly stand together: the log is asked once.
            if !looked_at.contains(&stand)
                && let Some(replaced) = identity::replaced(log, self.stream, &now, stand).await?
            {
                return Err(ProjectorError::LogReplaced(replaced));
            }
            looked_at.push(stand);
        }
        let names = self.members.iter().map(|member| member.projection.name()).collect::<Vec<_>>();
        let adopted = connection.execute(ADOPT, &[&names, &self.stream, &now.0]).await;
        adopted.map(|_| ()).map_err(|error| failed("UPDATE projection_checkpoint", &error).into())
    }

    /// How far the furthest is.
    pub(crate) fn position(&self) -> u64 {
        self.members.iter().map(|member| member.position).max().unwrap_or(0)
    }

    /// Behind which sequence the stream must be read for all of them.
    pub(crate) fn behind(&self) -> u64 {
        self.members.iter().map(|member| member.position).min().unwrap_or(0)
    }

    /// Writes a batch. When the database refuses the data of an event, the view that it was for goes on without it.
    pub(crate) async fn write(&mut self, connection: &mut ClientWrapper, namespace: &str, batch: Batch) -> Applied {
        match self.write_once(connection, namespace, &batch, Refused::Fails).await {
            Err(ProjectorError::Database(error)) if error.is_caused_by_data() => {
                tracing::warn!(stream = self.stream, %error, "a batch was refused; looking for the event that caused it");
            }
            end => return end,
        }
        for part in batch.split() {
            self.write_once(connection, namespace, &part, Refused::IsSetAside).await?;
        }
        Ok(())
    }

    async fn write_once(
        &mut self,
        connection: &mut ClientWrapper,
        namespace: &str,
        batch: &Batch,
        refused: Refused,
    ) -> Applied {
        let traced =
            Traced::begin(self.stream, namespace, batch, self.members.iter().map(|member| &*member.projection));
        let end = traced.inside(self.transact(connection, namespace, batch, refused)).await;
        let end = end.map(|failures| self.count(batch, &failures));
        traced.end(&end);
        for member in &mut self.members {
            match &end {
                Ok(()) => member.position = member.position.max(batch.last),
                Err(_) => member.projection.forget(),
            }
        }
        end
    }

    /// The transaction; answers which events were set aside.
    async fn transact(
        &mut self,
        connection: &mut ClientWrapper,
        namespace: &str,
        batch: &Batch,
        refused: Refused,
    ) -> Result<Vec<Failure>, ProjectorError> {
        let mut transaction = timed("BEGIN", connection.transaction()).await?;
        self.advance(batch, &Statements::new(&transaction, namespace)).await?;
        let mut failures = Vec::new();
        for Member { projection, position, .. } in &mut self.members {
            failures.extend(batch.passed_over(&**projection, *position));
            let news = batch.known.iter().filter(|event| event.recorded.position.sequence > *position);
            let concerning = news.filter(|event| projection.concerns(&event.fact)).collect::<Vec<_>>();
            if concerning.is_empty() {
                continue;
            }
            match refused {
                Refused::Fails => projection.apply(&concerning, &Statements::new(&transaction, namespace)).await?,
                Refused::IsSetAside => {
                    failures.extend(
                        failure::apply_or_set_aside(&mut **projection, &concerning, &mut transaction, namespace)
                            .await?,
                    );
                }
            }
        }
        let to = Statements::new(&transaction, namespace);
        failure::record(&failures, &to).await?;
        let reached = self.members.iter().map(|member| member.position.max(batch.last)).min().unwrap_or(0);
        // In this order: whoever sees that an event is not contained yet, and follows its job then, hears of it.
        checkpoints::notify(self.stream, reached, &to).await?;
        job_changes::notify(&batch.jobs(), &to).await?;
        timed("COMMIT", transaction.commit()).await?;
        Ok(failures)
    }

    async fn advance(&self, batch: &Batch, to: &Statements<'_>) -> Applied {
        let last = batch.last;
        let names = self.members.iter().map(|member| member.projection.name()).collect::<Vec<_>>();
        let expected = self.members.iter().map(|member| sequence(member.position)).collect::<Vec<_>>();
        let generations = self.members.iter().map(|member| member.generation).collect::<Vec<_>>();
        let positions = self.members.iter().map(|member| sequence(member.position.max(last))).collect::<Vec<_>>();
        let moved = to
            .execute(ADVANCE, &[&self.stream, &names, &expected, &generations, &positions, &batch.last_event_id])
            .await?;
        if usize::try_from(moved) == Ok(self.members.len()) {
            Ok(())
        } else {
            Err(ProjectorError::Superseded { stream: self.stream })
        }
    }

    /// Counts what was applied and what was passed over, once it is committed.
    fn count(&self, batch: &Batch, failures: &[Failure]) {
        for Member { projection, .. } in &self.members {
            let mut applied = BTreeMap::<&_, u64>::new();
            for event in batch.known.iter().filter(|event| projection.concerns(&event.fact)) {
                *applied.entry(&event.recorded.event_type).or_default() += 1;
            }
            for (event_type, events) in applied {
                metrics::counter!(names::PROJECTION_EVENTS_TOTAL,
                    label::PROJECTION => projection.name(), label::TYPE => event_type.to_string())
                .increment(events);
            }
        }
        for event in &batch.unknown {
            tracing::warn!(position = %event.position, event_type = %event.event_type, "an event of an unknown type was passed over");
            metrics::counter!(names::PROJECTION_UNKNOWN_EVENTS_TOTAL,
                label::STREAM => self.stream, label::TYPE => event.event_type.to_string())
            .increment(1);
        }
        // Once an event, whichever views go without it; those of a newer version were told above.
        let newer = batch.unknown.iter().map(|event| event.position.sequence);
        let mut told: BTreeSet<u64> = newer.chain(batch.skipped.iter().map(|it| it.position.sequence)).collect();
        for failure in failures.iter().filter(|failure| told.insert(failure.position.sequence)) {
            failure.tell();
        }
    }
}
