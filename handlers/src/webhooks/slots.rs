//! Places at each endpoint: few attempts at once, none while it rests, and a queue for the others, so that one that is slow or
//! gone takes no place from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ally_domain::ids::EndpointId;
use tokio::time::Instant;

use super::config::WebhookConfig;
use crate::circuit::Circuit;

/// The soonest that somebody who found no place looks again.
const SOONEST: Duration = Duration::from_millis(500);
/// The latest. What waits longer looks again then, and may have to wait on.
const LATEST: Duration = Duration::from_secs(2 * 3_600);
/// Between two turns: at least so long, so that many who wait do not all come at once, and at most so long, so that they are not late
/// once an endpoint that was slow or gone is back.
const STEP: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(50));
/// From attempts of this length on an endpoint gets fewer at once, so that a few slow ones do not take all hands: half, a quarter.
const SLOW: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));
/// What an attempt is taken to last before one was seen.
const USUAL: Duration = Duration::from_millis(100);

/// The places at all endpoints, as this process sees them.
pub(super) struct Slots {
    per_endpoint: usize,
    new_circuit: Box<dyn Fn() -> Circuit + Send + Sync>,
    endpoints: Mutex<HashMap<EndpointId, Places>>,
}

struct Places {
    circuit: Circuit,
    in_flight: usize,
    /// How long attempts last of late.
    usual: Duration,
    /// When the last of those that wait has its turn.
    queue_end: Instant,
}

/// A place for one attempt. Dropped without an end, it tells nothing of the endpoint.
pub(super) struct Slot {
    slots: Arc<Slots>,
    endpoint: EndpointId,
    begun: Instant,
    ended: bool,
}

impl Slots {
    pub(super) fn new(config: &WebhookConfig) -> Arc<Self> {
        let (failures, (first, longest)) = (config.failures_to_rest, config.rest);
        let new_circuit = Box::new(move || Circuit::new(failures, first).resting_up_to(longest));
        Arc::new(Self { per_endpoint: config.per_endpoint.max(1), new_circuit, endpoints: Mutex::default() })
    }

    /// A place for an attempt, or how long to wait: everybody who waits is given a turn of their own, at the pace at which the endpoint
    /// takes messages.
    pub(super) fn enter(self: &Arc<Self>, endpoint: &EndpointId) -> Result<Slot, Duration> {
        let now = Instant::now();
        let mut endpoints = self.lock();
        let places = endpoints.entry(endpoint.clone()).or_insert_with(|| Places {
            circuit: (self.new_circuit)(),
            in_flight: 0,
            usual: USUAL,
            queue_end: now,
        });
        if places.in_flight >= places.allowed(self.per_endpoint) {
            return Err(places.turn(now, self.per_endpoint, Duration::ZERO));
        }
        match places.circuit.admit(now) {
            Ok(()) => {
                places.in_flight += 1;
                Ok(Slot { slots: Arc::clone(self), endpoint: endpoint.clone(), begun: now, ended: false })
            }
            Err(rest) => Err(places.turn(now, self.per_endpoint, rest)),
        }
    }

    /// Forgets an endpoint that is gone.
    pub(super) fn forget(&self, endpoint: &EndpointId) {
        let mut endpoints = self.lock();
        if endpoints.get(endpoint).is_some_and(|places| places.in_flight == 0) {
            endpoints.remove(endpoint);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<EndpointId, Places>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave<T>(&self, endpoint: &EndpointId, change: impl FnOnce(&mut Places) -> T) -> Option<T> {
        let mut endpoints = self.lock();
        let places = endpoints.get_mut(endpoint)?;
        places.in_flight = places.in_flight.saturating_sub(1);
        Some(change(places))
    }
}

impl Places {
    /// The next turn behind those that wait, and not before a rest is over.
    fn turn(&mut self, now: Instant, at_once: usize, rest: Duration) -> Duration {
        let at_once = u32::try_from(at_once).unwrap_or(u32::MAX).max(1);
        let (earliest, step) = (now + rest.max(SOONEST), (self.usual / at_once).clamp(STEP.0, STEP.1));
        self.queue_end = self.queue_end.max(earliest) + step;
        if self.queue_end > now + LATEST.max(rest) {
            // Those who wait longest begin a new queue behind the rest.
            self.queue_end = earliest + step;
        }
        self.queue_end - now
    }

    /// Attempts at once: fewer at an endpoint that is slow.
    fn allowed(&self, most: usize) -> usize {
        let share = match self.usual {
            usual if usual >= SLOW.1 => 4,
            usual if usual >= SLOW.0 => 2,
            _ => 1,
        };
        (most / share).max(1)
    }

    fn note_length(&mut self, lasted: Duration) {
        self.usual = (self.usual * 7 + lasted) / 8;
    }
}

impl Slot {
    /// The endpoint took the message.
    pub(super) fn end_taken(mut self) {
        self.ended = true;
        let lasted = self.begun.elapsed();
        self.slots.leave(&self.endpoint, |places| {
            places.note_length(lasted);
            places.circuit.succeeded();
        });
    }

    /// It did not, and may have said when to come back. The answer says whether it rests now.
    pub(super) fn end_refused(mut self, after: Option<Duration>) -> bool {
        self.ended = true;
        let (now, lasted) = (Instant::now(), self.begun.elapsed());
        let rests = self.slots.leave(&self.endpoint, |places| {
            places.note_length(lasted);
            places.circuit.failed(now);
            let rests = places.circuit.is_open();
            if let Some(after) = after.filter(|after| !after.is_zero()) {
                places.circuit.rest_until(now + after);
            }
            rests
        });
        rests.unwrap_or_default()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.ended {
            let now = Instant::now();
            self.slots.leave(&self.endpoint, |places| places.circuit.abandoned(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(per_endpoint: usize) -> Arc<Slots> {
        let rest = (Duration::from_secs(10), Duration::from_secs(40));
        Slots::new(&WebhookConfig { per_endpoint, failures_to_rest: 2, rest, ..WebhookConfig::default() })
    }

    fn endpoint(id: &str) -> EndpointId {
        id.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_endpoint_takes_no_place_from_another_and_those_that_wait_have_turns_of_their_own() {
        let slots = slots(2);
        let held = [slots.enter(&endpoint("a")), slots.enter(&endpoint("a"))].map(|slot| slot.ok().unwrap());
        let waits: Vec<_> = (0..3).map(|_| slots.enter(&endpoint("a")).err().unwrap()).collect();
        assert!(waits[0] >= SOONEST && waits.windows(2).all(|pair| pair[1] - pair[0] == STEP.1), "{waits:?}");
        assert!(slots.enter(&endpoint("b")).is_ok());
        drop(held);
        assert!(slots.enter(&endpoint("a")).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_fails_rests_and_is_tried_by_one_attempt_at_longer_and_longer_intervals() {
        let slots = slots(4);
        for _ in 0..2 {
            slots.enter(&endpoint("a")).ok().unwrap().end_refused(None);
        }
        assert!(slots.enter(&endpoint("a")).err().unwrap() >= Duration::from_secs(10));
        let mut rests = Vec::new();
        for _ in 0..4 {
            let begun = Instant::now();
            let tried = loop {
                match slots.enter(&endpoint("a")) {
                    Ok(slot) => break slot,
                    Err(_) => tokio::time::advance(Duration::from_secs(1)).await,
                }
            };
            assert!(slots.enter(&endpoint("a")).is_err(), "one attempt at once tries it");
            rests.push(begun.elapsed().as_secs());
            assert!(tried.end_refused(None), "it rests again");
        }
        assert_eq!(rests, [10, 20, 40, 40]);
        tokio::time::advance(Duration::from_secs(40)).await;
        slots.enter(&endpoint("a")).ok().unwrap().end_taken();
        let at_once: Vec<_> = (0..4).map(|_| slots.enter(&endpoint("a")).is_ok()).collect();
        assert_eq!(at_once, [true; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_says_when_to_come_back_rests_until_then_and_one_that_is_slow_gets_fewer_at_once() {
        let slots = slots(4);
        assert!(
            !slots.enter(&endpoint("a")).ok().unwrap().end_refused(Some(Duration::from_secs(90))),
            "it asked for it"
        );
        assert!(slots.enter(&endpoint("a")).err().unwrap() >= Duration::from_secs(90));
        for _ in 0..16 {
            let slot = slots.enter(&endpoint("b")).ok().unwrap();
            tokio::time::advance(Duration::from_secs(10)).await;
            slot.end_taken();
        }
        let held: Vec<_> = (0..4).filter_map(|_| slots.enter(&endpoint("b")).ok()).collect();
        assert_eq!(held.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn those_that_wait_longest_are_spread_and_not_all_due_at_once() {
        let slots = slots(1);
        let _held = slots.enter(&endpoint("a")).ok().unwrap();
        let mut waits: Vec<_> = (0..200_000).map(|_| slots.enter(&endpoint("a")).err().unwrap().as_secs()).collect();
        assert!(waits.iter().all(|wait| *wait <= LATEST.as_secs()));
        waits.sort_unstable();
        let most = waits.chunk_by(|a, b| a == b).map(<[u64]>::len).max().unwrap();
        assert!(most <= 60, "{most} in one second");
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_is_dropped_gives_its_place_back() {
        let slots = slots(1);
        drop(slots.enter(&endpoint("a")).ok().unwrap());
        assert!(slots.enter(&endpoint("a")).is_ok());
    }
}
