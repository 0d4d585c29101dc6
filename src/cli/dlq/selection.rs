//! Which dead letters a change is about: by id, by cause, or all. Never none by mistake.

use ally_domain::dead_letter::{Ended, Ending};
use ally_nats::{DeadLetter, DeadLetterFilter, DeadLetterId, DeadLetters};

use crate::cli::Usage;
use crate::cli::consumers::consumer;
use crate::cli::events::moment;

/// What is to be done about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// They are put back.
    Redrive,
    /// They are removed for good.
    Discard,
}

impl Change {
    const fn is_done_by(self, ending: Ending) -> bool {
        match self {
            Self::Redrive => matches!(ending, Ending::Redriven | Ending::Requeued),
            Self::Discard => matches!(ending, Ending::Discarded),
        }
    }
}

/// What a selection names.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that are there.
    pub open: Vec<DeadLetter>,
    /// Those with which the same was done before, by whom and when.
    pub done: Vec<(DeadLetterId, Ended)>,
}

/// One way to name them.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// These: planner.PLANS-42.
    #[arg(value_name = "ID")]
    ids: Vec<DeadLetterId>,
    /// All of one cause.
    #[arg(long, conflicts_with = "ids", value_parser = super::name)]
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

    /// The dead letters, oldest first. Of those that are named, the ones with which the same was done before are no mistake.
    pub async fn find(&self, dead_letters: &DeadLetters, change: Change) -> anyhow::Result<Found> {
        if self.ids.is_empty() {
            return self.filtered(dead_letters, change).await;
        }
        let mut found = Found::default();
        for id in &self.ids {
            if found.open.iter().any(|known| known.id == *id) || found.done.iter().any(|(known, _)| known == id) {
                continue;
            }
            match dead_letters.show(id).await? {
                Some(letter) => found.open.push(letter),
                None => {
                    let ended = dead_letters.ended(id).await?.ok_or_else(|| unknown(id))?;
                    if !change.is_done_by(ended.action) {
                        return Err(done_otherwise(id, &ended).into());
                    }
                    found.done.push((id.clone(), ended));
                }
            }
        }
        Ok(found)
    }

    async fn filtered(&self, dead_letters: &DeadLetters, change: Change) -> anyhow::Result<Found> {
        let filter = DeadLetterFilter {
            consumer: self.consumer.clone(),
            fingerprint: self.fingerprint.clone(),
            event_type: None,
        };
        let open = dead_letters.list(&filter, usize::MAX).await?;
        let Some(fingerprint) = self.fingerprint.as_deref().filter(|_| open.is_empty()) else {
            return Ok(Found { open, done: Vec::new() });
        };
        let ended = dead_letters.ended_of(fingerprint, self.consumer.as_deref()).await?;
        let (done, otherwise): (Vec<_>, Vec<_>) =
            ended.into_iter().partition(|(_, ended)| change.is_done_by(ended.action));
        match otherwise.first() {
            _ if !done.is_empty() => Ok(Found { open, done }),
            Some((id, ended)) => Err(done_otherwise(id, ended).into()),
            None => {
                let text = format!("no dead letter has the fingerprint {fingerprint:?}; `ally dlq groups` lists them");
                Err(Usage(text).into())
            }
        }
    }
}

/// What is said of an id with which something else was done.
fn done_otherwise(id: &DeadLetterId, ended: &Ended) -> Usage {
    let (action, by, at) = (ended.action.as_str(), &ended.actor, moment(ended.at));
    Usage(format!(
        "dead letter {id} was {action} by {by} at {at} ({}); `ally dlq list` shows those there are",
        ended.note
    ))
}

/// What is said of an id that names nothing.
pub fn unknown(id: &DeadLetterId) -> Usage {
    Usage(format!("there is no dead letter {id} (any more); `ally dlq list` shows those there are"))
}
