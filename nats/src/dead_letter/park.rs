//! Parking: the message goes, whole, to the dead letters before anything else is said about it.

use ally_domain::envelope::Position;
use ally_domain::fingerprint as hash;
use async_nats::HeaderValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::codec::{Raw, header_text, plain_text};
use crate::connection::JetStream;
use crate::copy::{self, Published};
use crate::error::JetStreamError;
use crate::names::{StreamName, header};

const FINGERPRINT_CHARS: usize = 16;
const REASON_CHARS: usize = 2_000;

/// Everything about a message that is given up, beside the message.
#[derive(Debug, Clone)]
pub(crate) struct Grave {
    pub(crate) consumer: String,
    pub(crate) stream: StreamName,
    pub(crate) origin: Position,
    pub(crate) origin_subject: String,
    pub(crate) deliveries: u64,
    pub(crate) reason: String,
    pub(crate) fingerprint: String,
    pub(crate) at: OffsetDateTime,
}

/// Parks a message and waits until it is safe. One that is parked already stays as it is.
pub(crate) async fn park(jetstream: &JetStream, raw: &Raw, grave: &Grave) -> Result<Published, JetStreamError> {
    // A message that was put back may come here again before its old entry is removed: that one is no obstacle.
    let before = raw.headers.get(header::DEAD_BEFORE).and_then(|sequence| sequence.as_str().parse::<u64>().ok());
    if let Some(before) = before
        && send(jetstream, raw, grave, before).await? == Published::Stored
    {
        return Ok(Published::Stored);
    }
    send(jetstream, raw, grave, 0).await
}

async fn send(jetstream: &JetStream, raw: &Raw, grave: &Grave, expected: u64) -> Result<Published, JetStreamError> {
    let what = format!("parking {} for {}", grave.origin, grave.consumer);
    let at = grave.at.format(&Rfc3339).unwrap_or_default();
    let reason: String = grave.reason.chars().take(REASON_CHARS).collect();
    let subject = jetstream.names().dead_letter(&grave.consumer, grave.stream, grave.origin.sequence);

    let mut headers = copy::headers_of(raw, &grave.origin.to_string(), &grave.origin_subject, grave.deliveries);
    headers.insert(header::DEAD_CONSUMER, header_text(&grave.consumer).as_ref());
    headers.insert(header::DEAD_REASON, header_text(&reason).as_ref());
    headers.insert(header::DEAD_FINGERPRINT, grave.fingerprint.as_str());
    headers.insert(header::DEAD_AT, at.as_str());
    // Whether it is parked is told by the expectation, for ever. The id would only stand in the way of a message that is
    // put back and parked again within the stream's window of duplicates; so there is none.
    headers.insert(header::EXPECTED_SEQUENCE, HeaderValue::from(expected));
    copy::publish(jetstream, &what, subject, headers, raw.payload.clone()).await
}

/// Names a cause: the consumer, the type of its message, and the reason without what differs from case to case.
pub(crate) fn fingerprint(consumer: &str, raw: &Raw, reason: &str) -> String {
    let event_type =
        raw.headers.get(header::CE_TYPE).map_or_else(String::new, |text| plain_text(text.as_str()).into_owned());
    let cause = hash::fingerprint(&(consumer, event_type, without_particulars(reason)));
    cause.unwrap_or_default().chars().take(FINGERPRINT_CHARS).collect()
}

/// Every word with a digit in it (numbers, ids, times, addresses) becomes `#`.
fn without_particulars(reason: &str) -> String {
    let word = |word: &str| if word.bytes().any(|b| b.is_ascii_digit()) { "#".to_owned() } else { word.to_lowercase() };
    reason.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::without_particulars;

    #[test]
    fn like_causes_read_alike() {
        let reason = without_particulars("Provider answered 503 after 1.2s for job 0198c0de-7000: overloaded");
        assert_eq!(reason, "provider answered # after # for job # overloaded");
    }
}
