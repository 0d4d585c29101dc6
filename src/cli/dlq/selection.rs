//! Which dead letters a change is about: by id, by cause, or all. Never none by mistake.

use ally_nats::{DeadLetter, DeadLetterFilter, DeadLetterId, DeadLetters};

use crate::cli::Usage;
use crate::cli::consumers::consumer;

/// One way to name them.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// These: planner.PLANS-42.
    #[arg(value_name = "ID")]
    ids: Vec<DeadLetterId>,
    /// All of one cause.
    #[arg(long, conflicts_with = "ids")]
    fingerprint: Option<String>,
    /// All there are.
    #[arg(long, conflicts_with_all = ["ids", "fingerprint"])]
    all: bool,
    /// Of one consumer only.
    #[arg(long, conflicts_with = "ids", value_parser = consumer)]
    consumer: Option<String>,
}

impl Selection {
    /// Whether it names anything: nobody changes all dead letters by leaving something out.
    pub fn check(&self) -> Result<(), Usage> {
        if !self.ids.is_empty() || self.fingerprint.is_some() || self.all {
            return Ok(());
        }
        let text = "say which dead letters: by ID as `ally dlq list` shows it, by --fingerprint, or --all of them";
        Err(Usage(text.to_owned()))
    }

    /// The dead letters, oldest first.
    pub async fn find(&self, dead_letters: &DeadLetters) -> anyhow::Result<Vec<DeadLetter>> {
        if self.ids.is_empty() {
            return self.filtered(dead_letters).await;
        }
        let mut found: Vec<DeadLetter> = Vec::new();
        for id in &self.ids {
            let Some(letter) = dead_letters.show(id).await? else { return Err(unknown(id).into()) };
            if !found.iter().any(|known| known.id == letter.id) {
                found.push(letter);
            }
        }
        Ok(found)
    }

    async fn filtered(&self, dead_letters: &DeadLetters) -> anyhow::Result<Vec<DeadLetter>> {
        let filter = DeadLetterFilter {
            consumer: self.consumer.clone(),
            fingerprint: self.fingerprint.clone(),
            event_type: None,
        };
        let found = dead_letters.list(&filter, usize::MAX).await?;
        match &self.fingerprint {
            Some(fingerprint) if found.is_empty() => {
                let text = format!("no dead letter has the fingerprint {fingerprint:?}; `ally dlq groups` lists them");
                Err(Usage(text).into())
            }
            _ => Ok(found),
        }
    }
}

/// What is said of an id that names nothing.
pub fn unknown(id: &DeadLetterId) -> Usage {
    Usage(format!("there is no dead letter {id} (any more); `ally dlq list` shows those there are"))
}
