//! Ally over HTTP.
//!
//! Here live routes, auth, limits, the one mapping of errors to problem documents, and the listeners of every role.
//! Deliberately not here: rules (`ally-domain`), the execution of commands (`ally-handlers`) and SQL
//! (`ally-projections`); this crate asks them and says it in HTTP.

mod auth;
mod body;
mod cursor;
mod depth;
mod document;
mod etag;
mod export;
mod finish;
mod gate;
mod limits;
mod lookup;
mod negotiate;
mod observe;
mod operations;
mod params;
mod ports;
mod presence;
mod problem;
mod queries;
mod routes;
mod schema;
mod server;
#[cfg(feature = "testing")]
pub mod testing;
mod wire;

pub use auth::{
    AuthConfig, Caller, MIN_SECRET_BYTES, OPERATOR, RoomAccess, RoomGrants, Secret, TokenError, Verifier, mint,
};
pub use document::{openapi_json, presence_asyncapi_json, presence_openapi_json};
pub use export::{DEFAULT_START, Export, ExportError, Form};
pub use limits::{CorsError, Limits, MAX_WAIT, Rate};
pub use operations::{ConsumerDesk, ConsumerState, DeadLetterOffice, ParkedMessage, Treated, Treatment};
pub use ports::{PastMember, PastMembers, Probe, QueueFigures, SlotFigures, ViewError, Views, Workload};
pub use presence::{DoorLimits, Doors};
pub use problem::{Kind, Problem};
pub use routes::{About, ComponentHealth, Describe, Health, HealthReport, RenderMetrics, Used};
pub use server::{
    Drain, Gateway, Planner, PresenceRole, RoleEndpoint, ServeConfig, gateway, metrics, planner, presence, serve,
    worker,
};
