//! Rest between hard sessions of a muscle, and between jumps.

use time::Date;

use super::Findings;
use super::view::{SessionView, View};
use crate::engine::catalogue::{Mechanic, Muscle};
use crate::engine::limits::{HARD_SETS, most_contacts};
use crate::engine::safety::{is_youth, leg_hurts};

/// Days of rest after hard sets, and after compounds near failure.
const REST_DAYS: i64 = 2;
const LONG_REST_DAYS: i64 = 3;

pub fn r6_muscles_rest(view: &View<'_>, found: &mut Findings<'_>) {
    let mut last: [Option<(Date, i64)>; Muscle::ALL.len()] = [None; Muscle::ALL.len()];
    let mut last_strength: Option<Date> = None;
    let mut sessions: Vec<&SessionView<'_>> = view.sessions().collect();
    sessions.sort_by_key(|session| session.session.date);
    for session in sessions {
        let date = session.session.date;
        for muscle in Muscle::ALL {
            if session.hard.direct(*muscle) < HARD_SETS {
                continue;
            }
            if let Some((before, rest)) = last[*muscle as usize]
                && (date - before).whole_days() < rest
            {
                let got = format!("{} again after {} day(s)", muscle.as_str(), (date - before).whole_days());
                found.add(session.place(), format!("{rest} days of rest after {before}"), got);
            }
            let rest = if near_failure(session, *muscle) { LONG_REST_DAYS } else { REST_DAYS };
            last[*muscle as usize] = Some((date, rest));
        }
        if is_youth(view.profile) && session.is_strength() {
            if let Some(before) = last_strength.filter(|before| (date - *before).whole_days() < REST_DAYS) {
                found.add(session.place(), "days apart under 18", format!("strength on {before} and {date}"));
            }
            last_strength = Some(date);
        }
    }
}

/// Whether compounds bring the muscle to a repetition of failure or closer.
fn near_failure(session: &SessionView<'_>, muscle: Muscle) -> bool {
    session.items.iter().any(|item| {
        let works = item
            .exercise
            .is_some_and(|exercise| exercise.mechanic == Mechanic::Compound && exercise.primary.contains(&muscle));
        works && item.working().any(|sets| sets.rir.is_some_and(|rir| rir <= 1))
    })
}

pub fn r20_jumps(view: &View<'_>, found: &mut Findings<'_>) {
    let most = most_contacts(view.profile.proficiency);
    let sore = leg_hurts(view.profile);
    let mut last: Option<Date> = None;
    for session in view.sessions() {
        let contacts: u32 = session.items.iter().map(super::view::ItemView::contacts).sum();
        if contacts == 0 {
            continue;
        }
        let date = session.session.date;
        if sore {
            found.add(session.place(), "no jumps while a leg hurts", format!("{contacts} contacts"));
        }
        if contacts > most {
            found.add(session.place(), format!("at most {most} contacts"), format!("{contacts} contacts"));
        }
        if let Some(before) = last.filter(|before| (date - *before).whole_days() < REST_DAYS) {
            found.add(session.place(), "jumps 48 hours apart", format!("jumps on {before} and {date}"));
        }
        last = Some(date);
    }
}
