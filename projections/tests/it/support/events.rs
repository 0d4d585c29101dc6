//! Events as the real deciders make them.

use ally_domain::athlete::{AthleteCommand, AthleteDecider};
use ally_domain::decider::Decider;
use ally_domain::engine::answers::Answers;
use ally_domain::engine::profile::Profile;
use ally_domain::engine::request::PlanRequest;
use ally_domain::envelope::{Position, Recorded, TraceContext};
use ally_domain::event_data::{EventData, EventType};
use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef, AthleteId, JobId, PlanId};
use ally_domain::job::{JobCommand, JobDecider, JobState, Priority, RequestPlan};
use time::OffsetDateTime;
use time::macros::{date, datetime};

/// When every command is carried out.
pub const DECIDED_AT: OffsetDateTime = datetime!(2026-11-20 10:00 UTC);

pub fn athlete(name: &str) -> AthleteId {
    name.parse().unwrap()
}

pub fn answers() -> Answers {
    serde_json::from_value(serde_json::json!({
        "purpose": "general_fitness", "proficiency": "beginner", "season": "offseason", "availabilityDays": 3,
        "weeklyGoalDays": 2, "equipment": ["bands"], "recoveryHabits": []
    }))
    .unwrap()
}

pub fn profile() -> Profile {
    Profile::from_answers(&answers()).unwrap()
}

/// A sampled trace context.
pub fn trace(n: u64) -> TraceContext {
    TraceContext { traceparent: Some(format!("00-{:032x}-{:016x}-01", n + 1, n + 7)), tracestate: None }
}

/// One job, told by commands; what its decider answers is appended.
pub struct Story {
    pub athlete: AthleteId,
    pub job: JobId,
    state: JobState,
    told: u64,
    pub trace: TraceContext,
    /// What its request says of when it may begin and must be finished.
    pub not_before: Option<OffsetDateTime>,
    pub deadline: Option<OffsetDateTime>,
}

impl Story {
    /// A job under an idempotency key.
    pub fn new(athlete: &AthleteId, key: &str) -> Self {
        Self::of(athlete, JobId::for_key(athlete, key))
    }

    /// The job that the first revision of the athlete's profile promises.
    pub fn promised(athlete: &AthleteId) -> Self {
        Self::of(athlete, JobId::for_profile(athlete, 1))
    }

    fn of(athlete: &AthleteId, job: JobId) -> Self {
        Self {
            athlete: athlete.clone(),
            job,
            state: JobState::default(),
            told: 0,
            trace: TraceContext::default(),
            not_before: None,
            deadline: None,
        }
    }

    pub fn plan(&self) -> PlanId {
        PlanId::for_job(&self.job)
    }

    /// The events of the onboarding that promises the job.
    pub fn onboarding(&self) -> Vec<Recorded> {
        let command = AthleteCommand::Answer {
            athlete_id: self.athlete.clone(),
            answers: Box::new(answers()),
            today: date!(2026 - 11 - 20),
        };
        let events = AthleteDecider::decide(&Default::default(), &command).unwrap();
        let aggregate = aggregate(AggregateKind::Athlete, &AggregateId::from(&self.athlete));
        events.iter().enumerate().map(|(n, event)| self.recorded(&aggregate, event, 1_000 + n as u64)).collect()
    }

    /// What the job's decider answers to a command; nothing when it refuses.
    pub fn tell(&mut self, command: &JobCommand) -> Vec<Recorded> {
        let Ok(events) = JobDecider::decide(&self.state, command) else { return Vec::new() };
        let aggregate = aggregate(AggregateKind::Job, &AggregateId::from(&self.job));
        let mut told = Vec::new();
        for event in events {
            self.told += 1;
            told.push(self.recorded(&aggregate, &event, self.told));
            self.state = JobDecider::evolve(std::mem::take(&mut self.state), &event);
        }
        told
    }

    /// The job's next attempt, by number.
    pub fn attempt(&self) -> u32 {
        self.state.0.as_ref().map_or(0, |job| job.attempts)
    }

    pub fn request(&mut self) -> Vec<Recorded> {
        let request = RequestPlan {
            job_id: self.job.clone(),
            athlete_id: self.athlete.clone(),
            profile_revision: 1,
            profile: profile(),
            request: PlanRequest { start: date!(2026 - 11 - 23), weeks: 4, seed: 1 },
            fingerprint: "f".into(),
            replan: None,
            priority: Priority::Normal,
            not_before: self.not_before,
            deadline: self.deadline,
        };
        self.tell(&JobCommand::Request(Box::new(request)))
    }

    pub fn start(&mut self) -> Vec<Recorded> {
        self.tell(&JobCommand::Start { lane: Priority::Normal, worker: "w1".into(), max_attempts: 3, at: DECIDED_AT })
    }

    pub fn complete(&mut self) -> Vec<Recorded> {
        self.tell(&JobCommand::Complete {
            attempt: self.attempt(),
            plan_id: self.plan(),
            plan_version: None,
            note: None,
            at: DECIDED_AT,
        })
    }

    /// The event that holds the job's plan; its document is odd on purpose, so that its bytes can be told.
    pub fn created(&self) -> Recorded {
        let data = format!(
            r#"{{"jobId":"{}","athleteId":"{}","plan":{{"version":1,  "planId":"{}","é":"\u0000"}}}}"#,
            self.job,
            self.athlete,
            self.plan()
        );
        let aggregate = aggregate(AggregateKind::Plan, &AggregateId::from(&self.plan()));
        Recorded { data, ..self.raw(&aggregate, EventType::new("plan", "created", 1), 500) }
    }

    /// An entry of the plan's training log; its data is odd on purpose, so that its bytes can be told.
    pub fn entry(&self, name: &str, n: usize, data: &str) -> Recorded {
        let data = format!(
            r#"{{"entryId":"entry-{n}","athleteId":"{}","planVersion":1,{data},"fingerprint":"f"}}"#,
            self.athlete
        );
        let aggregate = aggregate(AggregateKind::Plan, &AggregateId::from(&self.plan()));
        Recorded { data, ..self.raw(&aggregate, EventType::new("plan", name, 1), 600 + n as u64) }
    }

    /// From request to completion.
    pub fn whole(&mut self) -> Vec<Recorded> {
        let progress = JobCommand::Progress { attempt: 1, phase: "composing".into(), percent: 40 };
        let mut events = self.request();
        events.extend(self.start());
        events.extend(self.tell(&progress));
        events.push(self.created());
        events.extend(self.complete());
        events
    }

    fn recorded<E: EventData>(&self, aggregate: &AggregateRef, event: &E, n: u64) -> Recorded {
        let encoded = event.encode().unwrap();
        Recorded { data: encoded.data.get().to_owned(), ..self.raw(aggregate, encoded.event_type, n) }
    }

    pub fn raw(&self, aggregate: &AggregateRef, event_type: EventType, n: u64) -> Recorded {
        Recorded {
            event_id: format!("{}-{}:{n}", aggregate.kind.as_str(), aggregate.id),
            aggregate: aggregate.clone(),
            event_type,
            // Set by the log.
            position: Position { stream: String::new(), sequence: 0 },
            // Finer than PostgreSQL keeps, as the real clock is.
            at: datetime!(2026-11-20 08:00:00.123456789 UTC) + time::Duration::seconds(i64::try_from(n).unwrap()),
            correlation: format!("c-{}", self.job),
            causation: None,
            actor: "system:test".into(),
            trace: self.trace.clone(),
            data: String::new(),
        }
    }
}

fn aggregate(kind: AggregateKind, id: &AggregateId) -> AggregateRef {
    AggregateRef { kind, id: id.clone() }
}
