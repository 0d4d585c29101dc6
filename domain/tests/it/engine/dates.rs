//! The ends of time: whatever date comes in, the engine answers, and never ends the program.

use ally_domain::dates::{is_date, plus_days};
use ally_domain::engine::adapt::{AdaptInput, adapt};
use ally_domain::engine::fuzz::athlete;
use ally_domain::engine::profile::BodyPart;
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::workout::{Pain, PainReport, TrainingLog};
use ally_domain::engine::{Catalogue, check_report, validate};
use proptest::prelude::*;
use time::{Date, OffsetDateTime, UtcOffset};

use super::athletes::plan;

/// Dates of all times, and often the first or the last ones that there are.
fn date() -> impl Strategy<Value = Date> {
    prop_oneof![
        (0_i64..400).prop_map(|days| plus_days(Date::MIN, days)),
        (0_i64..400).prop_map(|days| plus_days(Date::MAX, -days)),
        (0_i64..7_000_000).prop_map(|days| plus_days(Date::MIN, days)),
    ]
}

fn moment() -> impl Strategy<Value = OffsetDateTime> {
    (date(), -86_340_i32..86_340, any::<bool>()).prop_map(|(date, offset, late)| {
        let time = if late { time::Time::MAX } else { time::Time::MIDNIGHT };
        date.with_time(time).assume_offset(UtcOffset::from_whole_seconds(offset).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_of_any_date_is_made_or_refused(
        seed: u64, case: u64, start in date(), competition in prop::option::of(date()), monday: bool
    ) {
        let catalogue = Catalogue::embedded().unwrap();
        let (mut profile, mut request) = athlete(seed, case);
        request.start = if monday { PlanRequest::monday_on_or_after(start) } else { start };
        profile.competition_date = competition;
        if let Ok(plan) = plan(&profile, &request, &catalogue) {
            prop_assert!(is_date(request.start), "{}", request.start);
            let _ = validate(&plan, &profile, &request, &catalogue);
        }
    }

    /// What stands in the log from before the dates had a range is read, judged and adapted all the same.
    #[test]
    fn a_plan_that_lies_at_an_end_of_time_is_judged_and_adapted(
        seed: u64, case: u64, shift in date(), on in date(), at in moment(), now in moment()
    ) {
        let catalogue = Catalogue::embedded().unwrap();
        let (profile, request) = athlete(seed, case);
        if let Ok(mut plan) = plan(&profile, &request, &catalogue) {
            let days = (shift - request.start).whole_days();
            for session in plan.weeks.iter_mut().flat_map(|week| &mut week.sessions) {
                session.date = plus_days(session.date, days);
            }
            let moved = PlanRequest { start: plus_days(request.start, days), ..request };
            let _ = validate(&plan, &profile, &moved, &catalogue);
            let report = PainReport { at, pain: vec![Pain { body_part: BodyPart::Knee, level: 7 }], note: None };
            let _ = check_report(&report, &plan, now);
            let mut log = TrainingLog::default();
            log.report(report);
            let _ = adapt(&AdaptInput::new(&plan, &profile, &log, on), &catalogue);
        }
    }
}
