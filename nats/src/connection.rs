//! The connection: there from the first moment, whether a server answers yet or not, and honest about which.
//!
//! Deliberately not here: what is sent over it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::capacity::Capacity;
use crate::config::NatsConfig;
use crate::error::JetStreamError;
use crate::names::{Names, StreamName};
use crate::topology;

const PING_INTERVAL: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(1);
const TOPOLOGY_RETRY: Duration = Duration::from_millis(500);

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
    topology: watch::Sender<Result<(), String>>,
    capacity: Capacity,
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
        let invalid = |reason: String| JetStreamError::InvalidUrl { url: config.url.clone(), reason };
        let servers =
            config.url.split(',').map(|url| address(url.trim()).map_err(&invalid)).collect::<Result<Vec<_>, _>>()?;

        let (loss, losses) = watch::channel(0);
        let complaint = Arc::new(Mutex::new(None));
        let options = options(&config, loss, Arc::clone(&complaint));
        let client = options.connect(servers).await.map_err(|error| invalid(error.to_string()))?;
        let context = jetstream::context::ContextBuilder::new().timeout(config.request_timeout).build(client.clone());
        let topology = watch::Sender::new(Err("the streams have not been looked at yet".to_owned()));
        let capacity = Capacity::default();
        Ok(Self { inner: Arc::new(Inner { client, context, names, config, losses, complaint, topology, capacity }) })
    }

    /// Creates the streams or brings them up to date. Doing it twice, or from several processes at once, changes nothing.
    ///
    /// # Errors
    /// When the server does not answer or refuses a stream.
    pub async fn ensure_topology(&self) -> Result<(), JetStreamError> {
        let done = topology::ensure(self).await;
        let _ = self.inner.topology.send_replace(done.as_ref().copied().map_err(ToString::to_string));
        done
    }

    /// [`Self::ensure_topology`], again and again until it has worked or the token is cancelled. Says once why it waits.
    pub async fn establish(&self, cancel: &CancellationToken) {
        let mut told = String::new();
        let work = async {
            while let Err(error) = self.ensure_topology().await {
                let error = error.to_string();
                if error != told {
                    tracing::warn!(%error, "waiting for JetStream");
                    told = error;
                }
                tokio::time::sleep(TOPOLOGY_RETRY).await;
            }
        };
        let _ = cancel.run_until_cancelled(work).await;
    }

    /// Waits until the streams are there.
    pub async fn established(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.inner.topology.subscribe().wait_for(Result::is_ok).await;
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
    /// While not connected, while the streams are not set up, and while JetStream does not answer.
    pub async fn ready(&self) -> Result<(), String> {
        let inner = &self.inner;
        if inner.client.connection_state() != State::Connected {
            let why = inner.complaint.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            return Err(format!("not connected to NATS at {}{why}", self.address()));
        }
        inner.topology.borrow().clone().map_err(|why| format!("connected to NATS, but not set up: {why}"))?;
        self.ping().await.map_err(|error| error.to_string())
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

    /// The servers, without the passwords that a URL may carry.
    fn address(&self) -> String {
        let shown = self.inner.config.url.split(',').map(|url| {
            let url = url.trim();
            url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, host)| format!("nats://{host}"))
        });
        shown.collect::<Vec<_>>().join(",")
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
