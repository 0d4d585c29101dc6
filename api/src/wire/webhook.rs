//! Endpoints of webhooks and what went to them, as operators read them.

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_handlers::{DeliveryAttempt, DeliveryRecord, DeliverySummary, EndpointRecord, QueuedDelivery};
use poem_openapi::Object;

use super::answer::Paged;
use super::moment::Moment;
use crate::schema::{ChosenTypeChoice, DeliveryStatusChoice, DisableCauseChoice, MessageShape, WebhookTypeChoice};

/// Where an endpoint is read.
pub(crate) fn endpoint_path(id: &EndpointId) -> String {
    format!("/api/v1/operator/webhooks/{id}")
}

/// Where a delivery is read.
pub(crate) fn delivery_path(endpoint: &EndpointId, id: &DeliveryId) -> String {
    format!("{}/deliveries/{id}", endpoint_path(endpoint))
}

/// An endpoint to which webhooks go.
#[derive(Object)]
#[oai(rename = "WebhookEndpoint", rename_all = "camelCase")]
pub(crate) struct EndpointBody {
    /// Which endpoint.
    endpoint_id: String,
    /// The app that it belongs to.
    app: String,
    /// Where its messages go.
    url: String,
    /// Which messages it gets.
    types: Vec<ChosenTypeChoice>,
    /// What it is, for people.
    #[oai(skip_serializing_if_is_none)]
    description: Option<String>,
    /// Whether it is sent anything.
    enabled: bool,
    /// Why it is sent nothing, where it is not.
    #[oai(skip_serializing_if_is_none)]
    disabled_cause: Option<DisableCauseChoice>,
    /// Since when it does not take its messages, where it does not.
    #[oai(skip_serializing_if_is_none)]
    failing_since: Option<Moment>,
    /// When it was registered.
    registered_at: Moment,
    /// The newest event that this answer holds.
    position: String,
    /// Where to go from here.
    links: EndpointLinks,
}

/// Where to go from an endpoint.
#[derive(Object)]
#[oai(rename = "WebhookEndpointLinks")]
struct EndpointLinks {
    /// The endpoint.
    #[oai(rename = "self")]
    own: String,
    /// What went to it.
    deliveries: String,
    /// Sends it a test (POST).
    ping: String,
}

/// An endpoint that was registered, with its secret.
#[derive(Object)]
#[oai(rename = "RegisteredWebhookEndpoint", rename_all = "camelCase")]
pub(crate) struct RegisteredBody {
    /// The endpoint.
    #[oai(flatten)]
    pub endpoint: EndpointBody,
    /// What its messages are signed with: `whsec_` and Base64.
    pub secret: String,
}

/// A page of endpoints.
#[derive(Object)]
#[oai(rename = "WebhookEndpoints")]
pub(crate) struct EndpointListBody {
    /// The endpoints.
    pub endpoints: Vec<EndpointBody>,
    /// Send it as `cursor` to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

/// The secret of an endpoint.
#[derive(Object)]
#[oai(rename = "WebhookSecret", rename_all = "camelCase")]
pub(crate) struct SecretBody {
    /// Which endpoint.
    pub endpoint_id: String,
    /// What its messages are signed with: `whsec_` and Base64.
    pub secret: String,
    /// Until when the secret before signs too, where it does.
    #[oai(skip_serializing_if_is_none)]
    pub previous_until: Option<Moment>,
    /// The newest event that this answer holds.
    pub position: String,
}

/// A delivery that waits to be sent.
#[derive(Object)]
#[oai(rename = "QueuedWebhookDelivery", rename_all = "camelCase")]
pub(crate) struct QueuedBody {
    /// Which delivery.
    delivery_id: String,
    /// To which endpoint.
    endpoint_id: String,
    /// `waiting`; where it stands when the same request had been made before.
    status: DeliveryStatusChoice,
    /// Where it stands in the log; name it in a listing to see it there.
    position: String,
    /// Where to go from here.
    links: DeliveryLinks,
}

/// Where to go from a delivery.
#[derive(Object)]
#[oai(rename = "WebhookDeliveryLinks")]
struct DeliveryLinks {
    /// The delivery.
    #[oai(rename = "self")]
    own: String,
    /// The endpoint that it goes to.
    endpoint: String,
}

/// A message on its way to an endpoint, or at its end, as lists show it.
#[derive(Object)]
#[oai(rename = "WebhookDeliverySummary", rename_all = "camelCase")]
pub(crate) struct DeliverySummaryBody {
    /// Which delivery.
    delivery_id: String,
    /// To which endpoint.
    endpoint_id: String,
    /// The message's `webhook-id`, by which a receiver tells a repeat.
    message_id: String,
    /// What the message is about.
    #[oai(rename = "type")]
    message_type: WebhookTypeChoice,
    /// Where it stands.
    status: DeliveryStatusChoice,
    /// How often it was begun to be sent: once, and once more for each time that it was to be sent again.
    round: u32,
    /// The attempts of this round that ended.
    attempts: u32,
    /// When it was queued.
    queued_at: Moment,
    /// When it was delivered or given up.
    #[oai(skip_serializing_if_is_none)]
    ended_at: Option<Moment>,
    /// When the next attempt is due, while it waits for one.
    #[oai(skip_serializing_if_is_none)]
    next_attempt_at: Option<Moment>,
    /// The HTTP status of the last attempt, where there was an answer.
    #[oai(skip_serializing_if_is_none)]
    last_status: Option<u16>,
    /// Why the last attempt failed, or why nobody tries any more.
    #[oai(skip_serializing_if_is_none)]
    last_reason: Option<String>,
    /// The newest event that this answer holds.
    position: String,
    /// Where to go from here.
    links: DeliveryLinks,
}

/// A page of deliveries.
#[derive(Object)]
#[oai(rename = "WebhookDeliveries")]
pub(crate) struct DeliveriesBody {
    /// The deliveries, the newest first.
    pub deliveries: Vec<DeliverySummaryBody>,
    /// Send it as `cursor` to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

/// A delivery whole.
#[derive(Object)]
#[oai(rename = "WebhookDelivery", rename_all = "camelCase")]
pub(crate) struct DeliveryBody {
    /// Where it stands.
    #[oai(flatten)]
    delivery: DeliverySummaryBody,
    /// The body of the message.
    message: MessageShape,
    /// Its attempts, of all rounds, the oldest first; the newest hundred.
    history: Vec<AttemptBody>,
}

/// One attempt to deliver a message.
#[derive(Object)]
#[oai(rename = "WebhookAttempt", rename_all = "camelCase")]
struct AttemptBody {
    /// In which round, from 1.
    round: u32,
    /// Which attempt of the round, from 1.
    attempt: u32,
    /// When it ended.
    at: Moment,
    /// The HTTP status, where there was an answer.
    #[oai(skip_serializing_if_is_none)]
    status: Option<u16>,
    /// Why it failed; absent where the endpoint took the message.
    #[oai(skip_serializing_if_is_none)]
    reason: Option<String>,
    /// How long it took.
    duration_ms: u64,
}

/// Deliveries that are sent again.
#[derive(Object)]
#[oai(rename = "WebhookReplay")]
pub(crate) struct ReplayedBody {
    /// How many. Those that were on their way already are not among them.
    pub replayed: u64,
    /// Send it as `cursor`, with the rest of the same body, to go on; absent where none is left.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

impl Paged for EndpointListBody {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl Paged for DeliveriesBody {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl From<EndpointRecord> for EndpointBody {
    fn from(record: EndpointRecord) -> Self {
        let (own, endpoint) = (endpoint_path(&record.endpoint_id), record.endpoint);
        Self {
            enabled: endpoint.is_enabled(),
            endpoint_id: record.endpoint_id.into(),
            app: endpoint.app.into(),
            url: endpoint.url.into(),
            types: endpoint.types.into_iter().map(ChosenTypeChoice).collect(),
            description: endpoint.description,
            disabled_cause: endpoint.disabled.map(DisableCauseChoice),
            failing_since: endpoint.failing_since.map(Moment),
            registered_at: Moment(record.registered_at),
            position: record.position.to_string(),
            links: EndpointLinks { deliveries: format!("{own}/deliveries"), ping: format!("{own}/ping"), own },
        }
    }
}

impl QueuedBody {
    pub(crate) fn of(endpoint: &EndpointId, queued: QueuedDelivery) -> Self {
        Self {
            links: DeliveryLinks::of(endpoint, &queued.delivery_id),
            delivery_id: queued.delivery_id.into(),
            endpoint_id: endpoint.to_string(),
            status: DeliveryStatusChoice(queued.status),
            position: queued.position.to_string(),
        }
    }
}

impl DeliveryLinks {
    fn of(endpoint: &EndpointId, id: &DeliveryId) -> Self {
        Self { own: delivery_path(endpoint, id), endpoint: endpoint_path(endpoint) }
    }
}

impl From<DeliverySummary> for DeliverySummaryBody {
    fn from(it: DeliverySummary) -> Self {
        Self {
            links: DeliveryLinks::of(&it.endpoint_id, &it.delivery_id),
            delivery_id: it.delivery_id.into(),
            endpoint_id: it.endpoint_id.into(),
            message_id: it.message_id,
            message_type: WebhookTypeChoice(it.message_type),
            status: DeliveryStatusChoice(it.status),
            round: it.round,
            attempts: it.attempts,
            queued_at: Moment(it.queued_at),
            ended_at: it.ended_at.map(Moment),
            next_attempt_at: it.retry_at.map(Moment),
            last_status: it.last_status,
            last_reason: it.last_reason,
            position: it.position.to_string(),
        }
    }
}

impl DeliveryBody {
    /// A delivery with the message as its receiver gets it.
    ///
    /// # Errors
    /// When the message is no JSON.
    pub(crate) fn of(record: DeliveryRecord) -> Result<Self, serde_json::Error> {
        let body = record.message.body()?;
        Ok(Self {
            delivery: record.summary.into(),
            message: MessageShape(serde_json::from_str(&body)?),
            history: record.attempts.into_iter().map(AttemptBody::from).collect(),
        })
    }
}

impl From<DeliveryAttempt> for AttemptBody {
    fn from(it: DeliveryAttempt) -> Self {
        Self {
            round: it.round,
            attempt: it.attempt,
            at: Moment(it.at),
            status: it.status,
            reason: it.reason,
            duration_ms: it.millis,
        }
    }
}
