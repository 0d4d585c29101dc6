//! Plans and the athlete of today: newer answers bind an adaptation and a shorter session.

use ally_domain::engine::Catalogue;
use ally_domain::engine::adapt::{Action, AdaptError, AdaptInput, Adaptation, adapt};
use ally_domain::engine::crunch::{CrunchError, crunch};
use ally_domain::engine::plan::{Item, Plan, Session, Sets};
use ally_domain::engine::profile::{BodyPart, Equipment, Injury, Profile};
use ally_domain::engine::rule::Rule;
use ally_domain::engine::today::of_today;
use ally_domain::engine::workout::TrainingLog;
use ally_domain::engine::{ComposeError, is_gentle};

use super::athletes::{example, plan, today, weeks};

/// The next version of a plan for its athlete as a change has made them.
fn adapted(planned: &Profile, change: impl Fn(&mut Profile)) -> (Plan, Result<Adaptation, AdaptError>) {
    let catalogue = Catalogue::shared().unwrap();
    let plan = plan(planned, &weeks(4), catalogue).unwrap();
    let mut newest = planned.clone();
    change(&mut newest);
    let profile = of_today(planned, &newest);
    let log = TrainingLog::default();
    let next = adapt(&AdaptInput::new(&plan, &profile, &log, today()), catalogue);
    (plan, next)
}

fn next(planned: &Profile, change: impl Fn(&mut Profile)) -> Plan {
    match adapted(planned, change).1.unwrap() {
        Adaptation::Next(plan) => *plan,
        Adaptation::Same(decisions) => panic!("nothing changed: {decisions:?}"),
    }
}

fn items(session: &Session) -> impl Iterator<Item = &Item> {
    session.blocks.iter().flat_map(|block| &block.items)
}

fn all_items(plan: &Plan) -> impl Iterator<Item = &Item> {
    plan.weeks.iter().flat_map(|week| &week.sessions).flat_map(items)
}

fn working(plan: &Plan) -> impl Iterator<Item = &Sets> {
    all_items(plan).flat_map(|item| &item.sets).filter(|sets| !sets.ramp)
}

#[test]
fn a_version_is_refused_by_what_was_answered_since_in_the_words_of_a_new_plan() {
    let profile = example("advanced-full-gym");
    let chest = |profile: &mut Profile| profile.screening.chest_pain = Some(true);
    let (_, refused) = adapted(&profile, chest);
    let refused = refused.unwrap_err();
    assert!(matches!(refused, AdaptError::ClearanceRequired { .. }), "{refused}");
    let mut newest = profile.clone();
    chest(&mut newest);
    let new_plan = plan(&newest, &weeks(4), Catalogue::shared().unwrap()).unwrap_err();
    assert!(matches!(new_plan, ComposeError::ClearanceRequired { .. }));
    assert_eq!(refused.to_string(), new_plan.to_string());
}

#[test]
fn equipment_that_is_gone_is_replaced() {
    let catalogue = Catalogue::shared().unwrap();
    let profile = example("advanced-full-gym");
    let only = |profile: &mut Profile| profile.equipment = [Equipment::Dumbbells, Equipment::Bands].into();
    let plan = next(&profile, only);
    let mut owned = profile;
    only(&mut owned);
    let left = all_items(&plan).filter(|item| !catalogue.get(&item.ex).unwrap().equipment.met_by(&owned.equipment));
    assert_eq!(left.count(), 0);
    let decisions = plan.adapted.unwrap().decisions;
    assert!(decisions.iter().any(|decision| decision.action == Action::Substitute), "{decisions:?}");
}

#[test]
fn what_is_answered_with_a_yes_keeps_effort_moderate_from_now_on() {
    let profile = example("advanced-full-gym");
    let plan = next(&profile, |profile| {
        profile.screening.heart_or_blood_pressure = Some(true);
        profile.cleared_by_professional = true;
    });
    assert!(working(&plan).filter_map(|sets| sets.rir).all(|rir| rir >= 3));
    let eased = plan.adapted.as_ref().unwrap().decisions.iter().filter(|decision| decision.rule == Rule::R11);
    assert!(eased.clone().count() >= 3 && eased.clone().all(|decision| decision.action == Action::Modify));
    assert!(all_items(&plan).count() > 30, "eased, not left out");
    assert!(plan.validation.passed);
}

#[test]
fn words_about_the_heart_or_the_head_keep_effort_moderate_too() {
    let mut profile = example("advanced-full-gym");
    assert!(!is_gentle(&profile));
    for words in
        ["heart attack in 2021", "fainted twice last month", "nach einem Schlaganfall", "essoufflé au moindre effort"]
    {
        profile.purpose_details = Some(words.to_owned());
        assert!(is_gentle(&profile), "{words}");
    }
    for words in ["type 2 diabetes", "a better freestyle stroke", "no chest pain at all"] {
        profile.purpose_details = Some(words.to_owned());
        assert!(!is_gentle(&profile), "{words}");
    }
    profile.mentioned = vec!["dizziness".to_owned()];
    assert!(is_gentle(&profile));
}

#[test]
fn a_shorter_session_is_for_the_body_and_the_equipment_of_today() {
    let catalogue = Catalogue::shared().unwrap();
    let planned = example("advanced-full-gym");
    let plan = plan(&planned, &weeks(4), catalogue).unwrap();
    let mut newest = planned.clone();
    newest.injuries =
        vec![Injury { body_part: BodyPart::Shoulder, pain: 7 }, Injury { body_part: BodyPart::Knee, pain: 7 }];
    let profile = of_today(&planned, &newest);
    let (mut left_out, mut none) = (0, 0);
    for session in plan.weeks.iter().flat_map(|week| &week.sessions) {
        let shorter = match crunch(session, session.est_min, &profile, catalogue) {
            Ok(shorter) => shorter,
            Err(error) => {
                assert_eq!(error, CrunchError::NothingSuits);
                none += 1;
                continue;
            }
        };
        let strains = ally_domain::engine::validate(
            &Plan { weeks: vec![week_of(&plan, &shorter.session)], ..plan.clone() },
            &profile,
            &weeks(4),
            catalogue,
        );
        let strains: Vec<_> = strains.iter().filter(|finding| finding.rule == Rule::R5).collect();
        assert!(strains.is_empty(), "{}: {strains:?}", session.id);
        left_out += shorter.given_up.iter().filter(|one| one.rule == Rule::R5 && one.what == "exercise").count();
    }
    assert!(left_out >= 4, "{left_out} exercises, {none} sessions without any");
    // Without pain and with everything that there was, a session is what it was.
    let session = &plan.weeks[0].sessions[0];
    assert_eq!(&crunch(session, session.est_min + 1, &planned, catalogue).unwrap().session, session);
    newest.screening.chest_pain = Some(true);
    let refused = crunch(session, session.est_min, &of_today(&planned, &newest), catalogue).unwrap_err();
    assert!(matches!(refused, CrunchError::ClearanceRequired { .. }), "{refused}");
}

#[test]
fn a_shorter_session_eases_what_is_sore_as_a_next_version_does() {
    let catalogue = Catalogue::shared().unwrap();
    let planned = example("advanced-full-gym");
    let sore = |profile: &mut Profile| {
        profile.injuries =
            vec![Injury { body_part: BodyPart::Shoulder, pain: 4 }, Injury { body_part: BodyPart::Knee, pain: 5 }];
    };
    let (plan, version) = (plan(&planned, &weeks(4), catalogue).unwrap(), next(&planned, sore));
    let mut body = planned.clone();
    sore(&mut body);
    let is_eased = |item: &Item| item.why.iter().any(|reason| reason.about().starts_with("care_"));
    let mut eased = 0;
    for session in plan.weeks.iter().flat_map(|week| &week.sessions) {
        // Easier sets are longer: with minutes to spare nothing else has to go.
        let shorter = crunch(session, 180, &of_today(&planned, &body), catalogue).unwrap();
        let adapted = version.session(&session.id).unwrap();
        for item in items(&shorter.session).filter(|item| is_eased(item)) {
            // The one takes the plan's own alternatives where the other looks through the whole catalogue.
            let Some(same) = items(adapted).find(|other| other.ex == item.ex) else { continue };
            let asked = |item: &Item| -> Vec<_> {
                item.sets.iter().map(|sets| (sets.reps, sets.pct1rm, sets.load_kg)).collect()
            };
            assert_eq!((is_eased(same), asked(same)), (true, asked(item)), "{} in {}", item.ex.as_str(), session.id);
            // A version also holds the reserve over the weeks while something hurts.
            let reserve = |item: &Item| item.sets.iter().filter_map(|sets| sets.rir).min();
            let before = items(session).find(|other| other.ex == item.ex).and_then(reserve);
            let reserves = (before, reserve(item), reserve(same));
            // What is measured in seconds or metres has none.
            let more = reserves.1.is_none() || reserves.0 < reserves.1 && reserves.1 <= reserves.2;
            assert!(more, "{} in {}: {reserves:?}", item.ex.as_str(), session.id);
            let given_up =
                shorter.given_up.iter().find(|one| one.what == "effort" && one.exercise.as_ref() == Some(&item.ex));
            let given_up = given_up.unwrap_or_else(|| panic!("{} is eased without a word", item.ex.as_str()));
            assert!(given_up.rule == Rule::R5 && given_up.from != given_up.to, "{given_up:?}");
            eased += 1;
        }
    }
    assert!(eased >= 10, "{eased}");
}

#[test]
fn a_shorter_session_keeps_effort_moderate_where_a_next_version_does() {
    let catalogue = Catalogue::shared().unwrap();
    let planned = example("advanced-full-gym");
    let plan = plan(&planned, &weeks(4), catalogue).unwrap();
    let mut body = planned.clone();
    body.screening.heart_or_blood_pressure = Some(true);
    body.cleared_by_professional = true;
    let mut told = 0;
    for session in plan.weeks.iter().flat_map(|week| &week.sessions) {
        let shorter = crunch(session, 180, &of_today(&planned, &body), catalogue).unwrap();
        let hardest = items(&shorter.session).flat_map(|item| &item.sets).filter(|sets| !sets.ramp);
        assert!(hardest.filter_map(|sets| sets.rir).all(|rir| rir >= 3), "{}", session.id);
        told += shorter.given_up.iter().filter(|one| one.rule == Rule::R11 && one.what == "effort").count();
    }
    assert!(told >= 10, "{told}");
}

/// The week of a session, with this one in the place of all.
fn week_of(plan: &Plan, session: &Session) -> ally_domain::engine::plan::Week {
    let week = plan.weeks.iter().find(|week| week.sessions.iter().any(|other| other.id == session.id)).unwrap();
    ally_domain::engine::plan::Week { sessions: vec![session.clone()], ..week.clone() }
}
