//! The routes, one file a subject. Every API route is asked in the name of the caller behind the token.

mod about;
mod batch;
mod docs;
mod events;
mod exercises;
mod health;
mod jobs;
mod metrics;
mod onboarding;
mod operator;
mod plans;
mod presence;
mod profile;
mod queue;
mod refused;
mod submit;
mod table;
mod time_crunch;
mod timeline;
mod training;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::engine::Catalogue;
use ally_domain::envelope::{Actor, TraceContext};
use ally_handlers::{Origin, Submissions};
use ally_telemetry::export::SpanMemory;
use ally_telemetry::propagation;
use poem_openapi::Tags;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use about::routes as about;
pub use about::{About, Describe, Used};
pub(crate) use batch::Batch;
pub(crate) use docs::{asyncapi, routes as docs};
pub(crate) use events::Events;
pub(crate) use exercises::Exercises;
pub use health::{ComponentHealth, Health, HealthReport};
pub(crate) use health::{is_probe, routes as health};
pub(crate) use jobs::Jobs;
pub use metrics::RenderMetrics;
pub(crate) use metrics::routes as metrics;
pub(crate) use onboarding::{Onboarding, begin_series as begin_onboarding_series};
pub(crate) use operator::{
    Operator, OperatorMany, OperatorQueues, OperatorTraces, OperatorWebhookDeliveries, OperatorWebhookReplays,
    OperatorWebhookSecrets, OperatorWebhooks,
};
pub(crate) use plans::Plans;
pub(crate) use presence::{
    Channels as PresenceChannels, Feed as PresenceFeed, Locks as PresenceLocks, Members as PresenceMembers,
    Operator as PresenceOperator, PresenceServices,
};
pub(crate) use profile::Profile;
pub(crate) use queue::{Figures, routes as queue};
pub(crate) use submit::Submit;
pub(crate) use table::Table;
pub(crate) use time_crunch::TimeCrunch;
pub(crate) use timeline::Timeline;
pub(crate) use training::Training;
pub(crate) use versions::Versions;

use crate::auth::Caller;
use crate::cursor::Cursors;
use crate::gate::Gate;
use crate::job_events::JobStreams;
use crate::limits::Shares;
use crate::lookup::Lookup;
use crate::operations::{ConsumerDesk, DeadLetterOffice, WebhookSecurity, WebhookViews};

/// What the API routes work with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk {
    pub submissions: Submissions,
    pub lookup: Arc<Lookup>,
    pub gate: Gate,
    /// The shares that count requests, for the parts of a batch.
    pub shares: Shares,
    pub dead_letters: Arc<dyn DeadLetterOffice>,
    pub consumers: Arc<dyn ConsumerDesk>,
    pub webhook_views: Arc<dyn WebhookViews>,
    pub webhook_security: Arc<dyn WebhookSecurity>,
    pub catalogue: Arc<Catalogue>,
    /// The streams of events.
    pub streams: JobStreams,
    /// Where pages end.
    pub cursors: Cursors,
    /// Where this process keeps its traces, if it does.
    pub traces: Option<SpanMemory>,
    /// The longest that a status waits for news.
    pub longest_wait: Duration,
    /// Cancelled when the listener drains: waits end early.
    pub draining: CancellationToken,
}

/// The chapters of the document.
#[derive(Tags)]
pub(crate) enum Chapter {
    /// Six steps of answers, in any order, make a profile; a complete profile gets its first plan by itself.
    Onboarding,
    /// Requests for plans and where they stand.
    Jobs,
    /// News of jobs that come by themselves, as server-sent events.
    Events,
    /// Plans that were made, and their versions.
    Plans,
    /// What was done of a plan and what hurt: the log that its next version is made from.
    Training,
    /// What plans are made of.
    Exercises,
    /// What was given up, traces, and webhooks, for tokens with the role `operator`.
    Operations,
}

/// Where a command comes from, for its events.
pub(crate) fn origin(caller: &Caller) -> Origin {
    origin_of(caller.actor())
}

/// The same for what somebody does as an operator, whoever's job it is.
pub(crate) fn operator_origin(name: &str) -> Origin {
    origin_of(Actor::Operator(name.to_owned()))
}

fn origin_of(actor: Actor) -> Origin {
    let (traceparent, tracestate) = propagation::current();
    Origin { actor, correlation: Uuid::now_v7().to_string(), trace: TraceContext { traceparent, tracestate } }
}
