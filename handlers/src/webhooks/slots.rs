//! Room at each endpoint: few attempts at once, none while it rests, and a queue for the others, so that one that is slow or
//! gone takes no room from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ally_domain::ids::EndpointId;
use tokio::time::Instant;

use super::config::WebhookConfig;
use crate::circuit::Circuit;

/// The soonest that somebody who found no room looks again.
const SOONEST: Duration = Duration::from_millis(500);
/// The latest. What waits longer looks again then, and may have to wait on.
const LATEST: Duration = Duration::from_secs(900);
/// What an attempt is taken to last before one was seen.
const USUAL: Duration = Duration::from_millis(100);

/// The room at all endpoints, as this process sees it.
pub(super) struct Slots {
    per_endpoint: usize,
    new_circuit: Box<dyn Fn() -> Circuit + Send + Sync>,
    endpoints: Mutex<HashMap<EndpointId, Room>>,
}

struct Room {
    circuit: Circuit,
    in_flight: usize,
    /// How long attempts last of late.
    usual: Duration,
    /// When the last of those that wait has its turn.
    queue_end: Instant,
}

/// Room for one attempt. Dropped without an end, it tells nothing of the endpoint.
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

    /// Room for an attempt, or how long to wait: everybody who waits is given a turn of their own, at the pace at which the endpoint
    /// takes messages.
    pub(super) fn enter(self: &Arc<Self>, endpoint: &EndpointId) -> Result<Slot, Duration> {
        let now = Instant::now();
        let mut endpoints = self.lock();
        let room = endpoints.entry(endpoint.clone()).or_insert_with(|| Room {
            circuit: (self.new_circuit)(),
            in_flight: 0,
            usual: USUAL,
            queue_end: now,
        });
        if room.in_flight >= self.per_endpoint {
            return Err(room.turn(now, self.per_endpoint, Duration::ZERO));
        }
        match room.circuit.admit(now) {
            Ok(()) => {
                room.in_flight += 1;
                Ok(Slot { slots: Arc::clone(self), endpoint: endpoint.clone(), begun: now, ended: false })
            }
            Err(rest) => Err(room.turn(now, self.per_endpoint, rest)),
        }
    }

    /// Forgets an endpoint that is gone.
    pub(super) fn forget(&self, endpoint: &EndpointId) {
        let mut endpoints = self.lock();
        if endpoints.get(endpoint).is_some_and(|room| room.in_flight == 0) {
            endpoints.remove(endpoint);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<EndpointId, Room>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, endpoint: &EndpointId, tell: impl FnOnce(&mut Room)) {
        if let Some(room) = self.lock().get_mut(endpoint) {
            room.in_flight = room.in_flight.saturating_sub(1);
            tell(room);
        }
    }
}

impl Room {
    /// The next turn behind those that wait, and not before a rest is over.
    fn turn(&mut self, now: Instant, at_once: usize, rest: Duration) -> Duration {
        let at_once = u32::try_from(at_once).unwrap_or(u32::MAX).max(1);
        let earliest = now + rest.max(SOONEST);
        self.queue_end = (self.queue_end.max(earliest) + self.usual / at_once).min(now + LATEST.max(rest));
        self.queue_end - now
    }
}

impl Slot {
    /// The attempt ended: the endpoint took the message, or it did not.
    pub(super) fn end(mut self, taken: bool) {
        self.ended = true;
        let (now, lasted) = (Instant::now(), self.begun.elapsed());
        self.slots.leave(&self.endpoint, |room| {
            room.usual = (room.usual * 7 + lasted) / 8;
            if taken {
                room.circuit.succeeded();
            } else {
                room.circuit.failed(now);
            }
        });
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.ended {
            let now = Instant::now();
            self.slots.leave(&self.endpoint, |room| room.circuit.abandoned(now));
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
    async fn a_full_endpoint_takes_no_room_from_another_and_those_that_wait_have_turns_of_their_own() {
        let slots = slots(2);
        let held = [slots.enter(&endpoint("a")), slots.enter(&endpoint("a"))].map(|slot| slot.ok().unwrap());
        let waits: Vec<_> = (0..3).map(|_| slots.enter(&endpoint("a")).err().unwrap()).collect();
        assert!(waits[0] >= SOONEST && waits.windows(2).all(|pair| pair[1] - pair[0] == USUAL / 2), "{waits:?}");
        assert!(slots.enter(&endpoint("b")).is_ok());
        drop(held);
        assert!(slots.enter(&endpoint("a")).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_fails_rests_and_is_tried_by_one_attempt_at_longer_and_longer_intervals() {
        let slots = slots(4);
        for _ in 0..2 {
            slots.enter(&endpoint("a")).ok().unwrap().end(false);
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
            tried.end(false);
        }
        assert_eq!(rests, [10, 20, 40, 40]);
        tokio::time::advance(Duration::from_secs(40)).await;
        slots.enter(&endpoint("a")).ok().unwrap().end(true);
        let at_once: Vec<_> = (0..4).map(|_| slots.enter(&endpoint("a")).is_ok()).collect();
        assert_eq!(at_once, [true; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_is_dropped_gives_its_room_back() {
        let slots = slots(1);
        drop(slots.enter(&endpoint("a")).ok().unwrap());
        assert!(slots.enter(&endpoint("a")).is_ok());
    }
}
