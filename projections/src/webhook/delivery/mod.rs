//! `webhook_delivery`: what was sent to which endpoint and how it went, one row a delivery, with its attempts in `webhook_attempt`.
//!
//! The stream forgets by age, and rows go at the same age (`tidy.rs`). A rebuild takes over what it has forgotten of deliveries that are
//! still rows (`carry.rs`).

mod apply;
mod carry;
mod query;
mod tidy;
mod view;

pub(crate) use apply::WebhookDeliveries;
pub use query::{Place, deliveries, delivery, delivery_places};
pub use view::{AttemptView, DeliveryView, DeliveryWithAttempts, KEPT_FOR, fold};
