use proptest::prelude::*;

use super::*;
use crate::engine::compose::{Frame, compose};
use crate::engine::fuzz::athlete;
use crate::engine::plan::Focus;
use crate::engine::profile::{Availability, Equipment, Proficiency, Profile, Purpose, Season};
use crate::engine::request::PlanRequest;
use crate::engine::rules::validate;
use crate::engine::screening::Screening;
use crate::ids::PlanId;
use crate::testing::draft_of;

fn author() -> Author {
    Author { provider: "llm".into(), model: "m".into(), repairs: 1 }
}

/// A beginner with bands, three free days.
fn amy() -> (Profile, PlanRequest) {
    let profile = Profile {
        purpose: Purpose::GeneralFitness,
        purpose_details: None,
        proficiency: Proficiency::Beginner,
        season: Season::Offseason,
        competition_date: None,
        availability_days: Availability::Days(vec![Day::Monday, Day::Wednesday, Day::Friday]),
        weekly_goal_days: 3,
        minutes_per_session: 60,
        equipment: [Equipment::Bands].into(),
        fixed_schedules: Vec::new(),
        recovery_habits: [].into(),
        injuries: Vec::new(),
        age: None,
        pregnant: false,
        weeks_since_birth: None,
        screening: Screening::default(),
        mentioned: Vec::new(),
        cleared_by_professional: false,
    };
    let start = time::Date::from_calendar_date(2027, time::Month::March, 8).unwrap();
    (profile, PlanRequest { start, weeks: 4, seed: 7 })
}

/// The plan of the engine, and the plan that its draft makes.
fn both(profile: &Profile, request: &PlanRequest) -> Option<(Plan, Draft, Plan)> {
    let catalogue = Catalogue::embedded().unwrap();
    let plan_id: PlanId = "plan-1".parse().unwrap();
    let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile, request };
    let composed = compose(&input, &catalogue).ok()?;
    let draft = draft_of(&composed, &catalogue);
    let completed = complete(&input, &draft, &author(), &catalogue).ok()?;
    Some((composed, draft, completed))
}

fn hard(plan: &Plan, profile: &Profile, request: &PlanRequest) -> Vec<Rule> {
    let findings = validate(plan, profile, request, &Catalogue::embedded().unwrap());
    findings.into_iter().filter(|finding| finding.hard).map(|finding| finding.rule).collect()
}

/// What the rules say of a draft for Amy after a change.
fn changed(change: impl Fn(&mut Draft)) -> Vec<Rule> {
    let (profile, request) = amy();
    let (_, mut draft, _) = both(&profile, &request).unwrap();
    change(&mut draft);
    let plan_id: PlanId = "plan-1".parse().unwrap();
    let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
    let plan = complete(&input, &draft, &author(), &Catalogue::embedded().unwrap()).unwrap();
    assert_eq!(plan.validation.passed, hard(&plan, &profile, &request).is_empty());
    hard(&plan, &profile, &request)
}

#[test]
fn a_sound_draft_becomes_a_sound_plan_that_says_who_drafted_it() {
    let (profile, request) = amy();
    let (composed, _, completed) = both(&profile, &request).unwrap();
    assert_eq!(hard(&completed, &profile, &request), []);
    assert!(completed.validation.passed && completed.score.total > 0 && completed.totals.sessions > 0);
    let from = &completed.provenance;
    assert_eq!((from.provider.as_str(), from.model.as_deref(), from.repairs), ("llm", Some("m"), Some(1)));
    assert_eq!(composed.provenance.model, None);
    let phases = |plan: &Plan| plan.weeks.iter().map(|week| week.phase).collect::<Vec<_>>();
    assert_eq!(phases(&completed), phases(&composed), "the phases are the engine's");
    let dates = |plan: &Plan| plan.weeks[0].sessions.iter().map(|session| session.date).collect::<Vec<_>>();
    assert_eq!(dates(&completed), dates(&composed));
}

#[test]
fn what_a_draft_does_wrong_is_seen_by_the_rules_and_not_mended() {
    assert_eq!(changed(|_| {}), []);
    assert!(changed(|draft| draft.sessions[0].exercises[0].exercise = "no-such-exercise".into()).contains(&Rule::R1));
    assert!(changed(|draft| draft.sessions[0].exercises[0].exercise = "barbell-back-squat".into()).contains(&Rule::R3));
    assert!(changed(|draft| draft.sessions[0].exercises[0].percent = 300).contains(&Rule::R10));
    assert!(changed(|draft| draft.sessions[0].exercises[0].effort = 0).contains(&Rule::R11));
    assert!(changed(|draft| draft.sessions[0].day = Day::Sunday).contains(&Rule::R2));
    assert!(changed(|draft| draft.sessions[0].exercises[0].sets = vec![20; 4]).contains(&Rule::R8));
    assert!(changed(|draft| draft.sessions[0].exercises.reverse()).contains(&Rule::R13));
    assert!(changed(|draft| bouts(draft).for_each(|bout| bout.sets[1] = 0)).contains(&Rule::R29));
}

/// The easy bouts of a draft.
fn bouts(draft: &mut Draft) -> impl Iterator<Item = &mut DraftItem> {
    let catalogue = Catalogue::embedded().unwrap();
    let is_bout = move |item: &&mut DraftItem| {
        !item.is_hard() && catalogue.get(&item.exercise).unwrap().pattern == Pattern::Conditioning
    };
    draft.sessions.iter_mut().flat_map(|session| &mut session.exercises).filter(is_bout)
}

#[test]
fn an_easy_bout_grows_by_a_tenth_a_loading_week_and_is_shorter_in_lighter_ones() {
    let (profile, request) = amy();
    let request = PlanRequest { weeks: 8, ..request };
    let (_, mut draft, _) = both(&profile, &request).unwrap();
    draft.sessions.truncate(1);
    draft.sessions[0].exercises.retain(|item| !item.is_hard());
    let catalogue = Catalogue::embedded().unwrap();
    bouts(&mut draft).for_each(|bout| (bout.low, bout.high, bout.sets) = (600, 900, vec![1; 8]));
    let plan_id: PlanId = "plan-1".parse().unwrap();
    let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
    let plan = complete(&input, &draft, &author(), &catalogue).unwrap();
    let items = |week: &Week| week.sessions[0].blocks.iter().flat_map(|block| block.items.clone()).collect::<Vec<_>>();
    let seconds = plan.weeks.iter().map(|week| {
        let bout = items(week).into_iter().find(|item| item.sets.iter().any(|sets| sets.rpe.is_some())).unwrap();
        (week.deload, bout.sets[0].seconds.unwrap())
    });
    let light = plan.weeks.iter().position(|week| week.deload).unwrap();
    let mut expected = vec![600, 660, 720, 780, 840, 900, 900];
    expected.insert(light, expected[light - 1] * 60 / 100 / 30 * 30);
    assert_eq!(seconds.clone().map(|(_, seconds)| seconds).collect::<Vec<_>>(), expected);
    assert!(
        !hard(&plan, &profile, &request).contains(&Rule::R29) && !hard(&plan, &profile, &request).contains(&Rule::R15)
    );
}

#[test]
fn most_of_what_the_engine_plans_can_be_said_as_a_draft() {
    let (mut planned, mut sound) = (0, 0);
    for case in 0..200 {
        let (profile, request) = athlete(11, case);
        let Some((_, _, completed)) = both(&profile, &request) else { continue };
        planned += 1;
        sound += usize::from(completed.validation.passed);
    }
    assert!(planned > 50 && sound * 100 > planned * 80, "{sound} of {planned} drafts are sound");
}

#[test]
fn the_frame_is_bounded_and_holds_only_what_the_athlete_can_do() {
    let catalogue = Catalogue::embedded().unwrap();
    let plan_id: PlanId = "plan-1".parse().unwrap();
    for case in 0..200 {
        let (profile, request) = athlete(5, case);
        let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
        let frame = Frame::of(&input, &catalogue);
        assert_eq!(frame.weeks.len(), usize::from(request.weeks));
        assert_eq!(frame.exercises.len(), frame.exercise_ids.len());
        let bytes = serde_json::to_string(&frame).unwrap().len();
        let lines: usize = frame.exercises.iter().map(String::len).sum();
        assert!(bytes < 4_096 && lines < 48 * 1_024, "{bytes} and {lines} bytes");
        for id in &frame.exercise_ids {
            let exercise = catalogue.get(&id.as_str().into()).unwrap();
            assert!(exercise.equipment.met_by(&profile.equipment) && exercise.level <= profile.proficiency, "{id}");
            assert!(crate::engine::strains::Forbidden::of(&profile).allows(exercise), "{id}");
        }
    }
}

fn any_item() -> impl Strategy<Value = DraftItem> {
    let ids = Catalogue::embedded().unwrap().exercises().iter().map(|known| known.id.clone()).collect::<Vec<_>>();
    let id = prop_oneof![9 => prop::sample::select(ids), 1 => Just(ExerciseId::from("nothing"))];
    let sets = prop::collection::vec(0u8..=20, 4);
    (id, sets, any::<u16>(), any::<u16>(), any::<u8>(), any::<u16>(), any::<u16>(), any::<bool>()).prop_map(
        |(exercise, sets, low, high, effort, percent, rest, joined)| DraftItem {
            exercise,
            sets,
            low,
            high,
            effort,
            percent,
            rest,
            joined,
        },
    )
}

fn any_session() -> impl Strategy<Value = DraftSession> {
    let exercises = prop::collection::vec(any_item(), 0..=16);
    (prop::sample::select(Day::ALL), prop::sample::select(Focus::ALL), exercises)
        .prop_map(|(day, focus, exercises)| DraftSession { day, focus, exercises })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_draft_says_it_is_judged_and_nothing_breaks_down(
        sessions in prop::collection::vec(any_session(), 0..=7), seed: u64, case: u64
    ) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        let request = PlanRequest { weeks: 4, ..request };
        let plan_id: PlanId = "plan-1".parse().unwrap();
        let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
        if let Ok(plan) = complete(&input, &Draft { sessions }, &author(), &catalogue) {
            let findings = validate(&plan, &profile, &request, &catalogue);
            prop_assert_eq!(plan.validation.passed, !findings.iter().any(|finding| finding.hard));
            let written = serde_json::to_string(&plan).unwrap();
            prop_assert!(written.len() < 1024 * 1024);
        }
    }
}
