//! Which traces are remembered: every one while they begin as people make them, a share while they begin by the hundreds a second.
//! Nobody reads so many, and each would cost its job a tenth more.

use std::collections::{HashSet, VecDeque};
use std::time::Instant;

/// Traces that may begin at once before the rate counts, and traces a second after that.
const COMMANDS: (f64, f64) = (1_000.0, 50.0);
/// The same of reads and signs of life: clients poll, and would leave nothing for what they wait for.
const READS: (f64, f64) = (200.0, 10.0);
/// The same of callers who are not known, whatever they ask: they have no part in what is left for those who are.
const STRANGERS: (f64, f64) = (100.0, 5.0);
/// Traces of which later spans are recognised: twice as many as are kept.
const RECOGNISED: usize = 20_000;

/// The share that the beginning of a trace counts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    Commands,
    Reads,
    Strangers,
}

/// The traces that are remembered.
pub(super) struct Admission {
    commands: Rate,
    reads: Rate,
    strangers: Rate,
    known: HashSet<u128>,
    order: VecDeque<u128>,
}

impl Admission {
    pub(super) fn new(now: Instant) -> Self {
        let [commands, reads, strangers] = [COMMANDS, READS, STRANGERS].map(|share| Rate::new(share, now));
        Self { commands, reads, strangers, known: HashSet::new(), order: VecDeque::new() }
    }

    /// Whether a trace that begins, or comes in from outside, is remembered.
    pub(super) fn admit(&mut self, trace: u128, share: Share, now: Instant) -> bool {
        let is_remembered = self.known.contains(&trace);
        // A stranger may name any trace, again and again: each of their requests counts, also in one that is remembered.
        if is_remembered && share != Share::Strangers {
            return true;
        }
        let rate = match share {
            Share::Commands => &mut self.commands,
            Share::Reads => &mut self.reads,
            Share::Strangers => &mut self.strangers,
        };
        if !rate.take(now) {
            return false;
        }
        if is_remembered {
            return true;
        }
        if self.order.len() >= RECOGNISED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(trace);
        self.order.push_back(trace);
        true
    }

    /// Whether a trace that goes on is remembered.
    pub(super) fn knows(&self, trace: u128) -> bool {
        self.known.contains(&trace)
    }
}

/// So many at once, and so many a second after that.
struct Rate {
    burst: f64,
    per_second: f64,
    left: f64,
    at: Instant,
}

impl Rate {
    const fn new((burst, per_second): (f64, f64), now: Instant) -> Self {
        Self { burst, per_second, left: burst, at: now }
    }

    fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left, self.at) = ((self.left + passed * self.per_second).min(self.burst), now);
        let fits = self.left >= 1.0;
        self.left -= f64::from(u8::from(fits));
        fits
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn traces_by_the_hundreds_are_remembered_by_the_share() {
        let begun = Instant::now();
        let mut admission = Admission::new(begun);
        let admitted = (1..=10_000_u128).filter(|trace| {
            // A thousand a second.
            admission.admit(*trace, Share::Commands, begun + Duration::from_millis(u64::try_from(*trace).unwrap()))
        });
        let admitted: Vec<u128> = admitted.collect();
        assert_eq!(admitted[..1_000], (1..=1_000).collect::<Vec<_>>(), "each at first");
        assert!((1_498..=1_500).contains(&admitted.len()), "then fifty a second: {}", admitted.len());
        assert!(admission.knows(1_000) && admission.admit(1_000, Share::Commands, begun), "what was admitted goes on");
        let refused = (1..=10_000).find(|trace| !admitted.contains(trace)).unwrap();
        assert!(!admission.knows(refused), "and what was not has no part");
        assert!(admission.admit(20_000, Share::Reads, begun), "reads have a share of their own");
    }

    #[test]
    fn strangers_use_up_their_own_share_and_no_other() {
        let begun = Instant::now();
        let mut admission = Admission::new(begun);
        let mut admitted = |trace: u128| admission.admit(trace, Share::Strangers, begun);
        let others = (1..=1_000).filter(|trace| admitted(*trace)).count();
        assert_eq!(others, 100, "each trace is another one");
        assert!(!admitted(1), "one that is remembered counts as well");
        assert!(admission.admit(5_000, Share::Commands, begun) && admission.admit(5_001, Share::Reads, begun));
        let later = begun + Duration::from_secs(2);
        let again = (0..100).filter(|_| admission.admit(1, Share::Strangers, later)).count();
        assert_eq!(again, 10, "a trace that is named again and again counts each time: five a second");
        assert!(admission.admit(1, Share::Commands, later), "and goes on for those who are known");
    }
}
