//! The connection: there from the first moment, whether a server answers yet or not, and honest about which.
//!
//! Deliberately not here: what is sent over it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ally_telemetry::mask;
use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, watch};

use crate::capacity::Capacity;
use crate::config::NatsConfig;
use crate::error::JetStreamError;
use crate::names::{Names, StreamName};
use crate::streams::StreamState;

const PING_INTERVAL: Duration = Duration::from_secs(10);
/// Each may bring a page of some megabytes.
const MAX_READS: usize = 16;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// A handle to JetStream. Clones share one connection.
#[derive(Clone)]
pub struct JetStream {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    context: Context,
    names: Names,
    config: NatsConfig,
    /// Counts lost connections: whatever was in flight across a change has an unknown outcome.
    losses: watch::Receiver<u64>,
    complaint: Arc<Mutex<Option<String>>>,
    streams: StreamState,
    capacity: Capacity,
    /// Bounds the batched reads at once, and so the bytes in flight.
    reads: Semaphore,
    /// Whether each stream's queue of appends runs, as far as queues were started; the error says why not.
    appends: Mutex<BTreeMap<StreamName, Result<(), String>>>,
}

impl std::fmt::Debug for JetStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JetStream").field("prefix", &self.inner.names).finish_non_exhaustive()
    }
}

impl JetStream {
    /// Connects in the background and for ever: a server that is not there yet, or goes away, is waited for.
    ///
    /// # Errors
    /// Only when the configuration cannot be right: a URL or a prefix that does not parse.
    pub async fn connect(config: NatsConfig) -> Result<Self, JetStreamError> {
        let names = Names::new(&config.prefix)?;
        let invalid = |reason: String| JetStreamError::InvalidUrl {
            url: mask::address(&config.url),
            reason: mask::hide(&reason, &config.url).into_owned(),
        };
        let servers =
            config.url.split(',').map(|url| address(url.trim()).map_err(&invalid)).collect::<Result<Vec<_>, _>>()?;

        let (loss, losses) = watch::channel(0);
        let complaint = Arc::new(Mutex::new(None));
        let options = options(&config, loss, Arc::clone(&complaint));
        let client = options.connect(servers).await.map_err(|error| invalid(error.to_string()))?;
        let context = jetstream::context::ContextBuilder::new().timeout(config.request_timeout).build(client.clone());
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                context,
                names,
                config,
                losses,
                complaint,
                streams: StreamState::default(),
                capacity: Capacity::default(),
                reads: Semaphore::new(MAX_READS),
                appends: Mutex::default(),
            }),
        })
    }

    /// Permits for batched reads.
    pub(crate) fn reads(&self) -> &Semaphore {
        &self.inner.reads
    }

    /// Asks JetStream for an answer, any answer.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn ping(&self) -> Result<(), JetStreamError> {
        let what = || "its account information".to_owned();
        let answer: Value = self
            .inner
            .context
            .request("INFO", &())
            .await
            .map_err(|error| JetStreamError::Unavailable { what: what(), reason: error.to_string() })?;
        match answer.pointer("/error/description").and_then(Value::as_str) {
            Some(reason) => Err(JetStreamError::Unavailable { what: what(), reason: reason.to_owned() }),
            None => Ok(()),
        }
    }

    /// Whether work can be done now; the error is a sentence that says why not.
    ///
    /// # Errors
    /// While not connected, while JetStream does not answer, and while the streams are not as they must be.
    pub async fn ready(&self) -> Result<(), String> {
        self.reached().await?;
        self.streams_ready()
    }

    /// Whether JetStream answers; the error is a sentence that says why not.
    ///
    /// # Errors
    /// While not connected, and while JetStream does not answer.
    pub async fn reached(&self) -> Result<(), String> {
        let inner = &self.inner;
        if inner.client.connection_state() != State::Connected {
            let why = inner.complaint.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let why = why.map_or_else(String::new, |why| format!(" ({})", mask::hide(&why, &inner.config.url)));
            return Err(format!("not connected to NATS at {}{why}", self.address()));
        }
        self.ping().await.map_err(|error| error.to_string())?;
        let appends = inner.appends.lock().unwrap_or_else(PoisonError::into_inner);
        appends.values().find_map(|queue| queue.clone().err()).map_or(Ok(()), Err)
    }

    /// Notes whether a stream's queue of appends runs.
    pub(crate) fn set_appends(&self, stream: StreamName, state: Result<(), String>) {
        self.inner.appends.lock().unwrap_or_else(PoisonError::into_inner).insert(stream, state);
    }

    /// Sends what is still buffered; the last step of a drain.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn flush(&self) -> Result<(), JetStreamError> {
        let flushed = tokio::time::timeout(self.inner.config.request_timeout, self.inner.client.flush()).await;
        let unavailable = |reason: String| JetStreamError::Unavailable { what: "a flush".to_owned(), reason };
        match flushed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(unavailable(error.to_string())),
            Err(_) => Err(unavailable("no answer in time".to_owned())),
        }
    }

    /// The servers, as people may see them.
    fn address(&self) -> String {
        mask::address(&self.inner.config.url)
    }

    /// The wire names under this deployment's prefix.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.inner.names
    }

    /// What is known about the room in the server's store.
    #[must_use]
    pub fn capacity(&self) -> &Capacity {
        &self.inner.capacity
    }

    pub(crate) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(crate) fn context(&self) -> &Context {
        &self.inner.context
    }

    pub(crate) fn config(&self) -> &NatsConfig {
        &self.inner.config
    }

    pub(crate) fn stream_state(&self) -> &StreamState {
        &self.inner.streams
    }

    /// Where a stream ends, and which one it is: a stream that was deleted and made anew has another beginning.
    pub(crate) async fn stream_end(&self, stream: StreamName) -> Result<StreamEnd, JetStreamError> {
        let info = self.stream(stream).await?.get_info().await;
        let unavailable = |reason| JetStreamError::Unavailable { what: format!("the stream {stream}"), reason };
        let info = info.map_err(|error| unavailable(error.to_string()))?;
        Ok(StreamEnd { created: info.created, last: info.state.last_sequence, messages: info.state.messages })
    }

    pub(crate) fn losses(&self) -> watch::Receiver<u64> {
        self.inner.losses.clone()
    }

    pub(crate) async fn stream(&self, stream: StreamName) -> Result<jetstream::stream::Stream<()>, JetStreamError> {
        let name = self.inner.names.stream(stream);
        self.inner
            .context
            .get_stream_no_info(&name)
            .await
            .map_err(|error| JetStreamError::Refused { what: format!("the stream {name}"), reason: error.to_string() })
    }
}

/// The end of a stream as its leader tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamEnd {
    /// When the stream was made: as long as it is the same, so is the stream.
    pub(crate) created: OffsetDateTime,
    /// The last sequence that it has given out.
    pub(crate) last: u64,
    /// How many messages it still holds.
    pub(crate) messages: u64,
}

fn address(url: &str) -> Result<ServerAddr, String> {
    let address: ServerAddr = url.parse().map_err(|error: std::io::Error| error.to_string())?;
    match address.scheme() {
        "nats" | "tls" if !address.host().is_empty() => Ok(address),
        "nats" | "tls" => Err("it names no host".to_owned()),
        other => Err(format!("{other} is not a scheme of NATS")),
    }
}

fn options(config: &NatsConfig, loss: watch::Sender<u64>, complaint: Arc<Mutex<Option<String>>>) -> ConnectOptions {
    let loss = Arc::new(loss);
    ConnectOptions::new()
        .name(&config.client_name)
        .retry_on_initial_connect()
        .max_reconnects(None)
        .connection_timeout(CONNECT_TIMEOUT)
        .request_timeout(Some(config.request_timeout))
        .ping_interval(PING_INTERVAL)
        .reconnect_delay_callback(|attempt| {
            // Linear and short: all of it is waiting time of somebody's request.
            Duration::from_millis(50)
                .saturating_mul(u32::try_from(attempt).unwrap_or(u32::MAX))
                .min(MAX_RECONNECT_DELAY)
        })
        .event_callback(move |event| {
            let (loss, complaint) = (Arc::clone(&loss), Arc::clone(&complaint));
            async move {
                let mut complaint = complaint.lock().unwrap_or_else(PoisonError::into_inner);
                match event {
                    Event::Connected => *complaint = None,
                    Event::Disconnected => {
                        loss.send_modify(|losses| *losses += 1);
                        *complaint = Some("the connection was lost".to_owned());
                    }
                    Event::ClientError(error) => *complaint = Some(error.to_string()),
                    Event::ServerError(error) => *complaint = Some(error.to_string()),
                    other => *complaint = Some(other.to_string()),
                }
            }
        })
}
