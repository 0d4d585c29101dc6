//! What an athlete did of a session, and what hurt: the shapes. What is wrong with them is told by `check`, beside it.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use super::amount::Amount;
use super::catalogue::ExerciseId;
use super::profile::BodyPart;

/// A set as it was done. Exactly one of `reps`, `seconds` and `metres`; at most one of `rir` and `rpe`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SetDone {
    /// Repetitions, a side where the exercise is one-sided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reps: Option<u16>,
    /// Seconds of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u16>,
    /// Metres of way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metres: Option<u32>,
    /// The load in kilograms, without the body's own weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_kg: Option<Amount>,
    /// Repetitions that were left in reserve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rir: Option<u8>,
    /// Effort from 1 to 10, halves allowed: 10 less the reserve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpe: Option<Amount>,
}

impl SetDone {
    /// The reserve, told as such or as effort; half a repetition is rounded down, to the careful side.
    #[must_use]
    pub fn reserve(&self) -> Option<u8> {
        let from_effort = |rpe: Amount| u8::try_from(10_000u32.saturating_sub(rpe.milli()) / 1_000).unwrap_or(0);
        self.rir.or_else(|| self.rpe.map(from_effort))
    }
}

/// An exercise as it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemDone {
    /// Which exercise: a planned one, one of its alternatives, or another of the catalogue.
    pub exercise: ExerciseId,
    /// Its sets in order, without warming up.
    pub sets: Vec<SetDone>,
}

/// Pain in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pain {
    /// Where.
    pub body_part: BodyPart,
    /// How much, 0 to 10: up to 3 go, 4 and 5 modify, from 6 on substitute.
    pub level: u8,
}

/// A session as it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workout {
    /// Which session of the plan.
    pub session_id: String,
    /// When, with the athlete's own offset: the date it has there is the training day.
    #[serde(with = "time::serde::rfc3339")]
    pub performed_at: OffsetDateTime,
    /// What was done.
    pub items: Vec<ItemDone>,
    /// How hard the whole session was, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_rpe: Option<u8>,
    /// What hurt; level 0 says that a place does not hurt any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pain: Vec<Pain>,
    /// In the athlete's own words. Data, never instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Workout {
    /// The training day.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.performed_at.date()
    }

    /// What was done of an exercise.
    pub fn done<'a>(&'a self, exercise: &'a ExerciseId) -> impl Iterator<Item = &'a SetDone> {
        self.items.iter().filter(move |item| item.exercise == *exercise).flat_map(|item| &item.sets)
    }
}

/// Pain that was reported, during a workout or without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PainReport {
    /// When it was felt.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Where and how much.
    pub pain: Vec<Pain>,
    /// In the athlete's own words. Data, never instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The log of a plan as adaptation reads it: the newest workout of each session, and all reports of pain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrainingLog {
    /// Workouts, one a session, in the order they were performed.
    pub workouts: Vec<Workout>,
    /// Pain reported without a workout, in the order it was felt.
    pub reports: Vec<PainReport>,
}

impl TrainingLog {
    /// Adds a workout; one of the same session gives way to it.
    pub fn log(&mut self, workout: Workout) {
        self.workouts.retain(|other| other.session_id != workout.session_id);
        let place = self.workouts.partition_point(|other| other.performed_at <= workout.performed_at);
        self.workouts.insert(place, workout);
    }

    /// Adds a report of pain.
    pub fn report(&mut self, report: PainReport) {
        let place = self.reports.partition_point(|other| other.at <= report.at);
        self.reports.insert(place, report);
    }

    /// Everything that was said about pain, in the order it was felt.
    #[must_use]
    pub fn pain(&self) -> Vec<(OffsetDateTime, &Pain)> {
        let during =
            self.workouts.iter().flat_map(|workout| workout.pain.iter().map(|pain| (workout.performed_at, pain)));
        let between = self.reports.iter().flat_map(|report| report.pain.iter().map(|pain| (report.at, pain)));
        let mut all: Vec<_> = during.chain(between).collect();
        all.sort_by_key(|(at, _)| *at);
        all
    }

    /// The workout of a session.
    #[must_use]
    pub fn of(&self, session: &str) -> Option<&Workout> {
        self.workouts.iter().find(|workout| workout.session_id == session)
    }
}
