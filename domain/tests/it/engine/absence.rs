//! Absence is not fatigue: who was away comes back by days away and from what was done, and nothing rises while bad signs
//! stand.

use ally_domain::engine::Catalogue;
use ally_domain::engine::adapt::Action;
use ally_domain::engine::catalogue::Impact;
use ally_domain::engine::plan::{Phase, Plan, Week};
use ally_domain::engine::profile::BodyPart;
use time::{Date, Duration};

use super::lives::{Life, WELL, Went, decided, items};

const LIFTER: &str = "advanced-full-gym";
const TEAM: &str = "intermediate-team-sport";

/// Working sets of strength in a week, from a day on.
fn sets_from(week: &Week, day: Date, catalogue: &Catalogue) -> u32 {
    let open = week.sessions.iter().filter(|session| session.date >= day);
    let strength = |id| {
        use ally_domain::engine::catalogue::Pattern::{Conditioning, JumpThrow, Mobility};
        catalogue.get(id).is_some_and(|exercise| !matches!(exercise.pattern, Conditioning | JumpThrow | Mobility))
    };
    let work = open.flat_map(items).filter(|item| strength(&item.ex)).flat_map(|item| &item.sets);
    work.filter(|sets| !sets.ramp).map(|sets| u32::from(sets.n)).sum()
}

fn is_loading(week: &Week) -> bool {
    !week.deload && week.phase != Phase::Taper
}

/// What the first loading week from a day on asks, in percent of what was done in week `base` before.
fn percent_of_done(life: &Life, before: &Plan, base: usize, day: Date) -> u32 {
    let done = sets_from(&before.weeks[base - 1], life.monday(1), &life.catalogue);
    let back =
        life.plan.weeks.iter().find(|week| is_loading(week) && week.sessions.iter().any(|session| session.date >= day));
    sets_from(back.unwrap(), day, &life.catalogue) * 100 / done
}

fn raises(life: &Life, day: Date) -> usize {
    life.decides(day).iter().filter(|decision| decision.action == Action::Raise).count()
}

#[test]
fn who_was_away_comes_back_by_days_away_from_what_was_done_and_not_from_what_was_planned() {
    let mut judged = 0;
    for name in [LIFTER, TEAM] {
        for (weeks_away, most, least) in [(1, 92, 75), (2, 72, 55), (3, 72, 55), (4, 52, 35)] {
            let life = Life::of(name, 12).trains(1, WELL).trains(2, WELL);
            let day = life.monday(3 + weeks_away);
            let before = life.plan.clone();
            let decisions = life.decides(day);
            assert!(!decided(&decisions, Action::EarlyDeload), "{name}, {weeks_away}: {decisions:#?}");
            assert!(!decided(&decisions, Action::Raise), "{name}, {weeks_away}: {decisions:#?}");
            if !is_loading(&before.weeks[2 + weeks_away as usize]) {
                // The lighter week or taper that is planned stays as it is.
                continue;
            }
            judged += 1;
            let (life, decisions) = life.adapts(day);
            assert!(decided(&decisions, Action::ReEnter), "{name}, {weeks_away}: {decisions:#?}");
            let percent = percent_of_done(&life, &before, 2, day);
            assert!((least..=most).contains(&percent), "{name}, {weeks_away} weeks away: back at {percent} %");
        }
    }
    assert!(judged >= 5, "{judged} returns fall on a loading week");
}

#[test]
fn a_few_days_away_change_nothing() {
    let life = Life::of(LIFTER, 12).trains(1, WELL).trains(2, Went { reps: -1, ..WELL });
    let last = life.log.workouts.last().unwrap().date();
    assert!(!decided(&life.decides(last + Duration::days(6)), Action::ReEnter));
}

#[test]
fn who_is_back_builds_up_from_week_to_week_and_is_not_cut_twice() {
    let life = Life::of(LIFTER, 12).trains(1, WELL).trains(2, WELL);
    let day = life.monday(7);
    let (life, decisions) = life.adapts(day);
    assert!(decided(&decisions, Action::ReEnter), "{decisions:#?}");
    let sets: Vec<u32> = life.plan.weeks[6..]
        .iter()
        .filter(|week| is_loading(week))
        .map(|week| sets_from(week, day, &life.catalogue))
        .collect();
    assert!(sets.windows(2).take(3).all(|pair| pair[1] >= pair[0]) && sets[1] > sets[0], "{sets:?}");
    assert!(sets.windows(2).all(|pair| pair[1] * 100 <= pair[0] * 150), "{sets:?}");

    // The same absence has its effect once: asked again, and after the first session back, the week stays.
    assert!(!decided(&life.stays(day), Action::ReEnter));
    let first = life.plan.weeks[6].sessions[0].id.clone();
    let back = life.does(&first, WELL);
    assert!(!decided(&back.decides(day + Duration::days(1)), Action::ReEnter));
}

#[test]
fn three_hard_sessions_bring_a_lighter_week_and_no_rise_with_it() {
    let hard = Went { felt: 9, ..WELL };
    let life = Life::of(LIFTER, 8).trains(1, WELL).trains(2, hard);
    let day = life.monday(3);
    let decisions = life.decides(day);
    assert!(decided(&decisions, Action::EarlyDeload), "{decisions:#?}");
    assert!(!decided(&decisions, Action::Raise) && decided(&decisions, Action::Hold), "{decisions:#?}");
}

#[test]
fn nothing_rises_while_a_bad_sign_stands() {
    let well = || Life::of(LIFTER, 8).trains(1, WELL).trains(2, WELL);
    let day = well().monday(3);
    assert!(raises(&well(), day) > 5, "without a sign much rises");
    assert_eq!(raises(&well().feels(BodyPart::Elbow, 4, day), day), 0, "pain of 4");

    let last = well().plan.weeks[1].sessions.last().unwrap().id.clone();
    assert_eq!(raises(&well().does(&last, Went { reserve: -2, ..WELL }), day), 0, "a reserve well short");
    let mut missed = well();
    missed.log.workouts.retain(|workout| workout.session_id != last);
    assert_eq!(raises(&missed, day), 0, "a session missed");
    assert_eq!(raises(&well().does(&last, Went { felt: 9, ..WELL }), day), 0, "a session that was too hard");
}

/// Bouts of the open sessions of a week, by whether they land.
fn bouts_from(life: &Life, week: usize, day: Date) -> Vec<(bool, u32)> {
    let open = life.plan.weeks[week - 1].sessions.iter().filter(|session| session.date >= day);
    let bouts = open.flat_map(items).filter_map(|item| {
        let exercise = life.catalogue.get(&item.ex)?;
        let easy = item.sets.iter().filter(|sets| sets.rpe.is_some_and(|rpe| rpe < 7)).filter_map(|sets| sets.seconds);
        let conditioning = exercise.pattern == ally_domain::engine::catalogue::Pattern::Conditioning;
        Some((exercise.impact >= Impact::Moderate, u32::from(easy.max()?))).filter(|_| conditioning)
    });
    bouts.collect()
}

/// A runner with a plan of twelve weeks, two of which were trained: with so many percent of every bout.
fn runner(percent: u32) -> Life {
    let life = Life::of_runner(12);
    let mut life = life.trains(1, WELL).trains(2, WELL);
    for item in life.log.workouts.iter_mut().flat_map(|workout| &mut workout.items) {
        let pattern = life.catalogue.get(&item.exercise).unwrap().pattern;
        if pattern == ally_domain::engine::catalogue::Pattern::Conditioning {
            for set in &mut item.sets {
                set.seconds = set.seconds.map(|seconds| u16::try_from(u32::from(seconds) * percent / 100).unwrap());
            }
            item.sets.retain(|set| set.seconds.is_none_or(|seconds| seconds > 0));
        }
    }
    for workout in &mut life.log.workouts {
        workout.items.retain(|item| !item.sets.is_empty());
    }
    life
}

/// Seconds of the longest bout that the log holds.
fn longest_done(life: &Life) -> u32 {
    let items = life.log.workouts.iter().flat_map(|workout| &workout.items);
    let runs = items.filter(|item| life.catalogue.get(&item.exercise).unwrap().is_run());
    runs.flat_map(|item| &item.sets).filter_map(|set| set.seconds).max().map_or(0, u32::from)
}

#[test]
fn bouts_come_back_from_what_was_done_and_not_from_what_was_planned() {
    let mut judged = 0;
    for percent in [100, 50, 30] {
        for (weeks_away, share) in [(1, 90), (2, 70), (3, 70), (4, 50)] {
            let life = runner(percent);
            let (day, done) = (life.monday(3 + weeks_away), longest_done(&life));
            let back = usize::try_from(3 + weeks_away).unwrap();
            if !is_loading(&life.plan.weeks[back - 1]) {
                continue;
            }
            let (life, decisions) = life.adapts(day);
            assert!(decided(&decisions, Action::ReEnter), "{percent} %, {weeks_away} weeks: {decisions:#?}");
            let runs: Vec<u32> =
                bouts_from(&life, back, day).into_iter().filter(|(lands, _)| *lands).map(|(_, s)| s).collect();
            assert!(!runs.is_empty(), "{percent} %, {weeks_away} weeks away: no run");
            let most = (done * share / 100).max(300);
            assert!(
                runs.iter().all(|s| *s <= most),
                "{percent} % of the bouts done, {weeks_away} weeks away: {runs:?} s, {most} s at most"
            );
            judged += 1;
        }
    }
    assert!(judged > 6, "{judged}");
}

#[test]
fn who_never_ran_before_the_absence_begins_with_ten_minutes() {
    let life = runner(0);
    assert_eq!(longest_done(&life), 0);
    let day = life.monday(5);
    let (life, _) = life.adapts(day);
    let back: Vec<u32> = bouts_from(&life, 5, day).into_iter().map(|(_, seconds)| seconds).collect();
    assert!(!back.is_empty() && back.iter().all(|seconds| *seconds <= 600), "{back:?} s");
}
