//! Ally over HTTP.
//!
//! Here live routes, auth, limits, the one mapping of errors to problem documents, and the listeners of every role.
//! Deliberately not here: rules (`ally-domain`), the execution of commands (`ally-handlers`) and SQL
//! (`ally-projections`); this crate asks them and says it in HTTP.

mod asyncapi;
mod auth;
mod body;
mod cursor;
mod delivery;
mod deprecation;
mod depth;
mod document;
mod etag;
mod event_stream;
mod export;
mod finish;
mod gate;
mod job_events;
mod limits;
mod list;
mod lookup;
mod negotiate;
mod observe;
mod operations;
mod params;
mod percent;
mod ports;
mod prefer;
mod presence;
mod problem;
mod queries;
mod receiver;
mod routes;
mod schema;
mod server;
#[cfg(feature = "testing")]
pub mod testing;
mod vary;
mod wire;
mod yaml;

pub use auth::{
    AuthConfig, Caller, Grants, MIN_SECRET_BYTES, OPERATOR, RoomAccess, RoomGrants, Secret, TokenError, Verifier, mint,
};
pub use document::{
    asyncapi_json, openapi_3_0_json, openapi_json, presence_asyncapi_json, presence_openapi_3_0_json,
    presence_openapi_json,
};
pub use export::{DEFAULT_START, Export, ExportError, Form};
pub use job_events::StreamLimits;
pub use limits::{CorsError, Limits, MAX_WAIT, Rate, check_origin};
pub use operations::{
    ConsumerDesk, ConsumerState, DeadLetterOffice, DeliveryPlace, ParkedMessage, Replay, Treated, Treatment,
    WebhookSecurity, WebhookViews,
};
pub use ports::{PastMember, PastMembers, Probe, QueueFigures, SlotFigures, ViewError, Views, Workload};
pub use presence::{DoorLimits, Doors};
pub use problem::{Kind, Problem, pages_as_files as problem_pages};
pub use receiver::Receive;
pub use routes::{About, ComponentHealth, Describe, Health, HealthReport, RenderMetrics, Used};
pub use server::{
    Drain, Gateway, Planner, PresenceRole, RoleEndpoint, ServeConfig, gateway, metrics, planner, presence, receiver,
    serve, worker,
};
