//! What a stream of jobs tells, for the document.

use poem_openapi::registry::{MetaDiscriminatorObject, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::Value;

use super::event_stream::Told;
use crate::job_events::{EndBody, JobEventBody, JobEventType, ResyncBody, SnapshotBody, name};
use crate::schema::named_shape;

/// What a stream of jobs tells.
pub(crate) enum JobEvents {}

impl Told for JobEvents {
    fn item() -> MetaSchemaRef {
        JobNewsShape::schema_ref()
    }

    fn register(registry: &mut Registry) {
        JobNewsShape::register(registry);
    }
}

named_shape! {
    /// What a message of a stream of jobs holds; `type` says which.
    JobNewsShape(Value) as "JobNews" = MetaSchema {
        one_of: vec![
            SnapshotBody::schema_ref(),
            JobEventBody::schema_ref(),
            ResyncBody::schema_ref(),
            EndBody::schema_ref(),
        ],
        discriminator: Some(MetaDiscriminatorObject { property_name: "type", mapping: mapping().collect() }),
        ..MetaSchema::ANY
    }, register;
}

/// The messages of a stream of jobs by name, and the name of the schema of what each holds.
pub(crate) fn job_messages() -> [(&'static str, String); 4] {
    [
        (name::SNAPSHOT, SnapshotBody::name().into_owned()),
        (name::JOB, JobEventBody::name().into_owned()),
        (name::RESYNC, ResyncBody::name().into_owned()),
        (name::END, EndBody::name().into_owned()),
    ]
}

fn mapping() -> impl Iterator<Item = (String, String)> {
    let to = |schema: &str| format!("#/components/schemas/{schema}");
    let jobs = JobEventType::all().map(move |event_type| (event_type.name(), to(&JobEventBody::name())));
    let others = job_messages().into_iter().filter(|(message, _)| *message != name::JOB);
    others.map(move |(message, schema)| (message.to_owned(), to(&schema))).chain(jobs)
}

fn register(registry: &mut Registry) {
    SnapshotBody::register(registry);
    JobEventBody::register(registry);
    ResyncBody::register(registry);
    EndBody::register(registry);
}
