//! `webhook_delivery`: what was sent to which endpoint and how it went, one row a delivery.
//!
//! A row counts the attempts of the round and says how the last one went; the attempts themselves are in the log alone, where one
//! delivery is read. The stream forgets by age, and rows go at the same age (`tidy.rs`). A rebuild takes over what it has forgotten of
//! deliveries that are still rows (`carry.rs`).

mod apply;
mod carry;
mod query;
mod tidy;
mod view;

pub(crate) use apply::WebhookDeliveries;
pub use query::{Place, deliveries, delivery_places};
pub use view::{DeliveryView, KEPT_FOR, fold};
