//! Reads server-sent events out of bytes, as they are cut. What is not whole at the end of the bytes was never sent.

use std::time::Duration;

/// More bytes than any event of this API has.
const LONGEST_EVENT: usize = 8 * 1_024 * 1_024;
const MARK: &[u8] = "\u{feff}".as_bytes();

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerSentEvent {
    pub event: String,
    pub data: String,
    /// The last id that the stream has named.
    pub id: Option<String>,
}

/// Lines are cut as bytes: no byte of a character is an end of a line.
#[derive(Debug, Default)]
pub(crate) struct EventParser {
    line: Vec<u8>,
    has_line: bool,
    was_return: bool,
    event: String,
    data: Vec<String>,
    size: usize,
    id: Option<String>,
    /// What the server has set with `retry:`.
    pub reconnect: Option<Duration>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl EventParser {
    /// The events that are whole with these bytes.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<ServerSentEvent>, TooLong> {
        let mut events = Vec::new();
        for &byte in chunk {
            // The second half of \r\n, also where bytes were cut between the two.
            let is_second_half = byte == b'\n' && std::mem::take(&mut self.was_return);
            match byte {
                _ if is_second_half => {}
                b'\n' | b'\r' => {
                    self.was_return = byte == b'\r';
                    events.extend(self.take());
                }
                _ => {
                    self.was_return = false;
                    self.line.push(byte);
                    if self.size + self.line.len() > LONGEST_EVENT {
                        return Err(TooLong);
                    }
                }
            }
        }
        Ok(events)
    }

    fn take(&mut self) -> Option<ServerSentEvent> {
        let line = std::mem::take(&mut self.line);
        let is_first = !std::mem::replace(&mut self.has_line, true);
        let line = if is_first { line.strip_prefix(MARK).unwrap_or(&line) } else { &line };
        if line.is_empty() {
            return self.dispatch();
        }
        let line = String::from_utf8_lossy(line);
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        // An empty line of data takes room too.
        self.size += if name.is_empty() { 0 } else { value.len() + 1 };
        match name {
            "event" => value.clone_into(&mut self.event),
            "data" => self.data.push(value.to_owned()),
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" => self.reconnect = value.parse().ok().map(Duration::from_millis).or(self.reconnect),
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<ServerSentEvent> {
        self.size = 0;
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        let event = if event.is_empty() { "message".to_owned() } else { event };
        (!data.is_empty()).then(|| ServerSentEvent { event, data: data.join("\n"), id: self.id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}retry: 1500\r\nid: 1\r\nevent: job\r\ndata: {\"ä\":\"🏋\"}\r\n\r\n: a comment\n\nevent: end\rdata: one\rdata: two\r\r";

    #[test]
    fn events_are_the_same_wherever_their_bytes_are_cut() {
        let event = |event: &str, data: &str| ServerSentEvent {
            event: event.to_owned(),
            data: data.to_owned(),
            id: Some("1".to_owned()),
        };
        let expected = [event("job", "{\"ä\":\"🏋\"}"), event("end", "one\ntwo")];
        let bytes = TEXT.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let mut parser = EventParser::default();
                let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                let events: Vec<_> = parts.iter().flat_map(|part| parser.push(part).unwrap_or_default()).collect();
                assert_eq!(events, expected, "cut at {first} and {second}");
                assert_eq!(parser.reconnect, Some(Duration::from_millis(1_500)));
            }
        }
    }

    #[test]
    fn an_event_that_is_not_whole_is_none() {
        assert_eq!(EventParser::default().push(b"id: 2\nevent: job\ndata: {}\n"), Ok(Vec::new()));
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut parser = EventParser::default();
        let line = [b"data: ", vec![b'x'; 1_024 * 1_024].as_slice(), b"\n"].concat();
        assert!((0..10).any(|_| parser.push(&line) == Err(TooLong)));
        let (mut parser, lines) = (EventParser::default(), b"event\n".repeat(64 * 1_024));
        assert!((0..200).any(|_| parser.push(&lines) == Err(TooLong)), "empty lines count too");
    }
}
