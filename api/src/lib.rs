//! Ally over HTTP.
//!
//! Here live routes, auth, limits, the one mapping of errors to problem documents, and the listeners of every role.
//! Deliberately not here: rules (`ally-domain`), the execution of commands (`ally-handlers`) and SQL
//! (`ally-projections`); this crate asks them and says it in HTTP.

mod auth;
mod body;
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
mod problem;
mod routes;
mod schema;
mod server;
#[cfg(feature = "testing")]
pub mod testing;
mod wire;

pub use auth::{AuthConfig, Caller, MIN_SECRET_BYTES, OPERATOR, Secret, TokenError, Verifier, mint};
pub use document::openapi_json;
pub use export::{DEFAULT_START, Export, ExportError, Form};
pub use limits::{CorsError, Limits, MAX_WAIT, Rate};
pub use operations::{ConsumerDesk, ConsumerState, DeadLetterOffice, ParkedMessage, Treated, Treatment};
pub use ports::{Probe, QueueFigures, SlotFigures, ViewError, Views, Workload};
pub use problem::{Kind, Problem};
pub use routes::{ComponentHealth, Health, HealthReport, RenderMetrics};
pub use server::{Drain, Gateway, Planner, RoleEndpoint, ServeConfig, gateway, metrics, planner, serve, worker};
