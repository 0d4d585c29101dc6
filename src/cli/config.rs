//! `ally config`: what is set, and by what it can be set.

use std::process::ExitCode;

use clap::Subcommand;

use super::terminal;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the effective values as TOML, secrets masked.
    Show,
    /// List the environment variables that are read, with the key that each sets.
    Variables,
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Show => terminal::line(toml::to_string_pretty(config)?.trim_end()),
        Command::Variables => {
            let mut table = terminal::table(["variable", "key"]);
            for (name, key) in Config::variables() {
                table.add_row([name, key]);
            }
            terminal::line(&table.to_string());
        }
    }
    Ok(ExitCode::SUCCESS)
}
