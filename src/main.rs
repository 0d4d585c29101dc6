//! `ally`: the composition root. It reads the configuration, joins the crates of the house and runs them.

mod app;
mod cli;
mod config;
mod embedded;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
