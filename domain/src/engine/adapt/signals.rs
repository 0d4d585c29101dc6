//! Bad signals: what within seven days tells that training is too much. Ours to define: the session felt 9 or 10 of 10 hard,
//! two or more repetitions less in reserve than asked for, a planned session missed by an athlete who logs, pain of 4 or more.

use std::collections::BTreeSet;

use time::Date;

use super::draft::Ground;
use super::evidence::gather;
use crate::engine::plan::Phase;
use crate::engine::safety::MODIFY_PAIN;

/// The days that count, today with them.
const DAYS: i64 = 7;
/// A session that felt this hard is a bad signal.
const HARD_SESSION_RPE: u8 = 9;
/// So many repetitions less in reserve than asked for are one.
const SHORT_BY: u8 = 2;

/// The bad signals of the last seven days, oldest kind first, in words; those up to `used` have had their effect.
pub fn signals(ground: &Ground<'_>, used: Option<Date>) -> Vec<String> {
    let today = ground.input.on;
    let counts =
        |date: Date| date <= today && (today - date).whole_days() < DAYS && used.is_none_or(|used| date > used);
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
    if !log.workouts.is_empty() {
        let weeks = ground.input.plan.weeks.iter().filter(|week| !matches!(week.phase, Phase::Taper));
        let missed =
            weeks.flat_map(|week| &week.sessions).filter(|session| session.date < today && counts(session.date));
        all.extend(
            missed
                .filter(|session| log.of(&session.id).is_none())
                .map(|session| format!("{} on {}: missed", session.id, session.date)),
        );
    }
    let mut felt = BTreeSet::new();
    for (at, pain) in log.pain().into_iter().filter(|(at, pain)| counts(at.date()) && pain.level >= MODIFY_PAIN) {
        if felt.insert((at.date(), pain.body_part)) {
            let part = pain.body_part.as_str().replace('_', " ");
            all.push(format!("{}: pain {} of 10 in the {part}", at.date(), pain.level));
        }
    }
    all
}
