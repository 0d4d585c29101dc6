//! Views that go without events of the log: what was passed over is remembered beside the checkpoint, in the same transaction,
//! until the view is rebuilt.

use ally_domain::envelope::Position;
use ally_domain::event_data::EventType;

use crate::database::{Database, DatabaseError, Statement};
use crate::fact::Fact;
use crate::failure::{Failure, KEPT, MISSED};
use crate::projection::PROJECTIONS;

/// A row of '*' was written by an earlier version and stands for every projection of its stream.
const LIST: Statement = Statement::new(
    "SELECT",
    "projection_failure",
    "SELECT own.projection, stream, count(*), min(sequence), array_agg(DISTINCT event_type),
            (array_agg(reason ORDER BY sequence))[1]
     FROM projection_failure AS kept JOIN projection_checkpoint AS own USING (stream)
     WHERE kept.projection IN (own.projection, '*')
     GROUP BY own.projection, stream ORDER BY own.projection, stream",
);

/// A projection that goes without events of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incomplete {
    /// `job_status`
    pub projection: String,
    /// How many events it goes without; from 10,000 on they are not counted any more.
    pub events: u64,
    /// The first of them.
    pub first: Position,
    /// Of which types they are.
    pub event_types: Vec<String>,
    /// Why the first was passed over.
    pub reason: String,
}

impl Incomplete {
    /// What brings the events into the view.
    #[must_use]
    pub fn remedy(&self) -> String {
        let known = |text: &String| EventType::parse(text).is_some_and(|event_type| Fact::is_known(&event_type));
        let rebuild = format!("`ally projections rebuild {}`", self.projection);
        if self.event_types.iter().all(|text| text == MISSED) {
            format!("nothing brings them back; {rebuild} folds what is left and takes them off the list")
        } else if self.event_types.iter().all(|text| text == MISSED || known(text)) {
            format!("{rebuild}; what it passes over again cannot be read by this version")
        } else {
            format!("update Ally to the version that wrote them, then {rebuild}")
        }
    }

    /// What a fold of the log passed over just now, by stream.
    pub(crate) fn of(failures: &[Failure]) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for failure in failures {
            let same = |it: &&mut Self| it.first.stream == failure.position.stream;
            match found.iter_mut().find(same) {
                Some(one) => {
                    one.events += 1;
                    if !one.event_types.contains(&failure.event_type) {
                        one.event_types.push(failure.event_type.clone());
                    }
                }
                None => found.push(Self {
                    projection: failure.projection.to_owned(),
                    events: 1,
                    first: failure.position.clone(),
                    event_types: vec![failure.event_type.clone()],
                    reason: failure.reason.clone(),
                }),
            }
        }
        found
    }
}

impl std::fmt::Display for Incomplete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { projection, events, first, event_types, reason } = self;
        let more = if usize::try_from(*events).is_ok_and(|events| events >= KEPT) { " or more" } else { "" };
        let types = event_types.join(", ");
        let noun = if *events == 1 { "event" } else { "events" };
        write!(f, "{projection} goes without {events}{more} {noun} from {first} on ({types}): {reason}")
    }
}

/// Every projection of this version that is incomplete, by name and stream.
///
/// # Errors
/// When the database does not answer.
pub async fn list(database: &Database) -> Result<Vec<Incomplete>, DatabaseError> {
    let rows = database.query(LIST, &[]).await?;
    let found = rows.iter().map(|row| Incomplete {
        projection: row.get(0),
        events: row.get::<_, i64>(2).unsigned_abs(),
        first: Position { stream: row.get(1), sequence: row.get::<_, i64>(3).unsigned_abs() },
        event_types: row.get(4),
        reason: row.get(5),
    });
    Ok(found.filter(|it| PROJECTIONS.iter().any(|known| known.name == it.projection)).collect())
}
