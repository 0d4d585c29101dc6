//! The port `EventStore` on JetStream: appends through the group commit, loads straight from the stream.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data;
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::{self, Append, Appended, EventStore, History, StoreError};
use ally_telemetry::names::{self, label, publish};
use ally_telemetry::series;
use async_trait::async_trait;
use tracing::Span;

use crate::archive::Shelf;
use crate::codec::{self, Raw};
use crate::commit::{Committer, Unit};
use crate::connection::JetStream;
use crate::event_log;
use crate::names::StreamName;
use crate::read::Reader;
use crate::send_span;
use crate::upcast::Upcasters;

/// The log of events. Clones share the queues of appends; the last one to go lets them finish.
#[derive(Debug, Clone)]
pub struct NatsEventStore {
    pub(crate) jetstream: JetStream,
    pub(crate) upcasters: Arc<Upcasters>,
    committers: Arc<HashMap<StreamName, Committer>>,
    pub(crate) shelf: Option<Shelf>,
}

impl NatsEventStore {
    /// A store over a connection. To be called inside the runtime on which appends shall run.
    #[must_use]
    pub fn new(jetstream: JetStream, upcasters: Upcasters) -> Self {
        let committers =
            StreamName::LOGS.into_iter().map(|stream| (stream, Committer::start(jetstream.clone(), stream))).collect();
        Self { jetstream, upcasters: Arc::new(upcasters), committers: Arc::new(committers), shelf: None }
    }

    /// The same store, which also reads what went to the archive.
    #[must_use]
    pub fn with_archive(mut self, shelf: Option<Shelf>) -> Self {
        self.shelf = shelf;
        self
    }

    /// Shows at zero what is counted of appends to aggregates of some kinds, and of reads.
    pub fn begin_series(&self, kinds: &[AggregateKind]) {
        for kind in kinds {
            let stream = (label::STREAM, &[StreamName::of(*kind).as_str()][..]);
            let types: Vec<String> = event_data::types_of(*kind).iter().map(ToString::to_string).collect();
            let types: Vec<&str> = types.iter().map(String::as_str).collect();
            series::begin(
                names::MESSAGES_PUBLISHED_TOTAL,
                &[stream, (label::TYPE, &types), (label::OUTCOME, &publish::ALL)],
            );
            for metric in [names::APPEND_BATCH_SIZE, names::APPEND_DURATION_SECONDS, names::APPEND_QUEUE_RESTARTS_TOTAL]
            {
                series::begin(metric, &[stream]);
            }
        }
        series::begin(names::LOG_READS_TOTAL, &[(label::STREAM, &StreamName::ALL.map(StreamName::as_str))]);
    }

    /// Shows at zero what a reader of the log skips.
    pub fn begin_reader_series(&self) {
        let streams = StreamName::ALL.map(StreamName::as_str);
        series::begin(names::EVENTS_SKIPPED_TOTAL, &[(label::STREAM, &streams), (label::REASON, &event_log::SKIPPED)]);
    }

    /// For tests: has the queue of appends to a stream break down at its next step.
    #[cfg(feature = "testing")]
    pub fn break_queue(&self, stream: StreamName) {
        if let Some(committer) = self.committers.get(&stream) {
            committer.break_down();
        }
    }

    async fn commit(&self, appends: Vec<Append>, spans: &[Span]) -> Result<Appended, StoreError> {
        // Where nothing is traced here, the caller's own context travels on.
        let own = appends.iter().flat_map(|append| (0..append.events.len()).map(|at| &append.context_of(at).trace));
        let traces: Vec<_> = spans.iter().zip(own).map(|(span, own)| send_span::context_of(span, own)).collect();
        let unit = Unit::encode(self.jetstream.names(), appends, &traces)?;
        let committer = self.committers.get(&unit.stream).ok_or_else(|| StoreError::Rejected {
            what: "an append".to_owned(),
            reason: format!("{} holds no events", unit.stream),
        })?;
        committer.append(unit, traces.into_iter().next().unwrap_or_default()).await
    }
}

#[async_trait]
impl EventStore for NatsEventStore {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        let stream = StreamName::of(aggregate.kind);
        let reader = Reader::new(self.jetstream.clone(), stream);
        let messages = reader.history(&self.jetstream.names().aggregate(aggregate)).await?;
        self.history(aggregate, &messages)
    }

    async fn look_back(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        let hot = self.load(aggregate).await?;
        self.with_archived_events(aggregate, hot).await
    }

    async fn last_event(&self, aggregate: &AggregateRef) -> Result<Option<Recorded>, StoreError> {
        let reader = Reader::new(self.jetstream.clone(), StreamName::of(aggregate.kind));
        let last = reader.last(&self.jetstream.names().aggregate(aggregate)).await?;
        Ok(self.history(aggregate, last.as_slice())?.events.pop())
    }

    async fn last_position(&self, aggregate: &AggregateRef) -> Result<Option<Position>, StoreError> {
        let stream = StreamName::of(aggregate.kind);
        let reader = Reader::new(self.jetstream.clone(), stream);
        let last = reader.last(&self.jetstream.names().aggregate(aggregate)).await?;
        Ok(last.map(|raw| Position { stream: stream.as_str().to_owned(), sequence: raw.sequence }))
    }

    /// Where others share a batch they all come along, for one wait; a batch of their own would cost more than a message each.
    async fn append_in_order(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        if appends.first().is_some_and(|first| self.is_sharing(&first.aggregate)) {
            return self.append_together(appends).await;
        }
        ports::append_one_by_one(self, appends).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        match StreamName::LOGS.into_iter().find(|log| log.as_str() == stream) {
            Some(log) => Ok(Some(self.jetstream.stream_end(log).await?.last)),
            None => Ok(None),
        }
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        let started = Instant::now();
        let events: Vec<_> = appends
            .iter()
            .flat_map(|append| append.events.iter().map(|event| (append.aggregate.kind, event.event_type.clone())))
            .collect();
        let spans = send_span::open(self.jetstream.names(), &appends);
        let answer = self.commit(appends, &spans).await;

        let outcome = match &answer {
            Ok(appended) if appended.duplicate => publish::DUPLICATE,
            Ok(_) => publish::STORED,
            Err(StoreError::Conflict { .. }) => publish::CONFLICT,
            Err(_) => publish::FAILED,
        };
        for (kind, event_type) in events {
            metrics::counter!(names::MESSAGES_PUBLISHED_TOTAL,
                label::STREAM => StreamName::of(kind).as_str(),
                label::TYPE => event_type.to_string(), label::OUTCOME => outcome)
            .increment(1);
            metrics::histogram!(names::APPEND_DURATION_SECONDS, label::STREAM => StreamName::of(kind).as_str())
                .record(started.elapsed().as_secs_f64());
        }
        send_span::close(&spans, &answer, outcome);
        answer
    }
}

impl NatsEventStore {
    /// Whether appends to the stream of an aggregate share batches at the moment.
    fn is_sharing(&self, aggregate: &AggregateRef) -> bool {
        self.committers.get(&StreamName::of(aggregate.kind)).is_some_and(Committer::is_sharing)
    }

    pub(crate) fn history(&self, aggregate: &AggregateRef, messages: &[Raw]) -> Result<History, StoreError> {
        let stream = StreamName::of(aggregate.kind);
        let events = messages.iter().map(|raw| {
            codec::decode(self.jetstream.names(), &self.upcasters, stream, raw).map_err(|error| StoreError::Corrupt {
                aggregate: aggregate.clone(),
                position: Position { stream: stream.as_str().to_owned(), sequence: raw.sequence },
                reason: error.to_string(),
            })
        });
        Ok(History { events: events.collect::<Result<_, _>>()? })
    }
}
