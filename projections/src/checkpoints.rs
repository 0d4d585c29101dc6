//! How far the views are, and waiting until they have got somewhere: reading one's own writes.
//!
//! One connection a process listens for what every projector announces in its transactions; any number of waiters watch
//! what it heard and ask the database nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_telemetry::names::{self, freshness, label};
use ally_telemetry::series;
use futures::StreamExt;
use tokio::sync::{mpsc, watch};
use tokio_postgres::{AsyncMessage, NoTls, Row};
use tokio_util::task::AbortOnDropHandle;

use ally_domain::ids::JobId;

use crate::database::{Database, DatabaseError, Statement, Statements, broken, failed};
use crate::identity::Stand;
use crate::job_changes::{self, JobChanges, JobNews};
use crate::projection::{PROJECTIONS, STREAMS};

/// Where projectors announce checkpoints: `PLANS:42`.
const CHANNEL: &str = "ally_projection_checkpoint";
/// How often the checkpoints are read even when nothing was announced: an announcement may be lost with a connection.
const REFRESH: Duration = Duration::from_secs(5);
/// The first and the longest pause between two tries to listen.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

const NOTIFY: Statement =
    Statement::new("NOTIFY", "projection_checkpoint", "SELECT pg_notify('ally_projection_checkpoint', $1)");
const LIST: Statement = Statement::new(
    "SELECT",
    "projection_checkpoint",
    "SELECT projection, stream, position, generation, stream_identity, last_event_id
     FROM projection_checkpoint ORDER BY projection, stream",
);

/// How far a projection is in one of its streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// `job_status`
    pub projection: String,
    /// The last event in its rows; sequence 0 before the first.
    pub position: Position,
    /// How often its tables were swapped by a rebuild.
    pub generation: u64,
    /// The same position, and the stream that it is in.
    pub(crate) stand: Stand,
}

/// Every checkpoint, by projection and stream.
///
/// # Errors
/// When the database does not answer.
pub async fn list(database: &Database) -> Result<Vec<Checkpoint>, DatabaseError> {
    let rows = database.query(LIST, &[]).await?;
    let checkpoints = rows.iter().map(|row| Checkpoint {
        projection: row.get(0),
        position: Position { stream: row.get(1), sequence: u64::try_from(row.get::<_, i64>(2)).unwrap_or(0) },
        generation: u64::try_from(row.get::<_, i64>(3)).unwrap_or(0),
        stand: Stand::from_row(row),
    });
    Ok(checkpoints.collect())
}

/// Announces a checkpoint to all who wait, when the transaction commits.
pub(crate) async fn notify(stream: &str, sequence: u64, to: &Statements<'_>) -> Result<(), DatabaseError> {
    to.query(NOTIFY, &[&format!("{stream}:{sequence}")]).await?;
    Ok(())
}

/// How waiting for a position ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a view that has not got there must not be shown as if it had"]
pub enum Waited {
    /// The views contain the position.
    Reached,
    /// They did not get there in time: answer from the log, or say that the view is behind.
    TimedOut,
}

/// What every process knows of the checkpoints. Cheap to clone; the listening ends with the last clone.
#[derive(Clone)]
pub struct Checkpoints {
    streams: Arc<HashMap<&'static str, watch::Sender<u64>>>,
    jobs: JobChanges,
    _listener: Arc<AbortOnDropHandle<()>>,
    failure: Arc<Mutex<Option<String>>>,
}

impl std::fmt::Debug for Checkpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let heard = self.streams.iter().map(|(stream, heard)| (stream, *heard.borrow()));
        f.debug_map().entries(heard).finish()
    }
}

impl Checkpoints {
    /// Begins to listen, and goes on listening through any loss of the database. Call it inside a runtime.
    #[must_use]
    pub fn listen(database: Database) -> Self {
        let streams = Arc::new(STREAMS.into_iter().map(|stream| (stream, watch::Sender::new(0))).collect());
        let failure = Arc::new(Mutex::new(Some("not listening for checkpoints yet".to_owned())));
        let jobs = JobChanges::default();
        begin_series();
        let listener = tokio::spawn(keep_listening(database, Arc::clone(&streams), jobs.clone(), Arc::clone(&failure)));
        Self { streams, jobs, failure, _listener: Arc::new(AbortOnDropHandle::new(listener)) }
    }

    /// Waits until the views contain an event, at most so long. A stream that no view is fed from is never waited for.
    pub async fn wait_for(&self, position: &Position, at_most: Duration) -> Waited {
        let Some(heard) = self.streams.get(position.stream.as_str()) else { return Waited::Reached };
        if *heard.borrow() >= position.sequence {
            return counted(Waited::Reached, freshness::FRESH);
        }
        let mut heard = heard.subscribe();
        let reached = heard.wait_for(|sequence| *sequence >= position.sequence);
        match tokio::time::timeout(at_most, reached).await {
            Ok(Ok(_)) => counted(Waited::Reached, freshness::WAITED),
            Ok(Err(_)) | Err(_) => counted(Waited::TimedOut, freshness::STALE),
        }
    }

    /// Whether the views are known to contain an event.
    #[must_use]
    pub fn contain(&self, position: &Position) -> bool {
        self.streams.get(position.stream.as_str()).is_none_or(|heard| *heard.borrow() >= position.sequence)
    }

    /// Follows a job's row: what is read of it afterwards holds until there is news. While nothing is heard of the database
    /// there always is.
    #[must_use]
    pub fn follow(&self, job: &JobId) -> JobNews {
        if self.ready().is_err() { JobNews::unknown() } else { self.jobs.follow(job) }
    }

    /// Whether announcements arrive, as a sentence that says what does not.
    ///
    /// # Errors
    /// Why none can.
    pub fn ready(&self) -> Result<(), String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone().map_or(Ok(()), Err)
    }
}

/// Shows at zero how reads that name a position find it.
fn begin_series() {
    series::begin(names::PROJECTION_READS_TOTAL, &[(label::PROJECTION, &["all"]), (label::OUTCOME, &freshness::ALL)]);
}

fn counted(waited: Waited, outcome: &'static str) -> Waited {
    metrics::counter!(names::PROJECTION_READS_TOTAL, label::PROJECTION => "all", label::OUTCOME => outcome)
        .increment(1);
    waited
}

async fn keep_listening(
    database: Database,
    streams: Arc<HashMap<&'static str, watch::Sender<u64>>>,
    jobs: JobChanges,
    failure: Arc<Mutex<Option<String>>>,
) {
    let set = |state| *failure.lock().unwrap_or_else(PoisonError::into_inner) = state;
    let (mut pause, longest) = RETRY;
    loop {
        let Err(error) = listen(&database, &streams, &jobs, || set(None)).await;
        if failure.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            pause = RETRY.0;
            tracing::warn!(%error, "checkpoints are not heard any more; trying again until they are");
        }
        set(Some(error.to_string()));
        jobs.all_changed();
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Listens until the connection breaks. Reading comes after listening begins, so nothing falls between them.
async fn listen(
    database: &Database,
    streams: &HashMap<&'static str, watch::Sender<u64>>,
    jobs: &JobChanges,
    listening: impl Fn(),
) -> Result<std::convert::Infallible, DatabaseError> {
    let mut config = database.client_config().clone();
    config.application_name("ally-checkpoints");
    let (client, mut connection) = config.connect(NoTls).await.map_err(|error| broken(&error))?;
    let (announce, mut announced) = mpsc::unbounded_channel();
    // The connection ends, and with it this task, when the client is dropped.
    let _connection = AbortOnDropHandle::new(tokio::spawn(async move {
        let mut messages = futures::stream::poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(heard) = message
                && announce.send(heard).is_err()
            {
                return;
            }
        }
    }));
    client
        .batch_execute(&format!("LISTEN {CHANNEL}; LISTEN {}", job_changes::CHANNEL))
        .await
        .map_err(|error| failed("LISTEN", &error))?;
    let mut identities = HashMap::<&'static str, BTreeSet<String>>::new();
    loop {
        let rows = client.query(LIST.sql, &[]).await.map_err(|error| failed("SELECT projection_checkpoint", &error))?;
        for (stream, heard) in streams {
            let fed = |row: &&Row| is_fed(row.get(0), stream) && row.get::<_, &str>(1) == *stream;
            let positions = rows.iter().filter(fed).map(|row| row.get::<_, i64>(2));
            let least = positions.min().and_then(|least| u64::try_from(least).ok()).unwrap_or(0);
            // In another stream the old position means nothing, and would have every read believe that the views are there.
            let now =
                rows.iter().filter(fed).filter_map(|row| row.get::<_, Option<String>>("stream_identity")).collect();
            match identities.insert(stream, now) {
                Some(before) if identities.get(stream) != Some(&before) => {
                    heard.send_replace(least);
                }
                _ => advance(heard, least),
            }
        }
        listening();
        let refresh = tokio::time::sleep(REFRESH);
        tokio::pin!(refresh);
        loop {
            tokio::select! {
                heard = announced.recv() => match heard {
                    Some(heard) if heard.channel() == job_changes::CHANNEL => jobs.announced(heard.payload()),
                    Some(heard) => {
                        if let Ok(position) = heard.payload().parse::<Position>()
                            && let Some(known) = streams.get(position.stream.as_str())
                        {
                            advance(known, position.sequence);
                        }
                    }
                    None => return Err(DatabaseError::Unavailable { reason: "the listening connection ended".to_owned() }),
                },
                () = &mut refresh => break,
            }
        }
    }
}

/// Whether this version has the projection, and feeds it from the stream: rows of others say nothing here.
fn is_fed(projection: &str, stream: &str) -> bool {
    PROJECTIONS.iter().any(|known| known.name == projection && known.streams.contains(&stream))
}

/// Wakes the waiters only when there is news; checkpoints never go back for those who wait.
fn advance(heard: &watch::Sender<u64>, sequence: u64) {
    heard.send_if_modified(|known| {
        let news = sequence > *known;
        *known = (*known).max(sequence);
        news
    });
}
