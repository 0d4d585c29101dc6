//! Executes a command on an aggregate: load, decide, append; a conflict is decided again, a bounded number of times.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::athlete::AthleteDecider;
use ally_domain::decider::Decider;
use ally_domain::envelope::{CommandContext, Position, Recorded};
use ally_domain::event_data::{self, EncodingError, EventData};
use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef};
use ally_domain::outcome::Outcome;
use ally_domain::plan::PlanDecider;
use ally_domain::ports::{Append, EventStore, History, StoreError};
use ally_domain::room::RoomDecider;
use ally_domain::webhook::{DeliveryDecider, EndpointDecider};
use ally_telemetry::names::{attr, command_outcome, provider, span};
use time::OffsetDateTime;
use tracing::{Instrument, Span, field};

use crate::metrics;

/// How often a decision is made anew because somebody appended first. Under this many writers at once on one
/// aggregate each of them gets through; beyond, the last ones are told to come back.
const MAX_TRIES: u32 = 64;

/// Executes commands. Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    store: Arc<dyn EventStore>,
    provider: &'static str,
}

/// An aggregate as it was known at some moment. A decision may be made on it without asking the log: should it be behind, the
/// append says so, and only then the log is read.
pub struct Known<D: Decider> {
    /// Its state then.
    pub state: D::State,
    /// The sequence of its last event then; 0 when it had none.
    pub sequence: u64,
    /// When its first event happened, where that is known.
    pub since: Option<OffsetDateTime>,
}

impl<D: Decider> Default for Known<D> {
    /// An aggregate to which nothing has happened.
    fn default() -> Self {
        Self { state: D::State::default(), sequence: 0, since: None }
    }
}

/// Events that an append has stored, for who counts them. A repeated append stores nothing, so it is none.
#[derive(Debug)]
pub struct Stored<'a, D: Decider> {
    /// Which aggregate.
    pub id: &'a AggregateId,
    /// What they add up to, with all that was before.
    pub state: &'a D::State,
    /// The events.
    pub events: &'a [D::Event],
    /// When the first event of the aggregate happened, where that is known.
    pub since: Option<OffsetDateTime>,
    /// When these happened.
    pub at: OffsetDateTime,
    /// Who makes the plans of this process.
    pub provider: &'static str,
}

/// A decider whose events are counted once the log has stored them. Most have nothing to count.
pub trait Counted: Decider + Sized {
    /// Every name that [`Decider::name`] gives: figures of commands stand at zero before the first one.
    const COMMANDS: &'static [&'static str];

    /// Counts events that were stored for the first time.
    fn count(_stored: &Stored<'_, Self>) {}
}

impl Counted for AthleteDecider {
    const COMMANDS: &'static [&'static str] = &["answer_onboarding", "report_health"];
}

impl Counted for PlanDecider {
    const COMMANDS: &'static [&'static str] = &["create_plan", "revise_plan", "log_workout", "report_pain"];
}

impl Counted for RoomDecider {
    const COMMANDS: &'static [&'static str] = &["join_room", "update_member", "leave_room"];
}

impl Counted for EndpointDecider {
    const COMMANDS: &'static [&'static str] = &[
        "register_endpoint",
        "update_endpoint",
        "rotate_secret",
        "note_failure",
        "note_success",
        "disable_endpoint",
        "enable_endpoint",
        "remove_endpoint",
    ];
}

impl Counted for DeliveryDecider {
    const COMMANDS: &'static [&'static str] =
        &["queue_delivery", "replay_delivery", "record_success", "record_failure", "give_up_delivery"];
}

/// What became of a command.
#[derive(Debug)]
pub struct Executed<D: Decider> {
    /// The state after it.
    pub state: D::State,
    /// What happened; empty when there was nothing left to do.
    pub events: Vec<D::Event>,
    /// Where the aggregate's last event stands; `None` while it has none.
    pub position: Option<Position>,
}

/// Why a command did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R: std::error::Error + 'static> {
    /// A rule forbids it.
    #[error("{0}")]
    Refused(#[source] R),
    /// Others kept changing the aggregate.
    #[error("{aggregate} was changed by others {tries} times in a row; send the command again")]
    Contended {
        /// Which aggregate.
        aggregate: AggregateRef,
        /// How often it was tried.
        tries: u32,
    },
    /// The log did not take or give.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The events could not be written as JSON.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

/// Folds a history.
///
/// # Errors
/// [`StoreError::Newer`] when it holds an event that this version does not know: a decision without it could contradict what
/// a newer process has decided with it. [`StoreError::Corrupt`] when an event is known and its data does not fit.
pub fn replay<D: Decider>(history: &History) -> Result<D::State, StoreError> {
    let mut state = D::State::default();
    for recorded in &history.events {
        match recorded.decode::<D::Event>() {
            Ok(event) => state = D::evolve(state, &event),
            Err(EncodingError::Unknown { event_type }) => {
                metrics::newer_event(&event_type);
                return Err(StoreError::newer(recorded));
            }
            Err(EncodingError::Json { source, .. }) => return Err(corrupt(recorded, &source)),
        }
    }
    Ok(state)
}

/// When to look again at what only a newer version can decide: long for a queue, short for a deployment.
const OUTDATED: Duration = Duration::from_secs(15);

/// When to look again at work that a full log kept from beginning.
const FULL: Duration = Duration::from_secs(3);

/// What a worker does when the log did not take or give. What a newer version has written is left to it, and what a full log
/// kept from beginning is put off: neither is an attempt.
pub(crate) fn outcome_of(error: &StoreError) -> Outcome {
    match error {
        // What cannot be read today cannot be read tomorrow: it is for people.
        StoreError::Corrupt { .. } => Outcome::give_up(error),
        StoreError::Full { .. } => Outcome::Defer { reason: error.to_string(), after: FULL },
        StoreError::Newer { .. } => Outcome::Defer { reason: error.to_string(), after: OUTDATED },
        error => Outcome::retry(error),
    }
}

impl<R: std::error::Error + 'static> ExecuteError<R> {
    /// What a worker does when a command did not happen.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Refused(_) | Self::Encoding(_) => Outcome::give_up(self),
            Self::Store(error) => outcome_of(error),
            Self::Contended { .. } => Outcome::retry(self),
        }
    }
}

fn corrupt(recorded: &Recorded, source: &serde_json::Error) -> StoreError {
    StoreError::Corrupt {
        aggregate: recorded.aggregate.clone(),
        position: recorded.position.clone(),
        reason: source.to_string(),
    }
}

impl Executor {
    /// An executor on a log.
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        Self { store, provider: provider::BUILTIN }
    }

    /// Names who makes the plans of this process, for the figures of jobs that end here.
    #[must_use]
    pub fn with_provider(mut self, provider: &'static str) -> Self {
        self.provider = provider;
        self
    }

    /// The same on another log: one that wraps this one.
    pub(crate) fn on(&self, store: Arc<dyn EventStore>) -> Self {
        Self { store, provider: self.provider }
    }

    /// Counts what an append has stored.
    pub(crate) fn count<D: Counted>(
        &self,
        id: &AggregateId,
        known: &Known<D>,
        events: &[D::Event],
        at: OffsetDateTime,
    ) {
        let (state, since) = (&known.state, known.since);
        D::count(&Stored { id, state, events, since, at, provider: self.provider });
    }

    /// The log it works on.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.store
    }

    /// Reads an aggregate's state and where its last event stands.
    ///
    /// # Errors
    /// When the log does not answer or holds what cannot be read.
    pub async fn load<D: Decider>(&self, id: &AggregateId) -> Result<(D::State, Option<Position>), StoreError> {
        let (known, position) = self.load_known::<D>(id).await?;
        Ok((known.state, position))
    }

    /// The same, as a decision is made on it.
    pub(crate) async fn load_known<D: Decider>(
        &self,
        id: &AggregateId,
    ) -> Result<(Known<D>, Option<Position>), StoreError> {
        let history = self.store.load(&AggregateRef { kind: D::KIND, id: id.clone() }).await?;
        let position = history.events.last().map(|event| event.position.clone());
        let (state, sequence) = (replay::<D>(&history)?, history.last_sequence());
        Ok((Known { state, sequence, since: history.events.first().map(|event| event.at) }, position))
    }

    /// Executes a command. The same command id is stored once, however often it is sent.
    ///
    /// # Errors
    /// The refusal, or why the log could not be asked.
    pub async fn execute<D: Counted>(
        &self,
        id: &AggregateId,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Refusal>> {
        self.execute_on(id, None, command, context).await
    }

    /// The same, on what is known of the aggregate: nothing is read unless that turns out to be behind.
    ///
    /// # Errors
    /// The refusal, which may be due to what was known and not to what is; or why the log could not be asked.
    pub async fn execute_on<D: Counted>(
        &self,
        id: &AggregateId,
        known: Option<Known<D>>,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Refusal>> {
        let name = D::name(command);
        debug_assert!(D::COMMANDS.contains(&name), "{name} is no command that figures know");
        let span = span_of::<D>(name, id);
        let executed = self.decide_and_append::<D>(id, known, command, context).instrument(span.clone()).await;
        if let Err(error) = &executed {
            note(&span, error);
        }
        metrics::command(
            name,
            match &executed {
                Ok(executed) if executed.events.is_empty() => command_outcome::UNCHANGED,
                Ok(_) => command_outcome::APPENDED,
                Err(ExecuteError::Refused(_)) => command_outcome::REJECTED,
                Err(ExecuteError::Contended { .. }) => command_outcome::CONFLICT,
                Err(ExecuteError::Store(_) | ExecuteError::Encoding(_)) => command_outcome::FAILED,
            },
        );
        executed
    }

    async fn decide_and_append<D: Counted>(
        &self,
        id: &AggregateId,
        mut known: Option<Known<D>>,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Refusal>> {
        let aggregate = AggregateRef { kind: D::KIND, id: id.clone() };
        for conflicts in 0..MAX_TRIES {
            if conflicts > 0 {
                Span::current().record(attr::CONFLICTS, i64::from(conflicts));
            }
            let unread = known.is_some();
            let (Known { state, sequence, since }, position) = match known.take() {
                Some(known) => (known, None),
                None => self.load_known::<D>(id).await?,
            };
            let events = D::decide(&state, command).map_err(ExecuteError::Refused)?;
            if events.is_empty() {
                return Ok(Executed { state, events, position });
            }
            let append = encode(&aggregate, sequence, &events, context)?;
            match self.store.append(append).await {
                // These very events were there before, beside what was not read: what they add up to is looked up.
                Ok(appended) if appended.duplicate && unread => {}
                Ok(appended) => {
                    let state = events.iter().fold(state, D::evolve);
                    let known = Known::<D> { state, sequence: appended.position.sequence, since };
                    if !appended.duplicate {
                        self.count(id, &known, &events, context.at);
                    }
                    return Ok(Executed { state: known.state, events, position: Some(appended.position) });
                }
                Err(StoreError::Conflict { .. }) => metrics::conflict(D::name(command)),
                Err(error) => return Err(error.into()),
            }
        }
        Err(ExecuteError::Contended { aggregate, tries: MAX_TRIES })
    }
}

/// A command is what a request or a worker's delivery is there for: the span of that one speaks for it. Any other command has a span
/// of its own.
fn span_of<D: Decider>(name: &'static str, id: &AggregateId) -> Span {
    let current = Span::current();
    if current.metadata().is_some_and(|current| [span::PROCESS, span::HTTP_SERVER].contains(&current.name())) {
        current.record(attr::COMMAND_NAME, name);
        return current;
    }
    tracing::info_span!(
        span::EXECUTE,
        otel.name = format!("{} {name}", span::EXECUTE),
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::OTEL_STATUS_DESCRIPTION } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::COMMAND_NAME } = name,
        { attr::AGGREGATE_KIND } = D::KIND.as_str(),
        { attr::AGGREGATE_ID } = id.as_str(),
        { attr::JOB_ID } = (D::KIND == AggregateKind::Job).then(|| id.as_str()),
        { attr::CONFLICTS } = field::Empty,
    )
}

/// A refusal is an answer: it says of which kind it is, and is no error of the system's.
fn note<R: std::error::Error>(span: &Span, error: &ExecuteError<R>) {
    let cause = match error {
        ExecuteError::Refused(_) => command_outcome::REJECTED,
        ExecuteError::Contended { .. } => command_outcome::CONFLICT,
        ExecuteError::Store(_) | ExecuteError::Encoding(_) => command_outcome::FAILED,
    };
    span.record(attr::ERROR_TYPE, cause);
    if !matches!(error, ExecuteError::Refused(_)) {
        span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
        span.record(attr::OTEL_STATUS_DESCRIPTION, error.to_string());
    }
}

/// The append that a decision asks for.
pub(crate) fn encode<E: EventData>(
    aggregate: &AggregateRef,
    expected: u64,
    events: &[E],
    context: &CommandContext,
) -> Result<Append, EncodingError> {
    let events = events.iter().map(event_data::EventData::encode).collect::<Result<_, _>>()?;
    Ok(Append { aggregate: aggregate.clone(), expected, events, context: context.clone(), contexts: Vec::new() })
}
