//! `ally serve`: one role, against the servers of the configuration.

use std::process::ExitCode;

use anyhow::Context;

use super::{Usage, terminal};
use crate::app::Process;
use crate::config::{Config, Role};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which role.
    #[arg(long, value_enum)]
    role: Role,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    if config.auth.jwt_secret.is_none() && args.role == Role::Gateway {
        let text = "ALLY_JWT_SECRET is not set: the gateway needs the secret that signs its callers' tokens, at least 32 random bytes";
        return Err(Usage(text.into()).into());
    }
    let process = Process::start(config, &[args.role]).context("the role could not start")?;
    if let Some((http, metrics)) = process.addresses(args.role) {
        terminal::line(&format!("{} at http://{http}, metrics at http://{metrics}/metrics", args.role.service()));
    }
    process.run_until_signal()
}
