//! An athlete's first plan: answers, the job as it goes on, the plan, and the calendar.
//!
//! ```sh
//! ALLY_URL=http://127.0.0.1:4000 ALLY_TOKEN=$(ally token --sub kim) cargo run --example first_plan
//! ```

use std::error::Error;
use std::num::NonZeroU32;

use ally_sdk::types::{OnboardingAnswers, PlanWish};
use ally_sdk::{Ally, JobNews};

const ANSWERS: &str = r#"{
    "purpose": "general_fitness", "proficiency": "beginner", "season": "offseason",
    "availabilityDays": ["monday", "thursday"], "weeklyGoalDays": 2, "equipment": ["bands"], "recoveryHabits": ["good_sleep"],
    "screening": {
        "heartOrBloodPressure": false, "chestPain": false, "dizzinessOrFainting": false, "otherCondition": false,
        "medication": false, "boneOrJoint": false, "supervisedOnly": false
    }
}"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ally = Ally::builder(std::env::var("ALLY_URL")?, std::env::var("ALLY_TOKEN")?).build()?;

    // The answers are safe once this returns. They promise a job, which makes the first plan.
    let answers: OnboardingAnswers = serde_json::from_str(ANSWERS)?;
    let answered = ally.api().answer_onboarding().body(answers).send().await?;
    let mut news = ally.follow_job(answered.job_id.ok_or("the answers are not complete")?);
    while let Some(item) = news.next().await {
        match item?.news {
            JobNews::Snapshot(snapshot) => {
                let statuses: Vec<_> = snapshot.jobs.iter().map(|job| job.status.to_string()).collect();
                println!("snapshot: {}", statuses.join(","));
            }
            JobNews::Job(event) => println!("{}: {}", event.type_, event.job.message.as_str()),
            _ => {}
        }
    }

    // Another one, whenever the athlete likes.
    let wish = PlanWish::builder().weeks(NonZeroU32::new(4));
    let asked = ally.api().generate_plan().idempotency_key("spring-2027").body(wish).send().await?;
    let job = ally.wait_for_job(asked.job_id).await?;
    println!("job {}: {}", job.status, job.message.as_str());

    // Theirs is the one that was made last.
    let plan = ally.api().current_plan().send().await?.into_inner().plan;
    println!("plan: {} weeks, the first of {} sessions", plan.weeks.len(), plan.weeks[0].sessions.len());
    let calendar = Ally::read(ally.api().current_plan_calendar().send().await?).await?;
    let calendar = String::from_utf8(calendar.to_vec())?;
    println!("calendar: {} sessions", calendar.matches("BEGIN:VEVENT").count());
    Ok(())
}
