//! What the gateway asks of webhooks beside the log: the views, and what only the deployment knows.

use ally_api::{DeliveryPlace, Replay, ViewError, WebhookSecurity, WebhookViews};
use ally_domain::envelope::Position;
use ally_domain::ids::EndpointId;
use ally_domain::webhook::{AppName, DeliveryStatus, EndpointUrl};
use ally_handlers::webhooks::{AddressRule, SigningKey};
use ally_handlers::{DeliverySummary, EndpointRecord};
use ally_nats::names::StreamName;
use ally_projections::Database;
use ally_projections::webhook::{self, DeliveryView, EndpointView, Place};
use async_trait::async_trait;

use super::views::view_error;

/// The views in Postgres.
pub struct PostgresWebhooks(pub Database);

#[async_trait]
impl WebhookViews for PostgresWebhooks {
    async fn endpoints(
        &self,
        app: Option<&AppName>,
        behind: Option<&EndpointId>,
        limit: u16,
    ) -> Result<Vec<EndpointRecord>, ViewError> {
        let rows = webhook::endpoints(&self.0, app, behind, limit.into()).await.map_err(view_error)?;
        Ok(rows.into_iter().map(record_of).collect())
    }

    async fn deliveries(
        &self,
        endpoint: &EndpointId,
        status: Option<DeliveryStatus>,
        behind: Option<&DeliveryPlace>,
        limit: u16,
    ) -> Result<Vec<DeliverySummary>, ViewError> {
        let rows = webhook::deliveries(&self.0, endpoint, status, behind.map(place_of), limit.into()).await;
        Ok(rows.map_err(view_error)?.into_iter().map(summary_of).collect())
    }

    async fn replayable(
        &self,
        endpoint: &EndpointId,
        replay: &Replay,
        behind: Option<&DeliveryPlace>,
        limit: u16,
    ) -> Result<Vec<DeliveryPlace>, ViewError> {
        let behind = behind.map(place_of);
        let places = webhook::delivery_places(&self.0, endpoint, replay.status, replay.since, behind, limit.into());
        let place = |(queued_at, delivery_id)| DeliveryPlace { queued_at, delivery_id };
        Ok(places.await.map_err(view_error)?.into_iter().map(place).collect())
    }
}

fn place_of(place: &DeliveryPlace) -> Place<'_> {
    (place.queued_at, &place.delivery_id)
}

/// An endpoint as commands know it.
pub fn record_of(view: EndpointView) -> EndpointRecord {
    EndpointRecord {
        endpoint_id: view.id,
        endpoint: view.endpoint,
        registered_at: view.registered_at,
        position: position(StreamName::Webhooks, view.last_sequence),
    }
}

/// A delivery as lists show it.
pub fn summary_of(view: DeliveryView) -> DeliverySummary {
    let delivery = view.delivery;
    DeliverySummary {
        delivery_id: view.id,
        endpoint_id: delivery.endpoint_id,
        message_id: delivery.message.id,
        message_type: delivery.message.message_type,
        status: delivery.status,
        round: delivery.round,
        attempts: delivery.attempts,
        queued_at: view.queued_at,
        ended_at: view.ended_at,
        retry_at: view.retry_at,
        last_status: view.last_status,
        last_reason: view.last_reason,
        position: position(StreamName::Deliveries, view.last_sequence),
    }
}

fn position(stream: StreamName, sequence: u64) -> Position {
    Position { stream: stream.as_str().to_owned(), sequence }
}

/// What a deployment knows of webhooks and no log holds.
pub struct Security {
    pub key: Option<SigningKey>,
    pub addresses: AddressRule,
}

impl WebhookSecurity for Security {
    fn check(&self, url: &EndpointUrl) -> Result<(), String> {
        self.addresses.check(url).map_err(|forbidden| forbidden.to_string())
    }

    fn has_key(&self) -> bool {
        self.key.is_some()
    }

    fn secret(&self, endpoint: &EndpointId, number: u32) -> Option<String> {
        self.key.as_ref().map(|key| key.secret(endpoint, number).expose().to_owned())
    }
}
