//! Bodies out: what callers read, mapped from what the handlers and views answer.

mod answer;
mod channel;
mod consumer;
mod crunch;
mod exercise;
mod job;
mod moment;
mod onboarding;
mod operator;
mod plan;
mod presence;
mod standing;
mod timeline;
mod trace;
mod training;

pub(crate) use answer::{Answer, Written};
pub(crate) use channel::{ChannelBody, LockBody};
pub(crate) use consumer::{ConsumerBody, ConsumersBody};
pub(crate) use crunch::{CrunchBody, CrunchBodySchema};
pub(crate) use exercise::{ExerciseBody, ExerciseListBody};
pub(crate) use job::{Accepted, Cancellation, ExpeditedBody, JobBody, JobListBody, Links, job_path};
pub(crate) use moment::Moment;
pub(crate) use onboarding::{Incomplete, ProfileBody, open_steps, questions, steps};
pub(crate) use operator::{ParkedBody, ParkedGroupsBody, ParkedListBody, RemovalBody, RemovalsBody};
pub(crate) use plan::{PlanBody, PlanBodySchema, PlanListBody, SessionBody, SessionBodySchema};
pub(crate) use presence::{BeatenBody, EventStream, JoinedBody, LeftBody, MembersBody, RoomListBody, StatsBody};
pub(crate) use standing::standing;
pub(crate) use timeline::TimelineBody;
pub(crate) use trace::{TraceBody, TracesBody};
pub(crate) use training::{DiffBody, EntryBody, TrainingLogBody, TrainingLogSchema, VersionsBody};
