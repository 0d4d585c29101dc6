//! Each place that a job can be in, and what is said of it.

use ally_domain::envelope::{Position, TraceContext};
use ally_domain::event_data::EventData;
use ally_domain::job::{AttemptFailed, DeadLettered, Started};
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2027-03-01 08:00:00 UTC);

fn recorded(event: &JobEvent, seconds_ago: i64) -> Recorded {
    let encoded = event.encode().unwrap();
    Recorded {
        event_id: "c:1".into(),
        aggregate: AggregateRef { kind: AggregateKind::Job, id: (&job()).into() },
        event_type: encoded.event_type,
        position: Position { stream: "PLANS".into(), sequence: 1 },
        at: NOW - Duration::from_secs(seconds_ago.unsigned_abs()),
        correlation: "r".into(),
        causation: None,
        actor: "system:planner".into(),
        trace: TraceContext::default(),
        data: encoded.data.get().to_owned(),
    }
}

fn job() -> JobId {
    "job-1".parse().unwrap()
}

fn figures() -> ConsumerFigures {
    ConsumerFigures {
        pending: 3,
        ack_pending: 2,
        redelivered: 0,
        waiting_pulls: 1,
        paused: false,
        pause_left: Duration::ZERO,
        paused_by: None,
        oldest_age: Duration::from_secs(7),
    }
}

fn known(status: JobStatus, history: Vec<Recorded>, figures: ConsumerFigures) -> Known {
    let (view, queue) = (Err("no PostgreSQL".to_owned()), durable::PLANNER);
    Known { id: job(), now: NOW, status: Some(status), history, view, queue, figures: Some(figures), letter: None }
}

#[test]
fn a_scheduled_job_says_when_it_begins_and_then_what_it_waits_for() {
    let requested = |not_before: OffsetDateTime| {
        let data = include_str!("../../../../domain/tests/golden/plan_job.requested.v1.json");
        let mut data: serde_json::Value = serde_json::from_str(data).unwrap();
        data["notBefore"] = not_before.format(&time::format_description::well_known::Rfc3339).unwrap().into();
        let event = JobEvent::Requested(serde_json::from_value(data).unwrap());
        why(&known(JobStatus::Scheduled, vec![recorded(&event, 600)], figures()))
    };
    let ahead = requested(NOW + Duration::from_secs(7_200));
    assert!(
        ahead.contains("is scheduled and begins in 2 h, at 2027-03-01 10:00:00Z; an operator begins it now"),
        "{ahead}"
    );
    let due = requested(NOW - Duration::from_secs(90));
    assert!(due.contains("waits for 90 s for a worker: 3 messages wait in its queue"), "{due}");
}

#[test]
fn a_job_that_waits_says_what_for() {
    let said = |figures| why(&known(JobStatus::Queued, Vec::new(), figures));
    assert!(
        said(figures())
            .contains("3 messages wait in its queue planner and 2 are being worked on, the oldest since 7 s")
    );
    let paused = ConsumerFigures { paused: true, pause_left: Duration::from_secs(600), ..figures() };
    assert!(
        said(paused.clone()).contains("paused for another 10 min; `ally consumers resume planner`"),
        "{}",
        said(paused)
    );
    let nobody = ConsumerFigures { waiting_pulls: 0, ack_pending: 0, ..figures() };
    assert!(said(nobody.clone()).contains("nobody works on its queue planner"), "{}", said(nobody));
    let empty = ConsumerFigures { pending: 0, ack_pending: 0, ..figures() };
    assert!(said(empty.clone()).contains("ally jobs requeue job-1"), "{}", said(empty));
    assert!(said(figures()).ends_with("What its athlete sees is not known: no PostgreSQL."));
}

#[test]
fn a_job_with_a_worker_and_one_between_two_attempts() {
    let started = JobEvent::Started(Started { attempt: 2, worker: "planner-7".into() });
    let said = why(&known(JobStatus::Running, vec![recorded(&started, 200)], figures()));
    assert!(said.starts_with("attempt 2 of job job-1 has been with worker planner-7 for 3 min"), "{said}");
    let retry_at = NOW + Duration::from_secs(40);
    let failed = |retry_at| {
        let reason = "the model answered 503.".into();
        JobEvent::AttemptFailed(AttemptFailed { attempt: 1, reason, retry_at, attempts_left: Some(3) })
    };
    let said = why(&known(JobStatus::Retrying, vec![recorded(&failed(retry_at), 2)], figures()));
    assert!(
        said.contains("the next one is due in 40 s; 3 are left") && said.contains("by: the model answered 503. "),
        "{said}"
    );
    let late = why(&known(JobStatus::Retrying, vec![recorded(&failed(NOW - Duration::from_secs(9)), 20)], figures()));
    assert!(late.contains("has been due for 9 s: 3 messages wait"), "{late}");
}

#[test]
fn a_job_that_was_given_up_says_what_to_do() {
    let given_up = DeadLettered { attempts: 5, reason: "no answer".into(), fingerprint: "f".into() };
    let history = vec![recorded(&JobEvent::DeadLettered(given_up), 60)];
    let known = Known { letter: Some("planner.PLANS-42".into()), ..known(JobStatus::DeadLettered, history, figures()) };
    let said = why(&known);
    assert!(
        said.contains("after 5 attempts: no answer; once that is mended: ally dlq redrive planner.PLANS-42"),
        "{said}"
    );
}
