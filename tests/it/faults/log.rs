//! What is in the log, read by a client that knows nothing of the house: what was asked for, what was done, and when the
//! server stored it.

use std::collections::BTreeMap;

use ally_domain::event_data::EventType;
use ally_domain::ids::{AggregateKind, JobId, PlanId};
use ally_domain::job::Completed;
use ally_nats::names::{Names, StreamName};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{Context, Message, consumer};
use futures::StreamExt;
use time::OffsetDateTime;

use super::stage::Stage;

/// The events of jobs and plans so far.
pub struct Log {
    jetstream: Context,
    names: Names,
    /// The last message that was read; events and what waits to be delivered later share a stream.
    read: u64,
    /// The last event, by stream.
    pub ends: BTreeMap<StreamName, u64>,
    pub jobs: BTreeMap<String, Job>,
    /// Which job a plan is of.
    planned: BTreeMap<String, String>,
}

/// What the log says of a job. Where a thing must be there once, its sequences are kept, to be shown when it is not.
#[derive(Debug, Default)]
pub struct Job {
    pub requested: Vec<u64>,
    pub attempts: usize,
    pub plans: Vec<u64>,
    /// When the server stored its completion.
    pub completed: Vec<OffsetDateTime>,
    /// The names of other ends.
    pub other_ends: Vec<String>,
}

impl Job {
    pub fn has_ended(&self) -> bool {
        !self.completed.is_empty() || !self.other_ends.is_empty()
    }
}

impl Log {
    pub async fn of(stage: &Stage) -> Self {
        let (jetstream, names) = (stage.client().await, stage.names());
        Self { jetstream, names, read: 0, ends: BTreeMap::new(), jobs: BTreeMap::new(), planned: BTreeMap::new() }
    }

    /// Reads on to the present end.
    pub async fn catch_up(&mut self) {
        for message in self.messages(StreamName::Plans, self.read + 1).await {
            self.read = message.info().unwrap().stream_sequence;
            self.note(&message);
        }
    }

    /// Reads the other stream, for its end only: its events become jobs in the first one.
    pub async fn read_onboarding(&mut self) {
        let messages = self.messages(StreamName::Onboarding, 1).await;
        let events = messages.iter().filter(|message| self.names.parse_event(&message.subject).is_some());
        let end = events.map(|event| event.info().unwrap().stream_sequence).max();
        self.ends.insert(StreamName::Onboarding, end.unwrap_or(0));
    }

    /// How many messages a stream holds.
    pub async fn count(&self, stream: StreamName) -> u64 {
        let stream = self.jetstream.get_stream(self.names.stream(stream)).await.unwrap();
        stream.cached_info().state.messages
    }

    async fn messages(&self, stream: StreamName, from: u64) -> Vec<Message> {
        let stream = self.jetstream.get_stream(self.names.stream(stream)).await.unwrap();
        messages(&stream, from).await.unwrap()
    }

    fn note(&mut self, message: &Message) {
        let Some(aggregate) = self.names.parse_event(&message.subject) else { return };
        let info = message.info().unwrap();
        self.ends.insert(StreamName::Plans, info.stream_sequence);
        // The subject of a redriven job ends as that of a requested one.
        let event_type = message.headers.as_ref().unwrap().get("ce-type").unwrap();
        let event = EventType::parse(event_type.as_str()).unwrap().name;
        match (aggregate.kind, event.as_str()) {
            (AggregateKind::Plan, "created") => {
                // Its body may be packed; whose it is is told by its id.
                let job =
                    self.planned.get(aggregate.id.as_str()).expect("a plan is of a job that was requested").clone();
                self.jobs.entry(job).or_default().plans.push(info.stream_sequence);
            }
            (AggregateKind::Job, event) => {
                let job = self.jobs.entry(aggregate.id.to_string()).or_default();
                match event {
                    "requested" => {
                        job.requested.push(info.stream_sequence);
                        let job = JobId::from(&aggregate.id);
                        self.planned.insert(PlanId::for_job(&job).to_string(), job.to_string());
                    }
                    "started" => job.attempts += 1,
                    "completed" => {
                        let completed: Completed = serde_json::from_slice(&message.payload).unwrap();
                        job.attempts += usize::from(completed.begun.is_some());
                        job.completed.push(info.published);
                    }
                    "failed" | "dead_lettered" | "cancelled" => job.other_ends.push(event.to_owned()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Why a stream could not be read to its end.
pub type ReadError = Box<dyn std::error::Error + Send + Sync>;

/// The messages of a stream from a sequence to its present end.
pub async fn messages(stream: &Stream, from: u64) -> Result<Vec<Message>, ReadError> {
    let last = stream.get_info().await?.state.last_sequence;
    if last < from {
        return Ok(Vec::new());
    }
    let config = consumer::pull::OrderedConfig {
        deliver_policy: consumer::DeliverPolicy::ByStartSequence { start_sequence: from },
        ..Default::default()
    };
    let mut delivered = stream.create_consumer(config).await?.messages().await?;
    let (mut messages, mut read, mut pending) = (Vec::new(), from - 1, true);
    while pending {
        let message = delivered.next().await.ok_or("the messages ended before the stream")??;
        let info = message.info()?;
        pending = info.pending > 0;
        // In a cluster an ordered consumer may begin anew and deliver again what it has delivered.
        if info.stream_sequence > read {
            read = info.stream_sequence;
            messages.push(message);
        }
    }
    Ok(messages)
}
