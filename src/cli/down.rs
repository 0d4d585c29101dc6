//! `ally down`: ends an `ally up` of this folder, and servers that lost theirs.

use std::process::ExitCode;

use anyhow::Context;

use super::terminal;
use crate::config::Config;
use crate::embedded::{Progress, end_leftovers};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Remove the data as well: every event and every view of the development servers.
    #[arg(long)]
    remove_data: bool,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not start")?;
    let progress = Progress::new(terminal::note);
    let ended = runtime.block_on(end_leftovers(&config.embedded.local_dir, args.remove_data, &progress))?;
    if ended == 0 {
        terminal::line("nothing was running");
    }
    Ok(ExitCode::SUCCESS)
}
