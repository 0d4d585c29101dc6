//! `dead_letter` as a pure fold of what the stream of dead letters tells.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use ally_domain::dead_letter::{DeadLetterEvent, Ending, Letter};
use time::OffsetDateTime;

/// Where a dead letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has done anything about it.
    Open,
    /// It was put back.
    Redriven,
    /// It was removed for good.
    Discarded,
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 3] = [Self::Open, Self::Redriven, Self::Discarded];

    /// The word in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Redriven => "redriven",
            Self::Discarded => "discarded",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no state {text:?}; there are open, redriven and discarded")]
pub struct UnknownState {
    text: String,
}

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| UnknownState { text: text.to_owned() })
    }
}

/// A dead letter, without the message's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterView {
    /// The sequence of its entry in the stream; pages go by it.
    pub sequence: u64,
    /// The letter as it was parked.
    pub letter: Letter,
    /// Where it stands.
    pub state: State,
    /// When it was put back or discarded.
    pub ended_at: Option<OffsetDateTime>,
    /// By whom: `operator:kim`.
    pub ended_by: Option<String>,
    /// Why, in their words.
    pub note: Option<String>,
    /// The stream forgets it then.
    pub keep_until: OffsetDateTime,
}

/// Dead letters of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterGroup {
    /// The group.
    pub fingerprint: String,
    /// Which consumer gave up.
    pub consumer: String,
    /// What its messages are.
    pub event_type: String,
    /// How many.
    pub count: u64,
    /// The oldest one's reason; the others differ in numbers and ids only.
    pub example: String,
    /// When the first was parked.
    pub oldest: OffsetDateTime,
    /// When the last was parked.
    pub newest: OffsetDateTime,
}

/// Which dead letters. What is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of one consumer.
    pub consumer: Option<String>,
    /// Of one cause.
    pub fingerprint: Option<String>,
    /// In one state.
    pub state: Option<State>,
    /// Parked at or after a time.
    pub since: Option<OffsetDateTime>,
}

/// What some events of the stream come to, in order.
#[derive(Debug, Default)]
pub struct Fold {
    /// The rows that they write, by sequence.
    pub rows: BTreeMap<u64, DeadLetterView>,
    /// Entries whose place another one took before their end was told: they are no rows while they are open.
    pub replaced: Vec<u64>,
}

impl Fold {
    /// Takes the next event.
    pub fn take(&mut self, sequence: u64, event: &DeadLetterEvent) {
        match event {
            DeadLetterEvent::Parked(parked) => {
                if let Some(before) = parked.replaces {
                    self.replaced.push(before);
                    if self.rows.get(&before).is_some_and(|row| row.state == State::Open) {
                        self.rows.remove(&before);
                    }
                }
                let row = DeadLetterView {
                    sequence,
                    letter: parked.letter.clone(),
                    state: State::Open,
                    ended_at: None,
                    ended_by: None,
                    note: None,
                    keep_until: parked.keep_until,
                };
                self.rows.insert(sequence, row);
            }
            DeadLetterEvent::Ended(ended) => {
                let state = match ended.action {
                    Ending::Redriven | Ending::Requeued => State::Redriven,
                    Ending::Discarded => State::Discarded,
                };
                let row = DeadLetterView {
                    sequence: ended.entry,
                    letter: ended.letter.clone(),
                    state,
                    ended_at: Some(ended.at),
                    ended_by: Some(ended.actor.clone()),
                    note: Some(ended.note.clone()),
                    // The reader of the stream always tells it; without it the row would never be tidied away.
                    keep_until: ended.keep_until.unwrap_or(ended.at),
                };
                self.rows.insert(ended.entry, row);
            }
        }
    }
}
