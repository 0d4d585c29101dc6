//! The projector: reads each stream in order and keeps its views up to date, for as long as the process lives.
//!
//! Here: starting, recovering and telling how it goes. Deliberately not here: what one active spell does
//! (`session.rs`), what one transaction writes (`batch.rs`), and what an event means to a view (the views' `apply.rs`).

mod batch;
mod continuity;
mod lag;
mod read_ahead;
mod series;
mod session;
mod trace;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ally_domain::ports::{Clock, EventLog, StoreError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::database::{Database, DatabaseError};
use crate::identity::Replaced;
use crate::incomplete::Incomplete;
use crate::projection::STREAMS;

pub(crate) use batch::Batch;
pub use lag::watch as watch_lag;
pub(crate) use read_ahead::{ReadAhead, Reads, Wanted};

/// How a projector works.
#[derive(Debug, Clone)]
pub struct ProjectorConfig {
    /// Events that one transaction takes, at most.
    pub max_batch_events: usize,
    /// Bytes of event data that one transaction takes before it stops taking more.
    pub max_batch_bytes: usize,
    /// Events that one read asks of the log, at most.
    pub read_events: usize,
    /// How often the lag is measured.
    pub lag_interval: Duration,
    /// How long a stand-by waits for the lock before it asks anew: a waiting statement holds back PostgreSQL's clean-up.
    pub lock_wait: Duration,
    /// How long a statement of the projector may run.
    pub statement_timeout: Duration,
    /// The first pause after a failure; it doubles up to `retry_max`.
    pub retry_min: Duration,
    /// The longest pause between two tries.
    pub retry_max: Duration,
}

impl Default for ProjectorConfig {
    fn default() -> Self {
        Self {
            max_batch_events: 2_000,
            max_batch_bytes: 8 << 20,
            read_events: 500,
            lag_interval: Duration::from_secs(5),
            lock_wait: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            retry_min: Duration::from_millis(100),
            retry_max: Duration::from_secs(5),
        }
    }
}

/// Why an active spell ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ProjectorError {
    /// The database does not answer, or refuses.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The log does not answer.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// The checkpoint is not where this projector left it: a rebuild swapped tables in, or another projector has written.
    #[error("the checkpoint of stream {stream} was moved by somebody else; reading it again")]
    Superseded {
        /// Which stream.
        stream: &'static str,
    },
    /// The stream is not the one that the views were made from: reading on would leave a hole that nobody knows of.
    #[error("{0}")]
    LogReplaced(Replaced),
}

/// What a projector does with a stream at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectorState {
    /// It has not got as far as asking for the lock.
    Starting,
    /// Another process projects this stream; this one takes over when that one ends.
    StandBy,
    /// This process projects this stream.
    Active,
    /// It failed and will try again by itself.
    Failing(String),
}

/// Keeps every view up to date. Run it in as many processes as you like: one is active for each stream.
#[derive(Clone)]
pub struct Projector {
    database: Database,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    config: ProjectorConfig,
    states: Arc<Mutex<BTreeMap<&'static str, ProjectorState>>>,
    /// What the views went without when they were last looked at.
    incomplete: Arc<Mutex<Vec<Incomplete>>>,
}

impl std::fmt::Debug for Projector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projector")
            .field("config", &self.config)
            .field("states", &self.states())
            .finish_non_exhaustive()
    }
}

impl Projector {
    /// A projector of a log into a database. Neither needs to be there yet.
    #[must_use]
    pub fn new(database: Database, log: Arc<dyn EventLog>, clock: Arc<dyn Clock>, config: ProjectorConfig) -> Self {
        let states = STREAMS.into_iter().map(|stream| (stream, ProjectorState::Starting)).collect();
        Self { database, log, clock, config, states: Arc::new(Mutex::new(states)), incomplete: Arc::default() }
    }

    /// Projects until told to stop; then finishes the batch in hand, hands its locks back and returns.
    pub async fn run(&self, stop: CancellationToken) {
        series::begin();
        let streams = STREAMS.map(|stream| tokio::spawn(self.clone().keep(stream, stop.clone())));
        tokio::select! {
            () = lag::report(&self.database, &*self.log, &*self.clock, &self.config, &self.incomplete) => {}
            () = stop.cancelled() => {}
        }
        for stream in streams {
            if let Err(lost) = stream.await {
                tracing::error!(error = %lost, "a projector task ended without being asked to");
            }
        }
    }

    /// What it does with each stream.
    #[must_use]
    pub fn states(&self) -> BTreeMap<&'static str, ProjectorState> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it works, as a sentence that says what does not.
    ///
    /// # Errors
    /// The stream that is not projected, and why.
    pub fn ready(&self) -> Result<(), String> {
        for (stream, state) in self.states() {
            match state {
                ProjectorState::Active | ProjectorState::StandBy => {}
                ProjectorState::Starting => return Err(format!("the projector of {stream} is starting")),
                ProjectorState::Failing(reason) => return Err(format!("{stream} is not projected: {reason}")),
            }
        }
        Ok(())
    }

    /// The views that go without events, as a sentence; none when all are complete. Looked at every few seconds.
    #[must_use]
    pub fn incomplete(&self) -> Option<String> {
        let found = self.incomplete.lock().unwrap_or_else(PoisonError::into_inner);
        let told: Vec<_> = found.iter().map(|it| format!("{it}; {}", it.remedy())).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// Says why it has not begun, for as long as it has not.
    pub fn waits(&self, reason: &str) {
        for stream in STREAMS {
            self.set(stream, ProjectorState::Failing(reason.to_owned()));
        }
    }

    fn set(&self, stream: &'static str, state: ProjectorState) {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).insert(stream, state);
    }

    /// Projects a stream also after a panic: a task that is gone would leave its state behind as if it still worked.
    async fn keep(self, stream: &'static str, stop: CancellationToken) {
        loop {
            let task = AbortOnDropHandle::new(tokio::spawn(self.clone().supervise(stream, stop.clone())));
            let Err(lost) = task.await else { return };
            tracing::error!(stream, error = %lost, "projecting broke down and will be begun anew");
            self.set(stream, ProjectorState::Failing(format!("projecting broke down: {lost}")));
            if stop.run_until_cancelled(tokio::time::sleep(self.config.retry_max)).await.is_none() {
                return;
            }
        }
    }

    /// One active spell after the other, with a growing pause after each failure.
    async fn supervise(self, stream: &'static str, stop: CancellationToken) {
        let mut pause = self.config.retry_min;
        while !stop.is_cancelled() {
            let mut progressed = false;
            let end = session::run(&self, stream, &stop, &mut progressed).await;
            let Err(error) = end else { continue };
            if progressed {
                pause = self.config.retry_min;
            }
            if matches!(error, ProjectorError::Superseded { .. }) {
                tracing::info!(stream, reason = %error, "projecting from the new checkpoint");
            } else {
                tracing::warn!(stream, %error, retry_in_ms = pause.as_millis(), "projecting stopped and will be tried again");
                self.set(stream, ProjectorState::Failing(error.to_string()));
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
            pause = (pause * 2).min(self.config.retry_max);
        }
    }
}
