//! `ally events`: the log, for people who look back.

mod folded;
mod shown;
mod tail;

use std::process::ExitCode;

use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef};
use ally_domain::ports::EventStore;
use ally_nats::names::StreamName;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::dates::moment_of;
use super::reach::{self, Log};
use super::{Usage, terminal};
use crate::config::Config;

pub use folded::Folded;
pub use shown::{history_table, moment, object, record};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The newest events.
    Tail(tail::Args),
    /// What happened to one job, athlete or plan, and what it adds up to: now, or at an earlier position or time.
    Show(Show),
    /// Fold a history event by event and show the state after each.
    Replay(Replay),
}

#[derive(Debug, clap::Args)]
pub struct Show {
    #[command(flatten)]
    of: Of,
    /// As of this event: PLANS:42, or 42.
    #[arg(long, value_name = "POSITION", value_parser = at, conflicts_with = "at_time")]
    at: Option<At>,
    /// As of this time (RFC 3339): 2026-11-20T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment_of)]
    at_time: Option<OffsetDateTime>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Replay {
    #[command(flatten)]
    of: Of,
    /// One JSON object an event.
    #[arg(long)]
    json: bool,
}

/// Whose history.
#[derive(Debug, clap::Args)]
struct Of {
    /// What it is.
    kind: Kind,
    /// Which one.
    id: AggregateId,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Kind {
    Job,
    Athlete,
    Plan,
    Room,
    Channel,
    Webhook,
    Delivery,
}

/// A position, with its stream where it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct At {
    stream: Option<StreamName>,
    sequence: u64,
}

impl Of {
    fn aggregate(&self) -> AggregateRef {
        let kind = match self.kind {
            Kind::Job => AggregateKind::Job,
            Kind::Athlete => AggregateKind::Athlete,
            Kind::Plan => AggregateKind::Plan,
            Kind::Room => AggregateKind::Room,
            Kind::Channel => AggregateKind::Channel,
            Kind::Webhook => AggregateKind::Webhook,
            Kind::Delivery => AggregateKind::Delivery,
        };
        AggregateRef { kind, id: self.id.clone() }
    }

    /// Its events, at least one.
    async fn history(&self, log: &Log) -> anyhow::Result<Vec<Recorded>> {
        let aggregate = self.aggregate();
        let events = log.store.look_back(&aggregate).await?.events;
        if events.is_empty() {
            let text = format!("the log knows no {aggregate}; `ally events tail` shows what it has, with ids");
            return Err(Usage(text).into());
        }
        Ok(events)
    }
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    reach::run(async {
        let log = reach::log(config).await?;
        match command {
            Command::Tail(args) => tail::run(&log, args).await?,
            Command::Show(args) => show(&log, args).await?,
            Command::Replay(args) => replay(&log, args).await?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn show(log: &Log, args: &Show) -> anyhow::Result<()> {
    let (aggregate, mut history) = (args.of.aggregate(), args.of.history(log).await?);
    let (began, first) = (history[0].position.clone(), history[0].at);
    if let Some(at) = &args.at {
        let stream = StreamName::of(aggregate.kind);
        if at.stream.is_some_and(|named| named != stream) {
            return Err(Usage(format!("{aggregate} has its events in {stream}; write {stream}:{}", at.sequence)).into());
        }
        history.retain(|event| event.position.sequence <= at.sequence);
    }
    if let Some(time) = args.at_time {
        history.retain(|event| event.at <= time);
    }
    if history.is_empty() {
        let first = first.format(&Rfc3339).unwrap_or_default();
        return Err(Usage(format!("{aggregate} was not there yet: it began with {began}, at {first}")).into());
    }
    let state = history.iter().try_fold(Folded::new(aggregate.kind), Folded::apply)?.json();
    if args.json {
        let events = history.iter().map(object).collect::<Vec<_>>();
        let (kind, id) = (aggregate.kind.as_str(), aggregate.id.as_str());
        return terminal::object(&json!({"kind": kind, "id": id, "state": state, "events": events}));
    }
    terminal::line(&history_table(&history).to_string());
    terminal::line(&record(&state).to_string());
    Ok(())
}

async fn replay(log: &Log, args: &Replay) -> anyhow::Result<()> {
    let history = args.of.history(log).await?;
    let mut folded = Folded::new(args.of.aggregate().kind);
    for event in &history {
        folded = folded.apply(event)?;
        if args.json {
            terminal::object(&json!({"event": object(event), "state": folded.json()}))?;
        } else {
            terminal::line(&shown::line_of(event));
            terminal::line(&format!("    → {}", folded.summary()));
        }
    }
    Ok(())
}

fn at(text: &str) -> Result<At, String> {
    let wrong =
        || format!("{text:?} is no position: write STREAM:SEQUENCE or the sequence alone, for example PLANS:42");
    let (stream, sequence) = match text.split_once(':') {
        Some((stream, sequence)) => (Some(stream.parse().map_err(|_| wrong())?), sequence),
        None => (None, text),
    };
    Ok(At { stream, sequence: sequence.parse().map_err(|_| wrong())? })
}
