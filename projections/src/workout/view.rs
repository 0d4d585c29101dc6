//! `workout` as a pure reading of its events. What the athlete sent is passed on as it stands in the log.

use std::collections::BTreeMap;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AthleteId, LogEntryId, PlanId};
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::fact::Fact;
use crate::projection::{at, micros};

/// What an entry of the training log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A session that was done.
    Workout,
    /// Pain that was reported without one.
    Pain,
}

impl EntryKind {
    /// The kind as SQL and JSON spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workout => "workout",
            Self::Pain => "pain",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Workout, Self::Pain].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One entry of a plan's training log.
#[derive(Debug, Clone)]
pub struct WorkoutView {
    /// Which plan.
    pub plan_id: PlanId,
    /// Which entry.
    pub entry_id: LogEntryId,
    /// Whose.
    pub athlete_id: AthleteId,
    /// What it is.
    pub kind: EntryKind,
    /// Which session, of a workout.
    pub session_id: Option<String>,
    /// The version of the plan that was the newest then, of a workout.
    pub plan_version: Option<u32>,
    /// When it was done or felt.
    pub happened_at: OffsetDateTime,
    /// When it was written down.
    pub logged_at: OffsetDateTime,
    /// The event that holds it.
    pub position: Position,
    /// The workout or the report as JSON, byte for byte as it was written down.
    pub document: Box<RawValue>,
}

/// The entry that an event made: the answer for what is not projected yet. None for events of other kinds.
///
/// # Errors
/// When the event's data does not fit its type.
pub fn from_event(event: &Recorded) -> Result<Option<WorkoutView>, EncodingError> {
    match Fact::read(event) {
        Ok(Fact::Log(entry)) => Ok(Some(entry.view(event))),
        Ok(_) | Err(EncodingError::Unknown { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where an entry stands in a listing: when it happened, and its sequence in the log among those of one moment.
pub type Place = (OffsetDateTime, u64);

impl WorkoutView {
    /// Where it stands in the listing of its plan's log.
    #[must_use]
    pub const fn place(&self) -> Place {
        (self.happened_at, self.position.sequence)
    }
}

/// Entries as a listing answers them: of several workouts of one session the newest, all in the order in which it happened.
#[must_use]
pub fn in_order(mut entries: Vec<WorkoutView>) -> Vec<WorkoutView> {
    let newest: BTreeMap<String, u64> = entries
        .iter()
        .filter_map(|entry| Some((entry.session_id.clone()?, entry.position.sequence)))
        .fold(BTreeMap::new(), |mut newest, (session, sequence)| {
            let last = newest.entry(session).or_default();
            *last = sequence.max(*last);
            newest
        });
    entries.retain(|entry| {
        let session = entry.session_id.as_ref();
        session.is_none_or(|session| newest.get(session) == Some(&entry.position.sequence))
    });
    entries.sort_by_key(|entry| (entry.happened_at, entry.position.sequence));
    entries
}

/// An event's data that carries an entry of the training log, read no deeper than needed.
#[derive(Debug, Clone)]
pub(crate) struct LogEntry {
    entry_id: LogEntryId,
    athlete_id: AthleteId,
    kind: EntryKind,
    session_id: Option<String>,
    plan_version: Option<u32>,
    happened_at: OffsetDateTime,
    document: Box<RawValue>,
}

impl LogEntry {
    pub(crate) fn read(data: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            entry_id: LogEntryId,
            athlete_id: AthleteId,
            plan_version: Option<u32>,
            workout: Option<Box<RawValue>>,
            report: Option<Box<RawValue>>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Done {
            session_id: String,
            #[serde(with = "time::serde::rfc3339")]
            performed_at: OffsetDateTime,
        }
        #[derive(Deserialize)]
        struct Felt {
            #[serde(with = "time::serde::rfc3339")]
            at: OffsetDateTime,
        }
        let data: Data = serde_json::from_str(data)?;
        let (kind, session_id, happened_at, document) = match (data.workout, data.report) {
            (Some(workout), _) => {
                let done: Done = serde_json::from_str(workout.get())?;
                (EntryKind::Workout, Some(done.session_id), done.performed_at, workout)
            }
            (None, Some(report)) => {
                let felt: Felt = serde_json::from_str(report.get())?;
                (EntryKind::Pain, None, felt.at, report)
            }
            (None, None) => return Err(serde::de::Error::missing_field("workout")),
        };
        let (entry_id, athlete_id, plan_version) = (data.entry_id, data.athlete_id, data.plan_version);
        Ok(Self { entry_id, athlete_id, kind, session_id, plan_version, happened_at: micros(happened_at), document })
    }

    pub(super) fn view(&self, event: &Recorded) -> WorkoutView {
        WorkoutView {
            plan_id: PlanId::from(&event.aggregate.id),
            entry_id: self.entry_id.clone(),
            athlete_id: self.athlete_id.clone(),
            kind: self.kind,
            session_id: self.session_id.clone(),
            plan_version: self.plan_version,
            happened_at: self.happened_at,
            logged_at: at(event),
            position: event.position.clone(),
            document: self.document.clone(),
        }
    }
}
