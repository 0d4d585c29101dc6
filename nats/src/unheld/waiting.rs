//! What was found to wait as a schedule, so that many jobs that wait for days are not all asked for at every look.

use std::collections::HashSet;

use ally_domain::envelope::Position;
use ally_domain::ports::Unheld;

/// So few are asked for at every look.
const ALWAYS: usize = 1_024;
/// After so many looks everything is asked for again: a schedule that is lost is found then, at the latest.
const FORGET_EVERY: u32 = 20;

/// Messages that waited when they were asked for last.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    known: HashSet<Position>,
    looks: u32,
}

impl Waiting {
    /// Those that are to be asked for in this look.
    pub(super) fn select(&mut self, found: Vec<Unheld>) -> Vec<Unheld> {
        self.looks += 1;
        if found.len() <= ALWAYS || self.looks.is_multiple_of(FORGET_EVERY) {
            self.known.clear();
            return found;
        }
        found.into_iter().filter(|unheld| !self.known.contains(&unheld.message)).collect()
    }

    /// Notes that one waits as a schedule.
    pub(super) fn note(&mut self, message: &Position) {
        self.known.insert(message.clone());
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::ids::{AggregateKind, AggregateRef};

    use super::*;

    fn found(count: u64) -> Vec<Unheld> {
        let of = |sequence: u64| Unheld {
            job: "a".parse().unwrap(),
            about: AggregateRef { kind: AggregateKind::Job, id: "a".parse().unwrap() },
            consumer: "planner".to_owned(),
            message: Position { stream: "PLANS".to_owned(), sequence },
            copy: 0,
        };
        (1..=count).map(of).collect()
    }

    #[test]
    fn a_few_are_asked_for_at_every_look_and_many_once_and_now_and_then() {
        let mut waiting = Waiting::default();
        for _ in 0..3 {
            let few = waiting.select(found(1_000));
            assert_eq!(few.len(), 1_000);
            few.iter().for_each(|unheld| waiting.note(&unheld.message));
        }
        let (mut asked, mut new) = (Vec::new(), found(100_000));
        for _ in 0..40 {
            let all = waiting.select(std::mem::take(&mut new));
            all.iter().for_each(|unheld| waiting.note(&unheld.message));
            asked.push(all.len());
            new = found(100_001);
        }
        let everything = asked.iter().filter(|asked| **asked >= 100_000).count();
        assert!((2..=3).contains(&everything), "{asked:?}");
        assert!(asked.contains(&1), "a new one is asked for at once: {asked:?}");
    }
}
