//! How much: weekly sets by muscle, frequency, balance and growth.

use super::Findings;
use super::view::{ItemView, View, WeekView};
use crate::engine::catalogue::{Exercise, Muscle, Pattern};
use crate::engine::limits::{MOST_SESSION_SETS, MOST_WEEKLY_SETS, TRACKED, season_sets};
use crate::engine::tally::{Side, grows_gently, is_balanced, sets_text, side};

/// The week with the most sets among those that load; the fullest one when none does.
pub fn peak<'v, 'a>(view: &'v View<'a>) -> Option<&'v WeekView<'a>> {
    let loading = view.weeks.iter().filter(|week| week.is_loading()).max_by_key(|week| week.sets);
    loading.or_else(|| view.weeks.iter().max_by_key(|week| week.sets))
}

pub fn r7_enough_sets(view: &View<'_>, found: &mut Findings<'_>) {
    let Some(week) = peak(view) else { return };
    let (least, _) = season_sets(view.profile);
    for muscle in TRACKED {
        let got = week.tally.halves(muscle);
        if got < least * 2 {
            let want = format!("{least} weekly sets");
            found.add(week.place(), want, format!("{} {}", muscle.as_str(), sets_text(got)));
        }
    }
}

pub fn r7b_not_too_many_sets(view: &View<'_>, found: &mut Findings<'_>) {
    for week in &view.weeks {
        for muscle in Muscle::ALL {
            let got = week.tally.halves(*muscle);
            if got > MOST_WEEKLY_SETS * 2 {
                let want = format!("at most {MOST_WEEKLY_SETS} weekly sets");
                found.add(week.place(), want, format!("{} {}", muscle.as_str(), sets_text(got)));
            }
        }
    }
}

pub fn r8_session_sets(view: &View<'_>, found: &mut Findings<'_>) {
    for session in view.sessions() {
        for muscle in Muscle::ALL {
            let got = session.tally.direct(*muscle);
            if got > MOST_SESSION_SETS {
                found.add(
                    session.place(),
                    format!("at most {MOST_SESSION_SETS} direct sets"),
                    format!("{} {got}", muscle.as_str()),
                );
            }
        }
    }
}

pub fn r12_twice_a_week(view: &View<'_>, found: &mut Findings<'_>) {
    let Some(week) = peak(view) else { return };
    for muscle in TRACKED {
        // One direct set or two indirect ones make a session count.
        let times = week.sessions.iter().filter(|session| session.tally.halves(muscle) >= 2).count();
        if times < 2 {
            found.add(week.place(), "2 sessions a week", format!("{} {times}", muscle.as_str()));
        }
    }
}

pub fn r14_balance(view: &View<'_>, found: &mut Findings<'_>) {
    for week in view.weeks.iter().filter(|week| week.is_loading()) {
        let sets = |counts: &dyn Fn(&Exercise) -> bool| -> u32 {
            let items = week.sessions.iter().flat_map(|session| &session.items);
            items.filter(|item| item.exercise.is_some_and(counts)).map(ItemView::volume).sum()
        };
        let legs = sets(&|exercise| matches!(exercise.pattern, Pattern::Squat | Pattern::Lunge));
        let hinges = sets(&|exercise| exercise.pattern == Pattern::Hinge);
        let push = sets(&|exercise| side(exercise) == Some(Side::Push));
        let pull = sets(&|exercise| side(exercise) == Some(Side::Pull));
        let parts = [("squats or lunges", legs), ("hinges", hinges), ("pushes", push), ("pulls", pull)];
        for (name, _) in parts.iter().filter(|(_, sets)| *sets == 0) {
            found.add(week.place(), format!("{name} every week"), "none");
        }
        if !is_balanced(push, pull) {
            found.add(week.place(), "pulls 0.8 to 1.5 times the pushes", format!("{pull} to {push} sets"));
        }
    }
}

pub fn r15_gentle_growth(view: &View<'_>, found: &mut Findings<'_>) {
    for week in view.weeks.iter().filter(|week| week.is_loading()) {
        let Some(before) = view.loading_before(week.at) else { continue };
        for muscle in Muscle::ALL {
            let (old, new) = (before.tally.halves(*muscle), week.tally.halves(*muscle));
            if !grows_gently(old, new) {
                let got = format!("{} from {} to {}", muscle.as_str(), sets_text(old), sets_text(new));
                found.add(week.place(), "20 % or 2 sets more at most", got);
            }
        }
    }
}
