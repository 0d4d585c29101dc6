//! Where aggregates stood when this process last appended to them. Only a hint: it keeps an append that is known to be
//! stale from spoiling a whole batch.

use std::collections::HashMap;
use std::sync::Arc;

/// Entries of one generation; two are kept.
const GENERATION: usize = 8_192;

#[derive(Debug, Default)]
pub(super) struct Recent {
    young: HashMap<Arc<str>, u64>,
    old: HashMap<Arc<str>, u64>,
}

impl Recent {
    pub(super) fn note(&mut self, filter: &Arc<str>, sequence: u64) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        match self.young.get_mut(filter) {
            Some(known) => *known = sequence.max(*known),
            None => {
                self.young.insert(Arc::clone(filter), sequence);
            }
        }
    }

    /// Whether an aggregate is known to have moved beyond a sequence.
    pub(super) fn is_beyond(&self, filter: &str, sequence: u64) -> bool {
        let known = self.young.get(filter).or_else(|| self.old.get(filter));
        known.is_some_and(|known| *known > sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_the_newest_and_forgets_the_oldest() {
        let mut recent = Recent::default();
        recent.note(&Arc::from("a"), 5);
        recent.note(&Arc::from("a"), 3);
        assert!(recent.is_beyond("a", 4) && !recent.is_beyond("a", 5) && !recent.is_beyond("b", 0));
        for n in 0..2 * GENERATION {
            recent.note(&Arc::from(format!("x{n}")), 1);
        }
        assert!(!recent.is_beyond("a", 0), "two generations later it is forgotten");
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }
}
