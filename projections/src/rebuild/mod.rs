//! Rebuilding a projection while it serves, and checking it against the log.
//!
//! Both fill fresh tables, of the same names, in a schema beside the live one, by the very code that projects. A rebuild
//! then swaps them in; a check compares them row by row and drops them. Memory does not grow with the log.

mod compare;
mod fill;
mod scratch;
mod swap;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ports::{EventLog, StoreError};

use crate::checkpoints;
use crate::database::{Database, DatabaseError};
use crate::identity::{self, Replaced};
use crate::incomplete::{self, Incomplete};
use crate::projection::{Definition, PROJECTIONS};

pub use compare::{Difference, Verified};
use fill::Fill;
use scratch::Scratch;

/// How to rebuild.
#[derive(Debug, Clone)]
pub struct RebuildConfig {
    /// Events that one transaction waits for while the log owes them: a transaction has a price of its own.
    pub min_batch_events: usize,
    /// Events that one transaction takes, at most.
    pub max_batch_events: usize,
    /// Bytes of event data that one transaction takes before it stops taking more.
    pub max_batch_bytes: usize,
    /// Events that one read asks of the log, at most.
    pub read_events: usize,
    /// How long the log may be silent while it owes events.
    pub read_timeout: Duration,
    /// How long the swap may keep readers waiting before it lets them pass and tries again.
    pub lock_wait: Duration,
    /// How often the swap is tried.
    pub swap_attempts: u32,
    /// How long one statement may run: building an index, comparing a table.
    pub statement_timeout: Duration,
}

impl Default for RebuildConfig {
    fn default() -> Self {
        Self {
            min_batch_events: 1_000,
            max_batch_events: 5_000,
            max_batch_bytes: 16 << 20,
            read_events: 1_000,
            read_timeout: Duration::from_secs(30),
            lock_wait: Duration::from_millis(100),
            swap_attempts: 100,
            statement_timeout: Duration::from_secs(3_600),
        }
    }
}

/// What a rebuild does about a stream that is not the one which the live tables were made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewStream {
    /// Nothing: it says so, and the old tables stay.
    Refused,
    /// It folds what there is, and the views follow the new one.
    Accepted,
}

/// How far a rebuild or a check is in one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The last event that was folded.
    pub position: Position,
    /// The sequence it must reach; it moves on while events come in.
    pub target: u64,
    /// Events folded so far, of all streams.
    pub events: u64,
}

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Which projection.
    pub projection: &'static str,
    /// Events folded.
    pub events: u64,
    /// Where the new tables stand in each stream.
    pub positions: Vec<Position>,
    /// Events that were passed over; each is a row of `projection_failure`.
    pub failures: u64,
}

/// Why a projection was not rebuilt or checked. The live tables are as they were.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is no projection of that name.
    #[error("there is no projection {name:?}; there are {}", names())]
    Unknown {
        /// The name.
        name: String,
    },
    /// Another process is at it.
    #[error("{projection} is being rebuilt or checked by another process; wait for it to end")]
    Busy {
        /// Which projection.
        projection: &'static str,
    },
    /// Readers held the live tables for too long, each time.
    #[error(
        "readers kept the tables of {projection} busy through {attempts} tries to swap; look for a long transaction and try again"
    )]
    NeverFree {
        /// Which projection.
        projection: &'static str,
        /// How often it was tried.
        attempts: u32,
    },
    /// A stream is not the one that the live tables were made from.
    #[error("{0}")]
    LogReplaced(Replaced),
    /// A stream was replaced while it was read.
    #[error("stream {stream} was made anew meanwhile; nothing was changed, try again")]
    ReplacedMeanwhile {
        /// Which stream.
        stream: &'static str,
    },
    /// The log ended before the checkpoint of the live tables.
    #[error("stream {} gave nothing for {waited:?} although the view stands at {}; check the log and try again", .at.stream, .at.sequence)]
    LogSilent {
        /// Where the live tables stand.
        at: Position,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The database does not answer, or refuses.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The log does not answer.
    #[error(transparent)]
    Log(#[from] StoreError),
}

fn names() -> String {
    PROJECTIONS.iter().map(|known| known.name).collect::<Vec<_>>().join(", ")
}

/// Told now and then how far it is.
pub type OnProgress<'a> = &'a (dyn Fn(&Progress) + Send + Sync);

/// Rebuilds projections and checks them.
#[derive(Clone)]
pub struct Rebuilder {
    database: Database,
    log: Arc<dyn EventLog>,
    config: RebuildConfig,
}

impl std::fmt::Debug for Rebuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rebuilder").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Rebuilder {
    /// A rebuilder of a log's projections in a database.
    #[must_use]
    pub fn new(database: Database, log: Arc<dyn EventLog>, config: RebuildConfig) -> Self {
        Self { database, log, config }
    }

    /// The streams that are not those which the live tables were made from.
    ///
    /// # Errors
    /// When the log or the database does not answer, and when there is no such projection.
    pub async fn replaced(&self, name: &str) -> Result<Vec<Replaced>, RebuildError> {
        let definition = known(name)?;
        let mut found = Vec::new();
        for checkpoint in checkpoints::list(&self.database).await? {
            let stream = definition.streams.iter().find(|stream| **stream == checkpoint.position.stream);
            if let Some(stream) = stream.filter(|_| checkpoint.projection == definition.name) {
                let now = self.log.identity(stream).await?;
                found.extend(identity::replaced(&*self.log, stream, &now, &checkpoint.stand).await?);
            }
        }
        Ok(found)
    }

    /// Fills fresh tables from the log while the old ones serve, and swaps them in. Readers never fail; the projector goes
    /// on by itself. A projection that nobody has begun to project is filled up to the log's end.
    ///
    /// # Errors
    /// See [`RebuildError`]; the old tables then stay. They stay, too, where a stream is not the one that they were made from.
    pub async fn rebuild(&self, name: &str, on_progress: OnProgress<'_>) -> Result<Rebuilt, RebuildError> {
        self.rebuild_from(name, NewStream::Refused, on_progress).await
    }

    /// The same where a stream may be another one than the live tables were made from: then what only they hold of the old
    /// one is gone with them.
    ///
    /// # Errors
    /// See [`RebuildError`]; the old tables then stay.
    pub async fn rebuild_from(
        &self,
        name: &str,
        new_stream: NewStream,
        on_progress: OnProgress<'_>,
    ) -> Result<Rebuilt, RebuildError> {
        let definition = known(name)?;
        let replaced = self.replaced(name).await?;
        match replaced.first() {
            Some(first) if new_stream == NewStream::Refused => return Err(RebuildError::LogReplaced(first.clone())),
            _ => {}
        }
        let mut scratch = Scratch::create(&self.database, definition, &self.config).await?;
        let mut fill = Fill::new(self, definition, on_progress);
        fill.as_new(replaced.iter().map(|it| it.stream)).await?;
        fill.up_to_live(scratch.connection()).await?;
        scratch.finish_tables().await?;
        fill.up_to_live(scratch.connection()).await?;
        let positions = swap::swap(self, &mut scratch, &mut fill).await?;
        scratch.drop().await?;
        let (events, failures) = fill.counts();
        tracing::info!(projection = definition.name, events, failures, "rebuilt and swapped in");
        Ok(Rebuilt { projection: definition.name, events, positions, failures })
    }

    /// Folds the log afresh, up to where the live tables stand, and compares row by row. The projector goes on meanwhile.
    ///
    /// # Errors
    /// See [`RebuildError`]. Differences are no error: they are the answer.
    pub async fn verify(&self, name: &str, on_progress: OnProgress<'_>) -> Result<Verified, RebuildError> {
        let definition = known(name)?;
        if let Some(replaced) = self.replaced(name).await?.into_iter().next() {
            return Err(RebuildError::LogReplaced(replaced));
        }
        let mut scratch = Scratch::create(&self.database, definition, &self.config).await?;
        let mut fill = Fill::new(self, definition, on_progress);
        fill.up_to_live(scratch.connection()).await?;
        let mut verified = compare::compare(&mut scratch, &mut fill).await?;
        let recorded = incomplete::list(&self.database).await?;
        verified.incomplete = recorded.into_iter().filter(|it| it.projection == definition.name).collect();
        let recorded = |stream: &str| verified.incomplete.iter().any(|it| it.first.stream == stream);
        // The projector of an earlier version has left no note of what it passed over; this fold has met it all the same.
        let met = Incomplete::of(&fill.failures);
        let met: Vec<_> = met.into_iter().filter(|it| !recorded(&it.first.stream)).collect();
        verified.incomplete.extend(met);
        scratch.drop().await?;
        Ok(verified)
    }
}

fn known(name: &str) -> Result<&'static Definition, RebuildError> {
    let found = PROJECTIONS.iter().find(|known| known.name == name);
    found.ok_or_else(|| RebuildError::Unknown { name: name.to_owned() })
}
