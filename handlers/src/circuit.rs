//! The circuit breaker: after failures in a row the endpoint is left alone for a while, then tried by one request.
//! Pure: the time is given.

use std::time::Duration;

use tokio::time::Instant;

/// How soon to ask again while one request tries the endpoint.
const WHILE_TRIED: Duration = Duration::from_secs(1);

/// Whether requests go through.
#[derive(Debug)]
pub struct Circuit {
    failures_to_open: u32,
    rest: Duration,
    longest_rest: Duration,
    /// How often the one request that tried it failed, since it opened.
    tries: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything goes through; so many failures in a row.
    Closed { failures: u32 },
    /// Nothing goes through before then.
    Open { until: Instant },
    /// One request is on its way to try the endpoint.
    HalfOpen,
}

impl Circuit {
    /// A closed circuit that opens after so many failures in a row, for so long.
    pub const fn new(failures_to_open: u32, rest: Duration) -> Self {
        Self { failures_to_open, rest, longest_rest: rest, tries: 0, state: State::Closed { failures: 0 } }
    }

    /// The same with rests that double while it stays open, up to a longest one.
    pub const fn resting_up_to(mut self, longest: Duration) -> Self {
        self.longest_rest = longest;
        self
    }

    /// Lets a request through, or says how long to wait. Whoever is let through says how it ended.
    pub fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until } if now >= until => {
                self.state = State::HalfOpen;
                Ok(())
            }
            State::Open { until } => Err(until - now),
            State::HalfOpen => Err(WHILE_TRIED),
        }
    }

    /// The endpoint answered.
    pub const fn succeeded(&mut self) {
        self.tries = 0;
        self.state = State::Closed { failures: 0 };
    }

    /// The endpoint did not. A request from before the circuit opened changes nothing.
    pub fn failed(&mut self, now: Instant) {
        self.state = match self.state {
            State::Closed { failures } if failures + 1 < self.failures_to_open => {
                State::Closed { failures: failures + 1 }
            }
            State::Closed { .. } => State::Open { until: now + self.rest },
            State::HalfOpen => {
                self.tries = self.tries.saturating_add(1);
                let rest = self.rest.saturating_mul(1_u32.checked_shl(self.tries).unwrap_or(u32::MAX));
                State::Open { until: now + rest.min(self.longest_rest) }
            }
            open @ State::Open { .. } => open,
        };
    }

    /// Nothing goes through before a time that the endpoint asked for.
    pub fn rest_until(&mut self, until: Instant) {
        let later = !matches!(self.state, State::Open { until: known } if known >= until);
        if later {
            self.state = State::Open { until };
        }
    }

    /// Whether it is open, rested or not.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether it is open, and has rested: nobody knows how the endpoint is now.
    pub fn has_rested(&self, now: Instant) -> bool {
        matches!(self.state, State::Open { until } if now >= until)
    }

    /// The request ended without telling anything of the endpoint: the next one tries it.
    pub const fn abandoned(&mut self, now: Instant) {
        if matches!(self.state, State::HalfOpen) {
            self.state = State::Open { until: now };
        }
    }

    /// `closed`, `open` or `half_open`.
    pub const fn state(&self) -> &'static str {
        use ally_telemetry::names::circuit;
        match self.state {
            State::Closed { .. } => circuit::CLOSED,
            State::Open { .. } => circuit::OPEN,
            State::HalfOpen => circuit::HALF_OPEN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);

    fn opened(now: Instant) -> Circuit {
        let mut circuit = Circuit::new(2, REST);
        circuit.failed(now);
        assert_eq!(circuit.state(), "closed");
        circuit.failed(now);
        assert_eq!(circuit.state(), "open");
        circuit
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_between_them_does_not() {
        let now = Instant::now();
        let mut circuit = Circuit::new(2, REST);
        for _ in 0..5 {
            circuit.failed(now);
            circuit.succeeded();
        }
        assert_eq!(circuit.admit(now), Ok(()));
        let mut circuit = opened(now);
        assert_eq!(circuit.admit(now + Duration::from_secs(10)), Err(Duration::from_secs(20)));
    }

    #[test]
    fn after_its_rest_one_request_tries_and_decides() {
        let now = Instant::now();
        let later = now + REST;
        let mut circuit = opened(now);
        assert_eq!(circuit.admit(later), Ok(()));
        assert_eq!(circuit.state(), "half_open");
        assert_eq!(circuit.admit(later), Err(WHILE_TRIED), "only one");
        circuit.failed(later);
        assert_eq!(circuit.admit(later), Err(REST));
        assert_eq!(circuit.admit(later + REST), Ok(()));
        circuit.succeeded();
        assert_eq!((circuit.state(), circuit.admit(later)), ("closed", Ok(())));
    }

    #[test]
    fn a_try_that_is_given_up_lets_the_next_one_try() {
        let now = Instant::now();
        let mut circuit = opened(now);
        assert_eq!(circuit.admit(now + REST), Ok(()));
        circuit.abandoned(now + REST);
        assert_eq!(circuit.admit(now + REST), Ok(()));
    }

    #[test]
    fn an_open_circuit_has_rested_until_it_is_tried() {
        let now = Instant::now();
        let mut circuit = opened(now);
        assert!(!circuit.has_rested(now) && circuit.has_rested(now + REST));
        assert_eq!(circuit.admit(now + REST), Ok(()));
        assert!(!circuit.has_rested(now + REST), "one request tries it");
    }

    #[test]
    fn a_late_failure_does_not_prolong_the_rest() {
        let now = Instant::now();
        let mut circuit = opened(now);
        circuit.failed(now + Duration::from_secs(29));
        assert_eq!(circuit.admit(now + REST), Ok(()));
    }
}
