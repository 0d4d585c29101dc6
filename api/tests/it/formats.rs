//! The exports read back by programs that share no code with the writers: what goes out of a plan comes in again, for
//! athletes drawn from the whole space of answers.

mod calendar;
mod fit;
mod table;

use ally_api::{DEFAULT_START, Export, Form};
use ally_domain::engine::fuzz::athlete;
use ally_domain::engine::plan::{Plan, Session};
use ally_domain::engine::profile::Profile;
use ally_domain::engine::{Catalogue, ComposeInput, compose};
use time::macros::datetime;

/// So many random athletes; about two in three get a plan.
const CASES: u64 = 24;

/// What a writer makes of a plan of the first version.
fn export<'a>(plan: &'a Plan, profile: &'a Profile, catalogue: &'a Catalogue) -> Export<'a> {
    Export {
        plan,
        created_at: datetime!(2026-11-20 08:00 UTC),
        earlier: &[],
        schedules: &profile.fixed_schedules,
        start: DEFAULT_START,
        catalogue,
    }
}

fn each_plan(mut check: impl FnMut(&Export<'_>, &Profile)) {
    let catalogue = Catalogue::embedded().unwrap();
    let mut plans = 0;
    for case in 0..CASES {
        let (profile, request) = athlete(11, case);
        let plan_id = "plan-1".parse().unwrap();
        let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
        if let Ok(plan) = compose(&input, &catalogue) {
            plans += 1;
            check(&export(&plan, &profile, &catalogue), &profile);
        }
    }
    assert!(plans > CASES / 3, "{plans} plans are too few to say anything");
}

fn sessions(plan: &Plan) -> impl Iterator<Item = &Session> {
    plan.weeks.iter().flat_map(|week| &week.sessions)
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    each_plan(|export, _| {
        let copy: Plan = serde_json::from_slice(&export.plan(Form::Json).unwrap()).unwrap();
        let again = Export { plan: &copy, ..export.clone() };
        for form in Form::OF_PLAN {
            assert!(export.plan(*form).unwrap() == again.plan(*form).unwrap(), "{form}");
        }
    });
}

#[test]
fn a_form_that_holds_something_else_says_so() {
    each_plan(|export, _| {
        assert!(export.plan(Form::Fit).unwrap_err().to_string().contains("one session"));
        let session = sessions(export.plan).next().unwrap();
        assert!(export.session(session, Form::Archive).unwrap_err().to_string().contains("all sessions"));
    });
}
