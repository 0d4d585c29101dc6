//! `webhook_delivery` and `webhook_attempt` as a pure fold of the log.
//!
//! What an event says of a delivery does not depend on what was said before. So the fold may begin with rows of any moment: where an event
//! is folded again, the row is the same.

use std::collections::{BTreeMap, BTreeSet};

use ally_domain::decider::Decider;
use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_domain::ids::DeliveryId;
use ally_domain::webhook::{Delivery, DeliveryDecider, DeliveryEvent, DeliveryState};
use time::{Duration, OffsetDateTime};

use crate::fact::{DeliveryFact, Fact};
use crate::projection::{at, micros};

/// How long a delivery is a row from when it was queued: the age at which the stream forgets that it was.
pub const KEPT_FOR: Duration = Duration::days(30);

/// A delivery. Times are cut to microseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryView {
    /// Which delivery.
    pub id: DeliveryId,
    /// What its events add up to.
    pub delivery: Delivery,
    /// The HTTP status of the last attempt that was answered or failed; none where that one had no answer.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, or why nobody tries any more; none where the endpoint took it.
    pub last_reason: Option<String>,
    /// When the next attempt is due; none where none is planned.
    pub retry_at: Option<OffsetDateTime>,
    /// When it was queued.
    pub queued_at: OffsetDateTime,
    /// The sequence of that event in `DELIVERIES`.
    pub queued_sequence: u64,
    /// When it was delivered or given up; none while it waits.
    pub ended_at: Option<OffsetDateTime>,
    /// The sequence of the last event that changed it.
    pub last_sequence: u64,
}

/// An attempt that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptView {
    /// In which round, from 1.
    pub round: u32,
    /// Which attempt of the round, from 1.
    pub attempt: u32,
    /// When it ended.
    pub at: OffsetDateTime,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why it failed; none where the endpoint took the message.
    pub reason: Option<String>,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// The sequence of its event in `DELIVERIES`.
    pub sequence: u64,
}

/// A delivery and its attempts, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryWithAttempts {
    /// The delivery.
    pub delivery: DeliveryView,
    /// Its attempts.
    pub attempts: Vec<AttemptView>,
}

/// What the log comes to, in the order of the ids. Events of other aggregates, and of versions that this one does not know, are passed
/// over.
///
/// # Errors
/// When the data of an event cannot be read.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Result<Vec<DeliveryWithAttempts>, EncodingError> {
    let mut fold = Fold::default();
    let mut latest: Option<OffsetDateTime> = None;
    for event in events {
        match Fact::read(event) {
            Ok(Fact::Delivery(fact)) => fold.take(&fact, at(event), event.position.sequence),
            Ok(_) | Err(EncodingError::Unknown { .. }) => continue,
            Err(error) => return Err(error),
        }
        latest = latest.max(Some(at(event)));
    }
    let kept = fold.changed().into_iter().filter(|row| latest.is_none_or(|now| row.queued_at >= now - KEPT_FOR));
    let with_attempts = kept.map(|row| DeliveryWithAttempts {
        delivery: row.clone(),
        attempts: fold.attempts.range(of(&row.id)).map(|(_, attempt)| attempt.clone()).collect(),
    });
    Ok(with_attempts.collect())
}

/// An attempt by its key.
type AttemptKey = (DeliveryId, u32, u32);

/// What some events of the stream come to. Begun with the rows that were there before, it says what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Fold {
    rows: BTreeMap<DeliveryId, DeliveryView>,
    changed: BTreeSet<DeliveryId>,
    attempts: BTreeMap<AttemptKey, AttemptView>,
    begun_anew: BTreeSet<DeliveryId>,
}

impl Fold {
    /// Begins with the rows that are there.
    pub(super) fn from_rows(rows: impl IntoIterator<Item = DeliveryView>) -> Self {
        let rows = rows.into_iter().map(|row| (row.id.clone(), row));
        Self { rows: rows.collect(), ..Self::default() }
    }

    /// Takes the next event. One that a row contains, and one of a delivery that is no row any more, change nothing.
    pub(super) fn take(&mut self, fact: &DeliveryFact, at: OffsetDateTime, sequence: u64) {
        let id = &fact.delivery;
        let known = self.rows.get(id).cloned();
        if known.as_ref().is_some_and(|row| row.last_sequence >= sequence) {
            return;
        }
        let is_known = known.is_some();
        let next = match (known, &fact.event) {
            (_, DeliveryEvent::Queued(_)) => begun(fact, at, sequence),
            (Some(row), event) => Some(row.after(event, at, sequence)),
            (None, _) => None,
        };
        let Some(next) = next else { return };
        if is_known && next.queued_sequence == sequence {
            // The stream has forgotten the delivery and the message was queued again: its attempts are of another delivery.
            self.attempts.retain(|(delivery, ..), _| delivery != id);
            self.begun_anew.insert(id.clone());
        }
        if let Some(attempt) = attempt_of(&fact.event, at, sequence) {
            self.attempts.insert((id.clone(), attempt.round, attempt.attempt), attempt);
        }
        self.changed.insert(id.clone());
        self.rows.insert(id.clone(), next);
    }

    /// The rows that the events have changed, in the order of their ids.
    pub(super) fn changed(&self) -> Vec<&DeliveryView> {
        self.changed.iter().filter_map(|id| self.rows.get(id)).collect()
    }

    /// The attempts that the events tell of, in the order of their keys.
    pub(super) fn attempts(&self) -> Vec<(&DeliveryId, &AttemptView)> {
        self.attempts.iter().map(|((id, ..), attempt)| (id, attempt)).collect()
    }

    /// The deliveries whose earlier attempts are no rows any more.
    pub(super) fn begun_anew(&self) -> Vec<&str> {
        self.begun_anew.iter().map(DeliveryId::as_str).collect()
    }
}

/// The keys of a delivery's attempts.
fn of(id: &DeliveryId) -> std::ops::RangeInclusive<AttemptKey> {
    (id.clone(), 0, 0)..=(id.clone(), u32::MAX, u32::MAX)
}

impl DeliveryView {
    fn after(self, event: &DeliveryEvent, at: OffsetDateTime, sequence: u64) -> Self {
        let state = DeliveryState(Some(Box::new(self.delivery.clone())));
        let delivery = DeliveryDecider::evolve(state, event).0.map_or(self.delivery, |delivery| *delivery);
        let row = Self { delivery, last_sequence: sequence, ..self };
        match event {
            DeliveryEvent::Queued(_) => row,
            DeliveryEvent::Replayed(_) => Self { retry_at: None, ended_at: None, ..row },
            DeliveryEvent::Delivered(delivered) => Self {
                last_status: Some(delivered.status),
                last_reason: None,
                retry_at: None,
                ended_at: Some(at),
                ..row
            },
            DeliveryEvent::AttemptFailed(failed) => Self {
                last_status: failed.status,
                last_reason: Some(failed.reason.clone()),
                retry_at: failed.retry_at.map(micros),
                ended_at: None,
                ..row
            },
            DeliveryEvent::GivenUp(given_up) => {
                Self { last_reason: Some(given_up.reason.clone()), retry_at: None, ended_at: Some(at), ..row }
            }
        }
    }
}

fn begun(fact: &DeliveryFact, at: OffsetDateTime, sequence: u64) -> Option<DeliveryView> {
    let delivery = DeliveryDecider::evolve(DeliveryState::default(), &fact.event).0?;
    Some(DeliveryView {
        id: fact.delivery.clone(),
        delivery: *delivery,
        last_status: None,
        last_reason: None,
        retry_at: None,
        queued_at: at,
        queued_sequence: sequence,
        ended_at: None,
        last_sequence: sequence,
    })
}

fn attempt_of(event: &DeliveryEvent, at: OffsetDateTime, sequence: u64) -> Option<AttemptView> {
    match event {
        DeliveryEvent::Delivered(delivered) => Some(AttemptView {
            round: delivered.round,
            attempt: delivered.attempt,
            at,
            status: Some(delivered.status),
            reason: None,
            millis: delivered.millis,
            sequence,
        }),
        DeliveryEvent::AttemptFailed(failed) => Some(AttemptView {
            round: failed.round,
            attempt: failed.attempt,
            at,
            status: failed.status,
            reason: Some(failed.reason.clone()),
            millis: failed.millis,
            sequence,
        }),
        DeliveryEvent::Queued(_) | DeliveryEvent::Replayed(_) | DeliveryEvent::GivenUp(_) => None,
    }
}
