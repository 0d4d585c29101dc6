//! How far an attempt is: told where it lasts, and not at all where it is over at once.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::engine::plan::Plan;
use ally_domain::job::{JobEvent, JobStatus};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{PlanOrder, PlanProvider, Progress, ProviderError};
use tokio::sync::Notify;

use crate::bench::{Bench, deliver, scripted};

/// A provider that says its phases and goes on when the test says so.
struct Slow {
    next: Notify,
    inner: Arc<dyn PlanProvider>,
}

#[async_trait::async_trait]
impl PlanProvider for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        self.inner.make(order).await
    }

    async fn make_with_progress(&self, order: &PlanOrder, progress: &dyn Progress) -> Result<Plan, ProviderError> {
        for (phase, percent) in [("drafting", 10), ("repairing", 50)] {
            progress.say(phase, percent);
            self.next.notified().await;
        }
        self.make(order).await
    }
}

/// A provider that says a phase and is done.
struct Quick(Arc<dyn PlanProvider>);

#[async_trait::async_trait]
impl PlanProvider for Quick {
    fn name(&self) -> &'static str {
        "quick"
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        self.0.make(order).await
    }

    async fn make_with_progress(&self, order: &PlanOrder, progress: &dyn Progress) -> Result<Plan, ProviderError> {
        progress.say("drafting", 10);
        self.make(order).await
    }
}

fn told(bench: &Bench) -> Vec<(String, u8)> {
    let events = bench.store.events("PLANS");
    let progressed = events.iter().filter_map(|event| match event.decode() {
        Ok(JobEvent::Progressed(progressed)) => Some((progressed.phase, progressed.percent)),
        _ => None,
    });
    progressed.collect()
}

/// Waits until so many phases stand in the log.
async fn told_so_many(bench: &Bench, many: usize) -> Vec<(String, u8)> {
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    let wait = async {
        while told(bench).len() < many {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the phases are written down");
    told(bench)
}

#[tokio::test]
async fn an_attempt_that_lasts_says_how_far_it_is() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let provider = Arc::new(Slow { next: Notify::new(), inner: scripted([]) });
    let planner = bench.planner(provider.clone(), 3);
    let working = tokio::spawn(async move { deliver(&planner, &requested).await });
    assert_eq!(told_so_many(&bench, 1).await, [("drafting".to_owned(), 10)]);
    provider.next.notify_one();
    assert_eq!(told_so_many(&bench, 2).await[1], ("repairing".to_owned(), 50));
    provider.next.notify_one();
    assert_eq!(working.await.unwrap(), Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    assert_eq!(bench.event(&job, "progressed").actor, "system:planner");
}

// An engine on a busy machine may take longer than an attempt that is not counted may.
#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_over_at_once_costs_no_event() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    assert_eq!(deliver(&bench.planner(Arc::new(Quick(scripted([]))), 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    let events = bench.store.events("PLANS");
    let events: Vec<_> = events.iter().map(|event| event.event_type.to_string()).collect();
    assert_eq!(events, ["plan_job.requested.v1", "plan.created.v1", "plan_job.completed.v1"]);
}
