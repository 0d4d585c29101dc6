//! Webhooks: what happens is queued for the endpoints that want it, signed, and sent until they take it.
//!
//! Delivery is at least once and in no order; the id of a message tells a repeat, and the position in it the order.

mod address;
mod config;
mod deliver;
mod directory;
mod fan_out;
mod message;
mod notices;
mod observe;
mod queue;
mod resolver;
mod secret;
mod send;
mod slots;
mod verify;

pub use address::{AddressRule, Forbidden};
pub use config::WebhookConfig;
pub use deliver::DeliveryHandler;
pub use directory::Directory;
pub use fan_out::FanOutHandler;
pub use notices::NoticeHandler;
pub use observe::begin_series;
pub use secret::{EndpointSecret, SigningKey, WeakKey};
pub use send::{SendSetupError, Sender};
pub use verify::{InvalidSecret, MessageVerifier, Untrusted, message_id};
