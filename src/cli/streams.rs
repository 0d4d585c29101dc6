//! `ally streams`: the streams of the event log, made and brought up to date. Roles never do it.

use std::process::ExitCode;

use ally_nats::{Applied, JetStream, Replicas, StreamDifference};

use super::{Usage, reach, terminal};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make the streams that are missing, and change those that have other settings than this version needs.
    Apply(Apply),
}

#[derive(Debug, clap::Args)]
pub struct Apply {
    /// Show what would be changed, and change nothing; exit code 1 when something would be.
    #[arg(long)]
    dry_run: bool,
    /// How many servers are to hold each stream, also where that is fewer than now. NATS_REPLICAS only adds some.
    #[arg(long, value_name = "1|3|5", value_parser = replicas)]
    replicas: Option<usize>,
    /// Print the changes as JSON, one object a line.
    #[arg(long)]
    json: bool,
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Apply(args) = command;
    reach::run(apply(config, args))
}

async fn apply(config: &Config, args: &Apply) -> anyhow::Result<ExitCode> {
    let jetstream = reach::jetstream(config).await?;
    let replicas = match (args.replicas, config.nats.replicas) {
        (Some(number), _) => Replicas::Exactly(number),
        (None, Some(number)) => Replicas::AtLeast(number),
        (None, None) => Replicas::AsFound,
    };
    let Applied { changed, refusals } = change(&jetstream, replicas, args.dry_run).await?;
    if args.json {
        for change in &changed {
            terminal::object(change)?;
        }
    } else if refusals.is_empty() || !changed.is_empty() {
        show(&changed, args.dry_run);
    }
    let Some((last, others)) = refusals.split_last() else {
        return Ok(if args.dry_run && !changed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    };
    for refusal in others {
        terminal::note(&refusal.to_string());
    }
    Err(Usage(format!("{last}; every other stream is as it must be")).into())
}

async fn change(
    jetstream: &JetStream,
    replicas: Replicas,
    dry_run: bool,
) -> Result<Applied, ally_nats::JetStreamError> {
    if !dry_run {
        return jetstream.apply_each_stream(replicas).await;
    }
    Ok(Applied { changed: jetstream.stream_changes(replicas).await?, ..Applied::default() })
}

fn show(changes: &[StreamDifference], dry_run: bool) {
    if changes.is_empty() {
        return terminal::line("the streams are as they must be; nothing to change");
    }
    let mut table = terminal::table(["stream", "setting", "found", if dry_run { "would become" } else { "is now" }]);
    for change in changes {
        table.add_row([&change.stream, &change.setting, &change.found, &change.needed]);
    }
    terminal::line(&table.to_string());
    if dry_run {
        terminal::line("nothing was changed; `ally streams apply` without --dry-run changes it");
    }
}

fn replicas(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ (1 | 3 | 5)) => Ok(number),
        _ => Err("use 1, 3 or 5".to_owned()),
    }
}
