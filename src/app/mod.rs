//! The composition: a configuration becomes roles, and roles become a process. Built, started and drained in order.

mod admission;
pub mod archiver;
mod clock;
mod consumers;
mod context;
mod dead_letters;
mod gateway;
mod letters;
mod listeners;
mod onboarding;
mod operator;
mod planner;
mod probes;
mod process;
mod projector;
mod provider;
pub mod reconciler;
mod redrive;
mod role;
pub mod secret;
pub mod signal;
pub mod streams;
mod telemetry;
mod views;
mod work;
mod workload;

pub use clock::SystemClock;
pub use consumers::CONSUMERS;
pub use gateway::auth_config;
pub use letters::Letters;
pub use listeners::check as check_ports;
pub use operator::Operator;
pub use process::Process;
pub use provider::provider;
pub use redrive::{PutBack, Redrive, RedriveError};
