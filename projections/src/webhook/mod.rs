//! Webhooks: the endpoints of apps (`webhook_endpoint`), and what was sent to them (`webhook_delivery`).
//!
//! Deliberately not here: what a command is decided on, which is the log itself, and secrets, which are in no log and in no row.

mod delivery;
mod endpoint;

pub use delivery::{DeliveryView, KEPT_FOR, Place, deliveries, delivery_places, fold as fold_deliveries};
pub use endpoint::{EndpointView, endpoint, endpoints, fold as fold_endpoints};

pub(crate) use delivery::WebhookDeliveries;
pub(crate) use endpoint::WebhookEndpoints;
