//! Absence is not fatigue: who was away comes back by days away and from what was done, and nothing rises while bad signs
//! stand.

use ally_domain::engine::Catalogue;
use ally_domain::engine::adapt::Action;
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
