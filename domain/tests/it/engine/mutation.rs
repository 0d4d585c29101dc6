//! The mutation check: with the enforcement of one hard rule switched off, the composer breaks it for some athlete, and
//! the validator says so by its code. With every rule on, it finds nothing for the same athletes.

use ally_domain::engine::adapt::{AdaptInput, Adaptation, adapt_with};
use ally_domain::engine::compose::{Enforcement, compose_with};
use ally_domain::engine::fuzz::athlete;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::{BodyPart, Injury, Profile};
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::rule::Rule;
use ally_domain::engine::rules::{Since, follows, next_version};
use ally_domain::engine::{Catalogue, ComposeInput, validate};
use ally_domain::ids::PlanId;
use time::{Date, Duration};

use super::lives::{Life, WELL, Went};

/// How many random athletes may be asked before the rule counts as asleep.
const ATHLETES: u64 = 400;

fn made(
    id: &str,
    profile: &Profile,
    request: &PlanRequest,
    catalogue: &Catalogue,
    enforcement: Enforcement,
) -> Option<Plan> {
    let plan_id: PlanId = id.parse().unwrap();
    let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile, request };
    compose_with(&input, catalogue, enforcement).ok()
}

fn is_caught(rule: Rule) {
    let catalogue = Catalogue::embedded().unwrap();
    let caught = (0..ATHLETES).find(|case| {
        let (profile, request) = athlete(7, *case);
        let broken = made("p", &profile, &request, &catalogue, Enforcement::without(rule));
        let codes = |plan: &Plan| -> Vec<Rule> {
            let findings = validate(plan, &profile, &request, &catalogue);
            findings.iter().filter(|finding| finding.hard).map(|finding| finding.rule).collect()
        };
        let sound = made("p", &profile, &request, &catalogue, Enforcement::ALL);
        assert!(sound.is_none_or(|plan| codes(&plan).is_empty()), "case {case} is not sound to begin with");
        broken.is_some_and(|plan| codes(&plan).contains(&rule))
    });
    assert!(caught.is_some(), "{rule} was switched off and the validator noticed nothing");
}

macro_rules! caught {
    ($($test:ident: $rule:ident,)+) => {$(
        #[test]
        fn $test() {
            is_caught(Rule::$rule);
        }
    )+};
}

caught! {
    r1_two_measures_at_once: R1,
    r2_days_that_are_taken: R2,
    r3_equipment_that_is_not_there: R3,
    r4_exercises_above_the_level: R4,
    r5_exercises_that_hurt: R5,
    r6_no_rest_between_hard_days: R6,
    r7b_more_sets_than_help: R7b,
    r8_too_much_in_one_session: R8,
    r9_rests_out_of_band: R9,
    r10_loads_too_heavy_for_their_reps: R10,
    r11_sets_to_failure: R11,
    r13_isolation_first: R13,
    r15_a_sudden_jump: R15,
    r16_no_lighter_week: R16,
    r17_full_volume_in_season: R17,
    r18_no_taper: R18,
    r19_all_conditioning_hard: R19,
    r20_jumps_every_day: R20,
    r22_longer_than_the_minutes: R22,
    r23_no_warm_up: R23,
    r24_a_plan_despite_red_flags: R24,
    r25_a_seed_that_is_not_told: R25,
    r27_no_reasons: R27,
    r29_intervals_out_of_the_long_bout: R29,
    r30_hard_eccentrics_like_any_other_set: R30,
    r31_running_before_walking: R31,
}

#[test]
fn every_hard_rule_is_in_this_check() {
    let by_comparison = [Rule::R26, Rule::R28];
    let hard = Rule::ALL.iter().filter(|rule| rule.is_hard() && !by_comparison.contains(rule)).count();
    assert_eq!(hard, 26, "a new hard rule needs its line in `caught!`");
}

#[test]
fn r26_a_plan_that_depends_on_who_asks_is_another_plan() {
    let catalogue = Catalogue::embedded().unwrap();
    let differs = |enforcement| {
        (0..40).any(|case| {
            let (profile, request) = athlete(7, case);
            let one = made("amy", &profile, &request, &catalogue, enforcement).map(|plan| plan.weeks);
            one != made("ben", &profile, &request, &catalogue, enforcement).map(|plan| plan.weeks)
        })
    };
    assert!(!differs(Enforcement::ALL));
    assert!(differs(Enforcement::without(Rule::R26)));
}

#[test]
fn r28_a_version_that_changes_the_past_is_refused() {
    let catalogue = Catalogue::embedded().unwrap();
    let (profile, request) = (0..).map(|case| athlete(7, case)).find(|(_, request)| request.weeks > 3).unwrap();
    let first = made("p", &profile, &request, &catalogue, Enforcement::ALL).unwrap();
    let today = request.start + Duration::days(14);
    let next = Plan { version: 2, parent: Some(1), ..first.clone() };
    assert_eq!(follows(&first, &next, today), []);

    let mut rewritten = next.clone();
    rewritten.weeks[0].sessions[0].est_min += 1;
    let mut emptied = next.clone();
    emptied.weeks[0].sessions.clear();
    let skipped = Plan { version: 3, ..next.clone() };
    let orphan = Plan { parent: None, ..next.clone() };
    for wrong in [rewritten, emptied, skipped, orphan] {
        let found = follows(&first, &wrong, today);
        assert!(!found.is_empty() && found.iter().all(|finding| finding.rule == Rule::R28 && finding.hard));
    }
    let mut ahead = next;
    ahead.weeks[3].sessions.clear();
    assert_eq!(follows(&first, &ahead, today), [], "what lies ahead may change");
}

/// Whether a version that does not heed R28 is caught by it, for one of these lives, and one that does is sound.
fn is_caught_in(lives: impl Fn(&str) -> (Life, Date)) -> bool {
    let catalogue = Catalogue::embedded().unwrap();
    ["advanced-full-gym", "intermediate-team-sport"].into_iter().any(|name| {
        let (life, day) = lives(name);
        let input = AdaptInput::new(&life.plan, &life.profile, &life.log, day);
        let broken = |enforcement| match adapt_with(&input, &catalogue, enforcement) {
            Ok(Adaptation::Next(next)) => {
                let since = Since { today: day, log: &life.log };
                let found = next_version([&life.plan, &next], &since, &life.profile, &input.request, &catalogue);
                found.into_iter().filter(|finding| finding.hard).map(|finding| finding.rule).collect()
            }
            _ => Vec::new(),
        };
        assert_eq!(broken(Enforcement::ALL), [], "{name} is not sound to begin with");
        broken(Enforcement::without(Rule::R28)).contains(&Rule::R28)
    })
}

#[test]
fn r28_a_load_that_rises_after_strong_pain_is_caught() {
    let well = Went { kg: Some(60.0), ..WELL };
    let caught = is_caught_in(|name| {
        let life = Life::of(name, 6).trains(1, well).trains(2, well);
        let day = life.monday(3);
        (life.feels(BodyPart::Wrist, 6, day), day)
    });
    assert!(caught, "loads rose after strong pain and the validator noticed nothing");
}

#[test]
fn r28_a_rise_while_a_bad_sign_stands_is_caught() {
    let caught = is_caught_in(|name| {
        let life = Life::of(name, 6).trains(1, WELL).trains(2, WELL);
        let day = life.monday(3);
        (life.feels(BodyPart::Elbow, 4, day - Duration::days(1)), day)
    });
    assert!(caught, "much rose in spite of pain of 4 and the validator noticed nothing");
    let caught = is_caught_in(|name| {
        let life = Life::of(name, 6).trains(1, WELL).trains(2, WELL);
        let last = life.plan.weeks[1].sessions.last().unwrap().id.clone();
        let day = life.monday(3);
        (life.does(&last, Went { felt: 9, ..WELL }), day)
    });
    assert!(caught, "much rose after a session that was too hard and the validator noticed nothing");
}

#[test]
fn r28_a_return_to_what_was_planned_is_caught() {
    let caught = is_caught_in(|name| {
        let life = Life::of(name, 12).trains(1, WELL).trains(2, WELL);
        let day = life.monday(7);
        (life.feels(BodyPart::Shoulder, 4, day), day)
    });
    assert!(caught, "somebody came back to all that was planned and the validator noticed nothing");
}

#[test]
fn r28_a_return_to_the_bouts_that_were_planned_is_caught() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut life = Life::of_runner(12).trains(1, WELL).trains(2, WELL);
    for item in life.log.workouts.iter_mut().flat_map(|workout| &mut workout.items) {
        item.sets.iter_mut().for_each(|set| set.seconds = set.seconds.map(|seconds| seconds / 2));
    }
    let day = life.monday(5);
    let life = life.feels(BodyPart::Shoulder, 4, day);
    let input = AdaptInput::new(&life.plan, &life.profile, &life.log, day);
    let bouts = |enforcement| {
        let Ok(Adaptation::Next(next)) = adapt_with(&input, &catalogue, enforcement) else { panic!("nothing changed") };
        let since = Since { today: day, log: &life.log };
        let found = next_version([&life.plan, &next], &since, &life.profile, &input.request, &catalogue);
        found.into_iter().filter(|one| one.rule == Rule::R28 && one.want.contains("in a bout")).count()
    };
    assert_eq!(bouts(Enforcement::ALL), 0);
    assert!(bouts(Enforcement::without(Rule::R28)) > 0, "bouts came back as planned and the validator noticed nothing");
}

/// Whether what R5 forbids somebody is noticed once the composer does not heed it.
fn r5_is_caught_for(change: impl Fn(&mut Profile), strain: &str) {
    let catalogue = Catalogue::embedded().unwrap();
    let caught = (0..ATHLETES).any(|case| {
        let (mut profile, request) = athlete(7, case);
        (profile.injuries, profile.pregnant, profile.weeks_since_birth) = (Vec::new(), false, None);
        profile.cleared_by_professional = true;
        change(&mut profile);
        let hits = |enforcement| {
            let plan = made("p", &profile, &request, &catalogue, enforcement)?;
            let found = validate(&plan, &profile, &request, &catalogue);
            Some(found.iter().any(|one| one.hard && one.rule == Rule::R5 && one.got.contains(strain)))
        };
        assert_ne!(hits(Enforcement::ALL), Some(true), "case {case} is not sound to begin with");
        hits(Enforcement::without(Rule::R5)) == Some(true)
    });
    assert!(caught, "R5 was switched off and the validator did not notice {strain}");
}

#[test]
fn r5_what_presses_on_the_belly_is_caught() {
    r5_is_caught_for(|profile| profile.pregnant = true, "abdominal_pressure");
    r5_is_caught_for(|profile| profile.weeks_since_birth = Some(26), "abdominal_pressure");
}

#[test]
fn r5_what_is_done_at_full_speed_is_caught_from_pain_of_four() {
    let sore = |part| move |profile: &mut Profile| profile.injuries = vec![Injury { body_part: part, pain: 4 }];
    // At any other speed pain of 4 bears these loads with care.
    r5_is_caught_for(sore(BodyPart::Shoulder), ": shoulder_load");
    r5_is_caught_for(sore(BodyPart::Elbow), ": elbow_load");
    r5_is_caught_for(sore(BodyPart::Wrist), ": grip");
}
