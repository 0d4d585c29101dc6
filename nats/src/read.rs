//! Reading single messages and whole aggregates, never behind what was acknowledged.
//!
//! On one server a direct get reads what it has just written. With replicas a direct get may be answered by one that
//! lags, so the leader is asked for the last message as well, and what a lagging replica did not have is fetched from
//! the leader.

mod history;

use ally_telemetry::names::{self, label};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use async_nats::{HeaderMap, Message, StatusCode};
use bytes::Bytes;
use futures::StreamExt;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::codec::Raw;
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::{StreamName, direct_get, header};

/// Messages and bytes in one answer of a batched read, at most.
const PAGE: usize = 256;
const PAGE_BYTES: usize = 4 << 20;

/// One answer of a batched read.
pub(crate) struct Page {
    pub(crate) messages: Vec<Raw>,
    /// How many more there are behind these.
    pub(crate) pending: u64,
}

/// Reads from one stream.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    jetstream: JetStream,
    stream: StreamName,
}

impl Reader {
    pub(crate) fn new(jetstream: JetStream, stream: StreamName) -> Self {
        Self { jetstream, stream }
    }

    /// The last message of a filter, as of now.
    pub(crate) async fn last(&self, filter: &str) -> Result<Option<Raw>, JetStreamError> {
        if self.replicated() {
            self.count();
            let stream = self.jetstream.stream(self.stream).await?;
            return self.leaders_answer(stream.raw_message_builder().last_by_subject(filter).send().await);
        }
        self.direct(&json!({ "last_by_subj": filter })).await
    }

    /// The first message of a filter at or behind a sequence, as of now.
    pub(crate) async fn next(&self, filter: &str, from: u64) -> Result<Option<Raw>, JetStreamError> {
        if self.replicated() {
            self.count();
            let stream = self.jetstream.stream(self.stream).await?;
            let request = stream.raw_message_builder().next_by_subject(filter).sequence(from.max(1));
            return self.leaders_answer(request.send().await);
        }
        self.direct(&json!({ "next_by_subj": filter, "seq": from.max(1) })).await
    }

    /// The message at a sequence.
    pub(crate) async fn at(&self, sequence: u64) -> Result<Option<Raw>, JetStreamError> {
        if self.replicated() {
            self.count();
            let stream = self.jetstream.stream(self.stream).await?;
            return self.leaders_answer(stream.raw_message_builder().sequence(sequence).send().await);
        }
        self.direct(&json!({ "seq": sequence })).await
    }

    fn replicated(&self) -> bool {
        self.jetstream.is_replicated()
    }

    /// The messages of a filter at or behind a sequence, one answer's worth. A replica may lag behind.
    pub(crate) async fn page(&self, filter: &str, from: u64) -> Result<Page, JetStreamError> {
        self.many(&json!({ "next_by_subj": filter, "seq": from.max(1), "batch": PAGE, "max_bytes": PAGE_BYTES })).await
    }

    /// The last message of each of some subjects, where there is one: at most 1,024. A replica may lag behind.
    pub(crate) async fn lasts(&self, subjects: &[String]) -> Result<Vec<Raw>, JetStreamError> {
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.many(&json!({ "multi_last": subjects, "batch": subjects.len() })).await?.messages)
    }

    /// The last message of every subject that fits one of the filters.
    async fn many_last(&self, filters: &[String]) -> Result<Vec<Raw>, JetStreamError> {
        Ok(self.many(&json!({ "multi_last": filters })).await?.messages)
    }

    async fn many(&self, request: &serde_json::Value) -> Result<Page, JetStreamError> {
        let _permit = self.jetstream.reads().acquire().await;
        self.count();
        let client = self.jetstream.client();
        let inbox = client.new_inbox();
        let mut answers = client.subscribe(inbox.clone()).await.map_err(|error| self.unavailable(error.to_string()))?;
        client
            .publish_with_reply(self.direct_subject(), inbox, Bytes::from(request.to_string()))
            .await
            .map_err(|error| self.unavailable(error.to_string()))?;

        let mut messages = Vec::new();
        loop {
            let answer = tokio::time::timeout(self.jetstream.config().request_timeout, answers.next()).await;
            match answer {
                Ok(Some(message)) if message.status.is_none() => messages.push(self.raw(message)?),
                // 204 ends an answer with messages, 404 one without.
                Ok(Some(end)) if matches!(end.status.map(|status| status.as_u16()), Some(204 | 404)) => {
                    let headers = end.headers.unwrap_or_default();
                    let pending = last_value(&headers, header::NUM_PENDING).and_then(|count| count.parse().ok());
                    return Ok(Page { messages, pending: pending.unwrap_or(0) });
                }
                Ok(Some(refused)) => return Err(self.unavailable(status_text(&refused))),
                Ok(None) => return Err(self.unavailable("the connection was closed".to_owned())),
                Err(_) => return Err(self.unavailable("no answer in time".to_owned())),
            }
        }
    }

    async fn direct(&self, request: &serde_json::Value) -> Result<Option<Raw>, JetStreamError> {
        self.count();
        let answer = self.jetstream.client().request(self.direct_subject(), Bytes::from(request.to_string())).await;
        match answer {
            Ok(message) if message.status.is_none() => self.raw(message).map(Some),
            Ok(message) if message.status == Some(StatusCode::NOT_FOUND) => Ok(None),
            Ok(refused) => Err(self.unavailable(status_text(&refused))),
            Err(error) => Err(self.unavailable(error.to_string())),
        }
    }

    fn leaders_answer(
        &self,
        answer: Result<StreamMessage, async_nats::error::Error<LastRawMessageErrorKind>>,
    ) -> Result<Option<Raw>, JetStreamError> {
        match answer {
            Ok(message) => Ok(Some(Raw {
                subject: message.subject.to_string(),
                sequence: message.sequence,
                headers: message.headers,
                payload: message.payload,
                stored_at: message.time,
            })),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(self.unavailable(error.to_string())),
        }
    }

    fn count(&self) {
        metrics::counter!(names::LOG_READS_TOTAL, label::STREAM => self.stream.as_str()).increment(1);
    }

    fn direct_subject(&self) -> String {
        direct_get(&self.jetstream.names().stream(self.stream))
    }

    fn raw(&self, message: Message) -> Result<Raw, JetStreamError> {
        let headers = message.headers.unwrap_or_default();
        let unreadable = |reason: &str| JetStreamError::Unreadable {
            what: format!("a message of {}", self.stream),
            reason: reason.to_owned(),
        };
        let text = |name: &'static str| last_value(&headers, name);
        let sequence = text(header::SEQUENCE).and_then(|text| text.parse().ok());
        let stored_at = text(header::TIME_STAMP).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        Ok(Raw {
            subject: text(header::SUBJECT).ok_or_else(|| unreadable("it names no subject"))?.to_owned(),
            sequence: sequence.ok_or_else(|| unreadable("it has no sequence"))?,
            stored_at: stored_at.ok_or_else(|| unreadable("it has no time"))?,
            payload: message.payload,
            headers,
        })
    }

    fn unavailable(&self, reason: String) -> JetStreamError {
        JetStreamError::Unavailable { what: format!("a read of {}", self.stream), reason }
    }
}

/// The server appends its own headers behind those that were stored.
fn last_value<'a>(headers: &'a HeaderMap, name: &'static str) -> Option<&'a str> {
    headers.get_last(name).map(async_nats::HeaderValue::as_str)
}

fn status_text(message: &Message) -> String {
    let status = message.status.map_or_else(String::new, |status| status.to_string());
    format!("{status} {}", message.description.as_deref().unwrap_or_default()).trim().to_owned()
}
