//! In which order traces are found.

use ally_telemetry::export::TraceOrder;
use poem_openapi::registry::MetaSchema;

use super::Parameter;

const NEWEST: &str = "newest";
const SLOWEST: &str = "slowest";

pub(crate) struct TraceOrderText;

impl Parameter for TraceOrderText {
    type Value = TraceOrder;
    const NAME: &'static str = "order";

    fn schema() -> MetaSchema {
        let enum_items = vec![NEWEST.into(), SLOWEST.into()];
        MetaSchema { enum_items, default: Some(NEWEST.into()), ..MetaSchema::new("string") }
    }

    fn read(text: &str) -> Result<TraceOrder, String> {
        match text {
            NEWEST => Ok(TraceOrder::Newest),
            SLOWEST => Ok(TraceOrder::Slowest),
            _ => Err(format!("{NEWEST} or {SLOWEST}")),
        }
    }
}
