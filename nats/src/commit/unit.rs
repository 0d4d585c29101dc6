//! What is appended all or none: the events of one command, on one aggregate or on several of one stream.

use std::collections::HashMap;
use std::sync::Arc;

use ally_domain::envelope::TraceContext;
use ally_domain::ids::AggregateRef;
use ally_domain::ports::{Append, StoreError};

use super::resolve::Found;
use crate::codec::{self, Outgoing};
use crate::names::{Names, StreamName};
use crate::topology::MAX_MESSAGE_BYTES;

/// What a header may cost at most beside its value; only to keep batches under their limit of bytes.
const HEADERS_BYTES: usize = 600;

/// The most bytes that an event's data may have, unpacked: what the stream takes, less room for the headers around it.
const MAX_EVENT_BYTES: usize = MAX_MESSAGE_BYTES as usize - 8 * 1024;

#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) stream: StreamName,
    pub(crate) messages: Vec<Outgoing>,
    pub(crate) parts: Vec<Part>,
    pub(crate) bytes: usize,
}

/// The messages that one aggregate gets.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) aggregate: AggregateRef,
    pub(crate) filter: Arc<str>,
    pub(crate) expected: u64,
    pub(crate) count: u64,
    pub(crate) first_id: String,
    pub(crate) last_id: String,
    /// How many messages of the unit stand behind this part's last one.
    pub(crate) behind: u64,
}

impl Unit {
    /// Checks appends and writes them as messages. `traces` gives each event the context of its own send span.
    pub(crate) fn encode(names: &Names, appends: Vec<Append>, traces: &[TraceContext]) -> Result<Self, StoreError> {
        let stream = check(&appends)?;
        let mut unit = Self { stream, messages: Vec::new(), parts: Vec::new(), bytes: 0 };
        let mut numbers = Numbers::default();
        for append in appends {
            let shared = Arc::new(append.context);
            let mut own = append.contexts.into_iter();
            let filter: Arc<str> = names.aggregate(&append.aggregate).into();
            let first = unit.messages.len();
            for event in append.events {
                fits(&append.aggregate, event.data.get().len())?;
                let context = own.next().map_or_else(|| Arc::clone(&shared), Arc::new);
                let n = numbers.next(context.command_id.as_str());
                let id = format!("{}:{n}", context.command_id);
                let trace = traces.get(unit.messages.len()).unwrap_or(&context.trace);
                let message = codec::encode(names, &append.aggregate, event, &context, id, trace)
                    .map_err(|error| rejected(&append.aggregate, error.to_string()))?;
                unit.bytes += message.payload.len() + HEADERS_BYTES;
                unit.messages.push(message);
            }
            let count = unit.messages.len() - first;
            let last_id = unit.messages.last().map_or_else(String::new, |message| message.message_id.clone());
            if let Some(head) = unit.messages.get_mut(first) {
                head.expected = Some((append.expected, Arc::clone(&filter)));
                unit.parts.push(Part {
                    aggregate: append.aggregate,
                    filter,
                    expected: append.expected,
                    count: count as u64,
                    first_id: head.message_id.clone(),
                    last_id,
                    behind: 0,
                });
            }
        }
        let mut behind = 0;
        for part in unit.parts.iter_mut().rev() {
            part.behind = behind;
            behind += part.count;
        }
        Ok(unit)
    }
}

impl Unit {
    /// The ids of a part's messages, in order.
    pub(crate) fn ids(&self, part: &Part) -> impl Iterator<Item = &str> {
        let first = self.messages.iter().position(|message| message.message_id == part.first_id).unwrap_or(0);
        self.messages.iter().skip(first).take(part.count as usize).map(|message| message.message_id.as_str())
    }

    /// Leaves what of a torn batch is not stored yet.
    pub(crate) fn keep_missing(&mut self, found: &[Found]) {
        let mut messages = std::mem::take(&mut self.messages).into_iter();
        let mut parts = Vec::new();
        for (mut part, found) in std::mem::take(&mut self.parts).into_iter().zip(found) {
            let of_part: Vec<_> = messages.by_ref().take(part.count as usize).collect();
            let mut missing = of_part.into_iter().skip(found.messages as usize);
            let Some(mut head) = missing.next() else { continue };
            part.expected = found.last_sequence;
            part.count -= found.messages;
            part.first_id.clone_from(&head.message_id);
            head.expected = Some((part.expected, Arc::clone(&part.filter)));
            self.messages.push(head);
            self.messages.extend(missing);
            parts.push(part);
        }
        let mut behind = 0;
        for part in parts.iter_mut().rev() {
            part.behind = behind;
            behind += part.count;
        }
        self.parts = parts;
    }
}

/// The server would refuse the one message and then wait for the rest of its batch: told here, it is told at once.
fn fits(aggregate: &AggregateRef, payload_bytes: usize) -> Result<(), StoreError> {
    if payload_bytes <= MAX_EVENT_BYTES {
        return Ok(());
    }
    Err(rejected(aggregate, format!("an event has {payload_bytes} bytes and the log takes at most {MAX_EVENT_BYTES}")))
}

/// The numbers of an append's events: from 1, through all parts that share a command, so that no two messages share an id.
#[derive(Debug, Default)]
pub(crate) struct Numbers(HashMap<String, usize>);

impl Numbers {
    pub(crate) fn next(&mut self, command: &str) -> usize {
        if let Some(last) = self.0.get_mut(command) {
            *last += 1;
            return *last;
        }
        self.0.insert(command.to_owned(), 1);
        1
    }
}

fn check(appends: &[Append]) -> Result<StreamName, StoreError> {
    let Some(first) = appends.first() else {
        return Err(StoreError::Rejected { what: "an append".to_owned(), reason: "it names no aggregate".to_owned() });
    };
    let stream = StreamName::of(first.aggregate.kind);
    for (at, append) in appends.iter().enumerate() {
        if append.events.is_empty() {
            return Err(rejected(&append.aggregate, "it has no events".to_owned()));
        }
        if StreamName::of(append.aggregate.kind) != stream {
            return Err(rejected(&append.aggregate, format!("its events do not belong into the stream {stream}")));
        }
        if appends.iter().take(at).any(|earlier| earlier.aggregate == append.aggregate) {
            return Err(rejected(&append.aggregate, "it is named twice; put its events into one append".to_owned()));
        }
    }
    Ok(stream)
}

fn rejected(aggregate: &AggregateRef, reason: String) -> StoreError {
    StoreError::Rejected { what: format!("an append to {aggregate}"), reason }
}

#[cfg(test)]
mod tests {
    use ally_domain::event_data::{EncodedEvent, EventType};
    use ally_domain::testing::conformance::{new_append, new_job};

    use super::*;

    fn encoded(bytes: usize) -> Result<Unit, StoreError> {
        let data = serde_json::value::to_raw_value(&"x".repeat(bytes)).unwrap();
        let event = EncodedEvent { event_type: EventType::new("plan_job", "started", 1), data };
        Unit::encode(&Names::new("t").unwrap(), vec![new_append(&new_job(), 0, vec![event])], &[])
    }

    #[test]
    fn an_event_that_the_log_cannot_take_is_refused_before_it_is_sent() {
        assert!(encoded(MAX_EVENT_BYTES - 2).is_ok());
        let refused = encoded(MAX_EVENT_BYTES).unwrap_err();
        assert!(matches!(&refused, StoreError::Rejected { .. }), "{refused}");
        assert!(refused.to_string().contains(&MAX_EVENT_BYTES.to_string()), "{refused}");
    }
}
