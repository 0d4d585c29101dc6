//! `ally migrate`: the tables of the views, created or brought up to date.

use std::process::ExitCode;

use anyhow::Context;

use super::terminal;
use crate::config::Config;

pub fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not start")?;
    let url = &config.database.url;
    let migrated = runtime
        .block_on(ally_projections::migrate(config.database.url.expose()))
        .with_context(|| format!("{url} could not be migrated"))?;
    if migrated.created {
        terminal::line(&format!("{url} was created"));
    }
    for step in &migrated.applied {
        terminal::line(&format!("applied {step}"));
    }
    terminal::line(&format!("{url} is up to date"));
    Ok(ExitCode::SUCCESS)
}
