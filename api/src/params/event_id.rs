//! Where a client of a stream left off.

use ally_handlers::Cursor;
use poem_openapi::registry::MetaSchema;

use super::Parameter;
use crate::job_events::ResyncReason;

/// The most characters of an id: more than any that a deployment gives out.
const MAX_CHARS: usize = 64;

/// The id of the last event that is known. A text that may be an id and is none of this deployment's begins a stream afresh; an empty one is
/// what browsers have before their first event.
pub(crate) struct EventId;

impl Parameter for EventId {
    type Value = Option<Result<Cursor, ResyncReason>>;
    const NAME: &'static str = "eventId";

    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^[!-~]*$".to_owned()),
            max_length: Some(MAX_CHARS),
            example: Some("7b0c91de-42".into()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self::Value, String> {
        if text.len() > MAX_CHARS || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the id that came last, unchanged, or none".to_owned());
        }
        let id = Some(text).filter(|text| !text.is_empty());
        Ok(id.map(|id| id.parse().map_err(|_| ResyncReason::UnknownPosition)))
    }
}
