//! Webhooks in memory: the views as the log has them, the rules of a deployment, and the sender's side of the log.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use ally_api::{DeliveryPlace, Replay, ViewError, WebhookSecurity, WebhookViews};
use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateId, DeliveryId, EndpointId};
use ally_domain::testing::MemoryEventStore;
use ally_domain::webhook::{AppName, DeliveryCommand, DeliveryDecider, DeliveryStatus, EndpointUrl};
use ally_handlers::{DeliverySummary, EndpointRecord, Submissions};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::Ally;

pub struct MemoryWebhooks {
    store: MemoryEventStore,
    submissions: Submissions,
    is_away: AtomicBool,
    is_without_key: AtomicBool,
}

impl MemoryWebhooks {
    pub fn new(store: MemoryEventStore, submissions: Submissions) -> Self {
        Self { store, submissions, is_away: AtomicBool::default(), is_without_key: AtomicBool::default() }
    }

    /// Makes the views unreachable.
    pub fn fail(&self) {
        self.is_away.store(true, Ordering::Relaxed);
    }

    /// Takes the deployment's key away.
    pub fn lose_key(&self) {
        self.is_without_key.store(true, Ordering::Relaxed);
    }

    /// The ids that a stream has events of, in order.
    fn ids<I: Ord + for<'a> From<&'a AggregateId>>(&self, stream: &str) -> Result<BTreeSet<I>, ViewError> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(ViewError::Unavailable { reason: "down".to_owned() });
        }
        let events: Vec<Recorded> = self.store.events(stream);
        Ok(events.iter().map(|event| I::from(&event.aggregate.id)).collect())
    }

    async fn deliveries_of(&self, endpoint: &EndpointId) -> Result<Vec<DeliverySummary>, ViewError> {
        let mut found = Vec::new();
        for id in self.ids::<DeliveryId>("DELIVERIES")? {
            found.extend(self.submissions.delivery(endpoint, &id).await.unwrap().map(|record| record.summary));
        }
        found.sort_by_key(place_of);
        Ok(found)
    }
}

fn place_of(delivery: &DeliverySummary) -> DeliveryPlace {
    DeliveryPlace { queued_at: delivery.queued_at, delivery_id: delivery.delivery_id.clone() }
}

#[async_trait]
impl WebhookViews for MemoryWebhooks {
    async fn endpoints(
        &self,
        app: Option<&AppName>,
        behind: Option<&EndpointId>,
        limit: u16,
    ) -> Result<Vec<EndpointRecord>, ViewError> {
        let mut found = Vec::new();
        for id in self.ids::<EndpointId>("WEBHOOKS")? {
            found.extend(self.submissions.endpoint(&id).await.unwrap());
        }
        found.retain(|record| {
            app.is_none_or(|app| record.endpoint.app == *app)
                && behind.is_none_or(|behind| record.endpoint_id > *behind)
        });
        found.truncate(limit.into());
        Ok(found)
    }

    async fn deliveries(
        &self,
        endpoint: &EndpointId,
        status: Option<DeliveryStatus>,
        behind: Option<&DeliveryPlace>,
        limit: u16,
    ) -> Result<Vec<DeliverySummary>, ViewError> {
        let mut found = self.deliveries_of(endpoint).await?;
        found.reverse();
        found.retain(|delivery| {
            status.is_none_or(|status| delivery.status == status)
                && behind.is_none_or(|behind| place_of(delivery) < *behind)
        });
        found.truncate(limit.into());
        Ok(found)
    }

    async fn replayable(
        &self,
        endpoint: &EndpointId,
        replay: &Replay,
        behind: Option<&DeliveryPlace>,
        limit: u16,
    ) -> Result<Vec<DeliveryPlace>, ViewError> {
        let found = self.deliveries_of(endpoint).await?;
        let wanted = found.iter().filter(|it| it.status == replay.status && it.queued_at >= replay.since);
        let places = wanted.map(place_of).filter(|place| behind.is_none_or(|behind| place > behind));
        Ok(places.take(limit.into()).collect())
    }
}

impl WebhookSecurity for MemoryWebhooks {
    fn check(&self, url: &EndpointUrl) -> Result<(), String> {
        if !url.is_https() {
            return Err("is not encrypted".to_owned());
        }
        if url.as_str().contains("//127.") { Err("leads to this machine".to_owned()) } else { Ok(()) }
    }

    fn has_key(&self) -> bool {
        !self.is_without_key.load(Ordering::Relaxed)
    }

    fn secret(&self, endpoint: &EndpointId, number: u32) -> Option<String> {
        let secret = || format!("whsec_{}", BASE64_STANDARD.encode(format!("{endpoint} {number}")));
        self.has_key().then(secret)
    }
}

impl Ally {
    /// Executes a command of the sender on a delivery.
    pub async fn deliver(&self, delivery: &DeliveryId, command: DeliveryCommand) {
        self.executor().execute::<DeliveryDecider>(&delivery.into(), &command, &self.context()).await.unwrap();
    }
}
