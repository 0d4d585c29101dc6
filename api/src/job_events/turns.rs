//! One at a time of each athlete, in the order in which they came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ally_domain::ids::AthleteId;
use tokio::sync::OwnedMutexGuard;

/// The athletes who have a turn or wait for one.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<AthleteId, Queue>>);

#[derive(Debug, Default)]
struct Queue {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// How many have the turn or wait for it: with the last of them the queue goes.
    length: usize,
}

/// The turn of an athlete, until it is dropped.
pub(super) struct Turn {
    _turn: OwnedMutexGuard<()>,
    _place: Place,
}

/// A place in the queue of an athlete.
struct Place {
    turns: Arc<Turns>,
    athlete: AthleteId,
}

impl Turns {
    /// Waits for the turn of an athlete. Whoever stops waiting leaves nothing behind.
    pub(super) async fn take(self: &Arc<Self>, athlete: &AthleteId) -> Turn {
        let turn = self.join(athlete);
        let place = Place { turns: Arc::clone(self), athlete: athlete.clone() };
        Turn { _turn: turn.lock_owned().await, _place: place }
    }

    fn join(&self, athlete: &AthleteId) -> Arc<tokio::sync::Mutex<()>> {
        let mut queues = self.lock();
        let queue = queues.entry(athlete.clone()).or_default();
        queue.length += 1;
        Arc::clone(&queue.turn)
    }

    fn leave(&self, athlete: &AthleteId) {
        let mut queues = self.lock();
        if let Some(queue) = queues.get_mut(athlete) {
            queue.length -= 1;
            if queue.length == 0 {
                queues.remove(athlete);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AthleteId, Queue>> {
        // A count is changed whole or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.turns.leave(&self.athlete);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_athlete_has_one_turn_at_a_time_and_others_do_not_wait() {
        let turns = Arc::<Turns>::default();
        let (amy, bea): (AthleteId, AthleteId) = ("amy".parse().unwrap(), "bea".parse().unwrap());
        let first = turns.take(&amy).await;
        let mut second = Box::pin(turns.take(&amy));
        assert!((&mut second).now_or_never().is_none(), "the first one has the turn");
        assert!(turns.take(&bea).now_or_never().is_some());
        // One that gives up while it waits keeps nobody from the turn.
        assert!(turns.take(&amy).now_or_never().is_none());
        drop(first);
        drop(second.now_or_never().expect("the turn is free"));
        assert!(turns.lock().is_empty());
    }
}
