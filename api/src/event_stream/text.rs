//! The text of an event stream (WHATWG HTML, section 9.2).

use std::fmt::{Display, Write as _};
use std::time::Duration;

/// Some of the text, to be sent in one piece.
#[derive(Default)]
pub(crate) struct EventText(String);

impl EventText {
    /// A comment alone.
    pub(crate) fn of_comment() -> Self {
        let mut text = Self::default();
        text.comment();
        text
    }

    /// Nothing to anybody but the proxies between, which see that the stream lives.
    pub(crate) fn comment(&mut self) {
        self.0.push_str(":\n\n");
    }

    /// A message. Without a position it takes back the one that the client knows: it comes back without any.
    pub(crate) fn message(&mut self, position: Option<&dyn Display>, event: &str, data: &str) {
        match position {
            Some(position) => _ = writeln!(self.0, "id: {position}"),
            None => self.0.push_str("id\n"),
        }
        self.unplaced(event, data);
    }

    /// A message that leaves the position as it is.
    pub(crate) fn unplaced(&mut self, event: &str, data: &str) {
        _ = writeln!(self.0, "event: {event}");
        // JSON may break between its tokens only.
        for line in data.split(['\n', '\r']) {
            _ = writeln!(self.0, "data: {line}");
        }
        self.0.push('\n');
    }

    /// A position without a message.
    pub(crate) fn position(&mut self, position: impl Display) {
        _ = write!(self.0, "id: {position}\n\n");
    }

    /// How long a client waits before it comes back. It belongs to what is written next.
    pub(crate) fn retry(&mut self, after: Duration) {
        _ = writeln!(self.0, "retry: {}", after.as_millis());
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_written_as_browsers_read_them() {
        let mut text = EventText::default();
        text.retry(Duration::from_millis(1_500));
        text.comment();
        text.message(None, "snapshot", "{}");
        text.message(Some(&"ab-7"), "event", "{\n}");
        text.position("ab-7");
        text.unplaced("end", "{\"type\":\"end\"}");
        assert_eq!(
            text.into_string(),
            "retry: 1500\n:\n\n\
             id\nevent: snapshot\ndata: {}\n\n\
             id: ab-7\nevent: event\ndata: {\ndata: }\n\n\
             id: ab-7\n\n\
             event: end\ndata: {\"type\":\"end\"}\n\n"
        );
    }
}
