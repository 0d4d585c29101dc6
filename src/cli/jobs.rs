//! `ally jobs`: plan jobs, whoever's, straight from the log.

mod requeue;
mod why;

use std::process::ExitCode;

use ally_domain::decider::Decider;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AggregateRef, JobId};
use ally_domain::job::{JobCommand, JobDecider, JobRefusal, JobStatus};
use ally_domain::ports::EventStore;
use ally_handlers::ExecuteError;
use serde_json::json;

use super::events::{Folded, history_table, record};
use super::hand::Hand;
use super::reach::{self, Log};
use super::{Usage, terminal};
use crate::app::Operator;
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Where it stands and how it got there.
    Show {
        /// Which job.
        id: JobId,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Say in a sentence why it is where it is: what it waits for, what it failed by, what to do.
    Why {
        /// Which job.
        id: JobId,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Put it before others while it waits: the express workers take it up.
    Expedite {
        /// Which job.
        id: JobId,
        #[command(flatten)]
        hand: Hand,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Bring jobs that no consumer holds any more back to their workers, or to their end. The projector does it by itself.
    Requeue(requeue::Args),
    /// Stop it: at once while it waits, as soon as its worker lets go while it runs.
    Cancel {
        /// Which job.
        id: JobId,
        #[command(flatten)]
        hand: Hand,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    reach::run(async {
        let log = reach::log(config).await?;
        match command {
            Command::Show { id, json } => show(&log, id, *json).await?,
            Command::Expedite { id, hand, json } => {
                change(&log, id, &JobCommand::Expedite, &hand.operator(config), *json).await?
            }
            Command::Why { id, json } => return why::run(config, &log, id, *json).await,
            Command::Requeue(args) => return requeue::run(config, &log, args).await,
            Command::Cancel { id, hand, json } => {
                change(&log, id, &JobCommand::Cancel, &hand.operator(config), *json).await?
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn show(log: &Log, id: &JobId, json: bool) -> anyhow::Result<()> {
    let job = AggregateRef { kind: AggregateKind::Job, id: id.into() };
    let history = log.store.look_back(&job).await?.events;
    if history.is_empty() {
        return Err(unknown(id).into());
    }
    let folded = history.iter().try_fold(Folded::new(AggregateKind::Job), Folded::apply)?;
    if json {
        let events = history.iter().map(super::events::object).collect::<Vec<_>>();
        return terminal::object(&json!({"jobId": id.as_str(), "state": folded.json(), "events": events}));
    }
    terminal::line(&record(&folded.json()).to_string());
    terminal::line(&history_table(&history).to_string());
    if folded.job_status() == Some(JobStatus::DeadLettered)
        && let Some(parked) = queued_by(&history)
    {
        let filter = ally_nats::DeadLetterFilter::default();
        let letters = ally_nats::DeadLetters::new(log.jetstream.clone()).list(&filter, usize::MAX).await?;
        if let Some(letter) = letters.iter().find(|letter| letter.origin == parked.position) {
            terminal::line(&format!("Once its cause is gone: ally dlq redrive {} --note WHY", letter.id));
        }
    }
    Ok(())
}

/// The event that put the job into the queue the last time: it is what its dead letter holds.
fn queued_by(history: &[Recorded]) -> Option<&Recorded> {
    history.iter().rev().find(|event| ["requested", "expedited", "redriven"].contains(&event.event_type.name.as_str()))
}

/// Executes an operator's command on a job and tells where it stands then.
async fn change(log: &Log, id: &JobId, command: &JobCommand, operator: &Operator, json: bool) -> anyhow::Result<()> {
    let context = operator.context();
    let executed = match log.executor.execute::<JobDecider>(&id.into(), command, &context).await {
        Ok(executed) => executed,
        Err(ExecuteError::Refused(JobRefusal::Unknown)) => return Err(unknown(id).into()),
        Err(ExecuteError::Refused(JobRefusal::NotPossible(status))) => {
            let text = format!("job {id} is {}, so {} is not possible", status.as_str(), JobDecider::name(command));
            return Err(Usage(text).into());
        }
        Err(ExecuteError::Refused(JobRefusal::Archived(status))) => {
            let (status, command) = (status.as_str(), JobDecider::name(command));
            return Err(Usage(format!("job {id} is {status} and archived, so {command} is not possible")).into());
        }
        Err(ExecuteError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(error.into()),
    };
    let status = executed.state.0.map_or(JobStatus::Cancelled, |job| job.status);
    if json {
        let position = executed.position.map(|position| position.to_string());
        return terminal::object(&json!({"jobId": id.as_str(), "status": status.as_str(), "position": position}));
    }
    terminal::line(&match status {
        JobStatus::Cancelling => format!("job {id} is cancelling: its worker lets go of it"),
        status => format!("job {id} is {}", status.as_str()),
    });
    Ok(())
}

fn unknown(id: &JobId) -> Usage {
    Usage(format!("the log knows no job {id}; a status answer or `ally events tail --type requested` shows the ids"))
}
