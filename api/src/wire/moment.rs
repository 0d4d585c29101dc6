//! Moments as callers read them.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::schema::documented;

/// A moment in UTC, as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub OffsetDateTime);

documented! {
    [] Moment as "date-time".into(), MetaSchemaRef::Inline(Box::new(MetaSchema {
        example: Some("2026-11-20T08:30:00Z".into()),
        ..MetaSchema::new_with_format("string", "date-time")
    })), |_| {}
}

impl ToJSON for Moment {
    fn to_json(&self) -> Option<Value> {
        self.0.format(&Rfc3339).ok().map(Into::into)
    }
}

impl ParseFromJSON for Moment {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        let parsed = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        parsed.map(Self).ok_or_else(|| ParseError::expected_type(value))
    }
}
