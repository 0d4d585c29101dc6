//! Webhooks: endpoints of apps, and the messages on their way to them.
//!
//! Deliberately not here: how a message is signed and sent (`ally_handlers::webhooks`), and which addresses may be connected to.

mod delivery;
mod endpoint;
mod message;
mod url;

pub use delivery::{
    AttemptFailed, Delivered, Delivery, DeliveryCommand, DeliveryDecider, DeliveryEvent, DeliveryEventKind,
    DeliveryRefusal, DeliveryState, DeliveryStatus, GivenUp, Queued, Replayed,
};
pub use endpoint::{
    AppName, DisableCause, Endpoint, EndpointCommand, EndpointDecider, EndpointDisabled, EndpointEnabled,
    EndpointEvent, EndpointEventKind, EndpointFailing, EndpointRecovered, EndpointRefusal, EndpointRegistered,
    EndpointRemoved, EndpointState, EndpointUpdated, InvalidApp, LONGEST_OVERLAP, MAX_DESCRIPTION_CHARS,
    MAX_ENDPOINTS_PER_APP, Registration, SecretRotated, USUAL_OVERLAP,
};
pub use message::{MessageType, UnknownMessageType, WebhookMessage};
pub use url::{EndpointUrl, InvalidUrl};
