//! `webhook_endpoint` as a pure fold of its events. What they add up to is the decider's own answer, so that the row is what commands are
//! decided on.

use std::collections::{BTreeMap, BTreeSet};

use ally_domain::decider::Decider;
use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_domain::ids::EndpointId;
use ally_domain::webhook::{Endpoint, EndpointDecider, EndpointEvent, EndpointState};
use time::OffsetDateTime;

use crate::fact::{EndpointFact, Fact};
use crate::projection::{at, micros};

/// An endpoint. Times are cut to microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointView {
    /// Which endpoint.
    pub id: EndpointId,
    /// What its events add up to; of one that was removed, what it was last.
    pub endpoint: Endpoint,
    /// When it was registered.
    pub registered_at: OffsetDateTime,
    /// When it was removed; none while it is there.
    pub removed_at: Option<OffsetDateTime>,
    /// The sequence in `WEBHOOKS` of the last event that changed it.
    pub last_sequence: u64,
}

/// What the log comes to, in the order of the ids, with the endpoints that were removed. Events of other aggregates, and of versions that
/// this one does not know, are passed over.
///
/// # Errors
/// When the data of an event cannot be read.
pub fn fold<'a>(
    events: impl IntoIterator<Item = &'a Recorded>,
) -> Result<BTreeMap<EndpointId, EndpointView>, EncodingError> {
    let mut fold = Fold::default();
    for event in events {
        match Fact::read(event) {
            Ok(Fact::Endpoint(fact)) => fold.take(&fact, at(event), event.position.sequence),
            Ok(_) | Err(EncodingError::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(fold.rows)
}

/// What some events of the stream come to. Begun with the rows that were there before, it says what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Fold {
    rows: BTreeMap<EndpointId, EndpointView>,
    changed: BTreeSet<EndpointId>,
}

impl Fold {
    /// Begins with the rows that are there.
    pub(super) fn from_rows(rows: impl IntoIterator<Item = EndpointView>) -> Self {
        let rows = rows.into_iter().map(|row| (row.id.clone(), row));
        Self { rows: rows.collect(), ..Self::default() }
    }

    /// Takes the next event. One that a row contains, and one of an endpoint that is not there, change nothing.
    pub(super) fn take(&mut self, fact: &EndpointFact, at: OffsetDateTime, sequence: u64) {
        let known = self.rows.get(&fact.endpoint).cloned();
        if known.as_ref().is_some_and(|row| row.last_sequence >= sequence) {
            return;
        }
        let next = match (known, &fact.event) {
            (_, EndpointEvent::EndpointRegistered(_)) => begun(fact, at, sequence),
            (Some(row), event) => Some(row.after(event, at, sequence)),
            (None, _) => None,
        };
        let Some(next) = next else { return };
        self.changed.insert(fact.endpoint.clone());
        self.rows.insert(fact.endpoint.clone(), next);
    }

    /// The rows that the events have changed, in the order of their ids.
    pub(super) fn changed(&self) -> Vec<&EndpointView> {
        self.changed.iter().filter_map(|id| self.rows.get(id)).collect()
    }
}

impl EndpointView {
    fn after(self, event: &EndpointEvent, at: OffsetDateTime, sequence: u64) -> Self {
        let removed = matches!(event, EndpointEvent::EndpointRemoved(_)).then_some(at);
        let endpoint = evolved(EndpointState::There(Box::new(self.endpoint.clone())), event);
        Self {
            // A removed one has no state; its row keeps what it was.
            endpoint: endpoint.unwrap_or(self.endpoint),
            removed_at: self.removed_at.or(removed),
            last_sequence: sequence,
            ..self
        }
    }
}

fn begun(fact: &EndpointFact, at: OffsetDateTime, sequence: u64) -> Option<EndpointView> {
    let endpoint = evolved(EndpointState::Unknown, &fact.event)?;
    let id = fact.endpoint.clone();
    Some(EndpointView { id, endpoint, registered_at: at, removed_at: None, last_sequence: sequence })
}

fn evolved(state: EndpointState, event: &EndpointEvent) -> Option<Endpoint> {
    let EndpointState::There(endpoint) = EndpointDecider::evolve(state, event) else { return None };
    let (previous_until, failing_since) = (endpoint.previous_until.map(micros), endpoint.failing_since.map(micros));
    Some(Endpoint { previous_until, failing_since, ..*endpoint })
}
