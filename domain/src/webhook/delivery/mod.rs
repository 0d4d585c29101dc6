//! A webhook on its way to one endpoint: queued, tried, delivered or given up, and perhaps sent again.

mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use decide::{DeliveryCommand, DeliveryDecider, DeliveryRefusal};
pub use event::{AttemptFailed, Delivered, DeliveryEvent, DeliveryEventKind, GivenUp, Queued, Replayed};
pub use state::{Delivery, DeliveryState, DeliveryStatus};
