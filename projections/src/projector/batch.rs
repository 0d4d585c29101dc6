//! One transaction of a projector: the rows of every view that a stream feeds, and the checkpoint beside them.

use std::collections::BTreeMap;

use ally_domain::event_data::EncodingError;
use ally_telemetry::names::{self, label};
use deadpool_postgres::ClientWrapper;

use super::ProjectorError;
use super::read_ahead::Read;
use super::trace::Traced;
use crate::checkpoints;
use crate::database::{DatabaseError, Statement, Statements, failed};
use crate::fact::Known;
use crate::projection::{self, Projection, sequence};

const ENROL: &str = "INSERT INTO projection_checkpoint (projection, stream)
    SELECT projection, $2 FROM unnest($1::text[]) AS projection ON CONFLICT DO NOTHING";
const READ: &str =
    "SELECT projection, position, generation FROM projection_checkpoint WHERE stream = $2 AND projection = ANY($1)";

/// The fence: only who knows the checkpoint as it stands may move it.
const ADVANCE: Statement = Statement::new(
    "UPDATE",
    "projection_checkpoint",
    "UPDATE projection_checkpoint AS old SET position = new.position, updated_at = now()
     FROM unnest($2::text[], $3::int8[], $4::int8[], $5::int8[]) AS new (projection, expected, generation, position)
     WHERE old.stream = $1 AND old.projection = new.projection
       AND old.position = new.expected AND old.generation = new.generation",
);
const FAIL: Statement = Statement::new(
    "INSERT",
    "projection_failure",
    "INSERT INTO projection_failure (stream, sequence, event_id, event_type, reason)
     SELECT $1, * FROM unnest($2::int8[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING",
);

/// Events of one stream in order, sorted by whether they can be read.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    known: Vec<Known>,
    unknown: Vec<ally_domain::envelope::Recorded>,
    poison: Vec<(ally_domain::envelope::Recorded, String)>,
    last: u64,
}

impl Batch {
    pub(crate) fn new(reads: Vec<Read>) -> Self {
        let mut batch = Self { known: Vec::with_capacity(reads.len()), ..Self::default() };
        for Read { recorded, fact } in reads {
            batch.last = batch.last.max(recorded.position.sequence);
            match fact {
                Ok(fact) => batch.known.push(Known { recorded, fact }),
                Err(EncodingError::Unknown { .. }) => batch.unknown.push(recorded),
                Err(error) => batch.poison.push((recorded, error.to_string())),
            }
        }
        batch
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn known(&self) -> &[Known] {
        &self.known
    }

    /// The same events, each a batch of its own, so that the one that the database refuses is found.
    fn split(self) -> Vec<Self> {
        let mut parts = BTreeMap::<u64, Self>::new();
        for known in self.known {
            let last = known.recorded.position.sequence;
            parts.insert(last, Self { known: vec![known], last, ..Self::default() });
        }
        for recorded in self.unknown {
            let last = recorded.position.sequence;
            parts.insert(last, Self { unknown: vec![recorded], last, ..Self::default() });
        }
        for (recorded, reason) in self.poison {
            let last = recorded.position.sequence;
            parts.insert(last, Self { poison: vec![(recorded, reason)], last, ..Self::default() });
        }
        parts.into_values().collect()
    }

    /// All of it set aside as what cannot be projected.
    fn into_poison(self, reason: &str) -> Self {
        let refused = self.known.into_iter().map(|known| (known.recorded, reason.to_owned()));
        Self { known: Vec::new(), poison: self.poison.into_iter().chain(refused).collect(), ..self }
    }
}

/// A projection and how far it is.
struct Member {
    projection: Box<dyn Projection>,
    position: u64,
    generation: i64,
}

/// The projections that one stream feeds. They advance together, in one transaction, so that a reader who sees a job
/// completed also sees its plan.
pub(crate) struct Members {
    stream: &'static str,
    members: Vec<Member>,
}

/// What one transaction did.
pub(crate) type Applied = Result<(), ProjectorError>;

impl Members {
    /// Reads how far each projection is; a new one begins at the beginning.
    pub(crate) async fn load(connection: &ClientWrapper, stream: &'static str) -> Result<Self, DatabaseError> {
        let projections = projection::for_stream(stream);
        let names = projections.iter().map(|projection| projection.name()).collect::<Vec<_>>();
        let refused = |error| failed("SELECT projection_checkpoint", &error);
        connection.execute(ENROL, &[&names, &stream]).await.map_err(refused)?;
        let rows = connection.query(READ, &[&names, &stream]).await.map_err(refused)?;
        let places = rows.iter().map(|row| (row.get::<_, String>(0), (row.get::<_, i64>(1), row.get::<_, i64>(2))));
        let places = places.collect::<BTreeMap<_, _>>();
        let members = projections.into_iter().map(|projection| {
            let (position, generation) = places.get(projection.name()).copied().unwrap_or_default();
            Member { projection, position: u64::try_from(position).unwrap_or(0), generation }
        });
        Ok(Self { stream, members: members.collect() })
    }

    /// How far the furthest is.
    pub(crate) fn position(&self) -> u64 {
        self.members.iter().map(|member| member.position).max().unwrap_or(0)
    }

    /// Behind which sequence the stream must be read for all of them.
    pub(crate) fn behind(&self) -> u64 {
        self.members.iter().map(|member| member.position).min().unwrap_or(0)
    }

    /// Writes a batch. When the database refuses the data of an event, that event is set aside and the others go on.
    pub(crate) async fn write(&mut self, connection: &mut ClientWrapper, namespace: &str, batch: Batch) -> Applied {
        match self.write_once(connection, namespace, &batch).await {
            Err(ProjectorError::Database(error)) if error.is_caused_by_data() => {
                tracing::warn!(stream = self.stream, %error, "a batch was refused; looking for the event that caused it");
            }
            end => return end,
        }
        for part in batch.split() {
            match self.write_once(connection, namespace, &part).await {
                Err(ProjectorError::Database(error)) if error.is_caused_by_data() => {
                    self.write_once(connection, namespace, &part.into_poison(&error.to_string())).await?;
                }
                end => end?,
            }
        }
        Ok(())
    }

    async fn write_once(&mut self, connection: &mut ClientWrapper, namespace: &str, batch: &Batch) -> Applied {
        let traced =
            Traced::begin(self.stream, namespace, batch, self.members.iter().map(|member| &*member.projection));
        let end = traced.inside(self.transact(connection, namespace, batch)).await;
        traced.end(&end);
        match end {
            Ok(()) => {
                for member in &mut self.members {
                    member.position = member.position.max(batch.last);
                }
                self.count(batch);
            }
            Err(_) => self.members.iter_mut().for_each(|member| member.projection.forget()),
        }
        end
    }

    async fn transact(&mut self, connection: &mut ClientWrapper, namespace: &str, batch: &Batch) -> Applied {
        let transaction = connection.transaction().await.map_err(|error| failed("BEGIN", &error))?;
        let to = Statements::new(&transaction, namespace);
        self.advance(batch.last, &to).await?;
        if !batch.poison.is_empty() {
            self.set_aside(&batch.poison, &to).await?;
        }
        for Member { projection, position, .. } in &mut self.members {
            let news = batch.known.iter().filter(|event| event.recorded.position.sequence > *position);
            let concerning = news.filter(|event| projection.concerns(&event.fact)).collect::<Vec<_>>();
            if !concerning.is_empty() {
                projection.apply(&concerning, &to).await?;
            }
        }
        let reached = self.members.iter().map(|member| member.position.max(batch.last)).min().unwrap_or(0);
        checkpoints::notify(self.stream, reached, &to).await?;
        transaction.commit().await.map_err(|error| failed("COMMIT", &error))?;
        Ok(())
    }

    async fn advance(&self, last: u64, to: &Statements<'_>) -> Applied {
        let names = self.members.iter().map(|member| member.projection.name()).collect::<Vec<_>>();
        let expected = self.members.iter().map(|member| sequence(member.position)).collect::<Vec<_>>();
        let generations = self.members.iter().map(|member| member.generation).collect::<Vec<_>>();
        let positions = self.members.iter().map(|member| sequence(member.position.max(last))).collect::<Vec<_>>();
        let moved = to.execute(ADVANCE, &[&self.stream, &names, &expected, &generations, &positions]).await?;
        if usize::try_from(moved) == Ok(self.members.len()) {
            Ok(())
        } else {
            Err(ProjectorError::Superseded { stream: self.stream })
        }
    }

    async fn set_aside(
        &self,
        poison: &[(ally_domain::envelope::Recorded, String)],
        to: &Statements<'_>,
    ) -> Result<(), DatabaseError> {
        // PostgreSQL's text holds no NUL, and what made an event poison may be just that.
        let text = |text: &str| text.replace('\0', "\u{fffd}");
        to.execute(
            FAIL,
            &[
                &self.stream,
                &poison.iter().map(|(event, _)| sequence(event.position.sequence)).collect::<Vec<_>>(),
                &poison.iter().map(|(event, _)| text(&event.event_id)).collect::<Vec<_>>(),
                &poison.iter().map(|(event, _)| text(&event.event_type.to_string())).collect::<Vec<_>>(),
                &poison.iter().map(|(_, reason)| text(reason)).collect::<Vec<_>>(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Counts what was applied and what was passed over, once it is committed.
    fn count(&self, batch: &Batch) {
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
        for (event, reason) in &batch.poison {
            tracing::error!(position = %event.position, event_id = event.event_id, event_type = %event.event_type, reason,
                "an event cannot be projected and was passed over; it is listed in projection_failure");
            metrics::counter!(names::PROJECTION_FAILURES_TOTAL,
                label::STREAM => self.stream, label::TYPE => event.event_type.to_string())
            .increment(1);
        }
    }
}
