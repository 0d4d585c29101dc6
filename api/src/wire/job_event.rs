//! What a stream of jobs tells, for the document.

use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::Type;

use super::event_stream::Told;
use crate::job_events::{EndBody, JobEventBody, ResyncBody, SnapshotBody};

/// What a stream of jobs tells.
pub(crate) enum JobEvents {}

impl Told for JobEvents {
    fn shapes() -> Vec<MetaSchemaRef> {
        vec![SnapshotBody::schema_ref(), JobEventBody::schema_ref(), ResyncBody::schema_ref(), EndBody::schema_ref()]
    }

    fn register(registry: &mut Registry) {
        SnapshotBody::register(registry);
        JobEventBody::register(registry);
        ResyncBody::register(registry);
        EndBody::register(registry);
    }
}
