//! A job that is stopped while its provider works: the work is dropped, the job ends, and nobody waits.

use std::sync::Arc;

use ally_domain::job::{JobCommand, JobStatus, Priority};
use ally_domain::outcome::Outcome;
use ally_domain::ports::PlanProvider;
use tokio::sync::{Notify, watch};

use crate::bench::{Bench, Wishes, amy, deliver, deliver_again, meanwhile, origin, scripted};

/// Work that never ends: when it begins, and how often it was dropped.
#[derive(Default)]
struct Endless {
    begun: Notify,
    dropped: watch::Sender<usize>,
}

/// Counts its own end.
struct Dropped(Arc<Endless>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.send_modify(|times| *times += 1);
    }
}

fn endless() -> (Arc<dyn PlanProvider>, Arc<Endless>) {
    let work = Arc::new(Endless::default());
    let shared = work.clone();
    let provider = meanwhile(scripted([]), move || {
        let dropped = Dropped(shared.clone());
        Box::pin(async move {
            dropped.0.begun.notify_one();
            std::future::pending().await
        })
    });
    (provider, work)
}

#[tokio::test]
async fn the_work_is_dropped_and_the_job_is_cancelled_at_once() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let ((provider, work), wishes) = (endless(), Arc::new(Wishes::default()));
    let planner = bench.planner_hearing(Priority::Normal, provider, 3, wishes.clone());
    let working = tokio::spawn(async move { deliver(&planner, &requested).await });
    work.begun.notified().await;
    bench.counted(&job).await;
    let (status, _) = bench.submissions.cancel(&amy(), &job, &origin(&amy())).await.unwrap();
    assert_eq!(status, JobStatus::Cancelling);
    assert_eq!(*work.dropped.borrow(), 0);
    wishes.tell();
    assert_eq!(working.await.unwrap(), Outcome::Done);
    assert_eq!(*work.dropped.borrow(), 1);
    assert_eq!(bench.job(&job).await, (JobStatus::Cancelled, 1));
    assert_eq!(bench.plans(), 0);
}

#[tokio::test]
async fn a_wish_that_was_told_by_mistake_costs_an_attempt_at_most_and_no_job() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let wishes = Arc::new(Wishes::default());
    let planner = bench.planner_hearing(Priority::Normal, endless().0, 3, wishes.clone());
    wishes.tell();
    assert!(matches!(deliver(&planner, &requested).await, Outcome::Retry { .. }));
    assert_eq!(bench.job(&job).await, (JobStatus::Queued, 0));
    wishes.tell();
    assert!(matches!(deliver_again(&planner, &requested).await, Outcome::Retry { .. }));
    assert_eq!(bench.job(&job).await, (JobStatus::Running, 1));
}

#[tokio::test]
async fn a_wish_for_a_job_that_ended_otherwise_leaves_it_as_it_is() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let ((provider, work), wishes) = (endless(), Arc::new(Wishes::default()));
    let planner = bench.planner_hearing(Priority::Normal, provider, 3, wishes.clone());
    let working = tokio::spawn(async move { deliver(&planner, &requested).await });
    work.begun.notified().await;
    bench.counted(&job).await;
    let (reason, fingerprint) = ("lost".to_owned(), "f".to_owned());
    bench.command(&job, &JobCommand::DeadLetter { reason, fingerprint }).await;
    wishes.tell();
    assert_eq!(working.await.unwrap(), Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::DeadLettered, 1));
}
