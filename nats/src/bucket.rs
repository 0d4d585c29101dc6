//! A bucket of keys that end by themselves: what is published to it and read from it, and how it is made where it is not there.
//!
//! Deliberately not here: what its keys mean (`lease`, `lock`).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{
    Compression, Config, DiscardPolicy, LastRawMessageErrorKind, RetentionPolicy, StorageType,
};
use async_nats::jetstream::{self, ErrorCode};
use async_nats::{HeaderMap, HeaderValue, Request, RequestErrorKind, StatusCode};
use bytes::Bytes;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::answer;
use crate::connection::JetStream;
use crate::names::{StreamName, direct_get, header};

/// How long the end of a key is kept, in whole seconds: a watch that lags behind by less is told of it.
pub(crate) const MARKER_SECONDS: u64 = 10;
/// Beyond it the keys that were written longest ago go without a word. A bucket that refuses instead also refuses renewals, releases and
/// the server's own markers, so that none of its keys would ever end (ADR 0067).
const MAX_KEYS: i64 = 250_000;
const MAX_VALUE_BYTES: i32 = 2 * 1024;
const MAX_CONSUMERS: i32 = 256;
/// Nothing in it has a message id.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(1);

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The bucket is not there.
    Absent,
    /// What was expected does not hold.
    Stale,
    /// Everything else.
    Unavailable(String),
}

impl Failure {
    /// Why, where it was not expected.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Absent => "the bucket is not there".to_owned(),
            Self::Stale => "the bucket does not know what was expected".to_owned(),
            Self::Unavailable(reason) => reason,
        }
    }
}

/// What one bucket has that another has not.
pub(crate) struct Settings {
    /// The stream behind it.
    pub stream: String,
    /// What stands before each key.
    pub prefix: String,
    /// What it is for.
    pub description: &'static str,
    pub storage: StorageType,
    /// Where it says which bucket it is, if anybody asks.
    pub mark: Option<String>,
    /// Where its revisions begin when it is made.
    pub first_revision: Box<dyn Fn() -> Option<u64> + Send + Sync>,
}

/// A message of the bucket.
pub(crate) struct Stored {
    pub(crate) sequence: u64,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

pub(crate) struct Bucket {
    pub(crate) jetstream: JetStream,
    pub(crate) settings: Settings,
    direct: String,
    /// A direct read may be answered by a server that lags behind.
    replicated: AtomicBool,
    /// How often it was made, so that of many who miss it one makes it.
    attempts: AtomicU64,
    made: Mutex<Result<(), String>>,
}

impl Bucket {
    pub(crate) fn new(jetstream: JetStream, settings: Settings) -> Self {
        Self {
            direct: direct_get(&settings.stream),
            settings,
            replicated: AtomicBool::new(true),
            attempts: AtomicU64::new(0),
            made: Mutex::new(Ok(())),
            jetstream,
        }
    }

    pub(crate) fn subject(&self, key: impl std::fmt::Display) -> String {
        format!("{}{key}", self.settings.prefix)
    }

    /// Stores a message, behind the last one of its subject where that is told; the answer is its sequence. Nothing is locked while the
    /// answer is awaited. Where the bucket is not there it is made first.
    pub(crate) async fn publish(
        &self,
        subject: &str,
        headers: &HeaderMap,
        expected: Option<u64>,
        payload: Bytes,
    ) -> Result<u64, Failure> {
        let attempts = self.attempts.load(Ordering::Acquire);
        match self.publish_once(subject, headers, expected, payload.clone()).await {
            Err(Failure::Absent) => {
                self.make(attempts).await?;
                self.publish_once(subject, headers, expected, payload).await
            }
            answer => answer,
        }
    }

    async fn publish_once(
        &self,
        subject: &str,
        headers: &HeaderMap,
        expected: Option<u64>,
        payload: Bytes,
    ) -> Result<u64, Failure> {
        let mut headers = headers.clone();
        if let Some(expected) = expected {
            headers.insert(header::EXPECTED_SEQUENCE, HeaderValue::from(expected));
        }
        let timeout = self.jetstream.config().request_timeout;
        let request = Request::new().headers(headers).payload(payload).timeout(Some(timeout));
        let answer = self.jetstream.client().send_request(subject.to_owned(), request).await.map_err(unanswered)?;
        match answer::read(&answer.payload).map_err(|error| Failure::Unavailable(error.to_string()))? {
            Ok(stored) => Ok(stored.sequence),
            Err(refusal) if refusal.is_stale() => Err(Failure::Stale),
            Err(refusal) => Err(Failure::Unavailable(format!("{} ({})", refusal.description, refusal.err_code))),
        }
    }

    /// The last message of a subject, as of now. Where the bucket is not there it is made first.
    pub(crate) async fn last(&self, subject: &str) -> Result<Option<Stored>, Failure> {
        let attempts = self.attempts.load(Ordering::Acquire);
        match self.last_once(subject).await {
            Err(Failure::Absent) => {
                self.make(attempts).await?;
                // It may have been there and without a leader for a moment.
                self.last_once(subject).await
            }
            answer => answer,
        }
    }

    async fn last_once(&self, subject: &str) -> Result<Option<Stored>, Failure> {
        if self.replicated.load(Ordering::Relaxed) {
            return self.last_of_leader(subject).await;
        }
        let request = format!("{}.{subject}", self.direct);
        let message = self.jetstream.client().request(request, Bytes::new()).await.map_err(unanswered)?;
        match message.status {
            None => {}
            Some(StatusCode::NOT_FOUND) => return Ok(None),
            Some(status) => return Err(Failure::Unavailable(format!("a read was answered with {status}"))),
        }
        let headers = message.headers.unwrap_or_default();
        let sequence = headers.get_last(header::SEQUENCE).and_then(|text| text.as_str().parse().ok());
        let sequence = sequence.ok_or_else(|| Failure::Unavailable("a message has no sequence".to_owned()))?;
        Ok(Some(Stored { sequence, headers, payload: message.payload }))
    }

    async fn last_of_leader(&self, subject: &str) -> Result<Option<Stored>, Failure> {
        let stream = self.stream().await?;
        match stream.raw_message_builder().last_by_subject(subject).send().await {
            Ok(message) => {
                let (sequence, headers, payload) = (message.sequence, message.headers, message.payload);
                Ok(Some(Stored { sequence, headers, payload }))
            }
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok(None),
                LastRawMessageErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    Err(Failure::Absent)
                }
                _ => Err(Failure::Unavailable(error.to_string())),
            },
        }
    }

    pub(crate) async fn stream(&self) -> Result<jetstream::stream::Stream<()>, Failure> {
        let stream = self.jetstream.context().get_stream_no_info(&self.settings.stream).await;
        stream.map_err(|error| Failure::Unavailable(error.to_string()))
    }

    /// Which bucket it is; none while it has no mark. The time at which the stream was made does not tell: a cluster whose servers were
    /// all restarted keeps the stream and its age, and loses what it held.
    pub(crate) async fn identity(&self) -> Result<Option<String>, Failure> {
        let Some(mark) = &self.settings.mark else { return Ok(None) };
        let mark = self.last_once(mark).await?;
        Ok(mark.and_then(|mark| mark.headers.get(header::BUCKET).map(ToString::to_string)))
    }

    /// Which bucket it is; made and marked where it is not there.
    pub(crate) async fn established(&self) -> Result<String, Failure> {
        let attempts = self.attempts.load(Ordering::Acquire);
        match self.identity().await {
            Ok(Some(identity)) => return Ok(identity),
            Ok(None) | Err(Failure::Absent) => {}
            Err(failure) => return Err(failure),
        }
        self.make(attempts).await?;
        self.identity().await?.ok_or_else(|| Failure::Unavailable("the bucket has just lost its mark".to_owned()))
    }

    /// Makes it. Of many who ask at the same time one does, and all have its answer.
    async fn make(&self, seen: u64) -> Result<(), Failure> {
        let mut made = self.made.lock().await;
        if self.attempts.load(Ordering::Acquire) == seen {
            let timeout = self.jetstream.config().request_timeout;
            let answer = tokio::time::timeout(timeout, self.make_now()).await;
            *made = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
            self.attempts.fetch_add(1, Ordering::Release);
        }
        made.clone().map_err(|reason| Failure::Unavailable(format!("the bucket cannot be made: {reason}")))
    }

    async fn make_now(&self) -> Result<(), String> {
        let replicas = self.replicas_of_streams().await?;
        let context = self.jetstream.context();
        let found = match context.create_stream(self.config(replicas)).await {
            Ok(made) => made.cached_info().config.num_replicas,
            // One of another version: it is used as it is.
            Err(error) if is_of_another_version(&error.kind()) => {
                let found = context.get_stream(&self.settings.stream).await.map_err(|error| error.to_string())?;
                found.cached_info().config.num_replicas
            }
            Err(error) => return Err(error.to_string()),
        };
        self.set_replicas(found);
        let Some(mark) = &self.settings.mark else { return Ok(()) };
        let mut headers = HeaderMap::new();
        headers.insert(header::BUCKET, Uuid::now_v7().to_string());
        match self.publish_once(mark, &headers, Some(0), Bytes::new()).await {
            // It is marked.
            Ok(_) | Err(Failure::Stale) => Ok(()),
            Err(Failure::Absent) => Err("nobody takes messages for it yet".to_owned()),
            Err(Failure::Unavailable(reason)) => Err(reason),
        }
    }

    /// As many servers hold it as hold the log of the rooms.
    async fn replicas_of_streams(&self) -> Result<usize, String> {
        let name = self.jetstream.names().stream(StreamName::Presence);
        match self.jetstream.context().get_stream(&name).await {
            Ok(stream) => Ok(stream.cached_info().config.num_replicas),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    Err(format!("the stream {name} is not there; `ally streams apply` makes it"))
                }
                _ => Err(error.to_string()),
            },
        }
    }

    /// Notes how many servers hold it.
    pub(crate) fn set_replicas(&self, replicas: usize) {
        self.replicated.store(replicas > 1, Ordering::Relaxed);
    }

    fn config(&self, replicas: usize) -> Config {
        Config {
            name: self.settings.stream.clone(),
            description: Some(self.settings.description.to_owned()),
            subjects: vec![self.subject('>')],
            storage: self.settings.storage,
            first_sequence: (self.settings.first_revision)(),
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            num_replicas: replicas,
            max_messages_per_subject: 1,
            max_messages: MAX_KEYS,
            max_bytes: -1,
            max_message_size: MAX_VALUE_BYTES,
            max_consumers: MAX_CONSUMERS,
            duplicate_window: DUPLICATE_WINDOW,
            compression: Some(Compression::None),
            allow_direct: true,
            allow_rollup: true,
            deny_delete: true,
            allow_message_ttl: true,
            subject_delete_marker_ttl: Some(Duration::from_secs(MARKER_SECONDS)),
            ..Config::default()
        }
    }
}

/// Whether a message ends a key, and if so whether because its time was over.
pub(crate) fn end_of(headers: &HeaderMap) -> Option<bool> {
    match headers.get(header::MARKER_REASON) {
        Some(reason) => Some(reason.as_str() == "MaxAge"),
        None => headers.get(header::KV_OPERATION).map(|_| false),
    }
}

fn is_of_another_version(error: &CreateStreamErrorKind) -> bool {
    matches!(error, CreateStreamErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NAME_EXIST)
}

/// A request for which nobody on the server listens is about a stream that is not there.
fn unanswered(error: async_nats::error::Error<RequestErrorKind>) -> Failure {
    match error.kind() {
        RequestErrorKind::NoResponders => Failure::Absent,
        _ => Failure::Unavailable(error.to_string()),
    }
}
