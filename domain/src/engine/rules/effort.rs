//! How hard, how heavy, how long: bands, loads, reserve, minutes, warm-ups.

use super::Findings;
use super::view::View;
use crate::engine::calendar::day_of;
use crate::engine::catalogue::{Measure, Mechanic};
use crate::engine::compose::RAMP_FROM_PCT;
use crate::engine::limits::least_rir;
use crate::engine::load::heaviest_pct;
use crate::engine::minutes::{session_s, to_minutes};
use crate::engine::plan::{BlockKind, Sets};
use crate::engine::room::room_min;
use crate::engine::zone::within_band;

fn text(sets: &Sets) -> String {
    let reps = sets.reps.map(|[low, high]| format!("{low}-{high} reps"));
    let timed = sets.seconds.map(|s| format!("{s} s")).or(sets.metres.map(|m| format!("{m} m")));
    let load = sets.pct1rm.map(|pct| format!(" at {pct} %")).unwrap_or_default();
    format!("{}{load}, rest {} s", reps.or(timed).unwrap_or_default(), sets.rest_s)
}

pub fn r9_band(view: &View<'_>, found: &mut Findings<'_>) {
    for item in view.items() {
        let Some(exercise) = item.exercise else { continue };
        for sets in item.item.sets.iter().filter(|sets| !within_band(view.profile, exercise, sets)) {
            let want = format!("a band of {}", view.profile.purpose.as_str());
            found.add(item.place(), want, format!("{}: {}", exercise.id, text(sets)));
        }
    }
}

pub fn r10_load_fits_reps(view: &View<'_>, found: &mut Findings<'_>) {
    for item in view.items() {
        for sets in &item.item.sets {
            let (Some(pct), Some([_, high])) = (sets.pct1rm, sets.reps) else { continue };
            let most = heaviest_pct(high, sets.rir.unwrap_or(0));
            if pct > most {
                found.add(item.place(), format!("at most {most} %"), text(sets));
            }
        }
    }
}

pub fn r11_reserve(view: &View<'_>, found: &mut Findings<'_>) {
    let least = least_rir(view.profile);
    for item in view.items() {
        let Some(exercise) = item.exercise.filter(|exercise| exercise.measure == Measure::Reps) else { continue };
        let working: Vec<&Sets> = item.working().collect();
        for (n, sets) in working.iter().enumerate() {
            let last_of_isolation = exercise.mechanic == Mechanic::Isolation && n + 1 == working.len() && sets.n == 1;
            let least = if last_of_isolation && least == 1 { 0 } else { least };
            if sets.rir.is_some_and(|rir| rir < least) {
                found.add(
                    item.place(),
                    format!("{least} or more in reserve"),
                    format!("{}: {:?}", exercise.id, sets.rir),
                );
            }
        }
    }
}

pub fn r22_minutes(view: &View<'_>, found: &mut Findings<'_>) {
    for session in view.sessions() {
        let seconds = session_s(session.session);
        let estimate = to_minutes(seconds);
        if session.session.est_min != estimate {
            found.add(
                session.place(),
                format!("an estimate of {estimate} min"),
                format!("{} min", session.session.est_min),
            );
        }
        let room = room_min(view.profile, day_of(session.session.date)).unwrap_or(view.profile.minutes_per_session);
        if seconds > u32::from(room) * 60 {
            found.add(session.place(), format!("at most {room} min"), format!("{estimate} min"));
        }
    }
}

pub fn r23_warm_up(view: &View<'_>, found: &mut Findings<'_>) {
    for session in view.sessions() {
        let first = session.session.blocks.first();
        let warms_up = first.is_some_and(|block| block.kind == BlockKind::WarmUp && !block.items.is_empty());
        if !warms_up {
            found.add(session.place(), "a warm-up first", "none");
        }
        for item in &session.items {
            let heavy = item.working().any(|sets| sets.pct1rm.is_some_and(|pct| pct >= RAMP_FROM_PCT));
            let ramped = item.item.sets.first().is_some_and(|sets| sets.ramp);
            if heavy && !ramped {
                found.add(item.place(), format!("ramp sets before {RAMP_FROM_PCT} % and more"), "none");
            }
        }
    }
}
