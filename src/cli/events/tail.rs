//! `ally events tail`: the newest events, and, followed, those that come.

use std::collections::VecDeque;
use std::time::Duration;

use ally_domain::athlete::AthleteEvent;
use ally_domain::envelope::Recorded;
use ally_domain::event_data::EventData;
use ally_domain::job::JobEvent;
use ally_domain::plan::PlanEvent;
use ally_domain::ports::{EventLog, EventReader};
use ally_domain::webhook::{DeliveryEvent, EndpointEvent};
use ally_nats::names::StreamName;
use futures::future::try_join_all;

use super::{object, shown};
use crate::cli::reach::Log;
use crate::cli::terminal;

/// Events that one read asks for.
const PAGE: usize = 1_000;
/// How long the log may be silent before what was asked of it counts as all there is.
const SILENCE: Duration = Duration::from_secs(1);
/// How long a follower waits for one stream before it looks at the next.
const TURN: Duration = Duration::from_millis(200);
/// How much farther back the next look goes when the last one found too few.
const WIDER: u64 = 8;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of one stream.
    #[arg(long, value_enum)]
    stream: Option<Stream>,
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// Of one type: plan_job.started.v1, plan_job.started or started.
    #[arg(long = "type", value_name = "TYPE", value_parser = event_type)]
    event_type: Option<String>,
    /// How many.
    #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=100_000))]
    limit: u64,
    /// One JSON object an event.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[clap(rename_all = "UPPER")]
enum Stream {
    Plans,
    Onboarding,
    Webhooks,
    Deliveries,
}

pub(super) async fn run(log: &Log, args: &Args) -> anyhow::Result<()> {
    let streams = match args.stream {
        Some(Stream::Plans) => vec![StreamName::Plans],
        Some(Stream::Onboarding) => vec![StreamName::Onboarding],
        Some(Stream::Webhooks) => vec![StreamName::Webhooks],
        Some(Stream::Deliveries) => vec![StreamName::Deliveries],
        None => StreamName::LOGS.to_vec(),
    };
    let mut found: Vec<Recorded> = Vec::new();
    let mut readers = Vec::new();
    for stream in streams {
        let (newest, reader) = newest(log, stream, args).await?;
        found.extend(newest);
        readers.push(reader);
    }
    found.sort_by(|a, b| {
        (a.at, &a.position.stream, a.position.sequence).cmp(&(b.at, &b.position.stream, b.position.sequence))
    });
    let behind = found.len().saturating_sub(limit(args));
    for event in found.drain(..).skip(behind) {
        if !show(&event, args)? {
            return Ok(());
        }
    }
    if args.follow { follow(readers, args).await } else { Ok(()) }
}

/// The newest events of a stream that are wanted, and a reader behind the last of all.
async fn newest(
    log: &Log,
    stream: StreamName,
    args: &Args,
) -> anyhow::Result<(VecDeque<Recorded>, Box<dyn EventReader>)> {
    let end = log.store.last_sequence(stream.as_str()).await?;
    let mut window = args.limit.max(64);
    loop {
        let after = end.saturating_sub(window);
        let mut reader = log.store.open(stream.as_str(), after).await?;
        let mut found = VecDeque::new();
        // An empty stream has nothing to wait for.
        let mut more = end > 0;
        while more {
            let batch = reader.next(PAGE, SILENCE).await?;
            more = !batch.events.is_empty() && batch.pending > 0;
            found.extend(batch.events.into_iter().filter(|event| wanted(event, args)));
            while found.len() > limit(args) {
                found.pop_front();
            }
        }
        if found.len() >= limit(args) || after == 0 {
            return Ok((found, reader));
        }
        window = window.saturating_mul(WIDER);
    }
}

async fn follow(mut readers: Vec<Box<dyn EventReader>>, args: &Args) -> anyhow::Result<()> {
    loop {
        let batches = try_join_all(readers.iter_mut().map(|reader| reader.next(PAGE, TURN))).await?;
        for event in batches.into_iter().flat_map(|batch| batch.events).filter(|event| wanted(event, args)) {
            if !show(&event, args)? {
                return Ok(());
            }
        }
    }
}

/// Shows an event; false when nobody reads any more.
fn show(event: &Recorded, args: &Args) -> anyhow::Result<bool> {
    let text = if args.json { serde_json::to_string(&object(event))? } else { shown::line_of(event) };
    Ok(terminal::is_read(&text))
}

fn wanted(event: &Recorded, args: &Args) -> bool {
    args.event_type.as_ref().is_none_or(|wanted| names(&event.event_type.to_string()).contains(wanted))
}

fn limit(args: &Args) -> usize {
    usize::try_from(args.limit).unwrap_or(usize::MAX)
}

/// The ways to write a type.
fn names(full: &str) -> Vec<String> {
    let unversioned = full.rsplit_once('.').map_or(full, |(name, _)| name);
    let short = unversioned.rsplit_once('.').map_or(unversioned, |(_, name)| name);
    vec![full.to_owned(), unversioned.to_owned(), short.to_owned()]
}

fn event_type(text: &str) -> Result<String, String> {
    let of = |noun: &str, types: &[(&str, u32)]| {
        types.iter().map(|(name, version)| format!("{noun}.{name}.v{version}")).collect::<Vec<_>>()
    };
    let known = [
        of(JobEvent::NOUN, JobEvent::TYPES),
        of(PlanEvent::NOUN, PlanEvent::TYPES),
        of(AthleteEvent::NOUN, AthleteEvent::TYPES),
        of(EndpointEvent::NOUN, EndpointEvent::TYPES),
        of(DeliveryEvent::NOUN, DeliveryEvent::TYPES),
    ]
    .concat();
    if known.iter().any(|full| names(full).iter().any(|name| name == text)) {
        Ok(text.to_owned())
    } else {
        Err(format!("there are {}", known.join(", ")))
    }
}
