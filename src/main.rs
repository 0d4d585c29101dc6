//! `ally`: the composition root. It reads the configuration, joins the crates of the house and runs them.

mod app;
mod cli;
mod config;
mod embedded;

use std::process::ExitCode;

/// Events are many small texts, made on one thread and let go on another (ADR 0017).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
