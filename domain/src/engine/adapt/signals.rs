//! Bad signs. Of fatigue, within seven days: the session felt 9 or 10 of 10 hard, two or more repetitions less in reserve than
//! asked for, pain of 4 or more. Beside these, sessions that were missed are no sign of fatigue, but none to rise on either.

use std::collections::BTreeSet;

use time::Date;

use super::draft::Ground;
use super::evidence::gather;
use crate::engine::plan::Phase;
use crate::engine::safety::MODIFY_PAIN;

/// The days that count, today with them.
const DAYS: i64 = 7;
/// A session that felt this hard is a bad sign.
const HARD_SESSION_RPE: u8 = 9;
/// So many repetitions less in reserve than asked for are one.
const SHORT_BY: u8 = 2;

/// The signs of fatigue of the last seven days in words; those up to `used` have had their effect.
pub fn fatigue(ground: &Ground<'_>, used: Option<Date>) -> Vec<String> {
    let counts = |date: Date| is_recent(ground, date) && used.is_none_or(|used| date > used);
    let mut all = effort(ground, &counts);
    let mut felt = BTreeSet::new();
    let pain = ground.input.log.pain();
    for (at, pain) in pain.into_iter().filter(|(at, pain)| counts(at.date()) && pain.level >= MODIFY_PAIN) {
        if felt.insert((at.date(), pain.body_part)) {
            let part = pain.body_part.as_str().replace('_', " ");
            all.push(format!("{}: pain {} of 10 in the {part}", at.date(), pain.level));
        }
    }
    all
}

/// Sessions that were too hard, by how they felt or by the reserve that was left.
fn effort(ground: &Ground<'_>, counts: &impl Fn(Date) -> bool) -> Vec<String> {
    let mut all = Vec::new();
    let log = ground.input.log;
    for workout in log.workouts.iter().filter(|workout| counts(workout.date())) {
        if let Some(rpe) = workout.session_rpe.filter(|rpe| *rpe >= HARD_SESSION_RPE) {
            all.push(format!("{} on {}: felt {rpe} of 10 hard", workout.session_id, workout.date()));
        }
    }
    let mut short: BTreeSet<String> = BTreeSet::new();
    for (exercise, evidence) in gather(ground) {
        for one in evidence.iter().filter(|one| counts(one.date) && one.short_by() >= SHORT_BY) {
            if short.insert(one.session.clone()) {
                all.push(format!(
                    "{} on {}: {exercise} {} short of the reserve",
                    one.session,
                    one.date,
                    one.short_by()
                ));
            }
        }
    }
    all
}

/// Every bad sign that stands, in words: sessions that were too hard, sessions missed, pain of 4 or more that nothing less was reported after, and
/// a lighter week that was just given. While one stands nothing rises.
pub fn standing(ground: &Ground<'_>, deloaded: Option<Date>) -> Vec<String> {
    let mut all = effort(ground, &|date| is_recent(ground, date));
    all.extend(missed(ground));
    for (part, level) in ground.health.sore() {
        let part = part.as_str().replace('_', " ");
        all.push(format!("pain {level} of 10 in the {part}, and nothing less since"));
    }
    if let Some(day) = deloaded.filter(|day| is_recent(ground, *day)) {
        all.push(format!("a lighter week was given on {day}"));
    }
    all
}

/// Planned sessions that somebody who logs missed within seven days.
fn missed(ground: &Ground<'_>) -> Vec<String> {
    let log = ground.input.log;
    if log.workouts.is_empty() {
        return Vec::new();
    }
    let weeks = ground.input.plan.weeks.iter().filter(|week| !matches!(week.phase, Phase::Taper));
    let due = weeks.flat_map(|week| &week.sessions);
    let missed = due.filter(|session| session.date < ground.input.on && is_recent(ground, session.date));
    missed
        .filter(|session| log.of(&session.id).is_none())
        .map(|session| format!("{} on {}: missed", session.id, session.date))
        .collect()
}

fn is_recent(ground: &Ground<'_>, date: Date) -> bool {
    let today = ground.input.on;
    date <= today && (today - date).whole_days() < DAYS
}
