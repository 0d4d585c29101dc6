//! Fills the real log with made-up jobs, through the store itself.

use std::sync::Arc;

use ally_domain::envelope::{Actor, CommandContext, Recorded};
use ally_domain::event_data::EncodedEvent;
use ally_domain::ports::{Append, EventStore};
use ally_nats::NatsEventStore;
use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::value::RawValue;

use crate::synthetic;

/// Appends under way at once.
const WRITERS: usize = 256;

/// Appends so many whole jobs.
pub async fn fill(store: &NatsEventStore, jobs: u64) {
    let profile = Arc::new(synthetic::profile());
    let bar = ProgressBar::new(jobs * synthetic::EVENTS_OF_A_JOB);
    bar.set_style(ProgressStyle::with_template("filling the log {wide_bar} {pos}/{len} events, {per_sec}").unwrap());
    stream::iter(0..jobs)
        .for_each_concurrent(WRITERS, |job| {
            let (profile, bar) = (Arc::clone(&profile), &bar);
            async move {
                store.append(append(job, &profile)).await.expect("an append");
                bar.inc(synthetic::EVENTS_OF_A_JOB);
            }
        })
        .await;
    bar.finish_and_clear();
    eprintln!("filled {} events at {:.0}/s", bar.length().unwrap_or(0), bar.per_sec());
}

/// One job's whole life as one append.
fn append(job: u64, profile: &str) -> Append {
    let (round, place) = (job / synthetic::JOBS_AT_A_TIME, job % synthetic::JOBS_AT_A_TIME);
    let begin = round * synthetic::EVENTS_OF_A_JOB * synthetic::JOBS_AT_A_TIME + place;
    let steps = (0..synthetic::EVENTS_OF_A_JOB).map(|step| begin + step * synthetic::JOBS_AT_A_TIME + 1);
    let life: Vec<Recorded> = steps.map(|sequence| synthetic::event(sequence, profile)).collect();
    let first = life.first().expect("a job has events");
    let context = CommandContext {
        command_id: uuid::Uuid::now_v7().into(),
        correlation: first.correlation.clone(),
        causation: None,
        actor: Actor::System("planner"),
        at: first.at,
        trace: first.trace.clone(),
    };
    let aggregate = first.aggregate.clone();
    let events = life.into_iter().map(|event| EncodedEvent {
        event_type: event.event_type,
        data: RawValue::from_string(event.data).expect("JSON"),
    });
    Append { aggregate, expected: 0, events: events.collect(), context, contexts: Vec::new() }
}
