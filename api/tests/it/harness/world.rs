//! What surrounds a gateway: the time, tokens, parts that fail on demand, and the workers' side of the log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ally_api::{AuthConfig, Probe, Secret, mint};
use ally_domain::engine::plan::{Plan, Provenance, Score, Totals, Validation};
use ally_domain::engine::profile::{Profile, Purpose, Season};
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::{Catalogue, ComposeInput, compose};
use ally_domain::envelope::{Actor, CommandContext, TraceContext};
use ally_domain::ids::{CommandId, JobId, PlanId};
use ally_domain::job::{JobCommand, JobDecider};
use ally_domain::plan::{PlanCommand, PlanDecider};
use ally_domain::ports::{Clock, DeliveryContext, EventHandler};
use ally_domain::subject::Subject;
use ally_handlers::{Executor, OnboardingHandler};
use async_trait::async_trait;
use time::OffsetDateTime;
use time::macros::{date, datetime};

use super::{Ally, all_answers};

/// A time that moves when a test says so.
pub struct FixedClock(Mutex<OffsetDateTime>);

impl Default for FixedClock {
    fn default() -> Self {
        Self(Mutex::new(datetime!(2026-11-20 08:00 UTC)))
    }
}

impl FixedClock {
    pub fn forward(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

/// What the tests' tokens are signed with.
pub fn auth() -> AuthConfig {
    AuthConfig { secret: Secret::new("a secret of the tests, 32 bytes or more").unwrap(), issuer: None, audience: None }
}

/// A token of an athlete, good for an hour.
pub fn token(clock: &FixedClock, athlete: &str) -> String {
    mint(&auth(), athlete, clock.now(), Duration::from_secs(3_600), &[]).unwrap()
}

/// Something that a process stands on, up or down as a test wants it.
pub struct Part {
    name: &'static str,
    failure: Mutex<Option<String>>,
    warning: Mutex<Option<String>>,
}

impl Part {
    pub fn new(name: &'static str) -> Self {
        Self { name, failure: Mutex::default(), warning: Mutex::default() }
    }

    pub fn fail(&self, reason: Option<&str>) {
        *self.failure.lock().unwrap() = reason.map(str::to_owned);
    }

    pub fn warn(&self, warning: &str) {
        *self.warning.lock().unwrap() = Some(warning.to_owned());
    }
}

#[async_trait]
impl Probe for Part {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn check(&self) -> Result<(), String> {
        self.failure.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn warning(&self) -> Option<String> {
        self.warning.lock().unwrap().clone()
    }
}

/// The workers' side: the real deciders over the same log.
impl Ally {
    /// Lets the process manager see the whole log of onboarding.
    pub async fn request_promised(&self) {
        let handler = OnboardingHandler::new(self.executor());
        for event in self.store.events("ONBOARDING") {
            let delivery = DeliveryContext { consumer: "onboarding".into(), delivery: 1 };
            assert_eq!(handler.handle(&event, &delivery).await, ally_domain::outcome::Outcome::Done);
        }
    }

    /// Executes a worker's command on a job.
    pub async fn work(&self, job: &str, command: JobCommand) {
        let id: JobId = job.parse().unwrap();
        self.executor().execute::<JobDecider>(&(&id).into(), &command, &self.context()).await.unwrap();
    }

    /// Starts an attempt, as a worker of the job's own lane.
    pub async fn begin(&self, job: &str) {
        let id: JobId = job.parse().unwrap();
        let (state, _) = self.executor().load::<JobDecider>(&(&id).into()).await.unwrap();
        let (lane, at) = (state.0.unwrap().lane, self.clock.now());
        self.work(job, JobCommand::Start { lane, worker: "w1".into(), max_attempts: 5, at }).await;
    }

    /// Hands a plan in, as the first attempt.
    pub async fn complete(&self, job: &str, athlete: &str) -> String {
        self.complete_with(job, athlete, empty_plan).await
    }

    /// Hands in what is made under the plan's id, as the first attempt.
    pub async fn complete_with(&self, job: &str, athlete: &str, make: impl FnOnce(&PlanId) -> Plan) -> String {
        let job_id: JobId = job.parse().unwrap();
        let plan_id = PlanId::for_job(&job_id);
        let create = PlanCommand::Create {
            job_id,
            athlete_id: Subject::own(athlete).athlete_id(),
            plan: Box::new(make(&plan_id)),
        };
        self.executor().execute::<PlanDecider>(&(&plan_id).into(), &create, &self.context()).await.unwrap();
        let at = self.clock.now();
        let complete =
            JobCommand::Complete { attempt: 1, plan_id: plan_id.clone(), plan_version: None, note: None, at };
        self.work(job, complete).await;
        plan_id.into()
    }

    /// Executes a command on a plan.
    pub async fn tell_plan(&self, plan: &PlanId, command: &PlanCommand) {
        self.executor().execute::<PlanDecider>(&plan.into(), command, &self.context()).await.unwrap();
    }

    pub(super) fn executor(&self) -> Executor {
        Executor::new(Arc::new(self.store.clone()))
    }

    pub(super) fn context(&self) -> CommandContext {
        CommandContext {
            command_id: CommandId::from(uuid::Uuid::now_v7()),
            correlation: "test".into(),
            causation: None,
            actor: Actor::System("planner"),
            at: self.clock.now(),
            trace: TraceContext::default(),
        }
    }
}

/// A plan that the API has only to pass on.
pub fn empty_plan(id: &PlanId) -> Plan {
    Plan {
        schema: 1,
        plan_id: id.clone(),
        version: 1,
        parent: None,
        provenance: Provenance {
            provider: "builtin".into(),
            engine: "1".into(),
            catalogue: "c0".into(),
            seed: 7,
            model: None,
            repairs: None,
            fallback: None,
        },
        profile_rev: 1,
        goal: Purpose::MuscleBuilding,
        season: Season::Offseason,
        weeks: Vec::new(),
        totals: Totals::default(),
        tradeoffs: Vec::new(),
        score: Score::default(),
        validation: Validation::default(),
        adapted: None,
    }
}

/// What the engine makes of the tests' answers.
pub fn composed(plan_id: &PlanId) -> Plan {
    composed_of(plan_id, 4)
}

/// The same of so many weeks.
pub fn composed_of(plan_id: &PlanId, weeks: u8) -> Plan {
    let answers = serde_json::from_value(all_answers()).unwrap();
    let profile = Profile::from_answers(&answers).unwrap();
    let request = PlanRequest { start: date!(2026 - 11 - 23), weeks, seed: 7 };
    let input = ComposeInput { plan_id, profile_revision: 1, profile: &profile, request: &request };
    compose(&input, &Catalogue::embedded().unwrap()).unwrap()
}
