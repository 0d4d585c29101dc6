//! The provider on a model, against a real endpoint that does everything wrong that endpoints do.

mod answers;
mod bytes;
mod injection;
mod outages;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::Profile;
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::{Author, ComposeInput, Draft, complete, compose, validate};
use ally_domain::ports::{PlanOrder, PlanProvider, ProviderError, RetryClock};
use ally_domain::testing::draft_of;
use ally_handlers::providers::{ApiKey, Fallback, LlmConfig, LlmProvider};
use ally_handlers::testing::FakeModel;

use crate::bench::{ANSWERS, NOW, StillClock, amy, answers};

pub const KEY: &str = "sk-test-0123456789";

/// No pause between two requests.
pub struct AtOnce;

impl RetryClock for AtOnce {
    fn delay_after(&self, _: u32) -> Duration {
        Duration::ZERO
    }
}

pub fn order() -> PlanOrder {
    let start = PlanRequest::monday_after(NOW.date());
    PlanOrder {
        plan_id: "plan-1".parse().unwrap(),
        athlete: amy(),
        profile_revision: 1,
        profile: Profile::from_answers(&answers(ANSWERS)).unwrap(),
        request: PlanRequest { start, weeks: 4, seed: 7 },
    }
}

fn input(order: &PlanOrder) -> ComposeInput<'_> {
    let PlanOrder { plan_id, profile_revision, profile, request, .. } = order;
    ComposeInput { plan_id, profile_revision: *profile_revision, profile, request }
}

/// A draft that keeps every rule: what the engine plans, as a model would write it.
pub fn sound(order: &PlanOrder) -> Draft {
    let catalogue = Catalogue::embedded().unwrap();
    let draft = draft_of(&compose(&input(order), &catalogue).unwrap(), &catalogue);
    let author = Author { provider: "test".into(), model: "test".into(), repairs: 0 };
    let plan = complete(&input(order), &draft, &author, &catalogue).unwrap();
    assert!(plan.validation.passed, "the test's own draft is sound");
    draft
}

/// A draft with an exercise for which there is no equipment.
pub fn unsound(order: &PlanOrder) -> Draft {
    let mut draft = sound(order);
    draft.sessions[0].exercises[0].exercise = "barbell-back-squat".into();
    draft
}

pub fn config(model: &FakeModel) -> LlmConfig {
    LlmConfig {
        base_url: model.base_url(),
        api_key: Some(ApiKey::new(KEY)),
        model: "fake-1".into(),
        timeout: Duration::from_secs(30),
        deadline: Duration::from_secs(60),
        max_tokens: 4_096,
        temperature: Some(0.2),
        max_retries: 2,
        max_concurrent: 4,
        circuit_failures: 100,
        circuit_rest: Duration::from_secs(3_600),
        fallback: Fallback::Fail,
    }
}

pub fn provider(config: LlmConfig) -> LlmProvider {
    let catalogue = Arc::new(Catalogue::embedded().unwrap());
    LlmProvider::new(config, catalogue, Arc::new(AtOnce), Arc::new(StillClock)).unwrap()
}

pub async fn make(config: LlmConfig) -> Result<Plan, ProviderError> {
    provider(config).make(&order()).await
}

#[track_caller]
pub fn assert_sound(plan: &Plan) {
    let order = order();
    let found = validate(plan, &order.profile, &order.request, &Catalogue::embedded().unwrap());
    let hard: Vec<_> = found.iter().filter(|finding| finding.hard).collect();
    assert!(hard.is_empty() && plan.validation.passed, "{hard:?}");
}

#[track_caller]
pub fn assert_permanent(made: &Result<Plan, ProviderError>, part: &str) {
    match made {
        Err(ProviderError::Permanent { reason, .. }) => assert!(reason.contains(part), "{reason}"),
        other => panic!("not permanent: {other:?}"),
    }
}

/// When a failure that may pass says to come back.
#[track_caller]
pub fn transient(made: Result<Plan, ProviderError>) -> Option<Duration> {
    match made {
        Err(ProviderError::Transient { after, .. }) => after,
        other => panic!("not transient: {other:?}"),
    }
}
