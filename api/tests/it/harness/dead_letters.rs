//! Dead letters and consumers in memory, with what was done to them and by whom.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use ally_api::{ConsumerDesk, ConsumerState, DeadLetterOffice, ParkedMessage, Treated, Treatment, ViewError};
use ally_domain::dead_letter::Letter;
use ally_domain::ports::StoreError;
use ally_projections::dead_letter::{DeadLetterGroup, DeadLetterView, State, Wanted};
use async_trait::async_trait;
use time::macros::datetime;

#[derive(Default)]
pub struct MemoryDeadLetters {
    letters: Mutex<Vec<DeadLetterView>>,
    changes: Mutex<Vec<String>>,
    /// Those whose job a worker is at.
    at_work: Mutex<Vec<String>>,
}

impl MemoryDeadLetters {
    /// Lets a worker be at the job of a letter.
    pub fn begin(&self, id: &str) {
        self.at_work.lock().unwrap().push(id.to_owned());
    }

    /// Parks a message.
    pub fn park(&self, id: &str, fingerprint: &str) {
        let mut letters = self.letters.lock().unwrap();
        let letter = Letter {
            id: id.to_owned(),
            consumer: id.split('.').next().unwrap().to_owned(),
            origin: "PLANS:1".to_owned(),
            subject: "ally.es.job.7.requested".to_owned(),
            about: Some("job 7".to_owned()),
            event_type: "plan_job.requested.v1".to_owned(),
            event_id: "c1:0".to_owned(),
            correlation: None,
            reason: "all 5 attempts are used up".to_owned(),
            fingerprint: fingerprint.to_owned(),
            deliveries: 5,
            parked_at: datetime!(2026-11-20 08:00 UTC),
        };
        let sequence = letters.len() as u64 + 1;
        letters.push(DeadLetterView {
            sequence,
            letter,
            state: State::Open,
            ended_at: None,
            ended_by: None,
            note: None,
            keep_until: datetime!(2026-12-20 08:00 UTC),
        });
    }

    /// What was done, one line each.
    pub fn changes(&self) -> Vec<String> {
        self.changes.lock().unwrap().clone()
    }
}

fn fits(letter: &DeadLetterView, wanted: &Wanted) -> bool {
    let text = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
    text(&wanted.consumer, &letter.letter.consumer)
        && text(&wanted.fingerprint, &letter.letter.fingerprint)
        && wanted.state.is_none_or(|state| state == letter.state)
        && wanted.since.is_none_or(|since| letter.letter.parked_at >= since)
}

#[async_trait]
impl DeadLetterOffice for MemoryDeadLetters {
    async fn page(&self, wanted: &Wanted, behind: u64, limit: u16) -> Result<Vec<DeadLetterView>, ViewError> {
        let letters = self.letters.lock().unwrap();
        let fitting = letters.iter().filter(|letter| letter.sequence > behind && fits(letter, wanted));
        Ok(fitting.take(limit.into()).cloned().collect())
    }

    async fn groups(&self, wanted: &Wanted) -> Result<Vec<DeadLetterGroup>, ViewError> {
        let mut groups: BTreeMap<String, DeadLetterGroup> = BTreeMap::new();
        for it in self.letters.lock().unwrap().iter().filter(|letter| fits(letter, wanted)) {
            let letter = &it.letter;
            let group = groups.entry(letter.fingerprint.clone()).or_insert_with(|| DeadLetterGroup {
                fingerprint: letter.fingerprint.clone(),
                consumer: letter.consumer.clone(),
                event_type: letter.event_type.clone(),
                count: 0,
                example: letter.reason.clone(),
                oldest: letter.parked_at,
                newest: letter.parked_at,
            });
            group.count += 1;
        }
        Ok(groups.into_values().collect())
    }

    async fn show(&self, id: &str) -> Result<Option<ParkedMessage>, StoreError> {
        let letters = self.letters.lock().unwrap();
        let found = letters.iter().find(|it| it.letter.id == id && it.state == State::Open);
        Ok(found.map(|it| ParkedMessage {
            id: it.letter.id.clone(),
            about: it.letter.about.clone(),
            event_type: it.letter.event_type.clone(),
            reason: it.letter.reason.clone(),
            fingerprint: it.letter.fingerprint.clone(),
            deliveries: it.letter.deliveries,
            parked_at: it.letter.parked_at,
            data: "{}".to_owned(),
        }))
    }

    async fn treat(
        &self,
        id: &str,
        treatment: Treatment,
        operator: &str,
        note: &str,
    ) -> Result<Option<Treated>, StoreError> {
        let mut letters = self.letters.lock().unwrap();
        let found = letters.iter_mut().find(|it| it.letter.id == id && it.state == State::Open);
        let Some(letter) = found else {
            let done = if treatment == Treatment::Redrive { State::Redriven } else { State::Discarded };
            let again = letters.iter().any(|it| it.letter.id == id && it.state == done);
            return Ok(again.then_some(Treated::Already));
        };
        let (state, treated) = match treatment {
            Treatment::Redrive if self.at_work.lock().unwrap().iter().any(|at_work| at_work == id) => {
                return Ok(Some(Treated::TooEarly));
            }
            Treatment::Redrive => (State::Redriven, Treated::Redriven),
            Treatment::Discard => (State::Discarded, Treated::Discarded),
        };
        letter.state = state;
        letter.ended_by = Some(format!("operator:{operator}"));
        letter.note = Some(note.to_owned());
        self.changes.lock().unwrap().push(format!("{state} {id} by {operator}: {note}"));
        Ok(Some(treated))
    }
}

/// One consumer, `planner`.
#[derive(Default)]
pub struct MemoryConsumers {
    paused: Mutex<Option<Duration>>,
    changes: Mutex<Vec<String>>,
}

impl MemoryConsumers {
    /// What was done, one line each.
    pub fn changes(&self) -> Vec<String> {
        self.changes.lock().unwrap().clone()
    }

    fn state(&self) -> ConsumerState {
        ConsumerState {
            name: "planner".to_owned(),
            paused: *self.paused.lock().unwrap(),
            paused_by: None,
            pending: 3,
            in_hand: 2,
            redelivered: 1,
            free_pulls: 0,
            oldest_age: Duration::from_secs(7),
        }
    }
}

#[async_trait]
impl ConsumerDesk for MemoryConsumers {
    async fn list(&self) -> Result<Vec<ConsumerState>, StoreError> {
        Ok(vec![self.state()])
    }

    async fn pause(
        &self,
        name: &str,
        length: Option<Duration>,
        operator: &str,
    ) -> Result<Option<ConsumerState>, StoreError> {
        if name != "planner" {
            return Ok(None);
        }
        *self.paused.lock().unwrap() = length;
        self.changes.lock().unwrap().push(format!("{length:?} by {operator}"));
        Ok(Some(self.state()))
    }
}
