//! `ally jobs why`: in a sentence why a job is where it is. What is known comes from the log, the view, the queues and the dead
//! letters; what it means is decided here, without asking anybody.

use std::process::ExitCode;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AggregateRef, JobId};
use ally_domain::job::{JobEvent, JobStatus};
use ally_domain::ports::{Clock, EventStore};
use ally_nats::names::{StreamName, durable};
use ally_nats::{ConsumerFigures, DeadLetterFilter, DeadLetters};
use ally_projections::job_status::{self, JobStatusView};
use serde_json::json;
use time::OffsetDateTime;

use super::{queued_by, unknown};
use crate::app::SystemClock;
use crate::cli::events::{Folded, moment};
use crate::cli::reach::{self, Log};
use crate::cli::terminal;
use crate::config::Config;

/// What is known of a job.
struct Known {
    id: JobId,
    now: OffsetDateTime,
    /// What the log says; `None` while it only is promised by an onboarding.
    status: Option<JobStatus>,
    history: Vec<Recorded>,
    /// What its athlete sees; the error is why nobody knows.
    view: Result<Option<JobStatusView>, String>,
    queue: &'static str,
    figures: Option<ConsumerFigures>,
    letter: Option<String>,
}

pub async fn run(config: &Config, log: &Log, id: &JobId, json: bool) -> anyhow::Result<ExitCode> {
    let known = look(config, log, id).await?;
    match &known.view {
        Ok(None) if known.history.is_empty() => return Err(unknown(id).into()),
        // One that an onboarding has promised stands in the view alone.
        Err(why) if known.history.is_empty() => {
            anyhow::bail!("the log holds nothing of job {id} yet, and the view cannot be asked: {why}")
        }
        _ => {}
    }
    let why = why(&known);
    if json {
        let status = known.status.map(JobStatus::as_str);
        terminal::object(&json!({"jobId": id.as_str(), "status": status, "why": why}))?;
    } else {
        terminal::line(&why);
    }
    Ok(ExitCode::SUCCESS)
}

async fn look(config: &Config, log: &Log, id: &JobId) -> anyhow::Result<Known> {
    let history = log.store.look_back(&AggregateRef { kind: AggregateKind::Job, id: id.into() }).await?.events;
    let folded = history.iter().try_fold(Folded::new(AggregateKind::Job), Folded::apply)?;
    let status = folded.job_status();
    let view = async { Ok::<_, anyhow::Error>(job_status::get(&reach::views(config).await?, id).await?) };
    let queue = queue(&history);
    let stream = if queue == durable::ONBOARDING { StreamName::Onboarding } else { StreamName::Plans };
    let letters = DeadLetters::new(log.jetstream.clone());
    let parked = queued_by(&history).filter(|_| status == Some(JobStatus::DeadLettered));
    let letter = match parked {
        Some(parked) => {
            let all = letters.list(&DeadLetterFilter::default(), usize::MAX).await?;
            all.into_iter().find(|letter| letter.origin == parked.position).map(|letter| letter.id.to_string())
        }
        None => None,
    };
    Ok(Known {
        id: id.clone(),
        now: SystemClock.now(),
        status,
        view: view.await.map_err(|error| format!("{error:#}")),
        queue,
        figures: log.jetstream.consumer_figures(stream, queue, &SystemClock).await.ok(),
        letter,
        history,
    })
}

/// The consumer whose workers it waits for.
fn queue(history: &[Recorded]) -> &'static str {
    match queued_by(history).map(|event| event.event_type.name.as_str()) {
        None => durable::ONBOARDING,
        Some("expedited") => durable::PLANNER_EXPRESS,
        Some(_) => durable::PLANNER,
    }
}

fn why(known: &Known) -> String {
    let mut text = match known.status {
        None => promised(known),
        Some(JobStatus::Scheduled) => scheduled(known),
        Some(JobStatus::Queued) => waiting(known),
        Some(JobStatus::Running | JobStatus::Cancelling) => running(known),
        Some(JobStatus::Retrying) => retrying(known),
        Some(ended) => end(known, ended),
    };
    match (&known.view, known.status) {
        (Err(error), _) => text.push_str(&format!(" What its athlete sees is not known: {error}.")),
        (Ok(Some(view)), Some(status)) if view.status == status => {}
        (Ok(Some(view)), Some(_)) => {
            let seen = view.status.as_str();
            text.push_str(" Its athlete still sees it ");
            text.push_str(seen);
            text.push_str(": the projector is behind, see `ally projections status`.");
        }
        (Ok(None), Some(_)) => {
            text.push_str(" Its athlete does not see it yet: the projector is behind, see `ally projections status`.");
        }
        (Ok(_), None) => {}
    }
    text
}

fn promised(known: &Known) -> String {
    let id = &known.id;
    format!("job {id} was promised by an onboarding and is not requested yet{}.", held_up(known))
}

fn waiting(known: &Known) -> String {
    let entered = queued_by(&known.history).map(|event| match event.decode() {
        Ok(JobEvent::Requested(requested)) => requested.not_before.map_or(event.at, |due| due.max(event.at)),
        _ => event.at,
    });
    let since = entered.map_or_else(String::new, |at| format!(" for {}", ago(known.now, at)));
    format!("job {} waits{since} for a worker{}.", known.id, held_up(known))
}

fn scheduled(known: &Known) -> String {
    let not_before = known.history.iter().find_map(|event| match event.decode() {
        Ok(JobEvent::Requested(requested)) => requested.not_before,
        _ => None,
    });
    match not_before.filter(|not_before| *not_before > known.now) {
        Some(not_before) => format!(
            "job {} is scheduled and begins in {}, at {}; an operator begins it now by POST /api/v1/operator/jobs/{}/expedite.",
            known.id,
            ago(not_before, known.now),
            moment(not_before),
            known.id
        ),
        None => waiting(known),
    }
}

fn running(known: &Known) -> String {
    let started = known.history.iter().rev().find_map(|event| match event.decode() {
        Ok(JobEvent::Started(started)) => Some((event.at, started)),
        _ => None,
    });
    let stops = if known.status == Some(JobStatus::Cancelling) { ", and is to stop as soon as it lets go" } else { "" };
    match started {
        Some((at, started)) => format!(
            "attempt {} of job {} has been with worker {} for {}{stops}; `ally trace {}` shows what it does.",
            started.attempt,
            known.id,
            started.worker,
            ago(known.now, at),
            known.id
        ),
        None => format!("job {} is with a worker{stops}.", known.id),
    }
}

fn retrying(known: &Known) -> String {
    let failed = known.history.iter().rev().find_map(|event| match event.decode() {
        Ok(JobEvent::AttemptFailed(failed)) => Some(failed),
        _ => None,
    });
    let Some(failed) = failed else { return format!("job {} waits for its next attempt{}.", known.id, held_up(known)) };
    let left = failed.attempts_left.map_or_else(String::new, |left| format!("; {left} are left after it"));
    let next = match failed.retry_at > known.now {
        true => format!("the next one is due in {}{left}", ago(failed.retry_at, known.now)),
        false => format!("the next one has been due for {}{}", ago(known.now, failed.retry_at), held_up(known)),
    };
    format!(
        "attempt {} of job {} failed, and {next}. It failed by: {}.",
        failed.attempt,
        known.id,
        plain(&failed.reason)
    )
}

fn end(known: &Known, status: JobStatus) -> String {
    let id = &known.id;
    let Some(last) = known.history.last() else { return format!("job {id} is {}.", status.as_str()) };
    let at = moment(last.at);
    match last.decode() {
        Ok(JobEvent::Completed(done)) => {
            let tries = if done.attempt == 1 { "its first attempt" } else { "one of several attempts" };
            format!("job {id} was completed at {at} by {tries} (number {}): plan {}.", done.attempt, done.plan_id)
        }
        Ok(JobEvent::Failed(failed)) => format!(
            "job {id} failed for good at {at}, as another attempt would ({}): {}.",
            failed.code.as_str(),
            plain(&failed.reason)
        ),
        Ok(JobEvent::DeadLettered(given_up)) => {
            let remedy = known.letter.as_ref().map_or_else(
                || "`ally dlq list` shows what was given up".to_owned(),
                |letter| format!("once that is mended: ally dlq redrive {letter} --note WHY"),
            );
            let (attempts, reason) = (given_up.attempts, plain(&given_up.reason));
            format!("job {id} was given up at {at} after {attempts} attempts: {reason}; {remedy}.")
        }
        Ok(JobEvent::Cancelled(_)) => format!("job {id} was cancelled at {at} by {}.", last.actor),
        _ => format!("job {id} is {} since {at}.", status.as_str()),
    }
}

/// What keeps a queue from going on, if anything does.
fn held_up(known: &Known) -> String {
    let queue = known.queue;
    match &known.figures {
        None => format!(", and its queue {queue} is not there or does not answer: `ally doctor` says more"),
        Some(it) if it.paused => {
            let left = span_of_time(it.pause_left);
            let by = it.paused_by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
            format!(": its queue {queue} is paused{by} for another {left}; `ally consumers resume {queue}` ends that")
        }
        Some(it) if it.waiting_pulls == 0 && it.ack_pending == 0 => {
            format!(": nobody works on its queue {queue}; start the role that does, `ally doctor` names it")
        }
        Some(it) if it.depth() == 0 => {
            format!(
                ", and its queue {queue} is empty: no consumer holds it; the projector brings it back by itself, or `ally jobs requeue {} --note WHY`",
                known.id
            )
        }
        Some(it) => format!(
            ": {} messages wait in its queue {queue} and {} are being worked on, the oldest since {}",
            it.pending,
            it.ack_pending,
            span_of_time(it.oldest_age)
        ),
    }
}

fn ago(later: OffsetDateTime, earlier: OffsetDateTime) -> String {
    span_of_time((later - earlier).try_into().unwrap_or_default())
}

fn span_of_time(time: Duration) -> String {
    match time.as_secs() {
        0..=119 => format!("{} s", time.as_secs()),
        120..=7_199 => format!("{} min", time.as_secs() / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

/// A reason ends its sentence itself often enough.
fn plain(reason: &str) -> &str {
    reason.trim_end_matches('.')
}

#[cfg(test)]
mod tests;
