//! A job that goes its way without anything going wrong: nothing is read of the log for it, and what is known of it is found out
//! to be behind by the append.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::ids::{AggregateRef, JobId, PlanId};
use ally_domain::job::{JobCommand, JobStatus, Priority};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Append, Appended, EventStore, History, StoreError};
use ally_domain::testing::MemoryEventStore;
use ally_handlers::{Executor, PlanWish, PlannerHandler, Submissions};
use async_trait::async_trait;

use crate::bench::{Bench, NOW, StillClock, amy, deliver, deliver_again, meanwhile, origin, scripted};

/// A log that counts what it is asked.
#[derive(Clone, Default)]
struct Counting {
    log: MemoryEventStore,
    loads: Arc<AtomicUsize>,
    looks: Arc<AtomicUsize>,
    appends: Arc<AtomicUsize>,
}

impl Counting {
    /// Loads, looks at the newest position, appends; since the last time.
    fn counts(&self) -> (usize, usize, usize) {
        let take = |count: &AtomicUsize| count.swap(0, Ordering::Relaxed);
        (take(&self.loads), take(&self.looks), take(&self.appends))
    }
}

#[async_trait]
impl EventStore for Counting {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.log.load(aggregate).await
    }

    async fn last_position(&self, aggregate: &AggregateRef) -> Result<Option<Position>, StoreError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.log.last_position(aggregate).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        self.log.end_of(stream).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        self.appends.fetch_add(1, Ordering::Relaxed);
        self.log.append_together(appends).await
    }
}

fn counted() -> (Counting, Bench) {
    let store = Counting::default();
    let executor = Executor::new(Arc::new(store.clone()));
    let submissions = Submissions::new(executor.clone(), Arc::new(StillClock));
    (store.clone(), Bench { store: store.log, executor, submissions })
}

#[tokio::test(start_paused = true)]
async fn the_walk_of_a_job_reads_the_profile_once_and_nothing_else() {
    let (store, bench) = counted();
    let (athlete, wish) = (amy(), PlanWish::default());
    bench.onboard(&athlete).await;
    store.counts();
    let planner = bench.planner(scripted([]), 3);
    for (walk, reads) in [(0, (1, 0, 1)), (1, (0, 1, 1)), (2, (0, 1, 1))] {
        let key = format!("k{walk}");
        let job = bench.submissions.request_plan(&athlete, Some(&key), &wish, &origin(&athlete)).await.unwrap();
        assert!(job.new);
        assert_eq!(store.counts(), reads, "the submission of walk {walk}: the profile, then where it stands");
        let requested = bench.event(&job.job_id, "requested");
        assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
        assert_eq!(store.counts(), (0, 0, 2), "the work of walk {walk}");
        assert_eq!(bench.job(&job.job_id).await, (JobStatus::Completed, 1));
        store.counts();
    }
    assert_eq!(bench.plans(), 3);
}

/// What the plan of a job says that it was made with care for.
async fn careful_places(bench: &Bench, planner: &PlannerHandler, event: &Recorded, again: bool) -> bool {
    let outcome = if again { deliver_again(planner, event).await } else { deliver(planner, event).await };
    assert_eq!(outcome, Outcome::Done);
    let plan = PlanId::for_job(&JobId::from(&event.aggregate.id));
    let events = bench.store.events("PLANS").into_iter();
    let made: Vec<_> = events.filter(|event| event.aggregate.id.as_str() == plan.as_str()).collect();
    assert_eq!(made.len(), 1);
    made[0].data.contains("care_shoulder")
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waited_is_worked_on_for_the_athlete_of_today_and_a_fresh_one_reads_nothing() {
    let (store, bench) = counted();
    let (athlete, wish) = (amy(), PlanWish::default());
    bench.onboard(&athlete).await;
    let mut requested = Vec::new();
    for key in ["fresh", "redelivered", "redriven", "waited"] {
        let job = bench.submissions.request_plan(&athlete, Some(key), &wish, &origin(&athlete)).await.unwrap();
        requested.push((job.job_id.clone(), bench.event(&job.job_id, "requested")));
    }
    let sore = crate::bench::answers(r#"{"injuries":[{"bodyPart":"shoulder","pain":5}]}"#);
    bench.submissions.answer(&athlete, sore, &origin(&athlete)).await.unwrap();
    let planner = bench.planner(scripted([]), 3);

    store.counts();
    assert!(!careful_places(&bench, &planner, &requested[0].1, false).await, "as it was requested, a moment ago");
    assert_eq!(store.counts(), (0, 0, 2));
    assert!(careful_places(&bench, &planner, &requested[1].1, true).await, "delivered again");
    let (job, _) = &requested[2];
    let start = JobCommand::Start { lane: Priority::Normal, worker: "x".into(), max_attempts: 1, at: NOW };
    bench.command(job, &start).await;
    let park = JobCommand::DeadLetter { reason: "lost".into(), fingerprint: "f".into() };
    bench.command(job, &park).await;
    bench.command(job, &JobCommand::Redrive { note: "again".into() }).await;
    assert!(careful_places(&bench, &planner, &bench.event(job, "redriven"), false).await, "put back by an operator");
    let mut late = requested[3].1.clone();
    late.at -= Duration::from_secs(3_600);
    assert!(careful_places(&bench, &planner, &late, false).await, "an hour in the queue");
}

#[tokio::test(start_paused = true)]
async fn a_profile_is_read_again_when_it_has_changed() {
    let (store, bench) = counted();
    let (athlete, wish) = (amy(), PlanWish::default());
    bench.onboard(&athlete).await;
    let ask = async |key: &str| {
        let job = bench.submissions.request_plan(&athlete, Some(key), &wish, &origin(&athlete)).await.unwrap();
        bench.event(&job.job_id, "requested").data
    };
    assert!(ask("a").await.contains(r#""profileRevision":1"#));
    // Another node took the answers in: this one was told nothing.
    let elsewhere = Submissions::new(bench.executor.clone(), Arc::new(StillClock));
    let more = crate::bench::answers(r#"{"equipment":["dumbbells"]}"#);
    elsewhere.answer(&athlete, more, &origin(&athlete)).await.unwrap();
    store.counts();
    assert!(ask("b").await.contains(r#""profileRevision":2"#));
    assert_eq!(store.counts(), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_is_looked_up_and_another_one_under_its_key_refused() {
    let bench = Bench::new();
    let (athlete, wish) = (amy(), PlanWish::default());
    bench.onboard(&athlete).await;
    let ask =
        async |wish: &PlanWish| bench.submissions.request_plan(&athlete, Some("k"), wish, &origin(&athlete)).await;
    let first = ask(&wish).await.unwrap();
    let again = ask(&wish).await.unwrap();
    assert_eq!((again.job_id, again.position, again.new), (first.job_id.clone(), first.position, false));
    let other = PlanWish { weeks: Some(2), ..PlanWish::default() };
    assert!(ask(&other).await.unwrap_err().to_string().contains("key"));
    let planner = bench.planner(scripted([]), 3);
    assert_eq!(deliver(&planner, &bench.event(&first.job_id, "requested")).await, Outcome::Done);
    let late = ask(&wish).await.unwrap();
    assert!(!late.new && late.position.sequence > 1, "{late:?}");
    assert!(ask(&other).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_lasts_is_counted_while_it_works() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let seen = Arc::new(AtomicUsize::new(0));
    let (store, counted) = (bench.store.clone(), seen.clone());
    let provider = meanwhile(scripted([]), move || {
        let (store, counted) = (store.clone(), counted.clone());
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let events = store.events("PLANS");
            counted.store(events.iter().filter(|event| event.event_type.name == "started").count(), Ordering::Relaxed);
        })
    });
    assert_eq!(deliver(&bench.planner(provider, 3), &requested).await, Outcome::Done);
    assert_eq!(seen.load(Ordering::Relaxed), 1);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_cancelled_meanwhile_gets_no_plan() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let (submissions, cancelled) = (bench.submissions.clone(), job.clone());
    let provider = meanwhile(scripted([]), move || {
        let (submissions, job) = (submissions.clone(), cancelled.clone());
        Box::pin(async move {
            let (status, _) = submissions.cancel(&amy(), &job, &origin(&amy())).await.unwrap();
            assert_eq!(status, JobStatus::Cancelled);
        })
    });
    assert_eq!(deliver(&bench.planner(provider, 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Cancelled, 0));
    assert_eq!(bench.plans(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_another_worker_ended_meanwhile_is_left_alone() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let (other, event) = (bench.clone(), requested.clone());
    let provider = meanwhile(scripted([]), move || {
        let (other, event) = (other.clone(), event.clone());
        Box::pin(async move {
            assert_eq!(deliver_again(&other.planner(scripted([]), 3), &event).await, Outcome::Done);
        })
    });
    assert_eq!(deliver(&bench.planner(provider, 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    assert_eq!(bench.plans(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_counted_and_taken_over_ends_nothing() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let (other, taken) = (bench.clone(), job.clone());
    let provider = meanwhile(scripted([]), move || {
        let (other, job) = (other.clone(), taken.clone());
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let start = JobCommand::Start { lane: Priority::Normal, worker: "x".into(), max_attempts: 3, at: NOW };
            other.command(&job, &start).await;
        })
    });
    let outcome = deliver(&bench.planner(provider, 3), &requested).await;
    assert!(matches!(outcome, Outcome::Superseded { .. }), "{outcome:?}");
    assert_eq!(bench.job(&job).await, (JobStatus::Running, 2));
    assert_eq!(bench.plans(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_express_job_is_not_worked_on_by_the_ordinary_workers() {
    let (store, bench) = counted();
    let job = bench.onboard(&amy()).await;
    let onboarding = ally_handlers::OnboardingHandler::new(bench.executor.clone());
    let completed = bench.store.events("ONBOARDING").pop().unwrap();
    assert_eq!(deliver(&onboarding, &completed).await, Outcome::Done);
    store.counts();
    let provider = meanwhile(scripted([]), || panic!("the other queue's workers make it"));
    assert_eq!(deliver(&bench.planner(provider, 3), &bench.event(&job, "requested")).await, Outcome::Done);
    assert_eq!(store.counts(), (0, 0, 0));
    assert_eq!(bench.job(&job).await, (JobStatus::Queued, 0));
}
