//! The long bout: from one loading week to the next neither it nor the week's aerobic minutes fall, and who trains for an
//! endurance event gets one that grows (R29).

use ally_domain::engine::adapt::{Action, Adaptation};
use ally_domain::engine::catalogue::Pattern;
use ally_domain::engine::fuzz::athlete;
use ally_domain::engine::plan::{Phase, Plan, Week};
use ally_domain::engine::profile::{Availability, BodyPart, Proficiency, Profile, Purpose, Season};
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::rule::Rule;
use ally_domain::engine::rules::{Since, next_version};
use ally_domain::engine::workout::{Pain, PainReport, TrainingLog};
use ally_domain::engine::{Catalogue, validate};
use proptest::prelude::*;
use time::Duration;

use super::athletes::{example, plan, weeks};
use super::lives::{Life, WELL, Went, decided};

/// A bout that is taken up again later than this may begin anew.
const MEMORY_WEEKS: usize = 3;

/// Seconds of the longest bout of a week, and of all its conditioning.
fn bouts(week: &Week, catalogue: &Catalogue) -> (u32, u32) {
    let items = week.sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items);
    let conditioning = items.filter(|item| catalogue.get(&item.ex).unwrap().pattern == Pattern::Conditioning);
    conditioning.flat_map(|item| &item.sets).fold((0, 0), |(longest, all), sets| {
        let seconds = sets.seconds.map_or(0, u32::from);
        (longest.max(seconds), all + u32::from(sets.n) * seconds)
    })
}

fn is_loading(week: &Week) -> bool {
    !week.deload && week.phase != Phase::Taper
}

/// The falls of more than 5 % from one loading week to the next, in words.
fn falls(plan: &Plan, catalogue: &Catalogue) -> Vec<String> {
    let mut before: Option<(usize, (u32, u32))> = None;
    let mut falls = Vec::new();
    for (at, week) in plan.weeks.iter().enumerate().filter(|(_, week)| is_loading(week)) {
        let now = bouts(week, catalogue);
        if let Some((_, was)) = before.filter(|(then, _)| at - then <= MEMORY_WEEKS)
            && (now.0 * 100 < was.0 * 95 || now.1 * 100 < was.1 * 95)
        {
            falls.push(format!("week {}: {was:?} to {now:?} s", at + 1));
        }
        before = Some((at, now));
    }
    falls
}

/// Somebody who runs half a marathon at the end of the plan.
fn half_marathoner(minutes: u16, days: u8) -> (Profile, PlanRequest) {
    let request = weeks(12);
    let profile = Profile {
        purpose: Purpose::SportPerformance,
        purpose_details: Some("my first half marathon".to_owned()),
        proficiency: Proficiency::Intermediate,
        season: Season::Preseason,
        competition_date: Some(request.start + Duration::days(7 * 12 - 1)),
        availability_days: Availability::Count(days),
        weekly_goal_days: days,
        minutes_per_session: minutes,
        fixed_schedules: Vec::new(),
        injuries: Vec::new(),
        ..example("intermediate-team-sport")
    };
    (profile, request)
}

#[test]
fn the_longest_run_before_a_half_marathon_grows_and_never_falls() {
    let catalogue = Catalogue::embedded().unwrap();
    for seed in 0..60 {
        // The reported one for every seed, and one of the others in turn.
        let others = [(60, 3), (60, 5), (90, 4), (120, 5), (45, 6)];
        for (minutes, days) in [(60, 4), others[seed as usize % others.len()]] {
            let (profile, request) = half_marathoner(minutes, days);
            let plan = plan(&profile, &PlanRequest { seed, ..request }, &catalogue).unwrap();
            let loading: Vec<u32> =
                plan.weeks.iter().filter(|week| is_loading(week)).map(|week| bouts(week, &catalogue).0 / 60).collect();
            assert_eq!(falls(&plan, &catalogue), [] as [String; 0], "{minutes} min, {days} days, seed {seed}");
            let (first, last) = (loading[0], *loading.last().unwrap());
            // Warm-up and cool-down take their part of a session.
            let room = u32::from(minutes) - 12;
            assert!(last >= room.min(first * 17 / 10), "{minutes} min, {days} days, seed {seed}: {loading:?}");
        }
    }
}

#[test]
fn a_long_run_that_the_minutes_do_not_hold_is_stated() {
    let catalogue = Catalogue::embedded().unwrap();
    let (profile, request) = half_marathoner(45, 4);
    let short = plan(&profile, &request, &catalogue).unwrap();
    let stated = short.tradeoffs.iter().find(|tradeoff| tradeoff.rule.code() == "R29b").expect("the shortfall");
    assert!(stated.why.contains("45 minutes a session"), "{stated:?}");
    let (profile, request) = half_marathoner(120, 5);
    let long = plan(&profile, &PlanRequest { weeks: 16, ..request }, &catalogue).unwrap();
    let longest = long.weeks.iter().map(|week| bouts(week, &catalogue).0).max().unwrap();
    assert!(longest >= 75 * 60, "{longest} s");
}

#[test]
fn intervals_come_on_top_and_not_out_of_the_long_bout() {
    let catalogue = Catalogue::embedded().unwrap();
    let (profile, request) = half_marathoner(60, 5);
    let plan = plan(&profile, &request, &catalogue).unwrap();
    let hard = |week: &Week| {
        let items = week.sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items);
        items.flat_map(|item| &item.sets).filter(|sets| sets.rpe >= Some(7)).map(|sets| u32::from(sets.n)).sum::<u32>()
    };
    let with: Vec<u32> = plan.weeks.iter().filter(|week| is_loading(week)).map(hard).collect();
    assert_eq!(with[0], 0, "the first week is easy");
    assert!(with.iter().filter(|rounds| **rounds >= 3).count() >= with.len() / 2, "{with:?}");
}

/// The longest bout of a week: its exercise and its seconds.
fn longest<'p>(week: &'p Week, catalogue: &Catalogue) -> Option<(&'p str, u32)> {
    let items = week.sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items);
    let conditioning = items.filter(|item| catalogue.get(&item.ex).unwrap().pattern == Pattern::Conditioning);
    let bouts = conditioning
        .flat_map(|item| item.sets.iter().map(|sets| (item.ex.as_str(), sets.seconds.map_or(0, u32::from))));
    bouts.max_by_key(|(_, seconds)| *seconds)
}

#[test]
fn the_longest_bout_before_a_race_stays_a_run_at_any_session_length() {
    let catalogue = Catalogue::embedded().unwrap();
    for level in Proficiency::ALL {
        for minutes in (30..=180).step_by(15) {
            for seed in 0..4 {
                let (profile, request) = half_marathoner(minutes, 3 + (seed % 3) as u8);
                let profile = Profile { proficiency: *level, ..profile };
                let plan = plan(&profile, &PlanRequest { seed, weeks: 16, ..request }, &catalogue).unwrap();
                for week in plan.weeks.iter().filter(|week| is_loading(week)) {
                    let found = longest(week, &catalogue);
                    assert_eq!(found.map(|(id, _)| id), Some("easy-jog"), "{level:?}, {minutes} min, week {}", week.n);
                }
            }
        }
    }
}

#[test]
fn a_race_without_a_day_gets_a_long_run_that_grows_or_is_stated() {
    let catalogue = Catalogue::embedded().unwrap();
    let races = [("half marathon", 75), ("Halbmarathon", 75), ("maratón", 75), ("my first 10k", 45), ("Volkslauf", 45)];
    for (words, want) in races {
        for (minutes, days) in [(45, 4), (60, 4), (90, 3), (120, 5)] {
            let (mut profile, request) = half_marathoner(minutes, days);
            (profile.competition_date, profile.purpose_details) = (None, Some(words.to_owned()));
            for season in Season::ALL {
                profile.season = *season;
                let plan = plan(&profile, &request, &catalogue).unwrap();
                let loading: Vec<u32> = plan
                    .weeks
                    .iter()
                    .filter(|week| is_loading(week))
                    .map(|week| bouts(week, &catalogue).0 / 60)
                    .collect();
                assert_eq!(falls(&plan, &catalogue), [] as [String; 0], "{words}, {minutes} min");
                let (first, last) = (loading[0], *loading.last().unwrap());
                let room = u32::from(minutes) - 12;
                assert!(
                    last >= room.min(first * 17 / 10),
                    "{words}, {minutes} min, {days} days, {season:?}: {loading:?}"
                );
                let stated = plan.tradeoffs.iter().any(|tradeoff| tradeoff.rule == Rule::R29b);
                assert_eq!(stated, *loading.iter().max().unwrap() < want, "{words}, {minutes} min: {loading:?}");
            }
        }
    }
}

#[test]
fn a_race_that_is_named_under_another_purpose_is_stated() {
    let catalogue = Catalogue::embedded().unwrap();
    let (mut profile, request) = half_marathoner(60, 4);
    (profile.competition_date, profile.purpose) = (None, Purpose::GeneralFitness);
    let plan = plan(&profile, &request, &catalogue).unwrap();
    let stated = plan.tradeoffs.iter().find(|tradeoff| tradeoff.rule == Rule::R29b).expect("the shortfall");
    assert!(stated.why.contains("another purpose than sport"), "{stated:?}");
}

#[test]
fn a_runner_whose_knee_is_well_again_gets_a_next_version() {
    let life = Life::of_runner(12).trains(1, WELL).trains(2, WELL);
    let sore = life.monday(3);
    let (life, decisions) = life.feels(BodyPart::Knee, 5, sore).adapts(sore);
    assert!(decided(&decisions, Action::Substitute), "{decisions:#?}");
    let well = life.monday(4);
    let life = life.trains(3, WELL).feels(BodyPart::Knee, 0, well);
    assert!(life.asks(well).is_ok(), "{:?}", life.asks(well));
}

/// A walk as long as the run that it takes the place of.
#[test]
fn r29_a_walk_in_place_of_the_long_run_is_caught() {
    let catalogue = Catalogue::embedded().unwrap();
    let (mut profile, request) = half_marathoner(120, 4);
    let sound = plan(&profile, &request, &catalogue).unwrap();
    let mut walked = sound.clone();
    let last = walked.weeks.iter().rposition(is_loading).unwrap();
    let items = walked.weeks[last]
        .sessions
        .iter_mut()
        .flat_map(|session| &mut session.blocks)
        .flat_map(|block| &mut block.items);
    items.filter(|item| item.ex.as_str() == "easy-jog").for_each(|item| item.ex = "brisk-walk".into());
    let caught = |profile: &Profile, plan: &Plan| {
        let found = validate(plan, profile, &request, &catalogue);
        found.into_iter().filter(|one| one.hard && one.rule == Rule::R29).map(|one| one.want).collect::<Vec<_>>()
    };
    assert_eq!(caught(&profile, &sound), [] as [String; 0]);
    assert!(caught(&profile, &walked).iter().any(|want| want.contains("longest bout")), "a walk passed for a run");
    profile.purpose_details = Some("handball".to_owned());
    assert_eq!(caught(&profile, &walked), [] as [String; 0], "who trains for no race may walk");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobodys_longest_bout_or_aerobic_minutes_fall(seed: u64, case: u64) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        if let Ok(plan) = plan(&profile, &request, &catalogue) {
            prop_assert_eq!(falls(&plan, &catalogue), Vec::<String>::new());
            prop_assert!(plan.validation.rules.iter().any(|rule| rule.code() == "R29"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_trains_for_an_event_gets_a_sound_plan(seed: u64, case: u64, day in 0i64..112) {
        let catalogue = Catalogue::embedded().unwrap();
        let (mut profile, request) = athlete(seed, case);
        (profile.purpose, profile.purpose_details) = (Purpose::SportPerformance, Some("a marathon".to_owned()));
        profile.competition_date = Some(request.start + Duration::days(day));
        if let Ok(plan) = plan(&profile, &request, &catalogue) {
            let found = validate(&plan, &profile, &request, &catalogue);
            let hard: Vec<_> = found.iter().filter(|finding| finding.hard).collect();
            prop_assert!(hard.is_empty(), "{hard:?}");
            let longest = plan.weeks.iter().map(|week| bouts(week, &catalogue).0).max().unwrap_or(0);
            let stated = plan.tradeoffs.iter().any(|tradeoff| tradeoff.rule == Rule::R29b);
            prop_assert_eq!(stated, longest < 75 * 60, "{} s", longest);
        }
    }
}

#[test]
fn next_versions_hold_the_long_bout_too() {
    let (profile, request) = half_marathoner(60, 4);
    let catalogue = Catalogue::embedded().unwrap();
    let plan = plan(&profile, &request, &catalogue).unwrap();
    let life = Life { catalogue, profile, plan, log: TrainingLog::default() };
    let life = life.trains(1, WELL).trains(2, Went { felt: 10, ..WELL });
    let day = life.monday(3);
    let (life, decisions) = life.adapts(day);
    assert!(decided(&decisions, Action::EarlyDeload), "{decisions:#?}");
    assert_eq!(falls(&life.plan, &life.catalogue), [] as [String; 0], "after an early lighter week");
    assert!(life.plan.validation.rules.contains(&Rule::R29));
}

#[test]
fn a_fall_that_pain_asks_for_is_stated_and_not_refused() {
    let (profile, request) = half_marathoner(60, 4);
    let catalogue = Catalogue::embedded().unwrap();
    let plan = plan(&profile, &request, &catalogue).unwrap();
    let life = Life { catalogue, profile, plan, log: TrainingLog::default() }.trains(1, WELL).trains(2, WELL);
    let day = life.monday(3);
    let mut next = life.plan.clone();
    (next.version, next.parent) = (2, Some(1));
    for item in next.weeks[2..].iter_mut().flat_map(|week| &mut week.sessions).flat_map(|s| &mut s.blocks) {
        item.items.retain(|item| life.catalogue.get(&item.ex).unwrap().pattern != Pattern::Conditioning);
    }
    let judged = |log: &TrainingLog| -> Vec<bool> {
        let since = Since { today: day, log };
        let found = next_version([&life.plan, &next], &since, &life.profile, &request, &life.catalogue);
        found.iter().filter(|finding| finding.rule == Rule::R29).map(|finding| finding.hard).collect()
    };
    let hard = judged(&life.log);
    assert!(!hard.is_empty() && hard.iter().all(|hard| *hard), "nothing hurts and all was done: {hard:?}");
    let mut sore = life.log.clone();
    let at = day.with_time(time::Time::MIDNIGHT).assume_utc();
    sore.report(PainReport { at, pain: vec![Pain { body_part: BodyPart::Knee, level: 6 }], note: None });
    let soft = judged(&sore);
    assert!(!soft.is_empty() && soft.iter().all(|hard| !hard), "{soft:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_was_away_comes_back_to_bouts_that_hold(seed: u64, case: u64, before in 1usize..5, away in 1i64..6) {
        let catalogue = Catalogue::embedded().unwrap();
        let (mut profile, _) = athlete(seed, case);
        profile.competition_date = None;
        let Ok(plan) = plan(&profile, &weeks(12), &catalogue) else { return Ok(()) };
        let mut life = Life { catalogue, profile, plan, log: TrainingLog::default() };
        for week in 1..=before {
            life = life.trains(week, WELL);
        }
        // Back after the absence, and again after a week of training.
        for week in [before as i64 + 1 + away, before as i64 + 2 + away] {
            let day = life.monday(week);
            if let Ok(Adaptation::Next(_)) = life.asks(day) {
                life = life.adapts(day).0;
            }
            life = life.trains(week as usize, WELL);
        }
    }
}

#[test]
fn the_rule_is_hard_and_its_companion_is_not() {
    let rule = |code| Rule::from_code(code).unwrap();
    assert!(rule("R29").is_hard() && !rule("R29b").is_hard());
}

/// Four lighter weeks lie between: what the first week after them begins, the next one must be able to hold.
#[test]
fn bouts_that_begin_anew_before_the_long_one_are_not_taken_away_again() {
    let catalogue = Catalogue::embedded().unwrap();
    let (mut profile, request) = athlete(17_135_522_570_043_531_191, 7_716_299_402_525_583_892);
    (profile.purpose, profile.purpose_details) = (Purpose::SportPerformance, Some("a marathon".to_owned()));
    profile.competition_date = Some(request.start + Duration::days(35));
    let plan = plan(&profile, &request, &catalogue).unwrap();
    let broken: Vec<_> = validate(&plan, &profile, &request, &catalogue).into_iter().filter(|one| one.hard).collect();
    assert!(broken.is_empty(), "{broken:?}");
    let before = plan.weeks[..4].iter().map(|week| bouts(week, &catalogue).1).max().unwrap();
    assert!(
        plan.weeks[7..].iter().any(|week| bouts(week, &catalogue).1 > 0) && before > 0,
        "otherwise this says nothing"
    );
}
