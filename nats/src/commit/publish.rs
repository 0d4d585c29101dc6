//! One trip to the server: a plain publish for a single event, an atomic batch for more.
//!
//! Deliberately not here: what to do about an answer that is not a yes (`resolve`, and the queue in `mod`).

use std::time::Duration;

use async_nats::{HeaderMap, HeaderValue, Request};
use tokio::sync::watch;
use uuid::Uuid;

use super::unit::Unit;
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
    /// Nothing was stored, and trying again as it is will not help.
    Refused(String),
    /// It may be stored or not.
    Unknown(String),
}

/// Sends units as one: each is stored, or none is.
pub(crate) async fn send(jetstream: &JetStream, units: &[&Unit]) -> Result<Stored, Failure> {
    let mut losses = jetstream.losses();
    losses.mark_unchanged();
    let messages: Vec<&Outgoing> = units.iter().flat_map(|unit| &unit.messages).collect();
    match messages.as_slice() {
        [] => Err(Failure::Refused("there is nothing to append".to_owned())),
        [single] => request(jetstream, single, single.header_map(), &mut losses).await,
        [staged @ .., last] => {
            let batch = Uuid::now_v7().simple().to_string();
            for (at, message) in staged.iter().enumerate() {
                let headers = in_batch(message, &batch, at + 1);
                let sent =
                    jetstream.client().publish_with_headers(message.subject.clone(), headers, message.payload.clone());
                sent.await.map_err(|error| Failure::Refused(error.to_string()))?;
            }
            let mut headers = in_batch(last, &batch, messages.len());
            headers.insert(header::BATCH_COMMIT, async_nats::header::NATS_BATCH_COMMIT_FINAL);
            request(jetstream, last, headers, &mut losses).await
        }
    }
}

fn in_batch(message: &Outgoing, batch: &str, sequence: usize) -> HeaderMap {
    let mut headers = message.header_map();
    headers.insert(header::BATCH_ID, batch);
    headers.insert(header::BATCH_SEQUENCE, HeaderValue::from(sequence));
    headers
}

async fn request(
    jetstream: &JetStream,
    message: &Outgoing,
    headers: HeaderMap,
    losses: &mut watch::Receiver<u64>,
) -> Result<Stored, Failure> {
    let timeout: Duration = jetstream.config().request_timeout;
    let request = Request::new().headers(headers).payload(message.payload.clone()).timeout(Some(timeout));
    let answer = tokio::select! {
        answer = jetstream.client().send_request(message.subject.clone(), request) => answer,
        // Whoever waits for an answer over a connection that is gone waits in vain.
        _ = losses.changed() => return Err(Failure::Unknown("the connection was lost".to_owned())),
    };
    let answer = answer.map_err(|error| match error.kind() {
        async_nats::RequestErrorKind::InvalidSubject | async_nats::RequestErrorKind::MaxPayloadExceeded => {
            Failure::Refused(error.to_string())
        }
        _ => Failure::Unknown(error.to_string()),
    })?;
    let answer = answer::read(&answer.payload)
        .map_err(|error| Failure::Unknown(format!("the answer cannot be read: {error}")))?;
    answer.map_err(classify)
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
        // A full log is a 503 too, but it will not be emptier in a moment.
        _ if refusal.description.starts_with("maximum ") => Failure::Refused(text),
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
        assert!(matches!(means(503, 10_077, "maximum bytes exceeded"), Failure::Refused(_)));
        assert!(matches!(means(400, 10_054, "message size exceeds maximum allowed"), Failure::Refused(_)));
    }
}
