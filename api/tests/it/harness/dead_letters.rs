//! Dead letters in memory, with what was done to them and by whom.

use std::sync::Mutex;

use ally_api::{DeadLetterOffice, ParkedGroup, ParkedMessage, Redriven};
use ally_domain::ports::StoreError;
use async_trait::async_trait;
use time::macros::datetime;

#[derive(Default)]
pub struct MemoryDeadLetters {
    letters: Mutex<Vec<ParkedMessage>>,
    changes: Mutex<Vec<String>>,
}

impl MemoryDeadLetters {
    /// Parks a message.
    pub fn park(&self, id: &str, fingerprint: &str) {
        self.letters.lock().unwrap().push(ParkedMessage {
            id: id.to_owned(),
            about: Some("job 7".to_owned()),
            event_type: "plan_job.requested.v1".to_owned(),
            reason: "all 5 attempts are used up".to_owned(),
            fingerprint: fingerprint.to_owned(),
            deliveries: 5,
            parked_at: datetime!(2026-11-20 08:00 UTC),
            data: "{}".to_owned(),
        });
    }

    /// What was done, one line each.
    pub fn changes(&self) -> Vec<String> {
        self.changes.lock().unwrap().clone()
    }

    fn take(&self, what: &str, id: &str, operator: &str, note: &str) -> bool {
        let mut letters = self.letters.lock().unwrap();
        let before = letters.len();
        letters.retain(|letter| letter.id != id);
        let taken = letters.len() < before;
        if taken {
            self.changes.lock().unwrap().push(format!("{what} {id} by {operator}: {note}"));
        }
        taken
    }
}

#[async_trait]
impl DeadLetterOffice for MemoryDeadLetters {
    async fn list(&self, fingerprint: Option<&str>, limit: u16) -> Result<Vec<ParkedMessage>, StoreError> {
        let letters = self.letters.lock().unwrap();
        let fitting = letters.iter().filter(|letter| fingerprint.is_none_or(|wanted| wanted == letter.fingerprint));
        Ok(fitting.take(limit.into()).cloned().collect())
    }

    async fn groups(&self) -> Result<Vec<ParkedGroup>, StoreError> {
        let letters = self.letters.lock().unwrap();
        let mut groups: Vec<ParkedGroup> = Vec::new();
        for letter in letters.iter() {
            match groups.iter_mut().find(|group| group.fingerprint == letter.fingerprint) {
                Some(group) => group.count += 1,
                None => groups.push(ParkedGroup {
                    fingerprint: letter.fingerprint.clone(),
                    consumer: "planner".to_owned(),
                    count: 1,
                    example: letter.reason.clone(),
                    oldest: letter.parked_at,
                    newest: letter.parked_at,
                }),
            }
        }
        Ok(groups)
    }

    async fn show(&self, id: &str) -> Result<Option<ParkedMessage>, StoreError> {
        Ok(self.letters.lock().unwrap().iter().find(|letter| letter.id == id).cloned())
    }

    async fn redrive(&self, id: &str, operator: &str, note: &str) -> Result<Option<Redriven>, StoreError> {
        Ok(self.take("redriven", id, operator, note).then_some(Redriven::Redriven))
    }

    async fn discard(&self, id: &str, operator: &str, note: &str) -> Result<bool, StoreError> {
        Ok(self.take("discarded", id, operator, note))
    }
}
