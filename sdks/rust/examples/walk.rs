//! An athlete's first day, with every refusal that an app has to know.
//!
//! ```sh
//! ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) cargo run --example walk
//! ```
//!
//! The athlete must be a new one: the walk begins before the answers. It meets each status, reads each answer as the type that the
//! document promises, asks so often that it is refused, and goes on all the same.
#![allow(clippy::panic, reason = "what is not as it should be ends the walk")]

use std::fmt::Debug;

use ally_sdk::types::{JobStatus, OnboardingAnswers, PlanWish};
use ally_sdk::{Ally, Error, ProblemKind, ResponseValue, RetryLimits};
use serde_json::{Value, json};
use uuid::Uuid;

type Failure = Box<dyn std::error::Error>;
type Generated<T> = Result<ResponseValue<T>, progenitor_client::Error<ally_sdk::types::Problem>>;

/// More requests at once than any deployment allows by default.
const MANY: usize = 2_000;

fn answers() -> Value {
    json!({
        "purpose": "general_fitness", "proficiency": "beginner", "season": "offseason",
        "availabilityDays": ["monday", "thursday"], "weeklyGoalDays": 2, "equipment": ["bands"],
        "recoveryHabits": ["good_sleep"],
    })
}

/// The body of an answer that went well.
fn expect<T: Debug>(answer: Generated<T>, status: u16) -> Result<T, Failure> {
    let answer = answer.map_err(Error::from)?;
    assert_eq!(answer.status().as_u16(), status);
    Ok(answer.into_inner())
}

/// The answer is a problem of a kind, which names these fields and no others.
fn refused<T: Debug>(answer: Generated<T>, status: u16, kind: &ProblemKind, fields: &[&str]) {
    let Err(Error::Problem(problem)) = answer.map_err(Error::from) else { panic!("{kind:?} is no refusal") };
    assert_eq!((problem.status(), &problem.kind()), (status, kind), "{problem}");
    let named: Vec<_> = problem.errors().iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, fields, "{problem}");
    println!("{status} {}: {}", kind.as_str(), problem.problem.detail.as_str());
}

fn client_of(token: &str, attempts: u32) -> Result<Ally, Failure> {
    let limits = RetryLimits { attempts, ..RetryLimits::default() };
    Ok(Ally::builder(std::env::var("ALLY_URL")?, token).retry(limits).build()?)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let token = std::env::var("ALLY_TOKEN")?;
    let ally = client_of(&token, 1)?;
    let api = ally.api();
    let onboard = async |changed: Option<u8>| {
        let mut answers = answers();
        if let Some(days) = changed {
            answers["weeklyGoalDays"] = days.into();
        }
        let body: OnboardingAnswers = serde_json::from_value(answers)?;
        Ok::<_, Failure>(api.answer_onboarding().body(body).send().await)
    };
    let stranger = client_of("nonsense", 1)?;
    refused(stranger.api().profile().send().await, 401, &ProblemKind::Unauthorized, &[]);
    refused(api.generate_plan().body(PlanWish::builder()).send().await, 409, &ProblemKind::NoProfile, &[]);
    refused(onboard(Some(9)).await?, 400, &ProblemKind::Validation, &["weeklyGoalDays"]);
    refused(onboard(Some(5)).await?, 422, &ProblemKind::Contradiction, &["weeklyGoalDays"]);

    let accepted = expect(onboard(None).await?, 202)?;
    let job_id = accepted.job_id.ok_or("a complete onboarding is answered with its job")?;
    println!("202 accepted: job {job_id} is {}", accepted.status);
    println!("200 profile: {}", expect(api.profile().send().await, 200)?.status);

    let job = ally.wait_for_job(job_id).await?;
    assert_eq!(job.status, JobStatus::Completed);
    println!("200 job: {}", job.status);
    let plan_id = job.plan_id.ok_or("a job that is completed has a plan")?;
    let plan = expect(api.plan().id(plan_id).send().await, 200)?.plan;
    println!("200 plan: {} weeks, the first of {} sessions", plan.weeks.len(), plan.weeks[0].sessions.len());

    refused(api.cancel_job().id(job_id).send().await, 409, &ProblemKind::JobState, &[]);
    refused(api.job().id(Uuid::nil()).send().await, 404, &ProblemKind::NotFound, &[]);

    for asked in 0..MANY {
        let last = api.profile().send().await;
        if last.is_err() {
            refused(last, 429, &ProblemKind::RateLimited, &[]);
            break;
        }
        assert!(asked < MANY - 1, "nobody refused so many requests");
    }

    // With tries the same client lives on: it comes back as late as `Retry-After` says.
    let patient = client_of(&token, 5)?;
    println!("200 profile: {}", expect(patient.api().profile().send().await, 200)?.status);
    Ok(())
}
