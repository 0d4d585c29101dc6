//! Ally's views in PostgreSQL: folded from the event log, rebuilt from it at any time.
//!
//! Here live the migrations, the projector that writes rows and checkpoint in one transaction, and one module a view.
//! This is the only crate that knows SQL. Deliberately not here: the log itself (it comes through the ports of
//! `ally-domain`) and who may see what (the API's matter).

mod checkpoints;
mod database;
mod fact;
mod failure;
mod identity;
mod incomplete;
mod job_changes;
mod migrate;
mod passed;
mod projection;
mod projector;
mod rebuild;
mod turn;

pub mod athlete_profile;
pub mod channel;
pub mod dead_letter;
pub mod job_status;
pub mod job_timeline;
pub mod plan;
pub mod presence;
pub mod webhook;
pub mod workout;

pub use checkpoints::{Checkpoint, Checkpoints, Waited, list as list_checkpoints};
pub use database::{AboutServer, Database, DatabaseConfig, DatabaseError};
pub use identity::Replaced;
pub use incomplete::{Incomplete, list as list_incomplete};
pub use job_changes::JobNews;
pub use migrate::{MigrateError, Migrated, migrate};
pub use presence::PresenceSnapshot;
pub use projection::{Definition, PROJECTIONS};
pub use projector::{Projector, ProjectorConfig, ProjectorError, ProjectorState, watch_lag};
pub use rebuild::{
    Difference, NewStream, OnProgress, Progress, RebuildConfig, RebuildError, Rebuilder, Rebuilt, Verified,
};
pub use turn::Turn;
