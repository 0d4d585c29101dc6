//! What operators ask of webhooks beside the log: listings of the views, and what only the deployment knows.

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::webhook::{AppName, DeliveryStatus, EndpointUrl};
use ally_handlers::{DeliverySummary, EndpointRecord};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ports::ViewError;

/// The place of a delivery among those of its endpoint: by the moment at which it was queued, then by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPlace {
    /// When it was queued, as finely as the views keep it.
    #[serde(with = "time::serde::rfc3339")]
    pub queued_at: OffsetDateTime,
    /// Its id.
    pub delivery_id: DeliveryId,
}

/// Which deliveries of an endpoint are to be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Those that stand so.
    pub status: DeliveryStatus,
    /// Those that were queued at or after a moment.
    pub since: OffsetDateTime,
}

/// The views of webhooks.
#[async_trait]
pub trait WebhookViews: Send + Sync {
    /// The endpoints that are there, of one app or of all, in the order of their ids, at most `limit` of those behind one.
    async fn endpoints(
        &self,
        app: Option<&AppName>,
        behind: Option<&EndpointId>,
        limit: u16,
    ) -> Result<Vec<EndpointRecord>, ViewError>;

    /// The deliveries of an endpoint, of one status or of all, newest first, at most `limit` of those behind a place.
    async fn deliveries(
        &self,
        endpoint: &EndpointId,
        status: Option<DeliveryStatus>,
        behind: Option<&DeliveryPlace>,
        limit: u16,
    ) -> Result<Vec<DeliverySummary>, ViewError>;

    /// The deliveries of an endpoint that are to be sent again, oldest first, at most `limit` of those behind a place.
    async fn replayable(
        &self,
        endpoint: &EndpointId,
        replay: &Replay,
        behind: Option<&DeliveryPlace>,
        limit: u16,
    ) -> Result<Vec<DeliveryPlace>, ViewError>;
}

/// What a deployment knows of webhooks and no log holds.
pub trait WebhookSecurity: Send + Sync {
    /// Whether messages may be sent to an address, as far as the address alone tells; names are looked at again whenever one is sent.
    ///
    /// # Errors
    /// Why not, for the operator who named it.
    fn check(&self, url: &EndpointUrl) -> Result<(), String>;

    /// Whether the deployment has a key of webhooks: without one nothing can be signed.
    fn has_key(&self) -> bool;

    /// A secret of an endpoint by its number, as a receiver is given it: `whsec_…`. None where the deployment has no key of webhooks.
    fn secret(&self, endpoint: &EndpointId, number: u32) -> Option<String>;
}
