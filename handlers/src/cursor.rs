//! A place in a feed, as a client keeps it and sends it back: opaque to it.

use std::fmt;
use std::str::FromStr;

use ally_domain::ports::StreamIdentity;

/// A place in the feed. By default the one before everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Which log: a sequence of one that was made anew says nothing about it.
    pub log: u32,
    /// The sequence of the last event that is known.
    pub sequence: u64,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no position of a feed; send back the one that came last, or none")]
pub struct InvalidCursor {
    text: String,
}

impl Cursor {
    /// The place in front of the event that stands here.
    #[must_use]
    pub const fn before(self) -> Self {
        Self { log: self.log, sequence: self.sequence.saturating_sub(1) }
    }

    /// The mark of a log in its cursors (FNV-1a).
    #[must_use]
    pub fn mark_of(stream: &StreamIdentity) -> u32 {
        stream.0.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.log, self.sequence)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let parsed = text.split_once('-').filter(|(log, _)| log.len() == 8).and_then(|(log, sequence)| {
            Some(Self { log: u32::from_str_radix(log, 16).ok()?, sequence: sequence.parse().ok()? })
        });
        parsed.ok_or_else(|| InvalidCursor { text: text.chars().take(64).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_written() {
        let cursor = Cursor { log: Cursor::mark_of(&StreamIdentity("2026-11-27T00:00:00Z".into())), sequence: 42 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for wrong in ["", "42", "0000000-1", "xxxxxxxx-1", "00000000-", "00000000--1"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong:?}");
        }
    }
}
