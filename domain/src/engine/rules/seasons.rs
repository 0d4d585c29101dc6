//! Days and phases: free days, lighter weeks, the season and the competition.

use std::collections::BTreeSet;

use super::Findings;
use super::view::{View, WeekView};
use crate::dates::plus_weeks;
use crate::engine::calendar::{day_of, holds, in_taper, legs_rest};
use crate::engine::catalogue::{ExerciseId, Muscle};
use crate::engine::limits::{HARD_SETS, LEGS, most_loading_weeks, season_sets};
use crate::engine::plan::Phase;
use crate::engine::profile::{Profile, Season};
use crate::engine::room::room_min;
use crate::engine::tally::sets_text;

pub fn r2_free_days(view: &View<'_>, found: &mut Findings<'_>) {
    let most = usize::from(view.profile.weekly_goal_days).min(view.profile.availability_days.days_a_week());
    for week in &view.weeks {
        let monday = plus_weeks(view.request.start, week.at);
        let mut dates = BTreeSet::new();
        for session in &week.sessions {
            let date = session.session.date;
            if !(0..7).contains(&(date - monday).whole_days()) || !dates.insert(date) {
                found.add(session.place(), format!("one session a day in the week of {monday}"), date.to_string());
            }
            if room_min(view.profile, day_of(date)).is_none() {
                found.add(session.place(), "a free day", format!("{date}, a {}", day_of(date).as_str()));
            }
        }
        if week.sessions.len() > most {
            found.add(week.place(), format!("at most {most} sessions"), week.sessions.len().to_string());
        }
        let is_hard = |session: &&super::view::SessionView<'_>| {
            let strained = Muscle::ALL.iter().any(|muscle| session.hard.direct(*muscle) >= HARD_SETS);
            strained || session.has_hard_conditioning()
        };
        if week.sessions.iter().filter(is_hard).count() > 6 {
            found.add(week.place(), "a day that is not hard", "seven hard days");
        }
    }
    if view.plan.weeks.len() != usize::from(view.request.weeks) {
        found.add("weeks", format!("{} weeks", view.request.weeks), view.plan.weeks.len().to_string());
    }
}

pub fn r16_deload(view: &View<'_>, found: &mut Findings<'_>) {
    let most = most_loading_weeks(view.profile.proficiency);
    let mut run = 0;
    for week in &view.weeks {
        if let (true, Some(before)) = (week.week.deload, view.loading_before(week.at)) {
            check_share(week, before, (40, 60), true, found);
        }
        run = if week.is_loading() { run + 1 } else { 0 };
        if run == most + 1 {
            found.add(week.place(), format!("a lighter week after {most}"), format!("{run} loading weeks in a row"));
        }
    }
}

/// Judges a lighter week's sets against the loading week before it; a set either way is rounding.
fn check_share(
    week: &WeekView<'_>,
    before: &WeekView<'_>,
    (low, high): (u32, u32),
    full: bool,
    found: &mut Findings<'_>,
) {
    let rounding = u32::try_from(week.sessions.len()).unwrap_or(1).max(1) / 2 + 1;
    let (sets, all) = (week.sets, before.sets);
    let too_many = sets > all * high / 100 + rounding;
    let too_few = full && sets + rounding < (all * low).div_ceil(100);
    if too_many || too_few {
        found.add(week.place(), format!("{low} to {high} % of {all} sets"), format!("{sets} sets"));
    }
}

pub fn r17_in_season(view: &View<'_>, found: &mut Findings<'_>) {
    legs_before_competition(view, found);
    if view.profile.season != Season::Inseason {
        return;
    }
    let (_, most) = season_sets(view.profile);
    for week in &view.weeks {
        let competes = near_competition(view.profile, view, week);
        if !competes && !week.sessions.iter().any(super::view::SessionView::is_strength) {
            found.add(week.place(), "strength at least once", "none");
        }
        for muscle in Muscle::ALL {
            let got = week.tally.halves(*muscle);
            if got > most * 2 {
                found.add(
                    week.place(),
                    format!("at most {most} sets in season"),
                    format!("{} {}", muscle.as_str(), sets_text(got)),
                );
            }
        }
    }
}

/// Weeks whose days the competition takes: the one it is in, and the one before a competition early in the week.
fn near_competition(profile: &Profile, view: &View<'_>, week: &WeekView<'_>) -> bool {
    let index = u8::try_from(week.at).unwrap_or(u8::MAX);
    holds(view.request.start, index, profile.competition_date)
        || week.sessions.iter().any(|session| legs_rest(session.session.date, profile.competition_date))
}

fn legs_before_competition(view: &View<'_>, found: &mut Findings<'_>) {
    for session in view.sessions().filter(|session| legs_rest(session.session.date, view.profile.competition_date)) {
        for leg in LEGS.iter().filter(|muscle| session.hard.direct(**muscle) > 0) {
            let got = format!("{} hard sets of {}", session.hard.direct(*leg), leg.as_str());
            found.add(session.place(), "fresh legs 48 hours before the competition", got);
        }
    }
}

pub fn r18_taper(view: &View<'_>, found: &mut Findings<'_>) {
    let competition = view.profile.competition_date;
    let mut known: BTreeSet<&ExerciseId> = BTreeSet::new();
    for week in &view.weeks {
        let index = u8::try_from(week.at).unwrap_or(u8::MAX);
        for session in week.sessions.iter().filter(|session| Some(session.session.date) == competition) {
            found.add(session.place(), "no session on the day of the competition", session.session.date.to_string());
        }
        let strength = || week.sessions.iter().flat_map(|session| &session.items).filter(|item| item.volume() > 0);
        if !in_taper(view.request.start, index, competition) {
            known.extend(strength().map(|item| &item.item.ex));
            continue;
        }
        if week.week.phase != Phase::Taper {
            found.add(week.place(), "a taper", week.week.phase.as_str());
        }
        let Some(before) = view.loading_before(week.at) else { continue };
        let full = week.sessions.len() == before.sessions.len() && !near_competition(view.profile, view, week);
        check_share(week, before, (40, 59), full, found);
        for item in strength().filter(|item| !known.contains(&item.item.ex)) {
            found.add(item.place(), "no new exercise in a taper", item.item.ex.as_str());
        }
    }
}
