//! `ally archive`: jobs that ended long ago, moved out of the log by hand, and what was moved so far.

use std::process::ExitCode;
use std::time::Duration;

use ally_domain::ports::Segment;
use ally_handlers::{Archiver, Moved};
use ally_nats::{Declared, Inventoried, Lost, NatsArchive, SegmentName, SegmentState, Shelf};
use ally_projections::Database;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use tokio_util::sync::CancellationToken;

use super::dlq::note;
use super::events::moment;
use super::hand::Hand;
use super::progress::Bar;
use super::reach;
use super::{Usage, terminal};
use crate::app::{archiver, signal};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Move what is due now; what an earlier run has begun is finished first.
    Run(Run),
    /// The segments of the archive, and those that the log names and that are not there: then the exit code is 1.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Say that a segment is lost, for good and in your name: the log is read on without its events, which nothing brings back.
    DeclareLost {
        /// Its name, as `list` tells it.
        segment: SegmentName,
        /// Why, for the log: what happened to it, and where was looked for it.
        #[arg(long, value_name = "TEXT", value_parser = note)]
        note: String,
        #[command(flatten)]
        hand: Hand,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// A segment, read back and checked: which jobs it holds.
    Show {
        /// Its name, as `list` and the timeline of a job tell it.
        segment: SegmentName,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
pub struct Run {
    /// How long ago a job must have ended, in seconds; ARCHIVE_AFTER_SECONDS unless told.
    #[arg(long, value_name = "SECONDS")]
    after: Option<u64>,
    /// Tell what would be moved, and move nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    hand: Hand,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    reach::run(async {
        match command {
            Command::Run(args) => move_due(config, args).await,
            Command::List { json } => list(config, *json).await,
            Command::DeclareLost { segment, note, hand, json } => {
                declare_lost(config, segment, note, hand, *json).await
            }
            Command::Show { segment, json } => show(config, segment, *json).await,
        }
    })
}

async fn reached(config: &Config, after: u64) -> anyhow::Result<(Archiver, NatsArchive, Database)> {
    let (log, database) = (reach::log(config).await?, reach::views(config).await?);
    let built = archiver::build(config, log.store, database.clone(), Duration::from_secs(after))?;
    let (archiver, archive) = built.ok_or_else(no_archive)?;
    Ok((archiver, archive, database))
}

fn shelf(config: &Config) -> anyhow::Result<Shelf> {
    Ok(archiver::shelf(config)?.ok_or_else(no_archive)?)
}

fn no_archive() -> Usage {
    Usage("there is no archive: set ARCHIVE_URL to where every role keeps it, for example file:///var/lib/ally".into())
}

async fn move_due(config: &Config, args: &Run) -> anyhow::Result<ExitCode> {
    let (archiver, _, database) = reached(config, args.after.unwrap_or(config.archive.after_seconds)).await?;
    let found = archiver.find().await?;
    if args.dry_run {
        let oldest = found.oldest.and_then(|oldest| oldest.format(&Rfc3339).ok());
        if args.json {
            terminal::object(&json!({"jobs": found.jobs, "oldest": oldest}))?;
        } else {
            let since = oldest.map_or_else(String::new, |oldest| format!(", the oldest ended at {oldest}"));
            terminal::line(&format!("{} jobs would go to the archive{since}", found.jobs));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let bar = Bar::new("archiving jobs", found.jobs);
    let stop = CancellationToken::new();
    let asked = stop.clone();
    // A run that is told to stop ends behind the segment in hand.
    let _signals = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(async move {
        signal::wait().await;
        asked.cancel();
    }));
    let actor = args.hand.operator(config).actor();
    let told = |moved: &Moved| bar.set(moved.jobs, found.jobs);
    let moved = archiver::by_hand(&archiver, &database, &actor, &stop, &told).await;
    bar.clear();
    let Some(moved) = moved? else {
        return Err(Usage("another process moves jobs to the archive just now; wait for it to end".into()).into());
    };
    let Moved { segments, jobs, events, raw_bytes, bytes } = moved;
    if args.json {
        let object =
            json!({"segments": segments, "jobs": jobs, "events": events, "rawBytes": raw_bytes, "bytes": bytes});
        terminal::object(&object)?;
    } else {
        terminal::line(&format!(
            "{jobs} jobs with {events} events went to {segments} segments of the archive, {bytes} bytes"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    // Without an archive of its own, the log would name every segment as missing.
    shelf(config)?;
    let log = reach::log(config).await?;
    let mut table = terminal::table(["segment", "jobs", "events", "bytes", "state"]);
    let mut gone = 0;
    let mut lost_ones = Vec::new();
    for Inventoried { name, bytes, state, lost } in log.store.inventory().await? {
        gone += u64::from(state.is_fault());
        if json {
            let object = json!({"segment": name.to_string(), "first": name.first, "last": name.last,
                "jobs": name.histories, "events": name.events, "bytes": bytes, "state": state.as_str(),
                "finished": state == SegmentState::Finished, "lost": lost});
            terminal::object(&object)?;
        }
        lost_ones.extend(lost.map(|lost| format!("{name} was declared lost: {}", by_whom(&lost))));
        // The next run finishes what one that was cut off has begun.
        let (jobs, events, bytes) = (name.histories.to_string(), name.events.to_string(), bytes.to_string());
        table.add_row([name.to_string(), jobs, events, bytes, state.to_string()]);
    }
    if !json {
        terminal::line(&table.to_string());
        lost_ones.iter().for_each(|line| terminal::line(line));
        if gone > 0 {
            terminal::line(&format!(
                "{gone} segments that the log names are missing or damaged: put them back from a backup, or set ARCHIVE_URL to \
                 where the whole archive is kept; until then nothing more is archived, their jobs cannot be looked back at, and no \
                 view is rebuilt. What there is no copy of: ally archive declare-lost SEGMENT --note WHY"
            ));
        }
    }
    Ok(if gone == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn declare_lost(
    config: &Config,
    name: &SegmentName,
    note: &str,
    hand: &Hand,
    json: bool,
) -> anyhow::Result<ExitCode> {
    // In a process without the archive every segment is missing.
    shelf(config)?;
    let log = reach::log(config).await?;
    let removal = hand.operator(config).removal(note);
    let lost = Lost { actor: removal.actor, note: removal.note, at: removal.at };
    let (outcome, text) = match log.store.declare_lost(name, lost).await? {
        Declared::Lost => ("lost", format!("{name} is lost: the log is read on without its events")),
        Declared::Already(before) => ("already", format!("{name} was declared lost before: {}", by_whom(&before))),
        Declared::Whole => {
            let text = format!(
                "segment {name} is there and has its size, so it is not lost; should its content be damaged, which `ally archive \
                 show {name}` tells, move the file away first"
            );
            return Err(Usage(text).into());
        }
        Declared::Unknown => {
            let text =
                format!("neither the log nor the archive knows a segment {name}; `ally archive list` shows them");
            return Err(Usage(text).into());
        }
    };
    if json {
        terminal::object(&json!({"segment": name.to_string(), "outcome": outcome}))?;
    } else {
        terminal::line(&text);
    }
    Ok(ExitCode::SUCCESS)
}

fn by_whom(lost: &Lost) -> String {
    format!("by {} at {} ({})", lost.actor, moment(lost.at), lost.note)
}

async fn show(config: &Config, name: &SegmentName, json: bool) -> anyhow::Result<ExitCode> {
    let log = reach::log(config).await?;
    let archive = NatsArchive::new((*log.store).clone(), shelf(config)?, ally_nats::SegmentLimits::default());
    let Segment { events, raw_bytes, bytes, histories, .. } = archive.read(name).await?;
    if json {
        let jobs: Vec<_> = histories
            .iter()
            .map(|it| json!({"jobId": it.aggregate.id.as_str(), "first": it.first, "last": it.last, "events": it.events}))
            .collect();
        let object = json!({"segment": name.to_string(), "events": events, "rawBytes": raw_bytes, "bytes": bytes,
            "jobs": jobs});
        terminal::object(&object)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = terminal::table(["job", "first", "last", "events"]);
    for it in &histories {
        let (first, last, events) = (it.first.to_string(), it.last.to_string(), it.events.to_string());
        table.add_row([it.aggregate.id.as_str(), &first, &last, &events]);
    }
    terminal::line(&table.to_string());
    let jobs = histories.len();
    terminal::line(&format!("{jobs} jobs, {events} events, {bytes} bytes ({raw_bytes} unpacked): whole and undamaged"));
    Ok(ExitCode::SUCCESS)
}
