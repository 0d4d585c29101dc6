//! The endpoints as this node knows them: read from their log, and followed.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ally_domain::decider::Decider;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, EndpointId};
use ally_domain::ports::{EventLog, StoreError, StreamIdentity};
use ally_domain::webhook::{AppName, Endpoint, EndpointDecider, EndpointState, MessageType};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::observe;
use crate::interruption::Interruptions;

/// The stream, as positions name it.
const STREAM: &str = "WEBHOOKS";
/// Events taken at once.
const BATCH: usize = 256;
/// How long one read waits for the next event.
const WAIT: Duration = Duration::from_secs(1);
/// How long somebody waits for the endpoints of now.
const CATCH_UP: Duration = Duration::from_secs(5);

/// The endpoints. Clones share them.
#[derive(Clone)]
pub struct Directory {
    log: Arc<dyn EventLog>,
    endpoints: Arc<RwLock<HashMap<EndpointId, Arc<Endpoint>>>>,
    /// The last sequence that was read; `None` while nothing was.
    read: Arc<watch::Sender<Option<u64>>>,
}

struct Place {
    stream: StreamIdentity,
    sequence: u64,
    states: HashMap<EndpointId, EndpointState>,
}

impl Directory {
    /// A directory over a log. It is empty until [`Self::follow_log`] runs.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self { log, endpoints: Arc::default(), read: Arc::new(watch::Sender::new(None)) }
    }

    /// Follows the log until it is stopped.
    pub async fn follow_log(self, stop: CancellationToken) {
        let (mut place, mut interruptions) = (None, Interruptions::default());
        let following = async {
            loop {
                let Err(error) = self.follow(&mut place).await;
                interruptions.pause("endpoints", &error).await;
            }
        };
        stop.run_until_cancelled(following).await;
    }

    async fn follow(&self, place: &mut Option<Place>) -> Result<Infallible, StoreError> {
        let stream = self.log.identity(STREAM).await?;
        let place = match place {
            Some(known) if known.stream == stream => known,
            _ => place.insert(Place { stream, sequence: 0, states: HashMap::new() }),
        };
        let mut reader = self.log.open(STREAM, place.sequence).await?;
        if self.log.last_event(STREAM).await? <= place.sequence {
            self.publish(place);
        }
        loop {
            let batch = reader.next(BATCH, WAIT).await?;
            for skipped in &batch.skipped {
                tracing::error!(position = %skipped.position, reason = skipped.reason, "an event of an endpoint cannot be read");
                place.sequence = place.sequence.max(skipped.position.sequence);
            }
            for event in &batch.events {
                place.take(event);
            }
            if batch.pending == 0 {
                self.publish(place);
            }
        }
    }

    fn publish(&self, place: &Place) {
        if *self.read.borrow() == Some(place.sequence) {
            return;
        }
        let there = place.states.iter().filter_map(|(id, state)| Some((id.clone(), state.endpoint()?.clone().into())));
        let endpoints: HashMap<_, Arc<Endpoint>> = there.collect();
        observe::endpoints_are(endpoints.values().map(AsRef::as_ref));
        *self.endpoints.write().unwrap_or_else(PoisonError::into_inner) = endpoints;
        self.read.send_replace(Some(place.sequence));
    }

    /// Waits until the endpoints are known as they are now.
    ///
    /// # Errors
    /// When the log does not answer, or is not followed.
    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        let end = self.log.last_event(STREAM).await?;
        let mut read = self.read.subscribe();
        let caught_up = read.wait_for(|read| read.is_some_and(|read| read >= end));
        match tokio::time::timeout(CATCH_UP, caught_up).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(StoreError::Unavailable { reason: "the endpoints of webhooks are not known yet".to_owned() }),
        }
    }

    /// One endpoint, as far as it was read.
    pub(super) fn get(&self, id: &EndpointId) -> Option<Arc<Endpoint>> {
        self.endpoints.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Those that take messages of a type about what stands at a place in the log of jobs.
    pub(super) fn taking(&self, message_type: MessageType, sequence: u64) -> Vec<EndpointId> {
        self.ids(|endpoint| endpoint.takes(message_type) && endpoint.since < sequence)
    }

    /// Those of an app that take messages of a type.
    pub(super) fn of_app(&self, app: &AppName, message_type: MessageType) -> Vec<EndpointId> {
        self.ids(|endpoint| endpoint.app == *app && endpoint.takes(message_type))
    }

    fn ids(&self, wanted: impl Fn(&Endpoint) -> bool) -> Vec<EndpointId> {
        let endpoints = self.endpoints.read().unwrap_or_else(PoisonError::into_inner);
        let mut ids: Vec<_> =
            endpoints.iter().filter(|(_, endpoint)| wanted(endpoint)).map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// The place behind which the first endpoint that is sent anything gets what happens; `None` while there is none. Told anew
    /// whenever that may have changed.
    pub async fn first_place(&self, changed_from: Option<Option<u64>>) -> Option<u64> {
        let mut read = self.read.subscribe();
        loop {
            let first = {
                let endpoints = self.endpoints.read().unwrap_or_else(PoisonError::into_inner);
                endpoints.values().filter(|endpoint| endpoint.is_enabled()).map(|endpoint| endpoint.since).min()
            };
            let is_known = read.borrow_and_update().is_some();
            if is_known && changed_from.is_none_or(|before| before.is_some() != first.is_some()) {
                return first;
            }
            // The sender lives as long as this does.
            let _ = read.changed().await;
        }
    }
}

impl Place {
    fn take(&mut self, event: &Recorded) {
        self.sequence = self.sequence.max(event.position.sequence);
        if event.aggregate.kind != AggregateKind::Webhook {
            return;
        }
        match event.decode() {
            Ok(known) => {
                let state = self.states.entry(EndpointId::from(&event.aggregate.id)).or_default();
                *state = EndpointDecider::evolve(std::mem::take(state), &known);
            }
            Err(error) => {
                tracing::error!(position = %event.position, %error, "an event of an endpoint is not known here; update this process");
            }
        }
    }
}
