//! The last events of a room, for those who come back: bounded in number and in bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use super::notice::Change;

#[derive(Debug, Default)]
pub(super) struct Recent {
    changes: VecDeque<Arc<Change>>,
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
        self.changes.push_back(change);
        while self.changes.len() > max_events || self.bytes > max_bytes {
            let Some(oldest) = self.changes.pop_front() else { return };
            self.bytes -= oldest.weight();
            self.floor = oldest.cursor.sequence;
        }
    }

    /// What happened behind a sequence; `None` when that is not known whole.
    pub(super) fn since(&self, sequence: u64) -> Option<Vec<Arc<Change>>> {
        if sequence < self.floor {
            return None;
        }
        let from = self.changes.partition_point(|change| change.cursor.sequence <= sequence);
        Some(self.changes.range(from..).cloned().collect())
    }
}
