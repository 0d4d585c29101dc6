//! What is wrong with a workout or a report of pain: every field that is, and what would be right.

use std::collections::BTreeSet;

use time::{Duration, OffsetDateTime};

use super::adapt::request_of;
use super::catalogue::Catalogue;
use super::plan::{Plan, Session};
use super::workout::{Pain, PainReport, SetDone, Workout};
use crate::dates::{is_moment, report_fault};
use crate::problem::FieldError;
use crate::text;

/// The most exercises of a workout.
pub const MAX_ITEMS: usize = 40;
/// The most sets of an exercise.
pub const MAX_SETS: usize = 30;
/// The most characters of a note.
pub const MAX_NOTE_CHARS: usize = 1_000;
/// Clocks differ: what lies this little ahead is now.
const SKEW: Duration = Duration::minutes(5);

/// Judges a workout against the plan that it belongs to.
#[must_use]
pub fn check_workout(workout: &Workout, plan: &Plan, now: OffsetDateTime, catalogue: &Catalogue) -> Vec<FieldError> {
    let mut wrong = Wrong::default();
    let session = plan.weeks.iter().flat_map(|week| &week.sessions).find(|session| session.id == workout.session_id);
    match session {
        None => {
            wrong.field("sessionId", format!("{} is no session of this plan", workout.session_id), "an id like w1d2")
        }
        Some(session) => when(workout, session, plan, now, &mut wrong),
    }
    if workout.items.len() > MAX_ITEMS {
        wrong.field("items", format!("has {} entries", workout.items.len()), format!("at most {MAX_ITEMS}"));
    }
    for (n, item) in workout.items.iter().enumerate().take(MAX_ITEMS) {
        if catalogue.get(&item.exercise).is_none() {
            let expected = "a planned exercise, an alternative, or another of the catalogue";
            wrong.field(format!("items[{n}].exercise"), format!("{} is unknown", item.exercise), expected);
        }
        if item.sets.is_empty() || item.sets.len() > MAX_SETS {
            wrong.field(
                format!("items[{n}].sets"),
                format!("has {} entries", item.sets.len()),
                format!("1 to {MAX_SETS}"),
            );
        }
        for (m, set) in item.sets.iter().enumerate().take(MAX_SETS) {
            set_done(&format!("items[{n}].sets[{m}]"), set, &mut wrong);
        }
    }
    wrong.number("sessionRpe", workout.session_rpe.map(u32::from), 0, 10);
    pain("pain", &workout.pain, &mut wrong);
    wrong.note(workout.note.as_deref());
    wrong.0
}

/// Judges a report of pain against the plan that it belongs to.
#[must_use]
pub fn check_report(report: &PainReport, plan: &Plan, now: OffsetDateTime) -> Vec<FieldError> {
    let mut wrong = Wrong::default();
    if !is_moment(report.at) || report.at > now.saturating_add(SKEW) {
        wrong.field("at", format!("{} is in the future", report.at), "now or earlier");
    } else {
        let begins = request_of(plan, now.date()).start;
        wrong.0.extend(report_fault("at", report.at.date(), begins, now.date()));
    }
    if report.pain.is_empty() {
        wrong.field("pain", "is empty", "at least one place");
    }
    pain("pain", &report.pain, &mut wrong);
    wrong.note(report.note.as_deref());
    wrong.0
}

fn when(workout: &Workout, session: &Session, plan: &Plan, now: OffsetDateTime, wrong: &mut Wrong) {
    let begins = request_of(plan, now.date()).start;
    if workout.date() < begins {
        let expected = format!("{begins} or later, which is when the plan begins");
        return wrong.field("performedAt", format!("{} is before the plan", workout.performed_at), expected);
    }
    if !is_moment(workout.performed_at) || workout.performed_at > now.saturating_add(SKEW) {
        wrong.field("performedAt", format!("{} is in the future", workout.performed_at), "now or earlier");
    }
    if session.date > workout.date() {
        let problem = format!("session {} is planned for {}, which is in the future", session.id, session.date);
        wrong.field("sessionId", problem, format!("a session of {} or earlier", workout.date()));
    }
}

fn set_done(place: &str, set: &SetDone, wrong: &mut Wrong) {
    let measures = [set.reps.is_some(), set.seconds.is_some(), set.metres.is_some()];
    let given = measures.iter().filter(|given| **given).count();
    if given != 1 {
        wrong.field(place, format!("has {given} of reps, seconds and metres"), "exactly one of them");
    }
    wrong.number(&format!("{place}.reps"), set.reps.map(u32::from), 0, 500);
    wrong.number(&format!("{place}.seconds"), set.seconds.map(u32::from), 0, 36_000);
    wrong.number(&format!("{place}.metres"), set.metres, 0, 200_000);
    if let Some(load) = set.load_kg.filter(|load| load.milli() > 1_000_000) {
        wrong.field(format!("{place}.loadKg"), format!("{load} is out of range"), "0 to 1000");
    }
    if set.rir.is_some() && set.rpe.is_some() {
        wrong.field(format!("{place}.rpe"), "says again what rir says", "one of rir and rpe");
    }
    wrong.number(&format!("{place}.rir"), set.rir.map(u32::from), 0, 10);
    if let Some(rpe) =
        set.rpe.filter(|rpe| !(1_000..=10_000).contains(&rpe.milli()) || !rpe.milli().is_multiple_of(500))
    {
        wrong.field(format!("{place}.rpe"), format!("{rpe} is out of range"), "1 to 10 in halves");
    }
}

fn pain(place: &str, pain: &[Pain], wrong: &mut Wrong) {
    let mut places = BTreeSet::new();
    for (n, pain) in pain.iter().enumerate() {
        wrong.number(&format!("{place}[{n}].level"), Some(u32::from(pain.level)), 0, 10);
        if !places.insert(pain.body_part) {
            let problem = format!("{} stands here twice", pain.body_part.as_str());
            wrong.field(format!("{place}[{n}].bodyPart"), problem, "each place once");
        }
    }
}

#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn field(&mut self, field: impl Into<String>, problem: impl Into<String>, expected: impl Into<String>) {
        self.0.push(FieldError::new(field, problem, expected));
    }

    fn number(&mut self, field: &str, value: Option<u32>, low: u32, high: u32) {
        if let Some(value) = value.filter(|value| !(low..=high).contains(value)) {
            self.field(field, format!("{value} is out of range"), format!("{low} to {high}"));
        }
    }

    fn note(&mut self, note: Option<&str>) {
        let chars = note.map_or(0, |note| note.chars().count());
        if chars > MAX_NOTE_CHARS {
            self.field("note", format!("has {chars} characters"), format!("at most {MAX_NOTE_CHARS}"));
        }
        self.0.extend(note.and_then(|note| text::fault("note", note)));
    }
}
