//! The gateway's dead letters: the view answers who looks, JetStream whoever changes something.

use ally_api::{DeadLetterOffice, ParkedMessage, Treated, Treatment, ViewError};
use ally_domain::dead_letter::Ending;
use ally_domain::ports::StoreError;
use ally_handlers::{ExecuteError, Executor};
use ally_nats::{DeadLetter, DeadLetters, JetStream};
use ally_projections::dead_letter::{DeadLetterGroup, DeadLetterView, Wanted};
use async_trait::async_trait;

use super::letters::Letters;
use super::operator::Operator;
use super::redrive::{PutBack, Redrive, RedriveError};
use super::views::view_error;

/// The dead letters beside the log.
pub struct Office {
    letters: Letters,
    dead_letters: DeadLetters,
    redrive: Redrive,
}

impl Office {
    /// Over a log and the view of what it gave up.
    pub fn new(letters: Letters, jetstream: JetStream, executor: Executor) -> Self {
        let dead_letters = DeadLetters::new(jetstream.clone());
        Self { letters, dead_letters, redrive: Redrive::new(jetstream, executor) }
    }

    /// A text that is no id names no letter, like any unknown one.
    async fn find(&self, id: &str) -> Result<Option<DeadLetter>, StoreError> {
        match id.parse() {
            Ok(id) => Ok(self.dead_letters.show(&id).await?),
            Err(_) => Ok(None),
        }
    }

    /// What was asked for may have been done before: then nothing is left to do, and that is no error.
    async fn treated_before(&self, id: &str, treatment: Treatment) -> Result<Option<Treated>, StoreError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        let ended = self.dead_letters.ended(&id).await?;
        let same = ended.is_some_and(|ended| match treatment {
            Treatment::Redrive => ended.action != Ending::Discarded,
            Treatment::Discard => ended.action == Ending::Discarded,
        });
        Ok(same.then_some(Treated::Already))
    }

    async fn put_back(&self, letter: &DeadLetter, operator: &Operator, note: &str) -> Result<Treated, StoreError> {
        Ok(match self.redrive.redrive(letter, operator, note).await.map_err(store_error)? {
            PutBack::Redriven | PutBack::Requeued => Treated::Redriven,
            PutBack::Already => Treated::Already,
            PutBack::Obsolete => Treated::Obsolete,
            PutBack::TooEarly => Treated::TooEarly,
        })
    }
}

#[async_trait]
impl DeadLetterOffice for Office {
    async fn page(&self, wanted: &Wanted, behind: u64, limit: u16) -> Result<Vec<DeadLetterView>, ViewError> {
        self.letters.caught_up().await;
        self.letters.page(wanted, behind, limit.into()).await.map_err(view_error)
    }

    async fn groups(&self, wanted: &Wanted) -> Result<Vec<DeadLetterGroup>, ViewError> {
        self.letters.caught_up().await;
        self.letters.groups(wanted).await.map_err(view_error)
    }

    async fn show(&self, id: &str) -> Result<Option<ParkedMessage>, StoreError> {
        let about = |letter: &DeadLetter| self.redrive.aggregate(letter).map(|aggregate| aggregate.to_string());
        Ok(self.find(id).await?.map(|letter| ParkedMessage {
            about: about(&letter),
            id: letter.id.to_string(),
            event_type: letter.event_type,
            reason: letter.reason,
            fingerprint: letter.fingerprint,
            deliveries: letter.deliveries,
            parked_at: letter.parked_at,
            data: letter.data,
        }))
    }

    async fn treat(
        &self,
        id: &str,
        treatment: Treatment,
        operator: &str,
        note: &str,
    ) -> Result<Option<Treated>, StoreError> {
        let (letter, operator) = (self.find(id).await?, Operator::new(operator));
        let Some(letter) = letter else { return self.treated_before(id, treatment).await };
        match treatment {
            Treatment::Redrive => self.put_back(&letter, &operator, note).await.map(Some),
            Treatment::Discard => {
                let gone = self.dead_letters.discard(&letter.id, &operator.removal(note)).await?;
                Ok(gone.then_some(Treated::Discarded))
            }
        }
    }
}

fn store_error(error: RedriveError) -> StoreError {
    match error {
        RedriveError::DeadLetters(error) => error.into(),
        RedriveError::Job(ExecuteError::Store(error)) | RedriveError::Webhook(ExecuteError::Store(error)) => error,
        RedriveError::Webhook(error) => {
            StoreError::Rejected { what: "putting a webhook back".to_owned(), reason: error.to_string() }
        }
        RedriveError::Job(error) => {
            StoreError::Rejected { what: "putting a job back".to_owned(), reason: error.to_string() }
        }
    }
}
