//! Thousands of random athletes: no hard rule is ever broken, and nobody is left without a plan or a reason.

use ally_domain::engine::Catalogue;
use ally_domain::engine::fuzz::{fuzz, fuzz_lives};

#[test]
fn no_random_athlete_gets_a_plan_that_breaks_a_hard_rule() {
    let catalogue = Catalogue::embedded().unwrap();
    let report = fuzz(0..2_000, 1, &catalogue);
    assert!(report.passed(), "{report:#?}");
    assert_eq!(report.served_per_10_000(), 10_000);
    assert!(report.feasible > 1_500, "the athletes are drawn so that most can be helped: {report:#?}");
}

/// Found among 100,000: intervals cut a bout that a later one of the same week was measured by.
#[test]
fn a_bout_behind_one_that_intervals_have_cut_is_no_more_than_a_tenth_longer() {
    let catalogue = Catalogue::embedded().unwrap();
    let report = fuzz(24_662..24_663, 4_711_202_611, &catalogue);
    assert!(report.passed() && report.feasible == 1, "{report:#?}");
}

#[test]
fn no_random_life_leads_to_a_version_that_breaks_a_hard_rule() {
    let catalogue = Catalogue::embedded().unwrap();
    let report = fuzz_lives(0..60, 3, &catalogue);
    assert!(report.passed(), "{report:#?}");
    assert!(report.versions > 60, "lives are drawn so that most change something: {report:#?}");
}
