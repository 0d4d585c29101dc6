//! What holds for every athlete: sound plans, the same bytes again, and more of anything never hurts.

use super::athletes::plan;
use ally_domain::engine::fuzz::athlete;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::Equipment;
use ally_domain::engine::rule::Rule;
use ally_domain::engine::{Catalogue, ComposeError, ComposeInput, compose, validate};
use ally_domain::ids::PlanId;
use proptest::prelude::*;

fn bytes(plan: &Plan) -> String {
    serde_json::to_string(plan).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_breaks_no_hard_rule_and_states_every_soft_one(seed: u64, case: u64) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        if let Ok(plan) = plan(&profile, &request, &catalogue) {
            let findings = validate(&plan, &profile, &request, &catalogue);
            let hard: Vec<_> = findings.iter().filter(|finding| finding.hard).collect();
            prop_assert!(hard.is_empty(), "{hard:?}");
            prop_assert!(plan.validation.passed);
            for finding in &findings {
                prop_assert!(plan.tradeoffs.iter().any(|tradeoff| tradeoff.rule == finding.rule), "{} is not stated", finding.rule);
            }
            prop_assert!(plan.tradeoffs.iter().all(|tradeoff| !tradeoff.why.is_empty()));
            prop_assert!(plan.score.total <= 100 && plan.score.safety > 0);
        }
    }

    #[test]
    fn the_same_athlete_gets_the_same_bytes(seed: u64, case: u64) {
        let (first, second) = (Catalogue::embedded().unwrap(), Catalogue::embedded().unwrap());
        let (profile, request) = athlete(seed, case);
        let again = plan(&profile, &request, &second).map(|plan| bytes(&plan));
        prop_assert_eq!(plan(&profile, &request, &first).map(|plan| bytes(&plan)), again);
    }

    #[test]
    fn a_plan_reads_back_as_written(seed: u64, case: u64) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        if let Ok(plan) = plan(&profile, &request, &catalogue) {
            let written = bytes(&plan);
            prop_assert_eq!(&serde_json::from_str::<Plan>(&written).unwrap(), &plan);
            prop_assert!(written.len() < 512 * 1024, "{} bytes", written.len());
        }
    }

    #[test]
    fn more_equipment_or_minutes_never_take_a_plan_away(seed: u64, case: u64, more in 1u16..60, item in 0usize..7) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        if plan(&profile, &request, &catalogue).is_ok() {
            let mut richer = profile.clone();
            richer.equipment.insert(Equipment::ALL[item]);
            prop_assert!(plan(&richer, &request, &catalogue).is_ok());
            richer.minutes_per_session = (profile.minutes_per_session + more).min(180);
            let longer = plan(&richer, &request, &catalogue);
            prop_assert!(longer.is_ok_and(|plan| plan.validation.passed));
        }
    }

    #[test]
    fn who_asks_never_changes_the_content(seed: u64, case: u64) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        let made = |id: &str| {
            let plan_id: PlanId = id.parse().unwrap();
            compose(&ComposeInput { plan_id: &plan_id, profile_revision: 3, profile: &profile, request: &request }, &catalogue)
        };
        if let (Ok(one), Ok(other)) = (made("amy"), made("ben")) {
            prop_assert_eq!(one.plan_id.as_str(), "amy");
            prop_assert_eq!(Plan { plan_id: other.plan_id.clone(), ..one }, other);
        }
    }

    #[test]
    fn a_refusal_says_what_would_help(seed: u64, case: u64) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        match plan(&profile, &request, &catalogue) {
            Err(ComposeError::ClearanceRequired { flags }) => {
                prop_assert!(!flags.is_empty() && !profile.cleared_by_professional);
                let mut cleared = profile.clone();
                cleared.cleared_by_professional = true;
                let again = plan(&cleared, &request, &catalogue);
                let asked_again = matches!(again, Err(ComposeError::ClearanceRequired { .. }));
                prop_assert!(!asked_again);
            }
            Err(ComposeError::Infeasible { suggestion, rule, .. }) => {
                prop_assert!(suggestion.len() > 20);
                prop_assert!([Rule::R2, Rule::R18, Rule::R24].contains(&rule));
            }
            Ok(_) => {}
        }
    }
}
