//! The gateway's dead letters, answered by JetStream.

use ally_api::{DeadLetterOffice, ParkedGroup, ParkedMessage, Redriven};
use ally_domain::ports::StoreError;
use ally_handlers::{ExecuteError, Executor};
use ally_nats::{DeadLetter, DeadLetterFilter, DeadLetters, JetStream};
use async_trait::async_trait;

use super::operator::Operator;
use super::redrive::{PutBack, Redrive, RedriveError};

/// The dead letters beside the log.
pub struct NatsDeadLetters {
    dead_letters: DeadLetters,
    redrive: Redrive,
}

impl NatsDeadLetters {
    /// Over a log.
    pub fn new(jetstream: JetStream, executor: Executor) -> Self {
        Self { dead_letters: DeadLetters::new(jetstream.clone()), redrive: Redrive::new(jetstream, executor) }
    }

    /// A text that is no id names no letter, like any unknown one.
    async fn find(&self, id: &str) -> Result<Option<DeadLetter>, StoreError> {
        match id.parse() {
            Ok(id) => Ok(self.dead_letters.show(&id).await?),
            Err(_) => Ok(None),
        }
    }

    fn parked(&self, letter: DeadLetter) -> ParkedMessage {
        ParkedMessage {
            about: self.redrive.aggregate(&letter).map(|aggregate| aggregate.to_string()),
            id: letter.id.to_string(),
            event_type: letter.event_type,
            reason: letter.reason,
            fingerprint: letter.fingerprint,
            deliveries: letter.deliveries,
            parked_at: letter.parked_at,
            data: letter.data,
        }
    }
}

#[async_trait]
impl DeadLetterOffice for NatsDeadLetters {
    async fn list(&self, fingerprint: Option<&str>, limit: u16) -> Result<Vec<ParkedMessage>, StoreError> {
        let filter = DeadLetterFilter { fingerprint: fingerprint.map(str::to_owned), ..DeadLetterFilter::default() };
        let letters = self.dead_letters.list(&filter, limit.into()).await?;
        Ok(letters.into_iter().map(|letter| self.parked(letter)).collect())
    }

    async fn groups(&self) -> Result<Vec<ParkedGroup>, StoreError> {
        let groups = self.dead_letters.groups(&DeadLetterFilter::default()).await?;
        let groups = groups.into_iter().map(|group| ParkedGroup {
            fingerprint: group.fingerprint,
            consumer: group.consumer,
            count: group.count as u64,
            example: group.example,
            oldest: group.oldest,
            newest: group.newest,
        });
        Ok(groups.collect())
    }

    async fn show(&self, id: &str) -> Result<Option<ParkedMessage>, StoreError> {
        Ok(self.find(id).await?.map(|letter| self.parked(letter)))
    }

    async fn redrive(&self, id: &str, operator: &str, note: &str) -> Result<Option<Redriven>, StoreError> {
        let Some(letter) = self.find(id).await? else { return Ok(None) };
        let put_back = self.redrive.redrive(&letter, &Operator::new(operator), note).await.map_err(told)?;
        Ok(Some(match put_back {
            PutBack::Redriven | PutBack::Requeued => Redriven::Redriven,
            PutBack::Already => Redriven::Already,
            PutBack::Obsolete => Redriven::Obsolete,
            PutBack::TooEarly => Redriven::TooEarly,
        }))
    }

    async fn discard(&self, id: &str, operator: &str, note: &str) -> Result<bool, StoreError> {
        let Ok(id) = id.parse() else { return Ok(false) };
        Ok(self.dead_letters.discard(&id, &Operator::new(operator).removal(note)).await?)
    }
}

fn told(error: RedriveError) -> StoreError {
    match error {
        RedriveError::DeadLetters(error) => error.into(),
        RedriveError::Job(ExecuteError::Store(error)) => error,
        RedriveError::Job(error) => {
            StoreError::Rejected { what: "putting a job back".to_owned(), reason: error.to_string() }
        }
    }
}
