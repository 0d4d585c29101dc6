//! Athletes that tests plan for: those of the examples, and small changes of one.

use ally_domain::engine::answers::Answers;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::{Profile, check};
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::{Catalogue, ComposeError, ComposeInput, compose};
use ally_domain::ids::PlanId;
use time::{Date, Duration, Month};

/// The day on which the tests' athletes answer: a Friday.
pub fn today() -> Date {
    Date::from_calendar_date(2027, Month::March, 5).unwrap()
}

/// The example athletes by file name, as `examples/athletes/` has them.
pub fn example(name: &str) -> Profile {
    let file = format!("{}/../examples/athletes/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let competition = (today() + Duration::days(56)).to_string();
    let answers: Answers = serde_json::from_str(&body.replace("{{today+56d}}", &competition)).unwrap();
    check(&answers, today()).unwrap();
    assert_eq!(answers.missing(), [], "{name} leaves no step open");
    Profile::from_answers(&answers).unwrap()
}

/// A request for so many weeks from the Monday after today.
pub fn weeks(weeks: u8) -> PlanRequest {
    PlanRequest { start: PlanRequest::monday_after(today()), weeks, seed: 42 }
}

/// Makes a plan under some id.
pub fn plan(profile: &Profile, request: &PlanRequest, catalogue: &Catalogue) -> Result<Plan, ComposeError> {
    let plan_id: PlanId = "plan-1".parse().unwrap();
    compose(&ComposeInput { plan_id: &plan_id, profile_revision: 1, profile, request }, catalogue)
}
