//! What endpoints of webhooks and deliveries refuse, as problems.

use ally_domain::webhook::{DeliveryRefusal, EndpointRefusal};
use ally_handlers::SendError;

use super::{Kind, Problem};

impl Problem {
    /// The answer to an id that no endpoint has.
    pub(crate) fn no_endpoint() -> Self {
        let detail =
            "there is no endpoint of this id (any more); GET /api/v1/operator/webhooks lists those that there are";
        Self::new(Kind::NotFound, detail)
    }

    /// The answer where nothing can be signed.
    pub(crate) fn no_webhook_key() -> Self {
        let detail = "this deployment has no key of webhooks: set ALLY_WEBHOOK_KEY for the gateway and the projector";
        Self::new(Kind::Unavailable, detail)
    }

    /// The answer to an id that no delivery to an endpoint has.
    pub(crate) fn no_delivery() -> Self {
        let detail = "there is no delivery of this id to this endpoint (any more): they are kept for 30 days";
        Self::new(Kind::NotFound, detail)
    }
}

impl From<EndpointRefusal> for Problem {
    fn from(refusal: EndpointRefusal) -> Self {
        match refusal {
            EndpointRefusal::KeyReused => Self::new(
                Kind::KeyReused,
                "this Idempotency-Key was used with another body, or for an endpoint that is removed; send a new key",
            ),
            EndpointRefusal::Unknown => Self::no_endpoint(),
        }
    }
}

impl From<DeliveryRefusal> for Problem {
    fn from(refusal: DeliveryRefusal) -> Self {
        match refusal {
            DeliveryRefusal::Unknown => Self::no_delivery(),
            DeliveryRefusal::Waiting => Self::new(Kind::WebhookState, refusal.to_string()),
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoEndpoint(_) => Self::no_endpoint(),
            SendError::NoDelivery(_) => Self::no_delivery(),
            SendError::Disabled(_) => Self::new(Kind::WebhookState, error.to_string()),
            SendError::Execute(error) => error.into(),
        }
    }
}
