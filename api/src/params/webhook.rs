//! Parameters of webhooks.

use ally_domain::webhook::{AppName, DeliveryStatus};
use poem_openapi::registry::MetaSchema;

use super::Parameter;
use crate::schema::app_schema;

/// The name of an app. Any name is one: whether there is an endpoint of it is another question.
pub(crate) struct AppText;

impl Parameter for AppText {
    type Value = AppName;
    const NAME: &'static str = "app";

    fn schema() -> MetaSchema {
        app_schema()
    }

    fn read(text: &str) -> Result<AppName, String> {
        text.parse().map_err(|_| "1 to 64 letters, digits, '-' or '_'".to_owned())
    }
}

/// Where a delivery stands.
pub(crate) struct DeliveryStatusText;

impl Parameter for DeliveryStatusText {
    type Value = DeliveryStatus;
    const NAME: &'static str = "status";

    fn schema() -> MetaSchema {
        let enum_items = DeliveryStatus::ALL.iter().map(|status| status.as_str().into()).collect();
        MetaSchema { enum_items, ..MetaSchema::new("string") }
    }

    fn read(text: &str) -> Result<DeliveryStatus, String> {
        let found = DeliveryStatus::ALL.into_iter().find(|status| status.as_str() == text);
        let names = || DeliveryStatus::ALL.map(DeliveryStatus::as_str).join(", ");
        found.ok_or_else(|| format!("one of {}", names()))
    }
}
