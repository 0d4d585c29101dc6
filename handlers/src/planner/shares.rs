//! Fair shares: how many jobs of one athlete a worker has in hand at once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use ally_domain::ids::AthleteId;

/// The jobs in hand, by athlete.
pub(super) struct Shares {
    in_hand: Arc<Mutex<HashMap<AthleteId, usize>>>,
    limit: usize,
}

/// A job in hand; its place is free again when this is dropped.
pub(super) struct Share {
    in_hand: Arc<Mutex<HashMap<AthleteId, usize>>>,
    athlete: AthleteId,
}

impl Shares {
    pub(super) fn new(limit: usize) -> Self {
        Self { in_hand: Arc::default(), limit: limit.max(1) }
    }

    /// Takes a place for an athlete; `None` when they have their share already.
    pub(super) fn enter(&self, athlete: &AthleteId) -> Option<Share> {
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = in_hand.entry(athlete.clone()).or_insert(0);
        if *jobs >= self.limit {
            return None;
        }
        *jobs += 1;
        Some(Share { in_hand: self.in_hand.clone(), athlete: athlete.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut jobs) = in_hand.entry(self.athlete.clone()) {
            *jobs.get_mut() -= 1;
            if *jobs.get() == 0 {
                jobs.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_athlete_has_at_most_their_share_and_others_have_theirs() {
        let shares = Shares::new(2);
        let [amy, bob]: [AthleteId; 2] = ["amy", "bob"].map(|id| id.parse().unwrap());
        let first = shares.enter(&amy);
        let second = shares.enter(&amy);
        assert!(first.is_some() && second.is_some() && shares.enter(&amy).is_none());
        assert!(shares.enter(&bob).is_some());
        drop(first);
        assert!(shares.enter(&amy).is_some(), "a place that is given back is free");
        drop(second);
        assert!(shares.in_hand.lock().unwrap().is_empty(), "nobody who has nothing in hand is remembered");
    }
}
