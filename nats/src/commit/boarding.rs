//! A shared batch that is still open: who is aboard, and when it is closed.
//!
//! The server prepares a batch when its first message comes, and that takes longer than all the rest. So the first leave
//! at once, and whoever comes until the server is ready shares the batch for nothing.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::Id;
use tokio::time::Instant;

use super::Waiting;

/// After a batch, the next one waits for those whom it has answered, since many append again at once: at least so long, and
/// at most so long or an eighth of the batch's time.
const GATHER: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(4));
/// A batch is closed though nobody said that the server is ready for it.
const LONGEST: Duration = Duration::from_millis(500);

/// How many appends will be open when all whom a shared batch has answered append again, and until when that is expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    pub(super) appends: usize,
    pub(super) until: Instant,
}

impl Expected {
    /// After a batch that took so long, with so many open when it was answered.
    pub(super) fn after(appends: usize, took: Duration) -> Self {
        Self { appends, until: Instant::now() + (took / 8).clamp(GATHER.0, GATHER.1) }
    }
}

/// The open batch.
pub(super) struct Boarding {
    /// Its flight.
    pub(super) flight: Id,
    /// Its number, by which the server's word that it has begun is told from others'.
    pub(super) number: u64,
    pub(super) seats: mpsc::UnboundedSender<Waiting>,
    pub(super) load: Load,
    begun: bool,
    /// It was opened for few, and nobody else is expected.
    hurried: bool,
    opened: Instant,
}

/// How much is aboard.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Load {
    pub(super) appends: usize,
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

impl Load {
    /// With one more aboard.
    pub(super) fn with(self, waiting: &Waiting) -> Self {
        Self {
            appends: self.appends + 1,
            messages: self.messages + waiting.unit.messages.len(),
            bytes: self.bytes + waiting.unit.bytes,
        }
    }
}

impl Boarding {
    pub(super) fn new(flight: Id, number: u64, seats: mpsc::UnboundedSender<Waiting>, hurried: bool) -> Self {
        Self { flight, number, seats, load: Load::default(), begun: false, hurried, opened: Instant::now() }
    }

    /// The server has begun with a batch.
    pub(super) fn begun(&mut self, number: Option<u64>) {
        self.begun |= number == Some(self.number);
    }

    /// When it is closed, unless something happens before: a moment that is over is at once. `others` says that another
    /// batch is on its way, `behind` how many wait who cannot come aboard.
    pub(super) fn closes_at(&self, others: bool, behind: usize, expected: Option<Expected>) -> Instant {
        if self.hurried {
            return self.opened;
        }
        // The server does not begin before it has answered the batch before, so that those whom it has answered may come along.
        if others {
            return self.opened + LONGEST;
        }
        match expected {
            Some(expected) if self.load.appends + behind >= expected.appends => self.opened,
            // A message alone is held back and not sent: nobody would say that the server has begun.
            _ if !self.begun && self.load.messages > 1 => self.opened + LONGEST,
            Some(expected) => expected.until,
            None => self.opened,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open(messages: usize, hurried: bool) -> Boarding {
        let flight = tokio::spawn(async {}).id();
        let (seats, _) = mpsc::unbounded_channel();
        let load = Load { appends: messages, messages, bytes: 0 };
        Boarding { load, ..Boarding::new(flight, 7, seats, hurried) }
    }

    #[tokio::test]
    async fn it_closes_when_the_server_is_ready_and_those_who_are_expected_are_aboard() {
        let mut boarding = open(5, false).await;
        let (five, six) = (Expected::after(5, Duration::ZERO), Expected::after(6, Duration::ZERO));
        assert!(boarding.closes_at(false, 0, None) > six.until, "the server has not begun");
        assert!(boarding.closes_at(false, 0, Some(six)) > six.until, "one is missing, and the server has not begun");
        assert!(boarding.closes_at(false, 0, Some(five)) <= Instant::now(), "nobody else is to come");
        assert!(
            boarding.closes_at(false, 1, Some(six)) <= Instant::now(),
            "nor if the sixth is here and cannot come aboard"
        );
        boarding.begun(Some(6));
        assert!(boarding.closes_at(false, 0, None) > six.until, "that was another batch");
        boarding.begun(Some(7));
        assert!(boarding.closes_at(false, 0, None) <= Instant::now());
        assert_eq!(boarding.closes_at(false, 0, Some(six)), six.until, "one is missing, and is waited for");
        assert!(boarding.closes_at(true, 0, None) > six.until, "whom the batch before will answer may come along");
    }

    #[tokio::test]
    async fn few_wait_for_nobody_and_one_alone_for_those_who_are_expected() {
        assert!(open(8, true).await.closes_at(true, 0, None) <= Instant::now());
        let alone = open(1, false).await;
        let expected = Expected::after(16, Duration::from_millis(8));
        assert_eq!(alone.closes_at(false, 0, Some(expected)), expected.until);
        assert!(alone.closes_at(false, 0, None) <= Instant::now());
    }
}
