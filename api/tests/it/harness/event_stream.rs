//! A client that reads server-sent events, and holds each against the documents.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

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

impl Event {
    /// Its fields beside the data.
    pub fn fields(&self) -> Value {
        let mut fields = json!({"event": self.name});
        if let Some(id) = &self.id {
            fields["id"] = json!(id);
        }
        if let Some(retry) = self.retry {
            fields["retry"] = json!(retry);
        }
        fields
    }
}

/// A stream that is open.
pub struct EventStream {
    response: Response,
    text: String,
    /// Where an event is not as the documents describe it.
    differences: fn(&Event) -> Vec<String>,
}

impl EventStream {
    /// Reads an answer that is a stream.
    pub fn of(response: Response, differences: fn(&Event) -> Vec<String>) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "content-type"), Some("text/event-stream"));
        assert_eq!(header(&response, "cache-control"), Some("no-store, no-transform"));
        Self { response, text: String::new(), differences }
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

    /// The next event, as the documents have it; comments and bare positions are passed over.
    pub async fn next(&mut self) -> Event {
        self.next_or_end().await.expect("another event")
    }

    /// The same; `None` at the end of the stream.
    pub async fn next_or_end(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            let mut event = Event::default();
            for line in block.lines() {
                let (field, value) = line.split_once(": ").unwrap_or((line, ""));
                match field {
                    "id" => event.id = Some(value.to_owned()),
                    "event" => event.name = value.to_owned(),
                    "data" => event.data = serde_json::from_str(value).unwrap(),
                    "retry" => event.retry = Some(value.parse().unwrap()),
                    other => assert!(other.starts_with(':'), "{block:?}"),
                }
            }
            if event.name.is_empty() {
                continue;
            }
            assert_eq!((self.differences)(&event), Vec::<String>::new(), "{event:?}");
            return Some(event);
        }
    }
}
