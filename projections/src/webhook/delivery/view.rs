//! `webhook_delivery` as a pure fold of the log.
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

/// What the log comes to, in the order of the ids. Events of other aggregates, and of versions that this one does not know, are passed
/// over.
///
/// # Errors
/// When the data of an event cannot be read.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Result<Vec<DeliveryView>, EncodingError> {
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
    Ok(kept.cloned().collect())
}

/// What some events of the stream come to. Begun with the rows that were there before, it says what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Fold {
    rows: BTreeMap<DeliveryId, DeliveryView>,
    changed: BTreeSet<DeliveryId>,
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
        let next = match (known, &fact.event) {
            // Where there is a row, the stream has forgotten it and the message was queued again: it is another delivery.
            (_, DeliveryEvent::Queued(_)) => begun(fact, at, sequence),
            (Some(row), event) => Some(row.after(event, at, sequence)),
            (None, _) => None,
        };
        let Some(next) = next else { return };
        self.changed.insert(id.clone());
        self.rows.insert(id.clone(), next);
    }

    /// The rows that the events have changed, in the order of their ids.
    pub(super) fn changed(&self) -> Vec<&DeliveryView> {
        self.changed.iter().filter_map(|id| self.rows.get(id)).collect()
    }
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
