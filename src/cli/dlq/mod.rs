//! `ally dlq`: what was given up, for whoever is on call.

mod look;
mod put_back;
mod selection;

use std::process::ExitCode;

use ally_domain::text::{NAME, NOTE};
use ally_nats::{DeadLetterFilter, DeadLetterId};
use ally_projections::dead_letter::{State, Wanted};
use time::OffsetDateTime;

use super::consumers::consumer;
use super::dates::moment_of;
use super::hand::Hand;
use super::reach;
use crate::config::Config;
use selection::Selection;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The oldest ones first.
    List {
        #[command(flatten)]
        which: Which,
        /// Parked at or after a moment: 2026-11-20T08:30:00Z.
        #[arg(long, value_name = "TIME", value_parser = moment_of)]
        since: Option<OffsetDateTime>,
        /// How many.
        #[arg(long, short = 'n', default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        limit: u64,
        /// Read the stream itself instead of the view: slower, for when PostgreSQL is away. It holds open ones only.
        #[arg(long, conflicts_with_all = ["since", "state"])]
        from_stream: bool,
        /// Those in one state: open, redriven, discarded or any.
        #[arg(long, default_value = "open", value_parser = state)]
        state: Asked,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// One of them, whole.
    Show {
        /// As `ally dlq list` shows it: planner.PLANS-42.
        id: DeadLetterId,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// By cause, the most frequent first.
    Groups {
        /// Of one consumer.
        #[arg(long, value_parser = consumer)]
        consumer: Option<String>,
        /// Those in one state: open, redriven, discarded or any.
        #[arg(long, default_value = "open", value_parser = state)]
        state: Asked,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Put them back: a job runs again from its full history. Twice is once.
    Redrive {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        change: Change,
        /// At most so many a second.
        #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u32).range(1..=10_000))]
        rate: Option<u32>,
    },
    /// Remove them for good. A job stays dead-lettered; its events stay in the log.
    Discard {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        change: Change,
    },
}

/// Which dead letters.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Of one consumer.
    #[arg(long, value_parser = consumer)]
    consumer: Option<String>,
    /// Of one cause, as `ally dlq groups` shows it.
    #[arg(long, value_parser = name)]
    fingerprint: Option<String>,
}

impl Which {
    fn filter(&self) -> DeadLetterFilter {
        DeadLetterFilter { consumer: self.consumer.clone(), fingerprint: self.fingerprint.clone(), event_type: None }
    }

    fn wanted(&self, state: Asked, since: Option<OffsetDateTime>) -> Wanted {
        Wanted { consumer: self.consumer.clone(), fingerprint: self.fingerprint.clone(), state: state.0, since }
    }
}

/// The state that was asked for; none is any.
#[derive(Debug, Clone, Copy)]
pub struct Asked(Option<State>);

/// How to change them.
#[derive(Debug, clap::Args)]
pub struct Change {
    /// Why, for the audit: what was the cause, and what has been done about it.
    #[arg(long, value_name = "TEXT", value_parser = note, required_unless_present = "dry_run")]
    note: Option<String>,
    /// Show what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    hand: Hand,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    if let Command::Redrive { selection, .. } | Command::Discard { selection, .. } = command {
        selection.check()?;
    }
    reach::run(async {
        let log = reach::log(config).await?;
        match command {
            Command::List { which, limit, from_stream: true, json, .. } => {
                look::list_stream(&log, &which.filter(), *limit, *json).await?;
            }
            Command::List { which, since, limit, state, json, .. } => {
                let letters = look::letters(config, &log).await?;
                look::list(&letters, &which.wanted(*state, *since), *limit, *json).await?;
            }
            Command::Show { id, json } => look::show(&log, id, *json).await?,
            Command::Groups { consumer, state, json } => {
                let wanted = Wanted { consumer: consumer.clone(), state: state.0, ..Wanted::default() };
                look::groups(&look::letters(config, &log).await?, &wanted, *json).await?;
            }
            Command::Redrive { selection, change, rate } => {
                return put_back::redrive(&log, selection, change, &change.hand.operator(config), *rate).await;
            }
            Command::Discard { selection, change } => {
                return put_back::discard(&log, selection, change, &change.hand.operator(config)).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn state(text: &str) -> Result<Asked, String> {
    if text == "any" {
        return Ok(Asked(None));
    }
    text.parse().map(|state| Asked(Some(state))).map_err(|_| "there are open, redriven, discarded and any".to_owned())
}

/// Why something is changed, in an operator's words.
pub(super) fn note(text: &str) -> Result<String, String> {
    NOTE.check(text).map(str::to_owned).map_err(|unfit| unfit.to_string())
}

/// A name that something is found by.
fn name(text: &str) -> Result<String, String> {
    NAME.check(text).map(str::to_owned).map_err(|unfit| unfit.to_string())
}
