//! What went to an endpoint: listed, read whole, and a test to see whether anything does.

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_handlers::{DeliverySummary, QueuedDelivery};
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::super::super::refused::{Refusals, Refused};
use super::super::super::submit::replay_mark;
use super::super::super::{Chapter, Desk, operator_origin};
use super::super::operator;
use super::endpoint_id;
use crate::auth::Authenticated;
use crate::cursor::CursorOf;
use crate::operations::DeliveryPlace;
use crate::params::{
    AtPosition, Cursor, DeliveryStatusText, Faults, Given, IdempotencyKey, Page as PageParams, PageLimit,
};
use crate::problem::Problem;
use crate::wire::{Answer, DeliveriesBody, DeliveryBody, Page, QueuedBody, delivery_path};

pub(crate) struct OperatorWebhookDeliveries(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Queued {
    /// It is safe in the log and on its way.
    #[oai(status = 202)]
    Delivery(
        Answer<QueuedBody>,
        /// Where the delivery is read.
        #[oai(header = "Location")]
        String,
        /// `true` where the same request had been made before, and nothing was stored now.
        #[oai(header = "Idempotent-Replayed")]
        Option<bool>,
    ),
}

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// A page of deliveries.
    #[oai(status = 200)]
    Page(Page<DeliveriesBody>),
}

#[derive(ApiResponse)]
#[allow(clippy::large_enum_variant, reason = "an answer is made once and rendered at once")]
pub(crate) enum Shown {
    /// The delivery.
    #[oai(status = 200)]
    Delivery(Answer<DeliveryBody>),
}

pub(crate) struct Pinging;
pub(crate) struct Listing;
pub(crate) struct Showing;

impl Refusals for Pinging {
    const STATUSES: &'static [u16] = &[400, 404, 409];
}

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400, 404];
}

impl Refusals for Showing {
    const STATUSES: &'static [u16] = &[404];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl OperatorWebhookDeliveries {
    /// Send an endpoint a test
    ///
    /// A message of the type `webhook.ping`, whichever types the endpoint chose; its delivery says what the endpoint answered. With an
    /// `Idempotency-Key` the request names its test for ever. An endpoint that is disabled gets none.
    #[oai(path = "/operator/webhooks/:id/ping", method = "post", operation_id = "pingWebhook")]
    async fn ping(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each test.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
    ) -> Result<Queued, Refused<Pinging>> {
        let (from, id) = (operator_origin(&operator(&caller)?), endpoint_id(&id)?);
        let (submissions, endpoint) = (self.0.submissions.clone(), id.clone());
        let ping = async move { submissions.ping_endpoint(&endpoint, key.as_deref(), &from).await };
        Ok(queued(&id, self.0.gate.run(ping).await?))
    }

    /// List what went to an endpoint
    ///
    /// Its deliveries of the last 30 days, the newest first, a page at a time.
    #[oai(path = "/operator/webhooks/:id/deliveries", method = "get", operation_id = "webhookDeliveries")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn list(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
        /// Those that stand so.
        Query(status): Query<Option<Given<DeliveryStatusText>>>,
        /// The most deliveries of the page.
        Query(limit): Query<Option<Given<PageLimit>>>,
        /// The `next` of an earlier page.
        Query(cursor): Query<Option<Given<Cursor>>>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`; one that the views have not come to in time is a 503 with `Retry-After`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Listed, Refused<Listing>> {
        operator(&caller)?;
        let mut faults = Faults::default();
        let status = faults.read("status", status);
        // A cursor of one endpoint's deliveries is none of another's.
        let page =
            PageParams::read(&mut faults, (limit, cursor), &self.0.cursors, (CursorOf::WebhookDeliveries, id.as_str()));
        let position = faults.read("position", position);
        faults.check()?;
        let endpoint = endpoint_id(&id)?;
        self.0.submissions.endpoint(&endpoint).await?.ok_or_else(Problem::no_endpoint)?;
        self.0.lookup.must_be_viewed(position.as_ref()).await?;
        let (behind, asked) = (page.behind.as_ref(), page.asked());
        let mut found = self.0.webhook_views.deliveries(&endpoint, status, behind, asked).await?;
        let next = page.cut(&mut found, place_of)?;
        Ok(Listed::Page(Page(DeliveriesBody { deliveries: found.into_iter().map(Into::into).collect(), next })))
    }

    /// Read a delivery to an endpoint
    ///
    /// One delivery as it is now, with its message and what became of each attempt.
    #[oai(path = "/operator/webhooks/:id/deliveries/:deliveryId", method = "get", operation_id = "webhookDelivery")]
    async fn show(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
        /// Which delivery to it.
        #[oai(name = "deliveryId")]
        Path(delivery): Path<String>,
    ) -> Result<Shown, Refused<Showing>> {
        operator(&caller)?;
        let (endpoint, delivery) = (endpoint_id(&id)?, delivery_id(&delivery)?);
        let record = self.0.submissions.delivery(&endpoint, &delivery).await?;
        let record = record.ok_or_else(Problem::no_delivery)?;
        Ok(Shown::Delivery(Answer(DeliveryBody::of(record).map_err(Problem::internal)?)))
    }
}

/// The 202 of a delivery.
pub(super) fn queued(endpoint: &EndpointId, queued: QueuedDelivery) -> Queued {
    let (location, replayed) = (delivery_path(endpoint, &queued.delivery_id), replay_mark(queued.new));
    Queued::Delivery(Answer(QueuedBody::of(endpoint, queued)), location, replayed)
}

/// A text that cannot be an id names no delivery, like any unknown one.
pub(super) fn delivery_id(text: &str) -> Result<DeliveryId, Problem> {
    text.parse().map_err(|_| Problem::no_delivery())
}

fn place_of(delivery: &DeliverySummary) -> DeliveryPlace {
    DeliveryPlace { queued_at: delivery.queued_at, delivery_id: delivery.delivery_id.clone() }
}
