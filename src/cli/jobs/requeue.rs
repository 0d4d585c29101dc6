//! `ally jobs requeue`: what the projector's reconciler does by itself, by hand and in an operator's name.

use std::collections::HashSet;
use std::process::ExitCode;

use ally_domain::ids::JobId;
use ally_domain::job::{JobDecider, Remedy};
use ally_domain::ports::StoreError;
use ally_handlers::{ExecuteError, Orphan, Orphans, ReconcileError, Reconciled, Reconciler, Unjudged};
use serde_json::json;

use super::unknown;
use crate::app::{consumers, reconciler};
use crate::cli::dlq::note;
use crate::cli::hand::Hand;
use crate::cli::reach::Log;
use crate::cli::terminal;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which job.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    id: Option<JobId>,
    /// Every job that no consumer holds.
    #[arg(long)]
    all: bool,
    /// Why, for the job's history.
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

pub async fn run(config: &Config, log: &Log, args: &Args) -> anyhow::Result<ExitCode> {
    let reconciler = reconciler::build(config, &log.jetstream, log.executor.clone());
    let mut seen = HashSet::new();
    let (mut all, mut found) = (true, 0);
    // A look is bounded: what the last ones have shown comes last in the next one, until nothing new comes.
    loop {
        let Orphans { found: mut orphans, more, mut unjudged } = match &args.id {
            Some(id) => Orphans { found: find(&reconciler, log, id).await?, ..Orphans::default() },
            None => reconciler.look(&seen).await?,
        };
        orphans.retain(|orphan| seen.insert(orphan.unheld.job.clone()));
        unjudged.retain(|unjudged| seen.insert(unjudged.job.clone()));
        if orphans.is_empty() && unjudged.is_empty() {
            break;
        }
        found += orphans.len();
        all &= unjudged.is_empty();
        for Unjudged { job, reason } in &unjudged {
            say_left(args, job, "unjudged", reason)?;
        }
        for orphan in &orphans {
            all &= treat(&reconciler, config, args, orphan).await?;
        }
        if more == 0 {
            break;
        }
    }
    if seen.is_empty() {
        return nothing(config, log, args).await;
    }
    if args.dry_run && !args.json {
        terminal::line(&format!("nothing was changed; {found} would be without --dry-run"));
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Treats one, or says what would be done. Whether nothing is left to do for it: one that fails keeps no other from its turn.
async fn treat(reconciler: &Reconciler, config: &Config, args: &Args, orphan: &Orphan) -> anyhow::Result<bool> {
    let Some(note) = args.note.as_deref().filter(|_| !args.dry_run) else {
        tell(args, orphan, "dry_run", would(orphan.remedy))?;
        return Ok(true);
    };
    match reconciler.treat(orphan, &args.hand.operator(config).actor(), note).await {
        Ok(reconciled) => {
            let (outcome, text) = done(reconciled);
            tell(args, orphan, outcome, text)?;
            Ok(reconciled != Reconciled::Waits)
        }
        Err(error) if is_of_all(&error) => Err(out_of_log(error)),
        Err(error) => {
            say_left(args, &orphan.unheld.job, "failed", &error.to_string())?;
            Ok(false)
        }
    }
}

/// Whether what the log said of one job it would say of every other.
const fn is_of_all(error: &ReconcileError) -> bool {
    matches!(
        error,
        ReconcileError::Store(StoreError::Unavailable { .. } | StoreError::Full { .. })
            | ReconcileError::Job(ExecuteError::Store(StoreError::Unavailable { .. } | StoreError::Full { .. }))
    )
}

fn say_left(args: &Args, job: &JobId, outcome: &str, reason: &str) -> anyhow::Result<()> {
    if args.json {
        return terminal::object(&json!({ "jobId": job.as_str(), "outcome": outcome, "reason": reason }));
    }
    terminal::line(&format!("job {job} stays as it is: {reason}"));
    Ok(())
}

/// What the log did not take, as the error that the command line knows to be the log's.
fn out_of_log(error: ReconcileError) -> anyhow::Error {
    match error {
        ReconcileError::Store(error) | ReconcileError::Job(ExecuteError::Store(error)) => error.into(),
        error => error.into(),
    }
}

/// The job, if nobody holds it: by its own events, or, where it has none, among what onboarding has promised.
async fn find(reconciler: &Reconciler, log: &Log, id: &JobId) -> anyhow::Result<Vec<Orphan>> {
    if let Some(orphan) = reconciler.look_at(id).await? {
        return Ok(vec![orphan]);
    }
    let (state, _) = log.executor.load::<JobDecider>(&id.into()).await?;
    if state.0.is_some() {
        return Ok(Vec::new());
    }
    let promised = reconciler.look(&HashSet::new()).await?.found.into_iter().find(|orphan| orphan.unheld.job == *id);
    Ok(vec![promised.ok_or_else(|| unknown(id))?])
}

async fn nothing(config: &Config, log: &Log, args: &Args) -> anyhow::Result<ExitCode> {
    match &args.id {
        _ if args.json => return Ok(ExitCode::SUCCESS),
        None => terminal::line("no job is orphaned: every open one has a message that its consumer holds"),
        Some(id) => {
            let (state, _) = log.executor.load::<JobDecider>(&id.into()).await?;
            let status = state.0.map_or("unknown", |job| job.status.as_str());
            terminal::line(&format!("job {id} is {status} and no orphan: there is nothing to put back"));
        }
    }
    // What its consumer may still be given is no orphan, also where the consumer is not such that it will be.
    for consumer in consumers(config) {
        for fault in log.jetstream.look_at_consumer(&consumer).await? {
            terminal::line(&format!("but {fault}; {}", fault.remedy()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(args: &Args, orphan: &Orphan, outcome: &str, text: &str) -> anyhow::Result<()> {
    let (unheld, status) = (&orphan.unheld, orphan.status.map_or("promised", |status| status.as_str()));
    if args.json {
        return terminal::object(&json!({
            "jobId": unheld.job.as_str(), "status": status, "message": unheld.message.to_string(),
            "consumer": unheld.consumer, "remedy": orphan.remedy.as_str(), "outcome": outcome,
        }));
    }
    terminal::line(&format!("job {} ({status}, message {} of {}) {text}", unheld.job, unheld.message, unheld.consumer));
    Ok(())
}

const fn would(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::PutBack => "would be put back before its consumer",
        Remedy::Park => "would be parked: its attempts are used up",
        Remedy::Cancel => "would be cancelled: its worker is gone",
        Remedy::Request => "would be requested, as its onboarding promised",
        Remedy::Wait => "would be left: a worker may still be at it",
    }
}

const fn done(reconciled: Reconciled) -> (&'static str, &'static str) {
    match reconciled {
        Reconciled::Done(Remedy::PutBack) => ("put_back", "stands before its consumer again"),
        Reconciled::Done(Remedy::Park) => ("parked", "is parked: its attempts are used up; see `ally dlq list`"),
        Reconciled::Done(Remedy::Cancel) => ("cancelled", "is cancelled: its worker is gone"),
        Reconciled::Done(Remedy::Request) => ("requested", "is requested, as its onboarding promised"),
        Reconciled::Waits | Reconciled::Done(Remedy::Wait) => {
            ("waits", "stays: a worker may still be at it, try again once the attempt's deadline has passed")
        }
        Reconciled::Moved => ("moved", "has moved on meanwhile: nothing was done"),
    }
}
