//! Real servers for development, demonstration and tests: nats-server and PostgreSQL as child processes.
//!
//! What lives here: finding the binaries (PATH, else pinned packages), starting them on ports that are said or free,
//! waiting until they answer, and ending them whatever happens to this process. What does not: anything that talks to
//! them for work (`nats/`, `projections/`), and any reading of the environment (`src/config.rs`).
//!
//! Read in this order: [`servers`] (the whole life), [`place`] (where data lives), [`locate`] and [`fetch`] (which
//! binaries), [`nats`] and [`postgres`] (how each starts), [`staging`] (where open batches are), [`guard`] (how each ends),
//! [`account`] (as whom).

mod account;
mod errors;
mod fetch;
mod guard;
mod locate;
mod nats;
mod packages;
mod pid;
mod place;
mod port_holder;
mod ports;
mod postgres;
mod process;
mod progress;
mod servers;
mod staging;
mod version;

pub use guard::{GuardOrder, run_guard};
pub use nats::MAX_FILE_STORE_BYTES as NATS_STORE_BYTES;
pub use place::DataFolder;
pub use ports::{PortChoice, check_free};
pub use progress::Progress;
pub use servers::{Servers, ServersConfig, end_leftovers};
