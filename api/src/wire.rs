//! Bodies out: what callers read, mapped from what the handlers and views answer.

mod answer;
mod batch;
mod channel;
mod consumer;
mod crunch;
mod event_stream;
mod exercise;
mod job;
mod job_event;
mod moment;
mod onboarding;
mod operator;
mod plan;
mod presence;
mod standing;
mod timeline;
mod trace;
mod training;
mod webhook;

pub(crate) use answer::{Answer, Page, Written, WrittenPage};
pub(crate) use batch::{BatchBody, BatchItemBody};
pub(crate) use channel::{ChannelBody, LockBody};
pub(crate) use consumer::{ConsumerBody, ConsumersBody};
pub(crate) use crunch::{CrunchBody, CrunchBodySchema};
pub(crate) use event_stream::EventStream;
pub(crate) use exercise::{ExerciseBody, ExerciseListBody};
pub(crate) use job::{Accepted, Cancellation, ExpeditedBody, JobBody, JobListBody, Links, job_path};
pub(crate) use job_event::{JobEvents, job_messages};
pub(crate) use moment::Moment;
pub(crate) use onboarding::{OnboardingAnswerBody, ProfileBody, open_steps};
pub(crate) use operator::{ParkedBody, ParkedGroupsBody, ParkedListBody, RemovalBody, RemovalsBody};
#[cfg(test)]
pub(crate) use plan::spelled_out;
pub(crate) use plan::{PlanBody, PlanBodySchema, PlanListBody, SessionBody, SessionBodySchema};
pub(crate) use presence::{BeatenBody, FeedEvents, JoinedBody, LeftBody, MembersBody, RoomListBody, StatsBody};
pub(crate) use standing::standing;
pub(crate) use timeline::TimelineBody;
pub(crate) use trace::{TraceBody, TracesBody};
pub(crate) use training::{DiffBody, EntryBody, TrainingLogBody, TrainingLogSchema, VersionsBody};
pub(crate) use webhook::{
    DeliveriesBody, DeliveryBody, EndpointBody, EndpointListBody, QueuedBody, RegisteredBody, ReplayedBody, SecretBody,
    delivery_path, endpoint_path,
};
