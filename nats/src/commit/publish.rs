//! One trip to the server: a plain publish for a single event, an atomic batch for more.
//!
//! Deliberately not here: what to do about an answer that is not a yes (`resolve`, and the queue in `mod`).

use std::time::Duration;

use async_nats::client::PublishError;
use async_nats::{HeaderMap, HeaderValue, Request, RequestErrorKind, Subject, Subscriber};
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use tokio::sync::watch;
use uuid::Uuid;

use crate::answer::{self, Refusal, Stored};
use crate::codec::Outgoing;
use crate::connection::JetStream;
use crate::names::header;

/// Anything else than a yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The expectation of at least one aggregate does not hold. Nothing was stored by this trip.
    Stale,
    /// At least one message id is known. Nothing was stored by this trip.
    Duplicate,
    /// Nothing was stored; it may work a moment later.
    Busy(String),
    /// Nothing was stored for want of room, and nothing will be until somebody makes some.
    Full(String),
    /// Nothing was stored, and trying again as it is will not help.
    Refused(String),
    /// It may be stored or not.
    Unknown(String),
}

/// One trip to the server while it is being loaded. A message leaves when the next one is known, because the last one
/// commits: so the server begins its part of the work while later ones are still on their way here.
pub(crate) struct Trip<'a> {
    jetstream: &'a JetStream,
    losses: watch::Receiver<u64>,
    batch: String,
    /// Where the server says that it has begun to take the batch.
    begun: Option<Subject>,
    /// Where the server says what it thinks of each message, and what it has said.
    heard: Option<(Subject, Subscriber)>,
    staged: usize,
    held: Option<Held>,
}

/// The newest message: it may be the last.
struct Held {
    subject: Subject,
    headers: HeaderMap,
    payload: Bytes,
}

impl<'a> Trip<'a> {
    pub(crate) fn new(jetstream: &'a JetStream, begun: Option<Subject>) -> Self {
        let mut losses = jetstream.losses();
        losses.mark_unchanged();
        let batch = Uuid::now_v7().simple().to_string();
        Self { jetstream, losses, batch, begun, heard: None, staged: 0, held: None }
    }

    /// Has every message answered. To a batch of which the server has refused a message it only says that it is incomplete.
    pub(crate) async fn listen(&mut self) {
        let client = self.jetstream.client();
        let inbox: Subject = client.new_inbox().into();
        self.heard = client.subscribe(inbox.clone()).await.ok().map(|subscriber| (inbox, subscriber));
    }

    /// Why a message was refused. The server answers in order, so all that it said stands before its last answer.
    fn refusal(&mut self) -> Option<Failure> {
        let (_, answers) = self.heard.as_mut()?;
        std::iter::from_fn(|| answers.next().now_or_never().flatten())
            .filter_map(|answer| answer::read(&answer.payload).ok()?.err())
            .map(classify)
            .find(|failure| !matches!(failure, Failure::Busy(_)))
    }

    /// Takes messages along.
    pub(crate) async fn load(&mut self, messages: &[Outgoing]) -> Result<(), Failure> {
        for message in messages {
            let (subject, headers, payload) = (message.subject.clone(), message.header_map(), message.payload.clone());
            if let Some(earlier) = self.held.replace(Held { subject, headers, payload }) {
                self.stage(earlier).await.map_err(|error| Failure::Refused(error.to_string()))?;
            }
        }
        Ok(())
    }

    /// Whether a message is with the client, so that the server will hear of the batch.
    pub(crate) fn has_left(&self) -> bool {
        self.staged > 0
    }

    async fn stage(&mut self, message: Held) -> Result<(), PublishError> {
        let Held { subject, headers, payload } = self.in_batch(message);
        let client = self.jetstream.client();
        let reply = self.begun.take().or_else(|| self.heard.as_ref().map(|(inbox, _)| inbox.clone()));
        match reply {
            Some(reply) => client.publish_with_reply_and_headers(subject, reply, headers, payload).await,
            None => client.publish_with_headers(subject, headers, payload).await,
        }
    }

    fn in_batch(&mut self, mut message: Held) -> Held {
        self.staged += 1;
        message.headers.insert(header::BATCH_ID, self.batch.as_str());
        message.headers.insert(header::BATCH_SEQUENCE, HeaderValue::from(self.staged));
        message
    }

    /// Returns when the connection was lost since the trip began.
    pub(crate) async fn lost(&mut self) -> Failure {
        // Losses are counted for as long as the connection is kept, which is longer than any trip.
        let _ = self.losses.changed().await;
        Failure::Unknown("the connection was lost".to_owned())
    }

    /// Stores all that was loaded, or nothing of it.
    pub(crate) async fn commit(mut self) -> Result<Stored, Failure> {
        let Some(last) = self.held.take() else {
            return Err(Failure::Refused("there is nothing to append".to_owned()));
        };
        let mut last = if self.staged == 0 { last } else { self.in_batch(last) };
        if self.staged > 0 {
            last.headers.insert(header::BATCH_COMMIT, async_nats::header::NATS_BATCH_COMMIT_FINAL);
        }
        let timeout: Duration = self.jetstream.config().request_timeout;
        let request = Request::new().headers(last.headers).payload(last.payload).timeout(Some(timeout));
        let client = self.jetstream.client();
        let answer = tokio::select! {
            answer = client.send_request(last.subject, request) => answer,
            // Whoever waits for an answer over a connection that is gone waits in vain.
            lost = self.lost() => return Err(lost),
        };
        let answer = answer.map_err(|error| match error.kind() {
            RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
                Failure::Refused(error.to_string())
            }
            _ => Failure::Unknown(error.to_string()),
        })?;
        let answer = answer::read(&answer.payload)
            .map_err(|error| Failure::Unknown(format!("the answer cannot be read: {error}")))?;
        let answer = answer.map_err(classify).map_err(|failure| match failure {
            Failure::Busy(reason) => self.refusal().unwrap_or(Failure::Busy(reason)),
            failure => failure,
        });
        match &answer {
            Ok(_) => self.jetstream.capacity().stored(),
            Err(Failure::Full(_)) => self.jetstream.capacity().refused(),
            Err(_) => {}
        }
        answer
    }
}

/// The server's error codes, by what they mean to us.
fn classify(refusal: Refusal) -> Failure {
    const DUPLICATE_IN_FLIGHT: u64 = 10_158;
    const INCOMPLETE_BATCH: u64 = 10_176;
    const DUPLICATE_IN_BATCH: u64 = 10_201;
    const TOO_MANY_BATCHES: u64 = 10_210;

    let text = format!("{} ({})", refusal.description, refusal.err_code);
    match refusal.err_code {
        _ if refusal.is_stale() => Failure::Stale,
        DUPLICATE_IN_BATCH => Failure::Duplicate,
        INCOMPLETE_BATCH | TOO_MANY_BATCHES => Failure::Busy(text),
        DUPLICATE_IN_FLIGHT => Failure::Unknown(text),
        // A 503 too, but there will not be more room in a moment.
        _ if refusal.is_for_want_of_room() => Failure::Full(text),
        _ if refusal.is_of_the_server() => Failure::Unknown(text),
        _ => Failure::Refused(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_means_what_we_do_about_it() {
        let means = |code, err_code, description: &str| {
            classify(Refusal { code, err_code, description: description.to_owned() })
        };
        assert_eq!(means(400, 10_071, "wrong last sequence: 7"), Failure::Stale);
        assert_eq!(means(400, 10_164, "wrong last sequence"), Failure::Stale);
        assert_eq!(means(400, 10_201, "batch contains duplicate message id"), Failure::Duplicate);
        assert!(matches!(means(400, 10_176, "batch publish is incomplete"), Failure::Busy(_)));
        assert!(matches!(means(400, 10_210, "too many inflight"), Failure::Busy(_)));
        assert!(matches!(means(503, 10_008, "JetStream system temporarily unavailable"), Failure::Unknown(_)));
        assert!(matches!(means(503, 10_077, "maximum bytes exceeded"), Failure::Full(_)));
        assert!(matches!(means(503, 10_023, "insufficient resources"), Failure::Full(_)));
        assert!(matches!(means(500, 10_047, "insufficient storage resources available"), Failure::Full(_)));
        assert!(matches!(means(400, 10_002, "resource limits exceeded for account"), Failure::Full(_)));
        assert!(matches!(means(400, 10_054, "message size exceeds maximum allowed"), Failure::Refused(_)));
    }
}
