//! The last events of a room, for those who come back: bounded in number, in bytes and in age.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use super::notice::Change;

#[derive(Debug, Default)]
pub(super) struct Recent {
    changes: VecDeque<(Instant, Arc<Change>)>,
    bytes: usize,
    /// Events up to this sequence may be missing here.
    floor: u64,
}

impl Recent {
    /// Knows everything behind a sequence.
    pub(super) fn behind(floor: u64) -> Self {
        Self { floor, ..Self::default() }
    }

    pub(super) fn push(&mut self, change: Arc<Change>, max_events: usize, max_bytes: usize) {
        self.bytes += change.weight();
        self.changes.push_back((Instant::now(), change));
        while self.changes.len() > max_events || self.bytes > max_bytes {
            if !self.drop_oldest() {
                return;
            }
        }
    }

    /// Drops what is older: whoever comes back later begins afresh.
    pub(super) fn drop_before(&mut self, moment: Instant) {
        if self.changes.front().is_none_or(|(at, _)| *at >= moment) {
            return;
        }
        while self.changes.front().is_some_and(|(at, _)| *at < moment) {
            self.drop_oldest();
        }
        self.changes.shrink_to_fit();
    }

    fn drop_oldest(&mut self) -> bool {
        let Some((_, oldest)) = self.changes.pop_front() else { return false };
        self.bytes -= oldest.weight();
        self.floor = oldest.cursor.sequence;
        true
    }

    /// What happened behind a sequence; `None` when that is not known whole.
    pub(super) fn since(&self, sequence: u64) -> Option<Vec<Arc<Change>>> {
        if sequence < self.floor {
            return None;
        }
        let from = self.changes.partition_point(|(_, change)| change.cursor.sequence <= sequence);
        Some(self.changes.range(from..).map(|(_, change)| Arc::clone(change)).collect())
    }
}
