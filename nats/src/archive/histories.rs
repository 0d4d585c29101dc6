//! The whole histories of many jobs, read in one go: where they begin is asked for all at once, and then the stream is read
//! from the first to the last of them. Asking for each by itself has the server look for each of its events anew.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::StoreError;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::{StreamExt, TryStreamExt, stream};

use super::retire::End;
use crate::codec::Raw;
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::{Names, StreamName};
use crate::read::Reader;

/// How a job begins.
const BEGINNING: &str = "requested";
/// A job that lasted longer, in numbers of the stream, is read by itself: it would have much read that concerns nobody.
const LONG: u64 = 5_000;
/// Messages that are asked for at once.
const BATCH: usize = 1_000;
/// Long jobs that are read side by side.
const LOADS: usize = 16;
/// A consumer that nobody asks any more is removed by the server.
const INACTIVE: Duration = Duration::from_secs(30);

/// The histories of jobs up to their ends or further, each in order; of a job that has none, nothing. At most 1,024 jobs.
pub(super) async fn histories(
    jetstream: &JetStream,
    held: StreamName,
    ends: &[End],
) -> Result<HashMap<AggregateRef, Vec<Raw>>, StoreError> {
    let (names, reader) = (jetstream.names(), Reader::new(jetstream.clone(), held));
    let beginnings: Vec<_> = ends.iter().map(|end| names.event(&end.job, BEGINNING)).collect();
    let mut began = HashMap::new();
    // The last message there is another one where a job was redriven; the first one follows nothing.
    for raw in reader.lasts(&beginnings).await?.into_iter().filter(|raw| raw.follows() == 0) {
        began.extend(names.parse_event(&raw.subject).map(|job| (job, raw.sequence)));
    }
    let (mut short, mut long) = (HashSet::new(), Vec::new());
    let (mut first, mut last) = (u64::MAX, 0);
    for end in ends {
        match began.get(&end.job) {
            Some(&beginning) if end.sequence.saturating_sub(beginning) <= LONG => {
                (first, last) = (first.min(beginning), last.max(end.sequence));
                short.insert(end.job.clone());
            }
            _ => long.push(end.job.clone()),
        }
    }
    let mut found = range(jetstream, held, (first, last), &short).await?;
    let mut loaded = stream::iter(long).map(|job| load(&reader, names, job)).buffer_unordered(LOADS);
    while let Some((job, raws)) = loaded.try_next().await? {
        found.insert(job, raws);
    }
    Ok(found)
}

async fn load(reader: &Reader, names: &Names, job: AggregateRef) -> Result<(AggregateRef, Vec<Raw>), StoreError> {
    let raws = reader.history(&names.aggregate(&job)).await?;
    Ok((job, raws))
}

/// The events of some jobs in a range of the stream.
async fn range(
    jetstream: &JetStream,
    held: StreamName,
    (first, last): (u64, u64),
    jobs: &HashSet<AggregateRef>,
) -> Result<HashMap<AggregateRef, Vec<Raw>>, StoreError> {
    let mut found: HashMap<_, Vec<Raw>> = HashMap::new();
    if jobs.is_empty() {
        return Ok(found);
    }
    let config = pull::Config {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: first },
        ack_policy: AckPolicy::None,
        filter_subject: jetstream.names().kind(AggregateKind::Job),
        inactive_threshold: INACTIVE,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    let stream = jetstream.stream(held).await?;
    let consumer = stream.create_consumer(config).await.map_err(|error| unavailable(&error))?;
    let (mut pending, mut received, mut at) = (consumer.cached_info().num_pending, 0, first);
    while pending > 0 && at < last {
        let fetched = consumer.fetch().max_messages(BATCH).messages().await;
        let mut messages = fetched.map_err(|error| unavailable(&error))?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| unavailable(&error))?;
            let info = message.info().map_err(|error| unavailable(&error))?;
            received += 1;
            if info.consumer_sequence != received {
                return Err(unavailable(&"a message was lost on its way"));
            }
            (pending, at) = (info.pending, info.stream_sequence);
            let (published, job) = (info.published, jetstream.names().parse_event(&message.subject));
            if let Some(job) = job.filter(|job| jobs.contains(job)) {
                found.entry(job).or_default().push(Raw::delivered(message.message, at, published));
            }
        }
    }
    // It would go by itself, later; until then the server keeps it up to date.
    let _ = stream.delete_consumer(&consumer.cached_info().name).await;
    Ok(found)
}

fn unavailable(error: &dyn std::fmt::Display) -> StoreError {
    JetStreamError::Unavailable { what: "reading histories".to_owned(), reason: error.to_string() }.into()
}
