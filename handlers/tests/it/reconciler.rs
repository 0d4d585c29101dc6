//! The reconciler: what two looks find is treated, once, and whoever still works loses nothing.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ally_domain::envelope::{Actor, Recorded};
use ally_domain::event_data::EventType;
use ally_domain::ids::{AggregateKind, AggregateRef, JobId};
use ally_domain::job::{JobCommand, JobStatus, OrphanLimits, Priority, Remedy};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, Deliveries, EventStore, StoreError, Unheld, UnheldMessages};
use ally_handlers::{Orphan, Reconciled, Reconciler, Suspects};
use async_trait::async_trait;
use time::OffsetDateTime;

use crate::bench::{Bench, NOW, amy, deliver, origin, scripted};
use crate::newer::append;

/// So long after all that happened.
struct Later(Duration);

impl Clock for Later {
    fn now(&self) -> OffsetDateTime {
        NOW + self.0
    }
}

/// Consumers that hold nothing but what was put back.
struct Settled {
    /// The most that a look answers with.
    most: usize,
    unheld: Mutex<Vec<Unheld>>,
    put_back: Mutex<Vec<Unheld>>,
    parked: Mutex<Vec<String>>,
}

impl Default for Settled {
    fn default() -> Self {
        let (unheld, put_back, parked) = Default::default();
        Self { most: 500, unheld, put_back, parked }
    }
}

#[async_trait]
impl Deliveries for Settled {
    async fn unheld(&self, last: &HashSet<JobId>) -> Result<UnheldMessages, StoreError> {
        let put_back = self.put_back.lock().unwrap();
        let mut messages: Vec<_> =
            self.unheld.lock().unwrap().iter().filter(|it| !put_back.contains(it)).cloned().collect();
        messages.sort_by_key(|it| last.contains(&it.job));
        let more = messages.len().saturating_sub(self.most) as u64;
        messages.truncate(self.most);
        Ok(UnheldMessages { messages, more })
    }

    async fn unheld_of(&self, job: &JobId, _: &AggregateRef, event: &Recorded) -> Result<Option<Unheld>, StoreError> {
        let found = self.unheld.lock().unwrap().clone();
        let put_back = self.put_back.lock().unwrap();
        let found = found.into_iter().filter(|it| !put_back.contains(it));
        Ok({ found }.find(|unheld| unheld.job == *job && unheld.message == event.position))
    }

    async fn put_back(&self, message: &Unheld) -> Result<bool, StoreError> {
        let mut put_back = self.put_back.lock().unwrap();
        let new = !put_back.contains(message);
        if new {
            put_back.push(message.clone());
        }
        Ok(new)
    }

    async fn park(&self, message: &Unheld, _: &str, _: OffsetDateTime) -> Result<String, StoreError> {
        self.parked.lock().unwrap().push(message.message.to_string());
        Ok("f".to_owned())
    }
}

const LIMITS: OrphanLimits = OrphanLimits { max_attempts: 2, longest_attempt: Duration::from_secs(60) };

struct Lost {
    bench: Bench,
    job: JobId,
    requested: Recorded,
    deliveries: Arc<Settled>,
}

impl Lost {
    /// A requested job whose message nobody holds.
    async fn requested() -> Self {
        let bench = Bench::new();
        let (job, requested) = bench.requested().await;
        let about = AggregateRef { kind: AggregateKind::Job, id: (&job).into() };
        let unheld = Unheld {
            job: job.clone(),
            about,
            consumer: "planner".into(),
            message: requested.position.clone(),
            copy: 0,
        };
        let deliveries = Arc::new(Settled { unheld: Mutex::new(vec![unheld]), ..Settled::default() });
        Self { bench, job, requested, deliveries }
    }

    fn reconciler(&self, later: Duration) -> Reconciler {
        Reconciler::new(self.bench.executor.clone(), self.deliveries.clone(), Arc::new(Later(later)), LIMITS)
    }

    async fn start(&self, attempt: u32) {
        let worker = format!("w{attempt}");
        self.bench
            .command(&self.job, &JobCommand::Start { lane: Priority::Normal, worker, max_attempts: 9, at: NOW })
            .await;
    }

    async fn only(&self, later: Duration) -> Orphan {
        let mut orphans = self.reconciler(later).look(&HashSet::new()).await.unwrap().found;
        assert_eq!(orphans.len(), 1, "{orphans:?}");
        orphans.remove(0)
    }

    async fn treat(&self, orphan: &Orphan, later: Duration) -> Reconciled {
        self.reconciler(later).treat(orphan, &Actor::Operator("kim".into()), "mended").await.unwrap()
    }

    fn names(&self) -> Vec<String> {
        let events = self.bench.store.events("PLANS");
        let of_job = events.into_iter().filter(|event| event.aggregate.id.as_str() == self.job.as_str());
        of_job.map(|event| event.event_type.name).collect()
    }
}

const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(600);

#[tokio::test]
async fn only_what_two_looks_in_a_row_find_unmoved_is_treated() {
    let lost = Lost::requested().await;
    let (reconciler, mut suspects) = (lost.reconciler(SOON), Suspects::default());
    assert!(
        suspects.confirm(&reconciler.look(&HashSet::new()).await.unwrap()).is_empty(),
        "the first look may be at the past"
    );
    lost.start(1).await;
    assert!(suspects.confirm(&reconciler.look(&HashSet::new()).await.unwrap()).is_empty(), "it has moved");
    assert_eq!(suspects.confirm(&reconciler.look(&HashSet::new()).await.unwrap()).len(), 1);
}

#[tokio::test]
async fn a_job_that_cannot_be_judged_keeps_no_other_from_being_found() {
    let lost = Lost::requested().await;
    let (athlete, wish) = (amy(), ally_handlers::PlanWish::default());
    let other =
        lost.bench.submissions.request_plan(&athlete, Some("other"), &wish, &origin(&athlete)).await.unwrap().job_id;
    let about = AggregateRef { kind: AggregateKind::Job, id: (&other).into() };
    let message = lost.bench.event(&other, "requested").position;
    let unheld = Unheld { job: other.clone(), about, consumer: "planner".into(), message, copy: 0 };
    lost.deliveries.unheld.lock().unwrap().push(unheld);
    let of_lost = AggregateRef { kind: AggregateKind::Job, id: (&lost.job).into() };
    append(&lost.bench, of_lost, EventType::new("plan_job", "suspended", 1)).await;

    let orphans = lost.reconciler(SOON).look(&HashSet::new()).await.unwrap();
    assert_eq!(orphans.found.iter().map(|orphan| &orphan.unheld.job).collect::<Vec<_>>(), [&other]);
    assert_eq!((orphans.unjudged.len(), &orphans.unjudged[0].job, orphans.count()), (1, &lost.job, 2));
    assert!(orphans.unjudged[0].reason.contains("newer version"), "{:?}", orphans.unjudged);
}

#[tokio::test]
async fn a_lost_message_is_put_back_once_and_leaves_who_did_it_and_why() {
    let lost = Lost::requested().await;
    let orphan = lost.only(SOON).await;
    assert_eq!((orphan.status, orphan.remedy), (Some(JobStatus::Queued), Remedy::PutBack));
    assert_eq!(lost.treat(&orphan, SOON).await, Reconciled::Done(Remedy::PutBack));
    assert_eq!(lost.treat(&orphan, SOON).await, Reconciled::Moved, "another one comes too late");
    assert_eq!(lost.deliveries.put_back.lock().unwrap().len(), 1);
    let requeued = lost.bench.event(&lost.job, "requeued");
    assert_eq!((requeued.actor.as_str(), requeued.data.as_str()), ("operator:kim", r#"{"note":"mended"}"#));
    assert_eq!(requeued.correlation, lost.requested.correlation, "it stands in the trace of its request");
    assert_eq!(deliver(&lost.bench.planner(scripted([]), 3), &lost.requested).await, Outcome::Done);
    assert_eq!(lost.names(), ["requested", "requeued", "completed"]);
}

#[tokio::test]
async fn what_was_recorded_and_not_done_is_found_again() {
    let lost = Lost::requested().await;
    let orphan = lost.only(SOON).await;
    // As if the process had died between the two.
    lost.bench.command(&lost.job, &JobCommand::Requeue { note: "mended".into() }).await;
    assert_eq!(lost.treat(&orphan, SOON).await, Reconciled::Moved);
    let again = lost.only(SOON).await;
    assert_eq!(lost.treat(&again, SOON).await, Reconciled::Done(Remedy::PutBack));
}

#[tokio::test]
async fn an_attempt_that_may_be_alive_loses_nothing() {
    let lost = Lost::requested().await;
    lost.start(1).await;
    let orphan = lost.only(SOON).await;
    assert_eq!((orphan.remedy, lost.treat(&orphan, SOON).await), (Remedy::Wait, Reconciled::Waits));
    assert_eq!(lost.names(), ["requested", "started"]);
    let orphan = lost.only(LATER).await;
    assert_eq!(lost.treat(&orphan, LATER).await, Reconciled::Done(Remedy::PutBack));
}

#[tokio::test]
async fn a_job_without_attempts_left_is_parked_with_its_message() {
    let lost = Lost::requested().await;
    lost.start(1).await;
    lost.start(2).await;
    let orphan = lost.only(LATER).await;
    assert_eq!(lost.treat(&orphan, LATER).await, Reconciled::Done(Remedy::Park));
    assert_eq!(lost.bench.job(&lost.job).await, (JobStatus::DeadLettered, 2));
    assert_eq!(*lost.deliveries.parked.lock().unwrap(), [lost.requested.position.to_string()]);
    assert!(lost.reconciler(LATER).look(&HashSet::new()).await.unwrap().found.is_empty(), "it has come to an end");
}

#[tokio::test]
async fn a_job_that_is_to_stop_is_cancelled_in_its_lost_worker_s_place() {
    let lost = Lost::requested().await;
    lost.start(1).await;
    lost.bench.command(&lost.job, &JobCommand::Cancel).await;
    let orphan = lost.only(SOON).await;
    assert_eq!(lost.treat(&orphan, SOON).await, Reconciled::Done(Remedy::Cancel));
    assert_eq!(lost.bench.job(&lost.job).await, (JobStatus::Cancelled, 1));
}

#[tokio::test]
async fn a_job_that_went_to_another_queue_is_none_of_the_old_one_s() {
    let lost = Lost::requested().await;
    lost.bench.command(&lost.job, &JobCommand::Expedite).await;
    assert!(
        lost.reconciler(LATER).look(&HashSet::new()).await.unwrap().found.is_empty(),
        "its message is the one that put it forward"
    );
}

#[tokio::test]
async fn a_promise_that_was_never_kept_is_kept_once() {
    let bench = Bench::new();
    let promised = bench.onboard(&amy()).await;
    let promise = bench.store.events("ONBOARDING").pop().unwrap();
    let unheld = Unheld {
        job: promised.clone(),
        about: promise.aggregate.clone(),
        consumer: "onboarding".into(),
        message: promise.position.clone(),
        copy: 0,
    };
    let deliveries = Arc::new(Settled { unheld: Mutex::new(vec![unheld]), ..Settled::default() });
    let reconciler = Reconciler::new(bench.executor.clone(), deliveries, Arc::new(Later(SOON)), LIMITS);
    let orphans = reconciler.look(&HashSet::new()).await.unwrap().found;
    assert_eq!((orphans.len(), orphans[0].status, orphans[0].remedy), (1, None, Remedy::Request));
    let kim = Actor::Operator("kim".into());
    assert_eq!(reconciler.treat(&orphans[0], &kim, "mended").await.unwrap(), Reconciled::Done(Remedy::Request));
    assert_eq!(bench.job(&promised).await, (JobStatus::Queued, 0));
    assert_eq!(reconciler.treat(&orphans[0], &kim, "mended").await.unwrap(), Reconciled::Moved);
    assert!(reconciler.look(&HashSet::new()).await.unwrap().found.is_empty());
    let job = AggregateRef { kind: AggregateKind::Job, id: (&promised).into() };
    assert_eq!(bench.store.load(&job).await.unwrap().events.len(), 2, "requested, and put before others");
}

#[tokio::test]
async fn jobs_that_nothing_helps_hide_no_job_that_can_be_helped() {
    let lost = Lost::requested().await;
    let (athlete, wish) = (amy(), ally_handlers::PlanWish::default());
    let mut unheld = Vec::new();
    for n in 0..5 {
        let key = format!("key-{n}");
        let job =
            lost.bench.submissions.request_plan(&athlete, Some(&key), &wish, &origin(&athlete)).await.unwrap().job_id;
        let about = AggregateRef { kind: AggregateKind::Job, id: (&job).into() };
        if n < 4 {
            append(&lost.bench, about.clone(), EventType::new("plan_job", "suspended", 1)).await;
        }
        let message = lost.bench.event(&job, "requested").position;
        unheld.push(Unheld { job, about, consumer: "planner".into(), message, copy: 0 });
    }
    let well = unheld[4].job.clone();
    let deliveries = Arc::new(Settled { most: 2, unheld: Mutex::new(unheld), ..Settled::default() });
    let (executor, clock) = (lost.bench.executor.clone(), Arc::new(Later(SOON)));
    let reconciler = Reconciler::new(executor, deliveries, clock, LIMITS);
    let mut suspects = Suspects::default();
    let mut confirmed = Vec::new();
    // Five jobs, two in a look: each has had its turn, twice, within six looks.
    for _ in 0..6 {
        let orphans = reconciler.look(suspects.stuck()).await.unwrap();
        confirmed.extend(suspects.confirm(&orphans));
    }
    assert_eq!(confirmed.first().map(|orphan| &orphan.unheld.job), Some(&well), "{confirmed:?}");
}
