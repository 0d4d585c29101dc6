//! What was given up: how much, and whether it goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use ally_domain::ports::Clock;
use ally_nats::{DeadLetter, DeadLetters, JetStream};

use super::finding::Finding;
use super::subject::Subject;
use crate::app::SystemClock;

/// As the alert "DeadLettersGrow" has it: what was given up within this time is a fault of now.
const RECENT: Duration = Duration::from_secs(15 * 60);
/// The longest reason that is shown.
const REASON_CHARS: usize = 200;

pub async fn look(jetstream: &JetStream) -> Finding {
    let letters = DeadLetters::new(jetstream.clone());
    let (counts, newest) = tokio::join!(letters.counts(), letters.newest());
    match (counts, newest) {
        (Ok(counts), Ok(newest)) => finding(&counts, newest.as_ref()),
        (Err(error), _) | (_, Err(error)) => {
            Finding::unwell(Subject::DeadLetters, "dead letters", error.to_string(), "look again once NATS answers")
        }
    }
}

fn finding(counts: &BTreeMap<String, u64>, newest: Option<&DeadLetter>) -> Finding {
    let (subject, what) = (Subject::DeadLetters, "dead letters");
    let Some(newest) = newest.filter(|_| !counts.is_empty()) else { return Finding::well(subject, what, "none") };
    let age = (SystemClock.now() - newest.parked_at).max(time::Duration::ZERO).unsigned_abs();
    let each: Vec<_> = counts.iter().map(|(consumer, count)| format!("{count} of {consumer}")).collect();
    let reason: String = newest.reason.chars().take(REASON_CHARS).collect();
    let found = format!(
        "{}, the last one {} s ago after {} deliveries: {reason}",
        each.join(", "),
        age.as_secs(),
        newest.deliveries
    );
    let remedy = "`ally dlq groups` shows the causes; mend the cause, then `ally dlq redrive` puts them back";
    match age < RECENT {
        true => Finding::unwell(subject, what, found, remedy),
        false => Finding::note(subject, what, found, remedy),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn letter(age: Duration) -> DeadLetter {
        DeadLetter {
            id: "planner.PLANS-7".parse().unwrap(),
            origin: "PLANS:7".parse().unwrap(),
            subject: String::new(),
            event_type: String::new(),
            event_id: String::new(),
            correlation: None,
            traceparent: None,
            reason: "the model answers 500".to_owned(),
            fingerprint: String::new(),
            deliveries: 5,
            parked_at: SystemClock.now() - age,
            data: String::new(),
        }
    }

    #[test]
    fn what_was_given_up_just_now_is_a_fault_and_what_lies_there_for_long_a_note() {
        let counts = BTreeMap::from([("planner".to_owned(), 3)]);
        let now = finding(&counts, Some(&letter(Duration::from_secs(1))));
        assert!(now.is_unwell() && now.found.contains("3 of planner") && now.found.contains("answers 500"), "{now:?}");
        assert_eq!(finding(&counts, Some(&letter(RECENT * 2))).state, State::Note);
        assert_eq!(finding(&BTreeMap::new(), None).state, State::Well);
    }
}
