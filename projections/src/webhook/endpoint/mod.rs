//! `webhook_endpoint`: where an app takes its webhooks, one row an endpoint.

mod apply;
mod query;
mod view;

pub(crate) use apply::WebhookEndpoints;
pub use query::{endpoint, endpoints};
pub use view::{EndpointView, fold};
