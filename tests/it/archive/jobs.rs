//! Jobs at each of their ends, by their own commands.

use ally_domain::engine::profile::Profile;
use ally_domain::engine::request::PlanRequest;
use ally_domain::envelope::{Actor, CommandContext, TraceContext};
use ally_domain::ids::{AggregateKind, AggregateRef, JobId, PlanId};
use ally_domain::job::{FailureCode, JobCommand, JobDecider, Priority, RequestPlan};
use ally_domain::ports::Clock;
use ally_handlers::Executor;
use time::macros::date;

use super::fault::SystemClock;
use crate::system::answers;

/// One completed, one failed, one cancelled, their events between each other's.
pub async fn ended(executor: &Executor) -> Vec<AggregateRef> {
    let jobs: Vec<AggregateRef> =
        ["one", "two", "three"].map(|id| AggregateRef { kind: AggregateKind::Job, id: id.parse().unwrap() }).into();
    for job in &jobs {
        assert_eq!(request(executor, job).await, 1);
    }
    for job in &jobs[..2] {
        let start =
            JobCommand::Start { lane: Priority::Normal, worker: "w".into(), max_attempts: 1, at: SystemClock.now() };
        assert_eq!(execute(executor, job, &start).await, 1);
    }
    let plan_id = PlanId::for_job(&JobId::from(&jobs[0].id));
    let failed = JobCommand::Fail { attempt: 1, code: FailureCode::Infeasible, reason: "no day".into() };
    for (job, end) in jobs.iter().zip([
        JobCommand::Complete { attempt: 1, plan_id, plan_version: None, note: None, at: SystemClock.now() },
        failed,
        JobCommand::Cancel,
    ]) {
        assert_eq!(execute(executor, job, &end).await, 1);
    }
    jobs
}

/// Asks for a job, the same way every time; how many events came of it.
pub async fn request(executor: &Executor, job: &AggregateRef) -> usize {
    let profile = Profile::from_answers(&serde_json::from_value(answers()).unwrap()).unwrap();
    let request = RequestPlan {
        job_id: JobId::from(&job.id),
        athlete_id: "amy".parse().unwrap(),
        profile_revision: 1,
        profile,
        request: PlanRequest { start: date!(2026 - 11 - 23), weeks: 1, seed: 1 },
        replan: None,
        fingerprint: "f".into(),
        priority: Priority::Normal,
        not_before: None,
        deadline: None,
    };
    execute(executor, job, &JobCommand::Request(Box::new(request))).await
}

async fn execute(executor: &Executor, job: &AggregateRef, command: &JobCommand) -> usize {
    let context = CommandContext {
        command_id: uuid::Uuid::now_v7().into(),
        correlation: "c".into(),
        causation: None,
        actor: Actor::System("test"),
        at: SystemClock.now(),
        trace: TraceContext::default(),
    };
    executor.execute::<JobDecider>(&job.id, command, &context).await.unwrap().events.len()
}
