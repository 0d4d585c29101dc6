//! A time of day as a parameter.

use poem_openapi::registry::MetaSchema;
use time::Time;
use time::macros::format_description;

use super::Parameter;

/// An hour and a minute of the day: `18:00`.
pub(crate) struct HourMinute;

impl Parameter for HourMinute {
    type Value = Time;
    const NAME: &'static str = "start";

    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^([01][0-9]|2[0-3]):[0-5][0-9]$".to_owned()),
            default: Some("18:00".into()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Time, String> {
        Time::parse(text, format_description!("[hour]:[minute]")).map_err(|_| "a time of day as HH:MM".to_owned())
    }
}
