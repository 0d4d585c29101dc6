//! The composition of Ally: configuration, the crates of the house joined to roles, embedded servers, the command line.
//!
//! A library, so that a program which measures the product can bring a provider of plans of its own (`bench/`) and
//! shares everything else. The product itself is `main.rs`.

mod app;
mod cli;
mod config;
mod embedded;

use std::process::ExitCode;
use std::sync::Arc;

use ally_domain::ports::PlanProvider;

/// Runs the command line of the product.
#[must_use]
pub fn run() -> ExitCode {
    cli::run(None)
}

/// Runs the same command line, with this provider in the place of the one that the configuration names.
#[must_use]
pub fn run_with(provider: Arc<dyn PlanProvider>) -> ExitCode {
    cli::run(Some(config::OwnProvider(provider)))
}
