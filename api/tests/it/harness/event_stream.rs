//! A client that reads server-sent events, and holds each against the document.

use std::time::Duration;

use ally_api::testing::Conformance;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::header;

/// How long a test waits for an event that is to come.
const WAIT: Duration = Duration::from_secs(20);

/// One event as it was sent.
#[derive(Debug, Default, PartialEq)]
pub struct Event {
    pub id: Option<String>,
    pub name: String,
    pub data: Value,
    pub retry: Option<u64>,
}

/// A stream that is open.
pub struct EventStream {
    response: Response,
    text: String,
    document: &'static Conformance,
    /// The schema of the data, by the event's name.
    schema_of: fn(&str) -> &'static str,
}

impl EventStream {
    /// Reads an answer that is a stream.
    pub fn of(response: Response, document: &'static Conformance, schema_of: fn(&str) -> &'static str) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "content-type"), Some("text/event-stream"));
        assert_eq!(header(&response, "cache-control"), Some("no-store, no-transform"));
        Self { response, text: String::new(), document, schema_of }
    }

    /// The next block of lines; `None` at the end of the stream.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let chunk = tokio::time::timeout(WAIT, self.response.chunk()).await.expect("an event").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event, as the document has it; comments and bare positions are passed over.
    pub async fn next(&mut self) -> Event {
        self.next_or_end().await.expect("another event")
    }

    /// The same; `None` at the end of the stream.
    pub async fn next_or_end(&mut self) -> Option<Event> {
        let mut retry = None;
        loop {
            let block = self.block().await?;
            let mut event = Event::default();
            for line in block.lines() {
                let (field, value) = line.split_once(": ").unwrap_or((line, ""));
                match field {
                    "id" => event.id = Some(value.to_owned()),
                    "event" => event.name = value.to_owned(),
                    "data" => event.data = serde_json::from_str(value).unwrap(),
                    "retry" => retry = Some(value.parse().unwrap()),
                    other => assert!(other.starts_with(':'), "{block:?}"),
                }
            }
            if event.name.is_empty() {
                continue;
            }
            event.retry = retry;
            let schema = (self.schema_of)(&event.name);
            assert_eq!(self.document.differences_from(schema, &event.data), Vec::<String>::new(), "{event:?}");
            return Some(event);
        }
    }
}
