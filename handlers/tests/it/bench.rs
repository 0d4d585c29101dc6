//! The test bench: a log in memory, a clock that stands still, providers that answer as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ally_domain::engine::answers::Answers;
use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::envelope::{Actor, CommandContext, Recorded, TraceContext};
use ally_domain::event_data::EventData;
use ally_domain::ids::{AthleteId, JobId};
use ally_domain::job::{JobCommand, JobDecider, JobEvent, JobState, JobStatus, Priority};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{
    Cancellations, Clock, DeliveryContext, EventHandler, PlanOrder, PlanProvider, ProviderError, RetryClock, StopWish,
};
use ally_domain::testing::MemoryEventStore;
use ally_handlers::providers::BuiltinProvider;
use ally_handlers::{Executor, Onboarded, Origin, PlannerConfig, PlannerHandler, Submissions};
use async_trait::async_trait;
use futures::future::BoxFuture;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::sync::Notify;

pub const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

pub const ANSWERS: &str = r#"{"purpose":"general_fitness","proficiency":"beginner","season":"offseason",
    "availabilityDays":["monday","thursday"],"weeklyGoalDays":2,"equipment":["bands"],"recoveryHabits":[]}"#;

pub struct StillClock;

/// A time of its own.
pub struct At(pub OffsetDateTime);

impl Clock for At {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

impl Clock for StillClock {
    fn now(&self) -> OffsetDateTime {
        NOW
    }
}

/// A second for every attempt so far: tests can tell which attempt a delay belongs to.
pub struct CountingClock;

impl RetryClock for CountingClock {
    fn delay_after(&self, attempt: u32) -> Duration {
        Duration::from_secs(attempt.into())
    }
}

/// Answers with what it was given, in order, then with the built-in engine.
pub struct Scripted {
    answers: Mutex<VecDeque<ProviderError>>,
    builtin: BuiltinProvider,
}

#[async_trait]
impl PlanProvider for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            Some(error) => Err(error),
            None => self.builtin.make(order).await,
        }
    }
}

/// The built-in engine after these failures.
pub fn scripted(failures: impl IntoIterator<Item = ProviderError>) -> Arc<dyn PlanProvider> {
    let builtin = BuiltinProvider::new(Arc::new(Catalogue::embedded().unwrap()));
    Arc::new(Scripted { answers: Mutex::new(failures.into_iter().collect()), builtin })
}

/// Does something before it lets another provider make the plan.
struct Meanwhile<F> {
    does: F,
    inner: Arc<dyn PlanProvider>,
}

#[async_trait]
impl<F: Fn() -> BoxFuture<'static, ()> + Send + Sync> PlanProvider for Meanwhile<F> {
    fn name(&self) -> &'static str {
        "meanwhile"
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        (self.does)().await;
        self.inner.make(order).await
    }
}

/// A provider during whose work something happens: a cancellation, another worker's attempt, a wait for the test.
pub fn meanwhile(
    inner: Arc<dyn PlanProvider>,
    does: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static,
) -> Arc<dyn PlanProvider> {
    Arc::new(Meanwhile { does, inner })
}

/// The two moments of a provider's work that a test knows of.
#[derive(Default)]
pub struct Moments {
    pub begun: Notify,
    pub go_on: Notify,
}

/// A provider that says when it has begun, and makes the plan once the test lets it go on.
pub fn held() -> (Arc<dyn PlanProvider>, Arc<Moments>) {
    let moments = Arc::new(Moments::default());
    let shared = moments.clone();
    let provider = meanwhile(scripted([]), move || {
        let moments = shared.clone();
        Box::pin(async move {
            moments.begun.notify_one();
            moments.go_on.notified().await;
        })
    });
    (provider, moments)
}

pub fn busy() -> ProviderError {
    ProviderError::Transient { reason: "busy".into(), after: None }
}

/// Wishes to stop a job, told by the test.
#[derive(Default)]
pub struct Wishes(Arc<Notify>);

impl Wishes {
    /// Tells one watcher, now or as soon as it listens.
    pub fn tell(&self) {
        self.0.notify_one();
    }
}

impl Cancellations for Wishes {
    fn watch(&self, _: &JobId) -> StopWish {
        let told = self.0.clone();
        Box::pin(async move { told.notified().await })
    }
}

#[derive(Clone)]
pub struct Bench {
    pub store: MemoryEventStore,
    pub executor: Executor,
    pub submissions: Submissions,
}

impl Bench {
    pub fn new() -> Self {
        let store = MemoryEventStore::default();
        let executor = Executor::new(Arc::new(store.clone()));
        let submissions = Submissions::new(executor.clone(), Arc::new(StillClock));
        Self { store, executor, submissions }
    }

    pub fn planner(&self, provider: Arc<dyn PlanProvider>, max_attempts: u32) -> PlannerHandler {
        self.planner_of(Priority::Normal, provider, max_attempts)
    }

    pub fn planner_of(&self, lane: Priority, provider: Arc<dyn PlanProvider>, max_attempts: u32) -> PlannerHandler {
        self.planner_hearing(lane, provider, max_attempts, Arc::new(Wishes::default()))
    }

    pub fn planner_hearing(
        &self,
        lane: Priority,
        provider: Arc<dyn PlanProvider>,
        max_attempts: u32,
        wishes: Arc<dyn Cancellations>,
    ) -> PlannerHandler {
        let config = PlannerConfig {
            worker: "w".into(),
            lane,
            max_per_athlete: 1,
            max_attempts,
            attempt_deadline: Duration::from_secs(30),
        };
        let (retry, clock) = (Arc::new(CountingClock), Arc::new(StillClock));
        PlannerHandler::new(self.executor.clone(), provider, retry, clock, wishes, config)
    }

    /// A worker by another time.
    pub fn planner_at(
        &self,
        at: OffsetDateTime,
        lane: Priority,
        provider: Arc<dyn PlanProvider>,
        max_attempts: u32,
    ) -> PlannerHandler {
        let config = PlannerConfig {
            worker: "w".into(),
            lane,
            max_per_athlete: 1,
            max_attempts,
            attempt_deadline: Duration::from_secs(30),
        };
        let (retry, clock, wishes) = (Arc::new(CountingClock), Arc::new(At(at)), Arc::new(Wishes::default()));
        PlannerHandler::new(self.executor.clone(), provider, retry, clock, wishes, config)
    }

    /// An onboarded athlete's job of a request, and the event that requested it.
    pub async fn requested_as(&self, wish: &ally_handlers::PlanWish) -> (JobId, Recorded) {
        let athlete = amy();
        self.onboard(&athlete).await;
        let job = self.submissions.request_plan(&athlete, Some("k"), wish, &origin(&athlete)).await.unwrap();
        let event = self.event(&job.job_id, "requested");
        (job.job_id, event)
    }

    /// Onboards an athlete; their profile's job.
    pub async fn onboard(&self, athlete: &AthleteId) -> JobId {
        match self.submissions.answer(athlete, answers(ANSWERS), &origin(athlete)).await.unwrap() {
            Onboarded::Complete { job, .. } => job.job_id,
            incomplete @ Onboarded::Incomplete { .. } => panic!("{incomplete:?}"),
        }
    }

    /// An onboarded athlete's requested job, and the event that requested it.
    pub async fn requested(&self) -> (JobId, Recorded) {
        self.requested_as(&ally_handlers::PlanWish::default()).await
    }

    /// The one event of a job with this name.
    pub fn event(&self, job: &JobId, name: &str) -> Recorded {
        let mut events = self.store.events("PLANS");
        events.retain(|event| event.aggregate.id.as_str() == job.as_str() && event.event_type.name == name);
        events.pop().unwrap_or_else(|| panic!("job {job} has no event {name}"))
    }

    pub async fn job(&self, job: &JobId) -> (JobStatus, u32) {
        let (JobState(state), _) = self.executor.load::<JobDecider>(&job.into()).await.unwrap();
        let state = state.unwrap();
        (state.status, state.attempts)
    }

    /// An operator's command on a job.
    pub async fn command(&self, job: &JobId, command: &JobCommand) {
        let context = CommandContext { command_id: uuid::Uuid::now_v7().into(), ..self.context() };
        self.executor.execute::<JobDecider>(&job.into(), command, &context).await.unwrap();
    }

    /// What comes with a command of an operator.
    pub fn context(&self) -> CommandContext {
        CommandContext {
            command_id: "operator".parse().unwrap(),
            correlation: "c".into(),
            causation: None,
            actor: Actor::Operator("olga".into()),
            at: NOW,
            trace: TraceContext::default(),
        }
    }

    /// How many versions of plans anybody is shown: those of jobs that are completed.
    pub fn plans(&self) -> usize {
        let events = self.store.events("PLANS");
        let completed: Vec<_> = events
            .iter()
            .filter_map(|event| match event.decode() {
                Ok(JobEvent::Completed(completed)) => Some(completed.plan_id.to_string()),
                _ => None,
            })
            .collect();
        let versions = events.iter().filter(|event| event.event_type.noun == ally_domain::plan::PlanEvent::NOUN);
        versions.filter(|event| completed.iter().any(|plan| plan == event.aggregate.id.as_str())).count()
    }

    /// Waits until the log says that an attempt at a job has begun.
    pub async fn counted(&self, job: &JobId) {
        let began =
            |event: &Recorded| event.aggregate.id.as_str() == job.as_str() && event.event_type.name == "started";
        while !self.store.events("PLANS").iter().any(began) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub fn amy() -> AthleteId {
    "amy".parse().unwrap()
}

pub fn answers(json: &str) -> Answers {
    serde_json::from_str(json).unwrap()
}

pub fn origin(athlete: &AthleteId) -> Origin {
    let trace = TraceContext {
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        tracestate: None,
    };
    Origin { actor: Actor::Athlete(athlete.to_string()), correlation: "request-1".into(), trace }
}

pub async fn deliver(handler: &dyn EventHandler, event: &Recorded) -> Outcome {
    handler.handle(event, &DeliveryContext { consumer: "test".into(), delivery: 1 }).await
}

/// The same for a message that was delivered before.
pub async fn deliver_again(handler: &dyn EventHandler, event: &Recorded) -> Outcome {
    handler.handle(event, &DeliveryContext { consumer: "test".into(), delivery: 2 }).await
}
