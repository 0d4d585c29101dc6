//! Sessions in fewer minutes: for random athletes, every session and every target.

use std::collections::{BTreeMap, BTreeSet};

use ally_domain::engine::catalogue::ExerciseId;
use ally_domain::engine::crunch::{CrunchError, crunch};
use ally_domain::engine::fuzz::athlete;
use ally_domain::engine::plan::{BlockKind, Plan, Session, Week};
use ally_domain::engine::profile::Profile;
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::rule::Rule;
use ally_domain::engine::{Catalogue, validate};

use super::athletes::{example, plan, weeks};

/// So many random athletes.
const CASES: u64 = 60;

/// Rules that compare sessions: a shorter day leaves a week with less, makes the next one grow, or leaves the first time
/// of an exercise to another. A crunched session is no version of the plan, so what they find elsewhere is not its fault.
const OF_WEEKS: [Rule; 7] = [Rule::R15, Rule::R16, Rule::R17, Rule::R18, Rule::R19, Rule::R29, Rule::R30];

fn each_session(check: impl Fn(&Plan, &Session, &Profile, &PlanRequest, &Catalogue)) {
    let catalogue = Catalogue::embedded().unwrap();
    let mut seen = 0;
    for case in 0..CASES {
        let (profile, request) = athlete(23, case);
        let Ok(made) = plan(&profile, &request, &catalogue) else { continue };
        // Weeks of a phase are alike: the first, the middle and the last say enough.
        let at = BTreeSet::from([0, made.weeks.len() / 2, made.weeks.len() - 1]);
        for session in at.into_iter().flat_map(|week| &made.weeks[week].sessions) {
            seen += 1;
            check(&made, session, &profile, &request, &catalogue);
        }
    }
    assert!(seen > CASES, "{seen} sessions are too few to say anything");
}

/// Sets, seconds and metres of an exercise: what there is to do.
fn work(session: &Session) -> BTreeMap<ExerciseId, [u32; 3]> {
    let mut work = BTreeMap::<ExerciseId, [u32; 3]>::new();
    for item in session.blocks.iter().flat_map(|block| &block.items) {
        let done = work.entry(item.ex.clone()).or_default();
        for sets in &item.sets {
            let n = u32::from(sets.n);
            done[0] += n;
            done[1] += n * u32::from(sets.seconds.unwrap_or(0));
            done[2] += n * u32::from(sets.metres.unwrap_or(0));
        }
    }
    work
}

/// The fewest minutes that a refusal names.
fn fewest(refused: &CrunchError) -> u16 {
    match refused {
        CrunchError::TooFewMinutes { least_min } => *least_min,
        other => panic!("{other}"),
    }
}

fn is_part(less: &Session, of: &Session) -> bool {
    let of = work(of);
    work(less).iter().all(|(ex, done)| of.get(ex).is_some_and(|most| done.iter().zip(most).all(|(a, b)| a <= b)))
}

#[test]
fn every_target_is_met_or_refused_with_the_true_minimum() {
    each_session(|_, session, profile, _, catalogue| {
        let Err(CrunchError::TooFewMinutes { least_min }) = crunch(session, 0, profile, catalogue) else {
            panic!("no time at all")
        };
        for target in 1..=session.est_min + 3 {
            match crunch(session, target, profile, catalogue) {
                Ok(crunched) => {
                    assert!(crunched.session.est_min <= target, "{} at {target}", session.id);
                    assert!(target >= least_min);
                }
                Err(refused) => assert!(fewest(&refused) == least_min && target < least_min),
            }
        }
    });
}

#[test]
fn fewer_minutes_never_give_more_work() {
    each_session(|_, session, profile, _, catalogue| {
        let mut longer = session.clone();
        for target in (1..=session.est_min + 1).rev() {
            let Ok(crunched) = crunch(session, target, profile, catalogue) else { break };
            assert!(is_part(&crunched.session, session), "{} at {target} adds work", session.id);
            assert!(is_part(&crunched.session, &longer), "{} at {target} is more than with a minute more", session.id);
            assert_eq!(crunched.given_up.is_empty(), crunched.session.blocks == session.blocks);
            longer = crunched.session;
        }
    });
}

#[test]
fn what_the_session_is_for_stays() {
    let of = |session: &Session, kinds: &[BlockKind]| -> BTreeSet<ExerciseId> {
        let blocks = session.blocks.iter().filter(|block| kinds.contains(&block.kind));
        blocks.flat_map(|block| &block.items).map(|item| item.ex.clone()).collect()
    };
    each_session(|_, session, profile, _, catalogue| {
        let least = fewest(&crunch(session, 0, profile, catalogue).unwrap_err());
        let shortest = crunch(session, least, profile, catalogue).unwrap().session;
        let (compounds, warm_up) = (&[BlockKind::Main, BlockKind::Superset], &[BlockKind::WarmUp]);
        assert_eq!(of(&shortest, compounds), of(session, compounds));
        assert_eq!(of(&shortest, warm_up), of(session, warm_up));
        assert!(shortest.blocks.len() > 1, "more than a warm-up is left of {}", session.id);
    });
}

#[test]
fn a_shorter_session_breaks_no_rule_of_a_session() {
    each_session(|made, session, profile, request, catalogue| {
        let least = fewest(&crunch(session, 0, profile, catalogue).unwrap_err());
        for target in [least, least.midpoint(session.est_min), session.est_min.saturating_sub(5).max(least)] {
            let crunched = crunch(session, target, profile, catalogue).unwrap().session;
            let mut with = made.clone();
            let at = |week: &Week| week.sessions.iter().position(|other| other.id == session.id);
            let found = with.weeks.iter().enumerate().find_map(|(w, week)| Some((w, at(week)?)));
            let (week, number) = found.unwrap();
            with.weeks[week].sessions[number] = crunched;
            let own = format!("weeks[{week}].sessions[{number}]");
            let broken: Vec<_> = validate(&with, profile, request, catalogue)
                .into_iter()
                .filter(|finding| finding.hard)
                .filter(|finding| finding.place.starts_with(&own) || !OF_WEEKS.contains(&finding.rule))
                .collect();
            assert!(broken.is_empty(), "{} at {target}: {broken:?}", session.id);
        }
    });
}

#[test]
fn the_lifter_with_half_an_hour_keeps_the_lifts() {
    let (profile, request, catalogue) = (example("advanced-full-gym"), weeks(4), Catalogue::embedded().unwrap());
    let made = plan(&profile, &request, &catalogue).unwrap();
    let session = &made.weeks[1].sessions[0];
    let crunched = crunch(session, session.est_min * 2 / 3, &profile, &catalogue).unwrap();
    let first = &crunched.given_up[0];
    assert!(matches!(first.what, "straight sets" | "rest"), "time is won before work is lost: {first:?}");
    assert!(crunched.given_up.iter().all(|given_up| given_up.from != given_up.to));
    assert_eq!(crunch(session, 180, &profile, &catalogue).unwrap().session, *session);
}
