//! Which events of a stream were gone before they were read.
//!
//! Where every sequence is an event's, one that does not come was taken away: by age, when no projector has worked for longer
//! than the stream keeps its events, or by somebody's hand. The view goes on and is incomplete, and that is told.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::read_ahead::Reads;

/// Follows the sequences of one reader.
#[derive(Debug)]
pub(crate) struct Continuity {
    /// What comes next; 0 while nothing was read: a view that begins has missed nothing.
    next: u64,
    /// Messages that are no events for this version and stand ahead of events that are still to come.
    ahead: BTreeSet<u64>,
}

impl Continuity {
    /// Of a reader that was opened behind a sequence.
    pub(crate) fn behind(position: u64) -> Self {
        Self { next: if position == 0 { 0 } else { position + 1 }, ahead: BTreeSet::new() }
    }

    /// The sequences before and between some events that nothing was read of, in order.
    pub(crate) fn missed(&mut self, reads: &Reads) -> Vec<RangeInclusive<u64>> {
        self.ahead.extend(reads.skipped.iter().map(|skipped| skipped.position.sequence));
        let mut missed = Vec::new();
        for event in &reads.events {
            let at = event.recorded.position.sequence;
            if self.next > 0 {
                self.missed_before(at, &mut missed);
            }
            self.next = at + 1;
        }
        self.ahead = self.ahead.split_off(&self.next);
        missed
    }

    fn missed_before(&self, at: u64, missed: &mut Vec<RangeInclusive<u64>>) {
        let mut next = self.next;
        for known in self.ahead.iter().copied().skip_while(|known| *known < self.next).take_while(|known| *known < at) {
            if known > next {
                missed.push(next..=known - 1);
            }
            next = known + 1;
        }
        if at > next {
            missed.push(next..=at - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::envelope::{Position, Recorded, TraceContext};
    use ally_domain::event_data::EventType;
    use ally_domain::ids::{AggregateKind, AggregateRef};
    use ally_domain::ports::Skipped;
    use time::OffsetDateTime;

    use super::*;
    use crate::projector::read_ahead::Read;

    fn position(sequence: u64) -> Position {
        Position { stream: "PRESENCE".to_owned(), sequence }
    }

    fn reads(events: &[u64], skipped: &[u64]) -> Reads {
        let event = |sequence: &u64| Read {
            recorded: Recorded {
                event_id: String::new(),
                aggregate: AggregateRef { kind: AggregateKind::Room, id: "r".parse().unwrap() },
                event_type: EventType::new("presence", "joined", 1),
                position: position(*sequence),
                at: OffsetDateTime::UNIX_EPOCH,
                correlation: String::new(),
                causation: None,
                actor: String::new(),
                trace: TraceContext::default(),
                data: String::new(),
            },
            fact: None,
        };
        let foreign = |sequence: &u64| Skipped {
            position: position(*sequence),
            subject: String::new(),
            event_type: String::new(),
            reason: String::new(),
        };
        Reads { events: events.iter().map(event).collect(), skipped: skipped.iter().map(foreign).collect() }
    }

    #[test]
    fn what_does_not_come_between_two_events_was_missed() {
        let mut continuity = Continuity::behind(4);
        assert_eq!(continuity.missed(&reads(&[5, 6], &[])), []);
        assert_eq!(continuity.missed(&reads(&[9, 10, 12], &[])), [7..=8, 11..=11]);
        assert_eq!(continuity.missed(&reads(&[13], &[])), []);
        assert_eq!(Continuity::behind(4).missed(&reads(&[9], &[])), [5..=8]);
    }

    #[test]
    fn a_view_that_begins_has_missed_nothing_before_its_first_event() {
        let mut continuity = Continuity::behind(0);
        assert_eq!(continuity.missed(&reads(&[41, 42], &[])), []);
        assert_eq!(continuity.missed(&reads(&[44], &[])), [43..=43]);
    }

    #[test]
    fn a_message_that_is_no_event_was_read_all_the_same() {
        let mut continuity = Continuity::behind(1);
        assert_eq!(continuity.missed(&reads(&[2], &[3, 5])), []);
        assert_eq!(continuity.missed(&reads(&[4, 7], &[5])), [6..=6]);
        assert_eq!(continuity.missed(&reads(&[], &[8])), []);
        assert_eq!(continuity.missed(&reads(&[9, 14], &[11])), [10..=10, 12..=13]);
    }
}
