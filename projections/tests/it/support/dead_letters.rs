//! Dead letters as the stream tells them.

use ally_domain::dead_letter::{DeadLetterEvent, Ended, Ending, Letter, Parked};
use ally_domain::envelope::{Position, Recorded, TraceContext};
use ally_domain::event_data::EventData;
use ally_domain::ids::{AggregateKind, AggregateRef};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// When the tests' letters are parked: the stream keeps them for a century, so that none ages while a test runs.
pub const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);
const CENTURY: Duration = Duration::days(36_500);

/// A letter of the n-th job.
pub fn letter(n: u64, fingerprint: &str) -> Letter {
    Letter {
        id: format!("planner.PLANS-{n}"),
        consumer: "planner".to_owned(),
        origin: format!("PLANS:{n}"),
        subject: format!("ally.es.job.j{n}.requested"),
        about: Some(format!("job j{n}")),
        event_type: "plan_job.requested.v1".to_owned(),
        event_id: format!("c{n}:0"),
        correlation: None,
        reason: format!("provider answered 503 to {n}"),
        fingerprint: fingerprint.to_owned(),
        deliveries: 5,
        parked_at: NOW + Duration::minutes(i64::try_from(n).unwrap()),
    }
}

/// It is parked.
pub fn parked(letter: &Letter) -> Recorded {
    recorded(Parked { letter: letter.clone(), replaces: None, keep_until: letter.parked_at + CENTURY }, letter)
}

/// It is parked where an earlier entry of it stood, and kept for so long.
pub fn keep_for(letter: &Letter, replaces: Option<u64>, age: Duration) -> Recorded {
    recorded(Parked { letter: letter.clone(), replaces, keep_until: letter.parked_at + age }, letter)
}

/// Kim discards the letter whose entry stands there.
pub fn discarded(letter: &Letter, entry: u64) -> Recorded {
    ended(letter, entry, Ending::Discarded)
}

/// Somebody discards it, for a reason.
pub fn discarded_as(letter: &Letter, entry: u64, actor: &str, note: &str) -> Recorded {
    ended_as(letter, entry, Ending::Discarded, actor, note)
}

/// Kim puts its message back before its consumer.
pub fn requeued(letter: &Letter, entry: u64) -> Recorded {
    ended(letter, entry, Ending::Requeued)
}

fn ended(letter: &Letter, entry: u64, action: Ending) -> Recorded {
    ended_as(letter, entry, action, "operator:kim", "fixed")
}

fn ended_as(letter: &Letter, entry: u64, action: Ending, actor: &str, note: &str) -> Recorded {
    let at = letter.parked_at + Duration::hours(1);
    let ended = Ended {
        action,
        entry,
        actor: actor.to_owned(),
        note: note.to_owned(),
        at,
        letter: letter.clone(),
        keep_until: Some(at + CENTURY),
    };
    recorded(ended, letter)
}

fn recorded(fact: impl Into<DeadLetterEvent>, letter: &Letter) -> Recorded {
    let encoded = fact.into().encode().unwrap();
    let id = letter.about.as_deref().unwrap().trim_start_matches("job ").parse().unwrap();
    Recorded {
        event_id: letter.id.clone(),
        aggregate: AggregateRef { kind: AggregateKind::Job, id },
        event_type: encoded.event_type,
        position: Position { stream: "DLQ".to_owned(), sequence: 0 },
        at: letter.parked_at,
        correlation: "a request".to_owned(),
        causation: None,
        actor: "system:planner".to_owned(),
        trace: TraceContext::default(),
        data: encoded.data.get().to_owned(),
    }
}
