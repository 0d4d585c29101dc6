//! What operators do with dead letters: look, put back, discard. Every change names who made it.

use std::collections::{BTreeMap, HashMap};

use ally_domain::dead_letter::{Ended, Ending};
use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use time::OffsetDateTime;

use super::entry::{self, DeadLetter, DeadLetterFilter, DeadLetterGroup, DeadLetterId};
use super::fact;
use crate::codec::Raw;
use crate::connection::JetStream;
use crate::copy;
use crate::error::JetStreamError;
use crate::names::{StreamName, header};
use crate::read::Reader;

/// Why a dead letter leaves, and by whose hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Who does it: `operator:kim`.
    pub actor: String,
    /// Why, in their words.
    pub note: String,
    /// When.
    pub at: OffsetDateTime,
}

/// The dead letters of a deployment.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    jetstream: JetStream,
    reader: Reader,
}

impl DeadLetters {
    /// A view of the stream behind a connection.
    #[must_use]
    pub fn new(jetstream: JetStream) -> Self {
        Self { reader: Reader::new(jetstream.clone(), StreamName::DeadLetters), jetstream }
    }

    /// Those that fit, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn list(&self, filter: &DeadLetterFilter, limit: usize) -> Result<Vec<DeadLetter>, JetStreamError> {
        let subject = self.jetstream.names().dead_letters(filter.consumer.as_deref());
        let mut found = Vec::new();
        let mut from = 1;
        while found.len() < limit {
            let page = self.reader.page(&subject, from).await?;
            let Some(last) = page.messages.last() else { break };
            from = last.sequence + 1;
            found.extend(page.messages.iter().filter_map(entry::read).filter(|letter| filter.fits(letter)));
        }
        found.truncate(limit);
        Ok(found)
    }

    /// One of them, whole; `None` when there is none (any more).
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn show(&self, id: &DeadLetterId) -> Result<Option<DeadLetter>, JetStreamError> {
        Ok(self.find(id).await?.as_ref().and_then(entry::read))
    }

    /// The one that was parked last; `None` when there is none.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn newest(&self) -> Result<Option<DeadLetter>, JetStreamError> {
        let subject = self.jetstream.names().dead_letters(None);
        Ok(self.reader.last(&subject).await?.as_ref().and_then(entry::read))
    }

    /// What was done last about one that is there no more; `None` when nobody ever did anything about it, or so long ago
    /// that the audit was forgotten.
    ///
    /// # Errors
    /// When JetStream does not answer, or the audit is none.
    pub async fn ended(&self, id: &DeadLetterId) -> Result<Option<Ended>, JetStreamError> {
        let audit = self.jetstream.names().dead_letter_audit(&id.consumer, id.stream, id.sequence);
        let Some(raw) = self.reader.last(&audit).await? else { return Ok(None) };
        serde_json::from_slice(&raw.payload)
            .map(Some)
            .map_err(|error| JetStreamError::Refused { what: format!("the audit of {id}"), reason: error.to_string() })
    }

    /// What was done last about those of a cause that are there no more, oldest first; as far back as the audit goes.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn ended_of(
        &self,
        fingerprint: &str,
        consumer: Option<&str>,
    ) -> Result<Vec<(DeadLetterId, Ended)>, JetStreamError> {
        let subject = self.jetstream.names().dead_letter_audits(consumer);
        let (mut found, mut from) = (HashMap::new(), 1);
        loop {
            let page = self.reader.page(&subject, from).await?;
            let Some(last) = page.messages.last() else { break };
            from = last.sequence + 1;
            for raw in &page.messages {
                // An audit that cannot be read says nothing of this cause.
                let Ok(ended) = serde_json::from_slice::<Ended>(&raw.payload) else { continue };
                if let Ok(id) = ended.letter.id.parse::<DeadLetterId>() {
                    found.insert(id, (raw.sequence, ended));
                }
            }
        }
        let mut found: Vec<_> = found.into_iter().filter(|(_, (_, it))| it.letter.fingerprint == fingerprint).collect();
        found.sort_unstable_by_key(|(_, (sequence, _))| *sequence);
        Ok(found.into_iter().map(|(id, (_, ended))| (id, ended)).collect())
    }

    /// All that fit, by cause, the largest group first.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn groups(&self, filter: &DeadLetterFilter) -> Result<Vec<DeadLetterGroup>, JetStreamError> {
        let mut groups: BTreeMap<String, DeadLetterGroup> = BTreeMap::new();
        for letter in self.list(filter, usize::MAX).await? {
            let group = groups.entry(letter.fingerprint.clone()).or_insert_with(|| DeadLetterGroup {
                fingerprint: letter.fingerprint.clone(),
                consumer: letter.id.consumer.clone(),
                event_type: letter.event_type.clone(),
                count: 0,
                example: letter.reason.clone(),
                oldest: letter.parked_at,
                newest: letter.parked_at,
            });
            group.count += 1;
            group.oldest = group.oldest.min(letter.parked_at);
            group.newest = group.newest.max(letter.parked_at);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
        Ok(groups)
    }

    /// How many each consumer has.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn counts(&self) -> Result<BTreeMap<String, u64>, JetStreamError> {
        let what = || "the dead letters".to_owned();
        let unavailable = |reason: String| JetStreamError::Unavailable { what: what(), reason };
        let stream = self.jetstream.stream(StreamName::DeadLetters).await?;
        let filter = self.jetstream.names().dead_letters(None);
        let info =
            stream.info_builder().subjects(filter).fetch().await.map_err(|error| unavailable(error.to_string()))?;
        let subjects: Vec<(String, usize)> = futures::TryStreamExt::try_collect(info)
            .await
            .map_err(|error: async_nats::jetstream::stream::InfoError| unavailable(error.to_string()))?;
        let mut counts = BTreeMap::new();
        for (subject, count) in subjects {
            if let Some(consumer) = subject.split('.').nth(2) {
                *counts.entry(consumer.to_owned()).or_default() += count as u64;
            }
        }
        Ok(counts)
    }

    /// Puts a message back before its consumer, as if it came for the first time; false when there is none (any more).
    /// For consumers whose aggregates know no redrive of their own: a plan job is redriven by its command, and its entry
    /// then removed.
    ///
    /// # Errors
    /// When JetStream does not answer; doing it again is safe.
    pub async fn requeue(&self, id: &DeadLetterId, removal: &Removal) -> Result<bool, JetStreamError> {
        let Some(raw) = self.find(id).await? else { return Ok(false) };
        let Some(letter) = entry::read(&raw) else { return Ok(false) };
        let mut headers = copy::headers_of(&raw, &letter.origin.to_string(), &letter.subject, 0);
        headers.insert(header::DEAD_BEFORE, HeaderValue::from(raw.sequence));
        let event = letter.subject.rsplit('.').next().unwrap_or_default();
        let subject = self.jetstream.names().due(id.stream, &id.consumer, id.sequence, event);
        copy::publish(&self.jetstream, &format!("putting back {id}"), subject, headers, raw.payload.clone()).await?;
        self.take_out(&raw, id, Ending::Requeued, removal).await?;
        Ok(true)
    }

    /// Removes an entry whose message was redriven in another way; false when there is none (any more).
    ///
    /// # Errors
    /// When JetStream does not answer; doing it again is safe.
    pub async fn redriven(&self, id: &DeadLetterId, removal: &Removal) -> Result<bool, JetStreamError> {
        self.remove(id, Ending::Redriven, removal).await
    }

    /// Removes a message for good; false when there is none (any more).
    ///
    /// # Errors
    /// When JetStream does not answer; doing it again is safe.
    pub async fn discard(&self, id: &DeadLetterId, removal: &Removal) -> Result<bool, JetStreamError> {
        self.remove(id, Ending::Discarded, removal).await
    }

    async fn remove(&self, id: &DeadLetterId, what: Ending, removal: &Removal) -> Result<bool, JetStreamError> {
        match self.find(id).await? {
            Some(raw) => self.take_out(&raw, id, what, removal).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// First the audit, then the deed: an entry never disappears without a trace. The audit tells the whole letter, so
    /// that what happened to it can be read when it is gone.
    async fn take_out(
        &self,
        raw: &Raw,
        id: &DeadLetterId,
        action: Ending,
        removal: &Removal,
    ) -> Result<(), JetStreamError> {
        let what = format!("the audit of {id}");
        let refused = |reason: String| JetStreamError::Refused { what: what.clone(), reason };
        let letter = entry::read(raw).ok_or_else(|| refused("its entry is no dead letter".to_owned()))?;
        let audit = Ended {
            action,
            entry: raw.sequence,
            actor: removal.actor.clone(),
            note: removal.note.clone(),
            at: removal.at,
            letter: fact::letter_of(self.jetstream.names(), &letter),
            keep_until: None,
        };
        let payload = serde_json::to_vec(&audit).map_err(|error| refused(error.to_string()))?;
        let subject = self.jetstream.names().dead_letter_audit(&id.consumer, id.stream, id.sequence);
        copy::publish(&self.jetstream, &what, subject, HeaderMap::new(), Bytes::from(payload)).await?;
        copy::delete(&self.jetstream, StreamName::DeadLetters, raw.sequence).await
    }

    async fn find(&self, id: &DeadLetterId) -> Result<Option<Raw>, JetStreamError> {
        self.reader.last(&self.jetstream.names().dead_letter(&id.consumer, id.stream, id.sequence)).await
    }
}
