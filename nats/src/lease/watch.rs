//! A watch of the bucket: one ordered reader of its own, headers only. Whatever may have cost it a message ends it, so that its
//! owner begins anew instead of missing the end of a lease.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ally_domain::ports::{LeaseChange, LeaseError, LeaseWatch};
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::{HeaderMap, jetstream};
use async_trait::async_trait;
use futures::StreamExt;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

use crate::bucket::{Bucket, Failure, MARKER_SECONDS, end_of};
use crate::names::header;

const PULL_MESSAGES: usize = 5_000;
const PULL_EXPIRES: Duration = Duration::from_secs(20);
/// Two of them missing end the watch.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// After this long without a reader the server forgets the consumer.
const INACTIVE: Duration = Duration::from_secs(30);
/// How often a watch that was told everything makes sure that its bucket is still the one there is.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often one that was not asks whether anything is still to come.
const LOOK_WHILE_LISTING: Duration = Duration::from_millis(250);
/// So many looks without an answer end the watch: its reader may sit on a server that is cut off from the others.
const MAX_UNANSWERED: u32 = 3;
/// A watch that is farther behind may miss the end of a lease, which is kept for twice as long.
const MAX_LAG: Duration = Duration::from_secs(MARKER_SECONDS / 2);

pub(super) struct Watch {
    bucket: Arc<Bucket>,
    identity: String,
    consumer: Consumer<pull::Config>,
    messages: pull::Stream,
    losses: watch::Receiver<u64>,
    /// What was read and not told yet.
    told: VecDeque<LeaseChange>,
    /// How many messages the consumer has delivered: a number that is skipped is a message that was lost on the way.
    consumed: u64,
    end: End,
    caught: bool,
    look_at: tokio::time::Instant,
    unanswered: u32,
    /// Why it ended.
    over: Option<String>,
}

/// Where the bucket stood when the watch began.
struct End {
    /// The last sequence: everything that was held stands at or before it.
    last: u64,
    /// When that was, by the server's clock and by ours.
    server: OffsetDateTime,
    here: Instant,
}

impl End {
    /// How long ago a message was stored, by the server's clock at one end and how long we have waited at the other.
    fn age_of(&self, stored_at: OffsetDateTime) -> Duration {
        let since = Duration::try_from(stored_at - self.server).unwrap_or_default();
        self.here.elapsed().saturating_sub(since)
    }
}

impl Watch {
    pub(super) async fn open(bucket: Arc<Bucket>) -> Result<Self, Failure> {
        let mut losses = bucket.jetstream.losses();
        losses.mark_unchanged();
        let identity = bucket.established().await?;
        let config = pull::Config {
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::None,
            headers_only: true,
            inactive_threshold: INACTIVE,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let unavailable =
            |error: &dyn std::fmt::Display| Failure::Unavailable(format!("the watch cannot begin: {error}"));
        let consumer = bucket.stream().await?.create_consumer(config).await.map_err(|error| unavailable(&error))?;
        // Behind the consumer: it is given everything up to there.
        let end = end_of_bucket(&bucket).await?;
        let messages =
            consumer.stream().max_messages_per_batch(PULL_MESSAGES).expires(PULL_EXPIRES).heartbeat(HEARTBEAT);
        let messages = messages.messages().await.map_err(|error| unavailable(&error))?;
        Ok(Self {
            told: VecDeque::from([LeaseChange::Bucket(identity.clone())]),
            bucket,
            identity,
            consumer,
            messages,
            losses,
            consumed: 0,
            end,
            caught: false,
            look_at: tokio::time::Instant::now() + LOOK_WHILE_LISTING,
            unanswered: 0,
            over: None,
        })
    }

    /// Reads on until there is something to tell; the error is why the watch is over.
    async fn read(&mut self) -> Result<(), String> {
        tokio::select! {
            message = self.messages.next() => match message {
                Some(Ok(message)) => self.take(&message),
                Some(Err(error)) => Err(error.to_string()),
                None => Err("its messages ended".to_owned()),
            },
            // Losses are counted for as long as the connection is kept.
            _ = self.losses.changed() => Err("the connection was lost".to_owned()),
            () = tokio::time::sleep_until(self.look_at) => self.look().await,
        }
    }

    fn take(&mut self, message: &jetstream::Message) -> Result<(), String> {
        let info = message.info().map_err(|error| error.to_string())?;
        if info.consumer_sequence != self.consumed + 1 {
            return Err("a message was lost on its way".to_owned());
        }
        self.consumed += 1;
        let sequence = info.stream_sequence;
        if sequence > self.end.last && self.end.age_of(info.published) > MAX_LAG {
            return Err(format!("it is more than {MAX_LAG:?} behind"));
        }
        let none = HeaderMap::new();
        let headers = message.headers.as_ref().unwrap_or(&none);
        let key = message.subject.strip_prefix(self.bucket.settings.prefix.as_str());
        if Some(message.subject.as_str()) == self.bucket.settings.mark.as_deref() {
            if headers.get(header::BUCKET).is_none_or(|mark| mark.as_str() != self.identity) {
                return Err("the bucket was made anew".to_owned());
            }
        } else if let Some(conn) = key.and_then(|key| key.parse().ok()) {
            self.told.push_back(match end_of(headers) {
                Some(expired) => LeaseChange::Ended { conn, expired },
                None => LeaseChange::Held { conn, revision: sequence },
            });
        }
        if sequence >= self.end.last {
            self.catch_up();
        }
        Ok(())
    }

    fn catch_up(&mut self) {
        if !self.caught {
            self.caught = true;
            self.told.push_back(LeaseChange::Caught);
            self.look_at = tokio::time::Instant::now() + LOOK_EVERY;
        }
    }

    /// Whether what was last in the bucket has gone meanwhile, so that nothing more is to come; whether the bucket is still there.
    async fn look(&mut self) -> Result<(), String> {
        if !self.caught {
            self.look_at = tokio::time::Instant::now() + LOOK_WHILE_LISTING;
            let info = self.consumer.get_info().await.map_err(|error| error.to_string())?;
            if info.num_pending == 0 && info.delivered.consumer_sequence == self.consumed {
                self.catch_up();
            }
            return Ok(());
        }
        self.look_at = tokio::time::Instant::now() + LOOK_EVERY;
        match self.bucket.identity().await {
            Ok(Some(identity)) if identity == self.identity => self.unanswered = 0,
            Ok(_) => return Err("the bucket was made anew".to_owned()),
            Err(Failure::Absent) => return Err("the bucket is gone".to_owned()),
            Err(Failure::Stale | Failure::Unavailable(_)) => self.unanswered += 1,
        }
        match self.unanswered < MAX_UNANSWERED {
            true => Ok(()),
            false => Err("the bucket does not answer".to_owned()),
        }
    }
}

#[async_trait]
impl LeaseWatch for Watch {
    async fn next(&mut self) -> Result<LeaseChange, LeaseError> {
        loop {
            if let Some(change) = self.told.pop_front() {
                return Ok(change);
            }
            if let Some(why) = &self.over {
                return Err(LeaseError::Unavailable {
                    reason: format!("the watch of the leases ended: {why}; watch again"),
                });
            }
            self.over = self.read().await.err();
        }
    }
}

async fn end_of_bucket(bucket: &Bucket) -> Result<End, Failure> {
    let unavailable = |reason: &str| Failure::Unavailable(format!("the end of the bucket cannot be told: {reason}"));
    let asked = format!("STREAM.INFO.{}", bucket.settings.stream);
    let answer: Result<Value, _> = bucket.jetstream.context().request(asked, &()).await;
    let answer = answer.map_err(|error| unavailable(&error.to_string()))?;
    let here = Instant::now();
    let last = answer.pointer("/state/last_seq").and_then(Value::as_u64);
    let server = answer.get("ts").and_then(Value::as_str).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    if let Some(replicas) = answer.pointer("/config/num_replicas").and_then(Value::as_u64) {
        bucket.set_replicas(usize::try_from(replicas).unwrap_or(usize::MAX));
    }
    match (last, server) {
        (Some(last), Some(server)) => Ok(End { last, server, here }),
        _ => {
            let refusal = answer.pointer("/error/description").and_then(Value::as_str);
            Err(unavailable(refusal.unwrap_or("it tells no last sequence or no time")))
        }
    }
}
