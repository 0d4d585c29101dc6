//! `ally projections`: how far the views are, and whether they are what the log says.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::ports::EventLog;
use ally_nats::SegmentState;
use ally_nats::names::StreamName;
use ally_projections::{
    Definition, Incomplete, NewStream, PROJECTIONS, Progress, RebuildConfig, Rebuilder, Replaced, Verified,
    list_checkpoints, list_incomplete,
};
use serde_json::json;

use super::progress::Bar;
use super::reach::{self, Log};
use super::terminal;
use crate::config::Config;

/// How long the log may be silent before a view counts as caught up.
const SILENCE: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Which there are, and what feeds them.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// How far each one is behind the log, and whether it goes without some of its events.
    Status {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Fill a view anew from the log while the old one serves, and swap it in.
    Rebuild {
        /// Which view.
        #[arg(value_parser = projection)]
        name: String,
        /// Also where a stream was deleted and made anew, or put back from an older copy: what only the view holds of the old
        /// one is gone then.
        #[arg(long)]
        accept_new_stream: bool,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Fold the log afresh and compare row by row; differences, and events that a view goes without, are exit code 1.
    Verify {
        /// Which view; all unless told.
        #[arg(value_parser = projection)]
        name: Option<String>,
        /// One JSON object a view, and one a difference.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { json } => list(*json),
        Command::Status { json } => reach::run(status(config, *json)),
        Command::Rebuild { name, accept_new_stream, json } => {
            let new_stream = if *accept_new_stream { NewStream::Accepted } else { NewStream::Refused };
            reach::run(rebuild(config, name, new_stream, *json))
        }
        Command::Verify { name, json } => reach::run(verify(config, name.as_deref(), *json)),
    }
}

fn list(json: bool) -> anyhow::Result<ExitCode> {
    let mut table = terminal::table(["projection", "streams"]);
    for known in PROJECTIONS {
        if json {
            terminal::object(&json!({"projection": known.name, "streams": known.streams}))?;
        }
        table.add_row([known.name.to_owned(), known.streams.join(", ")]);
    }
    if !json {
        terminal::line(&table.to_string());
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let (rebuilder, log) = rebuilder(config).await?;
    let database = reach::views(config).await?;
    let checkpoints = list_checkpoints(&database).await?;
    let mut all_replaced: Vec<Replaced> = Vec::new();
    let incomplete = list_incomplete(&database).await?;
    let mut table = terminal::table(["projection", "stream", "checkpoint", "behind", "rebuilt", "passed over"]);
    for known in PROJECTIONS {
        let replaced = rebuilder.replaced(known.name).await?;
        for stream in known.streams {
            let is_replaced = replaced.iter().any(|it| it.stream == *stream);
            let mine =
                |it: &&ally_projections::Checkpoint| it.projection == known.name && it.position.stream == *stream;
            let checkpoint = checkpoints.iter().find(mine);
            let at = checkpoint.map_or(0, |it| it.position.sequence);
            let rebuilt = checkpoint.map_or(0, |it| it.generation);
            // A position in another stream is behind by nothing that could be counted.
            let behind = if is_replaced { 0 } else { behind(&log, stream, at).await? };
            let passed_over = incomplete.iter().find(|it| it.projection == known.name && it.first.stream == *stream);
            if json {
                let object = json!({"projection": known.name, "stream": stream, "checkpoint": at, "behind": behind,
                    "generation": rebuilt, "passedOver": passed_over.map_or(0, |it| it.events),
                    "streamReplaced": is_replaced});
                terminal::object(&object)?;
            }
            let behind = if is_replaced { "another stream".to_owned() } else { format!("{behind} events") };
            let without = passed_over.map_or_else(|| "none".to_owned(), |it| format!("{} events", it.events));
            table.add_row([
                known.name,
                stream,
                &format!("{stream}:{at}"),
                &behind,
                &format!("{rebuilt} times"),
                &without,
            ]);
        }
        let new = replaced.into_iter().filter(|it| !all_replaced.iter().any(|known| known.stream == it.stream));
        all_replaced.extend(new.collect::<Vec<_>>());
    }
    if !json {
        terminal::line(&table.to_string());
        say_incomplete(&incomplete);
        all_replaced.iter().for_each(|it| terminal::line(&it.to_string()));
    }
    Ok(ExitCode::SUCCESS)
}

/// A sentence for each view that goes without events, and what to do.
fn say_incomplete(incomplete: &[Incomplete]) {
    for it in incomplete {
        terminal::line(&format!("{it}\n  {}", it.remedy()));
    }
}

/// Events behind a checkpoint. Sequences cannot tell: a stream also holds what waits.
async fn behind(log: &Log, stream: &str, at: u64) -> anyhow::Result<u64> {
    if log.store.last_sequence(stream).await? <= at {
        return Ok(0);
    }
    let batch = log.store.open(stream, at).await?.next(1, SILENCE).await?;
    Ok(batch.events.len() as u64 + batch.pending)
}

async fn rebuilder(config: &Config) -> anyhow::Result<(Rebuilder, Log)> {
    let (log, database) = (reach::log(config).await?, reach::views(config).await?);
    let rebuilder = Rebuilder::new(database, Arc::clone(&log.store) as Arc<dyn EventLog>, RebuildConfig::default());
    Ok((rebuilder, log))
}

async fn rebuild(config: &Config, name: &str, new_stream: NewStream, json: bool) -> anyhow::Result<ExitCode> {
    let (rebuilder, log) = rebuilder(config).await?;
    let bar = Bar::new(&format!("rebuilding {name}"), 0);
    let rebuilt = rebuilder.rebuild_from(name, new_stream, &|progress| show(&bar, progress)).await;
    bar.clear();
    let rebuilt = rebuilt?;
    let positions = rebuilt.positions.iter().map(ToString::to_string).collect::<Vec<_>>();
    if json {
        let object =
            json!({"projection": name, "events": rebuilt.events, "positions": positions, "failures": rebuilt.failures});
        terminal::object(&object)?;
    } else {
        let (events, failures) = (rebuilt.events, rebuilt.failures);
        terminal::line(&format!(
            "{name} was rebuilt from {events} events, up to {}, and swapped in; {failures} events were passed over",
            positions.join(" and ")
        ));
        say_lost(&log, name).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Names the segments that were declared lost: what a view of jobs was folded without.
async fn say_lost(log: &Log, name: &str) -> anyhow::Result<()> {
    let of_jobs = |known: &&Definition| known.name == name && known.streams.contains(&StreamName::Plans.as_str());
    if !PROJECTIONS.iter().any(|known| of_jobs(&known)) {
        return Ok(());
    }
    for segment in log.store.inventory().await?.iter().filter(|segment| segment.state == SegmentState::Lost) {
        let (name, jobs) = (&segment.name, segment.name.histories);
        terminal::line(&format!(
            "  it goes without the {} events of {jobs} jobs in segment {name}, which was declared lost",
            name.events
        ));
    }
    Ok(())
}

async fn verify(config: &Config, name: Option<&str>, json: bool) -> anyhow::Result<ExitCode> {
    let (rebuilder, log) = rebuilder(config).await?;
    let mut wrong = false;
    for known in PROJECTIONS.iter().filter(|known| name.is_none_or(|name| name == known.name)) {
        let bar = Bar::new(&format!("checking {}", known.name), 0);
        let verified = rebuilder.verify(known.name, &|progress| show(&bar, progress)).await;
        bar.clear();
        let verified = verified?;
        wrong |= verified.differing > 0 || !verified.incomplete.is_empty();
        tell(&verified, json)?;
        if !json {
            say_lost(&log, known.name).await?;
        }
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn tell(verified: &Verified, json: bool) -> anyhow::Result<()> {
    let Verified { projection, events, rows, differing, positions, .. } = verified;
    let positions = positions.iter().map(ToString::to_string).collect::<Vec<_>>();
    let passed_over: u64 = verified.incomplete.iter().map(|it| it.events).sum();
    if json {
        let object = json!({"projection": projection, "events": events, "rows": rows, "differing": differing,
            "positions": positions, "passedOver": passed_over});
        terminal::object(&object)?;
    } else {
        let at = positions.join(" and ");
        let found = match (*differing, passed_over) {
            (0, 0) => "no difference".to_owned(),
            (0, _) => "no row differs, and it is incomplete".to_owned(),
            (differing, _) => format!("{differing} rows differ"),
        };
        terminal::line(&format!("{projection}: {found} ({rows} rows against {events} events, at {at})"));
    }
    for it in &verified.differences {
        if json {
            let object =
                json!({"projection": projection, "table": it.table, "key": it.key, "view": it.view, "log": it.log});
            terminal::object(&object)?;
        } else {
            let (view, log) = (it.view.as_deref().unwrap_or("no row"), it.log.as_deref().unwrap_or("no row"));
            terminal::line(&format!("  {} {}\n    view: {view}\n    log:  {log}", it.table, it.key));
        }
    }
    if !json {
        say_incomplete(&verified.incomplete);
    }
    if *differing > 0 && !json {
        terminal::line(&format!("  `ally projections rebuild {projection}` makes it what the log says"));
    }
    Ok(())
}

/// A projection of two streams folds one after the other: the bar is that of the stream it is in.
fn show(bar: &Bar, progress: &Progress) {
    bar.set(progress.position.sequence, progress.target);
}

fn projection(text: &str) -> Result<String, String> {
    let known = PROJECTIONS.iter().map(|known| known.name).collect::<Vec<_>>();
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(format!("there are {}", known.join(", "))) }
}
