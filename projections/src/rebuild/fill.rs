//! Folds the log into fresh tables, as far as the live ones are and never further.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ports::{EventLog, StoreError, StreamIdentity};
use deadpool_postgres::{ClientWrapper, Transaction};
use tokio_postgres::GenericClient;

use super::{OnProgress, Progress, RebuildError, Rebuilder};
use crate::database::{DatabaseError, Statements, failed};
use crate::failure::{self, Failure};
use crate::projection::{self, Definition, Projection};
use crate::projector::{Batch, ReadAhead, Reads, Wanted};

/// How long the log is waited for when it may have nothing more.
const END_SILENCE: Duration = Duration::from_millis(500);

/// One stream's part of a projection, and how far it is filled.
struct Source {
    stream: &'static str,
    projection: Box<dyn Projection>,
    position: u64,
    reads: Option<ReadAhead>,
}

/// How far the fresh tables are, and what it took.
pub(super) struct Fill<'a> {
    rebuilder: &'a Rebuilder,
    definition: &'static Definition,
    on_progress: OnProgress<'a>,
    sources: Vec<Source>,
    /// Where to fill to in a stream that no projector has begun to project, and in one that was replaced.
    new_to: Live,
    /// Streams that are not those which the live tables were made from.
    pub(super) replaced: BTreeSet<&'static str>,
    /// Which stream each one was when the fill began.
    identities: BTreeMap<&'static str, StreamIdentity>,
    events: u64,
    pub(super) failures: Vec<Failure>,
}

/// Where the live tables stand, by stream.
pub(super) type Live = BTreeMap<String, u64>;

impl<'a> Fill<'a> {
    pub(super) fn new(rebuilder: &'a Rebuilder, definition: &'static Definition, on_progress: OnProgress<'a>) -> Self {
        let source = |stream: &&'static str| {
            of(definition, stream).map(|projection| Source { stream, projection, position: 0, reads: None })
        };
        let sources = definition.streams.iter().filter_map(source).collect();
        Self {
            rebuilder,
            definition,
            on_progress,
            sources,
            new_to: Live::new(),
            replaced: BTreeSet::new(),
            identities: BTreeMap::new(),
            events: 0,
            failures: Vec::new(),
        }
    }

    /// Fills a projection that nobody has begun to project up to the log's end: so a new one is ready when its projector is.
    /// From a stream that was replaced it is filled likewise.
    pub(super) async fn as_new(&mut self, replaced: impl Iterator<Item = &'static str>) -> Result<(), RebuildError> {
        self.replaced = replaced.collect();
        for stream in self.definition.streams {
            self.identities.insert(stream, self.rebuilder.log.identity(stream).await?);
            self.new_to.insert((*stream).to_owned(), self.rebuilder.log.last_sequence(stream).await?);
        }
        Ok(())
    }

    /// Which stream each one is that was folded, in the order of [`Fill::positions`]; an error when one is another by now.
    pub(super) async fn identities(&self) -> Result<Vec<String>, RebuildError> {
        let mut identities = Vec::new();
        for Source { stream, .. } in &self.sources {
            let now = self.rebuilder.log.identity(stream).await?;
            if self.identities.get(stream).is_some_and(|before| *before != now) {
                return Err(RebuildError::ReplacedMeanwhile { stream });
            }
            identities.push(now.0);
        }
        Ok(identities)
    }

    /// Events folded, and events passed over.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.events, self.failures.len() as u64)
    }

    /// Where the fresh tables stand.
    pub(super) fn positions(&self) -> Vec<Position> {
        let position = |source: &Source| Position { stream: source.stream.to_owned(), sequence: source.position };
        self.sources.iter().map(position).collect()
    }

    /// Folds until the fresh tables are where the live ones were a moment ago.
    pub(super) async fn up_to_live(&mut self, connection: &mut ClientWrapper) -> Result<(), RebuildError> {
        loop {
            let live = self.live(&**connection, "").await?;
            if self.sources.iter().all(|source| source.position >= target(&live, source.stream)) {
                return Ok(());
            }
            for n in 0..self.sources.len() {
                let target = target(&live, self.sources[n].stream);
                while self.sources[n].position < target {
                    let Some(batch) = self.read(n, target).await? else { break };
                    self.write(n, &batch, connection).await?;
                    self.moved(n, &batch, target);
                }
            }
        }
    }

    /// Folds what is left inside a transaction that holds the live tables where they are. When it is rolled back, so must
    /// this: see [`Fill::back_to`].
    pub(super) async fn up_to(&mut self, live: &Live, within: &mut Transaction<'_>) -> Result<(), RebuildError> {
        for n in 0..self.sources.len() {
            let target = target(live, self.sources[n].stream);
            while self.sources[n].position < target {
                let Some(batch) = self.read(n, target).await? else { break };
                self.carry_over(n, &batch, within).await?;
                let projection = &mut *self.sources[n].projection;
                let failures = apply(projection, &batch, within, self.rebuilder.database.namespace()).await?;
                self.keep(failures);
                self.moved(n, &batch, target);
            }
        }
        Ok(())
    }

    /// Goes back to where it was before a transaction that was rolled back.
    pub(super) fn back_to(&mut self, positions: &[Position]) {
        for source in &mut self.sources {
            let before =
                positions.iter().find(|before| before.stream == source.stream).map_or(0, |before| before.sequence);
            self.failures.retain(|kept| kept.position.stream != source.stream || kept.position.sequence <= before);
            source.projection.forget();
            source.reads = None;
            source.position = before;
        }
    }

    /// Where the live tables stand; `FOR UPDATE` holds them there.
    pub(super) async fn live(&self, from: &impl GenericClient, locked: &str) -> Result<Live, DatabaseError> {
        let sql = format!(
            "SELECT stream, position FROM public.projection_checkpoint WHERE projection = $1 ORDER BY stream {locked}"
        );
        let rows = from.query(&sql, &[&self.definition.name]).await;
        let rows = rows.map_err(|error| failed("SELECT projection_checkpoint", &error))?;
        let mut live = self.new_to.clone();
        let known = rows.iter().map(|row| (row.get::<_, String>(0), row.get::<_, i64>(1).unsigned_abs()));
        live.extend(known.filter(|(stream, _)| !self.replaced.contains(stream.as_str())));
        Ok(live)
    }

    /// The next events of a stream, none behind the target. Nothing when the log has no more before its end, which is then
    /// the target: its last numbers need not be those of events.
    async fn read(&mut self, n: usize, target: u64) -> Result<Option<Batch>, RebuildError> {
        let (log, config) = (&*self.rebuilder.log, &self.rebuilder.config);
        let source = &mut self.sources[n];
        if projection::forgets(source.stream) && last_kept(log, source.stream).await? <= source.position {
            // Age has taken the rest: there is nothing to wait for.
            let mut nothing = Batch::default();
            nothing.reach(target);
            return Ok(Some(nothing));
        }
        let mut reads = match source.reads.take() {
            Some(reads) => reads,
            None => {
                let wanted = wanted(self.definition, source.stream);
                ReadAhead::open(log, source.stream, source.position, config.read_events, wanted).await?
            }
        };
        let at = || Position { stream: source.stream.to_owned(), sequence: target };
        let (mut events, mut skipped) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        let enough = config.min_batch_events.min(config.max_batch_events);
        while events.len() < enough && bytes < config.max_batch_bytes {
            let room = config.max_batch_events.saturating_sub(events.len());
            // Where the target is an event that was read before, it will come. The log's end may be anything.
            let to_end = self.new_to.get(source.stream) == Some(&target);
            let patience = if to_end { config.read_timeout.min(END_SILENCE) } else { config.read_timeout };
            let next = tokio::time::timeout(patience, reads.next(room, config.max_batch_bytes - bytes));
            let more: Reads = match next.await {
                Ok(more) => more?,
                Err(_) if to_end && !events.is_empty() => break,
                Err(_) if to_end => {
                    // The projector goes on from here, so nothing is lost should the log only have been slow.
                    self.new_to.insert(source.stream.to_owned(), source.position);
                    source.reads = Some(reads);
                    return Ok(None);
                }
                Err(_) => return Err(RebuildError::LogSilent { at: at(), waited: patience }),
            };
            bytes += more.events.iter().map(|read| read.recorded.data.len()).sum::<usize>();
            events.extend(more.events);
            skipped.extend(more.skipped);
            if events.last().is_none_or(|event| event.recorded.position.sequence >= target) {
                break;
            }
        }
        let taken = events.partition_point(|event| event.recorded.position.sequence <= target);
        let later = events.split_off(taken);
        let beyond = !later.is_empty();
        reads.put_back(later);
        source.reads = Some(reads);
        let mut batch = Batch::new(Reads { events, skipped });
        if beyond {
            // The log has no more events up to the target: the last numbers were deleted.
            batch.reach(target);
        }
        Ok(Some(batch))
    }

    /// Writes a batch in a transaction of its own; event by event when the database refuses the data of one.
    async fn write(&mut self, n: usize, batch: &Batch, connection: &mut ClientWrapper) -> Result<(), RebuildError> {
        let namespace = self.rebuilder.database.namespace();
        let mut transaction = connection.transaction().await.map_err(|error| failed("BEGIN", &error))?;
        self.carry_over(n, batch, &transaction).await?;
        let failures = apply(&mut *self.sources[n].projection, batch, &mut transaction, namespace).await?;
        transaction.commit().await.map_err(|error| failed("COMMIT", &error))?;
        self.keep(failures);
        Ok(())
    }

    /// Before the first batch: takes over what a stream that forgets by age does not hold any more. What the live tables
    /// know of another stream of the same name says nothing of this one.
    async fn carry_over(&mut self, n: usize, batch: &Batch, within: &Transaction<'_>) -> Result<(), DatabaseError> {
        let Source { stream, projection, position, .. } = &mut self.sources[n];
        if *position > 0 || !projection::forgets(stream) || self.replaced.contains(stream) {
            return Ok(());
        }
        projection.carry_over(batch.first(), &Statements::new(within, self.rebuilder.database.namespace())).await
    }

    fn keep(&mut self, failures: Vec<Failure>) {
        let room = failure::KEPT.saturating_sub(self.failures.len());
        self.failures.extend(failures.into_iter().take(room));
    }

    fn moved(&mut self, n: usize, batch: &Batch, target: u64) {
        let source = &mut self.sources[n];
        source.position = source.position.max(batch.last());
        self.events += batch.known().len() as u64;
        let position = Position { stream: source.stream.to_owned(), sequence: source.position };
        (self.on_progress)(&Progress { position, target, events: self.events });
    }
}

/// The sequence of the last message of a stream that a reader may still be given.
async fn last_kept(log: &dyn EventLog, stream: &str) -> Result<u64, StoreError> {
    let kept = log.last_kept(stream).await?;
    if projection::holds_schedules(stream) { Ok(kept.min(log.last_event(stream).await?)) } else { Ok(kept) }
}

/// Which events of a stream a projection reads.
fn wanted(definition: &'static Definition, stream: &str) -> Wanted {
    let reads = of(definition, stream);
    Box::new(move |event_type| reads.as_ref().is_none_or(|projection| projection.reads(event_type)))
}

/// A stream's part of a projection, new.
fn of(definition: &'static Definition, stream: &str) -> Option<Box<dyn Projection>> {
    projection::for_stream(stream).into_iter().find(|fed| fed.name() == definition.name)
}

fn target(live: &Live, stream: &str) -> u64 {
    live.get(stream).copied().unwrap_or(0)
}

/// Applies a batch, all at once or, when the database refuses the data of an event, one by one without that one.
async fn apply(
    projection: &mut dyn Projection,
    batch: &Batch,
    within: &mut Transaction<'_>,
    namespace: &str,
) -> Result<Vec<Failure>, DatabaseError> {
    let events = batch.known().iter().filter(|event| projection.concerns(&event.fact)).collect::<Vec<_>>();
    let mut failures = batch.passed_over(projection, 0);
    if events.is_empty() {
        return Ok(failures);
    }
    let savepoint = within.savepoint("batch").await.map_err(|error| failed("SAVEPOINT", &error))?;
    match projection.apply(&events, &Statements::new(&savepoint, namespace)).await {
        Ok(()) => {
            savepoint.commit().await.map_err(|error| failed("RELEASE", &error))?;
            return Ok(failures);
        }
        Err(error) if error.is_caused_by_data() => {
            savepoint.rollback().await.map_err(|error| failed("ROLLBACK", &error))?;
            projection.forget();
        }
        Err(error) => return Err(error),
    }
    for event in events {
        failures.extend(failure::apply_or_set_aside(projection, &[event], within, namespace).await?);
    }
    Ok(failures)
}

/// Keeps what was passed over, in the table that says so.
pub(super) async fn record(fill: &Fill<'_>, to: &Statements<'_>) -> Result<(), DatabaseError> {
    failure::clear(fill.definition.name, to).await?;
    failure::record(&fill.failures, to).await
}
