//! A log of plan jobs that is made up as it is read: five events a job, 64 jobs under way at a time, about 400 bytes an event.

use std::time::Duration;

use ally_domain::engine::answers::Answers;
use ally_domain::engine::profile::Profile;
use ally_domain::envelope::{Position, Recorded, TraceContext};
use ally_domain::event_data::EventType;
use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef};
use ally_domain::ports::{EventLog, EventReader, ReadBatch, StoreError, StreamIdentity};
use async_trait::async_trait;
use time::macros::datetime;

pub const EVENTS_OF_A_JOB: u64 = 5;
pub const JOBS_AT_A_TIME: u64 = 64;

pub struct SyntheticLog {
    pub events: u64,
}

#[async_trait]
impl EventLog for SyntheticLog {
    async fn open(&self, stream: &str, after: u64) -> Result<Box<dyn EventReader>, StoreError> {
        let events = if stream == "PLANS" { self.events } else { 0 };
        Ok(Box::new(Reader { profile: profile(), events, after }))
    }

    async fn last_sequence(&self, stream: &str) -> Result<u64, StoreError> {
        Ok(if stream == "PLANS" { self.events } else { 0 })
    }

    async fn identity(&self, _: &str) -> Result<StreamIdentity, StoreError> {
        Ok(StreamIdentity("synthetic".to_owned()))
    }
}

/// The profile in every request, as JSON.
pub fn profile() -> String {
    let answers: Answers = serde_json::from_value(serde_json::json!({
        "purpose": "sport_performance", "proficiency": "intermediate", "season": "preseason",
        "availabilityDays": ["monday", "wednesday", "saturday"], "weeklyGoalDays": 3,
        "equipment": ["dumbbells", "pull_up_bar"], "recoveryHabits": ["good_sleep"],
    }))
    .expect("answers");
    let profile = Profile::from_answers(&answers).expect("complete answers");
    serde_json::to_string(&profile).expect("a profile is JSON")
}

struct Reader {
    profile: String,
    events: u64,
    after: u64,
}

#[async_trait]
impl EventReader for Reader {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<ReadBatch, StoreError> {
        if self.after >= self.events {
            tokio::time::sleep(wait).await;
            return Ok(ReadBatch::default());
        }
        let last = self.events.min(self.after + max as u64);
        let events = (self.after + 1..=last).map(|sequence| event(sequence, &self.profile)).collect();
        self.after = last;
        Ok(ReadBatch { events, pending: self.events - last, ..ReadBatch::default() })
    }
}

/// The event at a sequence of the made-up log.
pub fn event(sequence: u64, profile: &str) -> Recorded {
    let round = (sequence - 1) / (EVENTS_OF_A_JOB * JOBS_AT_A_TIME);
    let place = (sequence - 1) % (EVENTS_OF_A_JOB * JOBS_AT_A_TIME);
    let (step, number) = (place / JOBS_AT_A_TIME, round * JOBS_AT_A_TIME + place % JOBS_AT_A_TIME);
    // Spread over the key space as derived ids are.
    let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let job = format!("{:08x}-{:04x}-5000-8000-{number:012x}", spread >> 32, spread & 0xffff);
    let (name, data) = match step {
        0 => (
            "requested",
            format!(
                r#"{{"jobId":"{job}","athleteId":"a{}","profileRevision":1,"profile":{profile},"request":{{"start":"2026-11-23","weeks":4,"seed":1}},"fingerprint":"{spread:064x}"}}"#,
                number % 10_000
            ),
        ),
        1 => ("started", r#"{"attempt":1,"worker":"planner-1"}"#.to_owned()),
        2 => ("progressed", r#"{"attempt":1,"phase":"composing","percent":30}"#.to_owned()),
        3 => ("progressed", r#"{"attempt":1,"phase":"validating","percent":80}"#.to_owned()),
        _ => ("completed", format!(r#"{{"attempt":1,"planId":"plan-{number}"}}"#)),
    };
    let id: AggregateId = job.parse().expect("an id");
    Recorded {
        event_id: format!("{job}:{step}"),
        aggregate: AggregateRef { kind: AggregateKind::Job, id },
        event_type: EventType::new("plan_job", name, 1),
        position: Position { stream: "PLANS".to_owned(), sequence },
        at: datetime!(2026-11-20 08:00 UTC) + time::Duration::microseconds(sequence.cast_signed()),
        correlation: job,
        causation: None,
        actor: "system:planner".to_owned(),
        trace: TraceContext {
            traceparent: Some(format!("00-{:032x}-{spread:016x}-00", u128::from(spread) + 1)),
            tracestate: None,
        },
        data,
    }
}
