//! Pulling messages for a durable consumer: exactly as many as there are hands free, so that none waits in a buffer
//! while its ack wait runs. A pull that falls silent is reported; whoever pulls begins anew.
//!
//! The client's own pull streams ask ahead and do not pull again after missed heartbeats.

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::{Message, StatusCode, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names;

const EXPIRES: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Two heartbeats and a little: longer silence means that nobody serves the pull.
const SILENCE: Duration = Duration::from_secs(5);
/// A pull that the server ended with a refusal is not sent again at once.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);
/// Messages that may still come in after the last pull was taken back.
const STOP_WAIT: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Puller {
    jetstream: JetStream,
    subject: String,
    inbox: String,
    answers: Subscriber,
    /// Oldest first.
    open: VecDeque<Request>,
    serial: u64,
    heard: Instant,
    /// The server forgets the pulls of a connection that is lost.
    losses: watch::Receiver<u64>,
}

#[derive(Debug)]
struct Request {
    reply: String,
    /// How many messages it may still bring; never 0.
    left: usize,
}

impl Puller {
    pub(crate) async fn start(jetstream: &JetStream, stream: &str, durable: &str) -> Result<Self, JetStreamError> {
        let client = jetstream.client();
        let mut losses = jetstream.losses();
        losses.mark_unchanged();
        let inbox = client.new_inbox();
        let answers = client.subscribe(format!("{inbox}.*")).await.map_err(|error| JetStreamError::Unavailable {
            what: format!("the pulls of {durable}"),
            reason: error.to_string(),
        })?;
        Ok(Self {
            jetstream: jetstream.clone(),
            subject: names::next_messages(stream, durable),
            inbox,
            answers,
            open: VecDeque::new(),
            serial: 0,
            heard: Instant::now(),
            losses,
        })
    }

    /// The next message. `free` says how many more could be worked on now, this one included; it may be called again
    /// after having been dropped. The error says why the pull must begin anew.
    pub(crate) async fn next(&mut self, free: usize) -> Result<Message, String> {
        loop {
            self.ask(free).await?;
            let answer = tokio::select! {
                biased;
                answer = tokio::time::timeout_at(self.heard + SILENCE, self.answers.next()) => match answer {
                    Ok(Some(answer)) => answer,
                    Ok(None) => return Err("the connection was closed".to_owned()),
                    Err(_) => return Err(format!("the server was silent for {SILENCE:?}")),
                },
                _ = self.losses.changed() => return Err("the connection was lost".to_owned()),
            };
            self.heard = Instant::now();
            let Some(status) = answer.status else {
                self.count();
                return Ok(answer);
            };
            self.end(status, &answer).await?;
        }
    }

    /// Sends a request for the hands that are free and not yet asked for; not for each one alone.
    async fn ask(&mut self, free: usize) -> Result<(), String> {
        let asked: usize = self.open.iter().map(|request| request.left).sum();
        let missing = free.saturating_sub(asked);
        if missing == 0 || (asked > 0 && missing < free.div_ceil(4)) {
            return Ok(());
        }
        self.serial += 1;
        let reply = format!("{}.{}", self.inbox, self.serial);
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let request =
            json!({ "batch": missing, "expires": nanos(EXPIRES), "idle_heartbeat": nanos(HEARTBEAT) }).to_string();
        let client = self.jetstream.client();
        client
            .publish_with_reply(self.subject.clone(), reply.clone(), Bytes::from(request))
            .await
            .map_err(|error| error.to_string())?;
        self.open.push_back(Request { reply, left: missing });
        if asked == 0 {
            self.heard = Instant::now();
        }
        Ok(())
    }

    /// A message does not tell which request it answers; the server serves the oldest first.
    fn count(&mut self) {
        if let Some(oldest) = self.open.front_mut() {
            oldest.left -= 1;
            if oldest.left == 0 {
                self.open.pop_front();
            }
        }
    }

    fn close(&mut self, reply: &str) {
        self.open.retain(|request| request.reply != reply);
    }

    async fn end(&mut self, status: StatusCode, answer: &Message) -> Result<(), String> {
        let told = answer.description.as_deref().unwrap_or_default();
        match status {
            StatusCode::IDLE_HEARTBEAT => {}
            StatusCode::NO_RESPONDERS => return Err("nobody serves the consumer".to_owned()),
            StatusCode::REQUEST_TERMINATED if told.starts_with("Consumer") => return Err(told.to_owned()),
            StatusCode::REQUEST_TERMINATED => {
                self.close(&answer.subject);
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
            // Expired, or nothing there.
            _ => {
                self.close(&answer.subject);
            }
        }
        Ok(())
    }

    /// Takes the open requests back, and returns what was already on its way.
    pub(crate) async fn stop(mut self) -> Vec<Message> {
        let mut late = Vec::new();
        if self.answers.drain().await.is_err() {
            return late;
        }
        let collect = async {
            while let Some(answer) = self.answers.next().await {
                if answer.status.is_none() {
                    late.push(answer);
                }
            }
        };
        let _ = tokio::time::timeout(STOP_WAIT, collect).await;
        late
    }
}
