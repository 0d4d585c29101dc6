//! What happened to a job, by the names that clients read: those of the domain behind `job.`.

use ally_domain::envelope::Recorded;
use ally_domain::job::JobEventKind;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON};
use serde_json::Value;

use crate::schema::documented;

/// Its name in the document.
const SCHEMA: &str = "JobEventType";

/// What happened to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JobEventType(JobEventKind);

impl JobEventType {
    /// Each of them, in the order of the domain.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        JobEventKind::ALL.iter().copied().filter_map(Self::of_kind)
    }

    /// The type of an event of the log; none for one that clients are not sent, or that this version does not know.
    pub(super) fn of(event: &Recorded) -> Option<Self> {
        JobEventKind::of(&event.event_type).and_then(Self::of_kind)
    }

    fn of_kind(kind: JobEventKind) -> Option<Self> {
        // Where the events of a job are kept says nothing about the job.
        (kind != JobEventKind::Archived).then_some(Self(kind))
    }

    /// The name that clients read: `job.completed`.
    pub(crate) fn name(self) -> String {
        format!("job.{}", self.0.as_str())
    }
}

documented! {
    [] JobEventType as SCHEMA.into(), MetaSchemaRef::Reference(SCHEMA.to_owned()), |registry| {
        registry.create_schema::<Self, _>(SCHEMA.to_owned(), |_| MetaSchema {
            description: Some("What happened to a job."),
            enum_items: Self::all().map(|event_type| event_type.name().into()).collect(),
            ..MetaSchema::new("string")
        });
    }
}

impl ToJSON for JobEventType {
    fn to_json(&self) -> Option<Value> {
        Some(self.name().into())
    }
}

impl ParseFromJSON for JobEventType {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        let named = Self::all().find(|event_type| value.as_str() == Some(event_type.name().as_str()));
        named.ok_or_else(|| ParseError::expected_type(value))
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::event_data::types;
    use ally_domain::job::JobEvent;

    use super::*;

    #[test]
    fn every_event_of_a_job_is_sent_but_its_archiving() {
        let of_the_domain = types::<JobEvent>().into_iter().map(|event_type| format!("job.{}", event_type.name));
        let sent: Vec<String> = JobEventType::all().map(JobEventType::name).collect();
        assert_eq!(sent, of_the_domain.filter(|name| name != "job.archived").collect::<Vec<_>>());
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for event_type in JobEventType::all() {
            assert_eq!(JobEventType::parse_from_json(event_type.to_json()).unwrap(), event_type);
        }
        assert!(JobEventType::parse_from_json(Some("job.archived".into())).is_err());
    }
}
