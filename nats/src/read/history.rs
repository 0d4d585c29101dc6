//! Every message of one aggregate, at a cost that does not depend on where in the log they lie.
//!
//! The server finds the last message of each subject by its index, and a message by its sequence; a search by a filter with a
//! wildcard walks the blocks of the log instead, which costs more the farther apart the messages lie. An aggregate has a
//! subject for each kind of event, so the last of each subject is the whole history, unless a kind of event is there twice.
//! Whether it is whole is told by the messages: each append names the sequence of its aggregate's event before it.

use std::collections::BTreeMap;

use futures::future::try_join_all;

use super::Reader;
use crate::codec::Raw;
use crate::error::JetStreamError;

/// The most messages that are fetched one by one to complete what a replica did not have yet.
const MAX_FETCHED: usize = 10_000;

impl Reader {
    /// Every message of an aggregate's filter, in order: what was acknowledged before the call is among them.
    pub(crate) async fn history(&self, filter: &str) -> Result<Vec<Raw>, JetStreamError> {
        let filters = [filter.to_owned()];
        if !self.replicated() {
            let newest = self.many_last(&filters).await?;
            return Ok(self.with_repeated(newest).await?.into_values().collect());
        }
        let (last, newest) = futures::try_join!(self.last(filter), self.many_last(&filters))?;
        let mut found = self.with_repeated(newest).await?;
        found.extend(last.map(|last| (last.sequence, last)));
        self.fetch_gaps(&mut found).await?;
        Ok(found.into_values().collect())
    }

    /// Adds the earlier messages of subjects that hold more than one, where anything is missing.
    async fn with_repeated(&self, newest: Vec<Raw>) -> Result<BTreeMap<u64, Raw>, JetStreamError> {
        let mut found: BTreeMap<u64, Raw> = newest.into_iter().map(|raw| (raw.sequence, raw)).collect();
        let Some(last) = found.keys().next_back().copied() else { return Ok(found) };
        if is_whole(&found) {
            return Ok(found);
        }
        let subjects: Vec<String> = found.values().map(|raw| raw.subject.clone()).collect();
        let pages = try_join_all(subjects.iter().map(|subject| self.of_subject(subject))).await?;
        // What was appended since the first look is not wanted: of one append it might show a part.
        let earlier = pages.into_iter().flatten().filter(|raw| raw.sequence <= last);
        found.extend(earlier.map(|raw| (raw.sequence, raw)));
        Ok(found)
    }

    /// Every message of one subject without a wildcard, in order.
    async fn of_subject(&self, subject: &str) -> Result<Vec<Raw>, JetStreamError> {
        let mut messages = Vec::new();
        let mut from = 1;
        loop {
            let page = self.page(subject, from).await?;
            messages.extend(page.messages);
            match messages.last() {
                Some(last) if page.pending > 0 => from = last.sequence + 1,
                _ => return Ok(messages),
            }
        }
    }

    /// Fetches from the leader what an answering replica lagged behind by, from the newest message back.
    async fn fetch_gaps(&self, found: &mut BTreeMap<u64, Raw>) -> Result<(), JetStreamError> {
        let mut fetched = 0;
        let mut after = found.keys().next_back().copied();
        while let Some(raw) = after.and_then(|sequence| found.get(&sequence)) {
            let before = raw.follows();
            if before > 0 && !found.contains_key(&before) && fetched < MAX_FETCHED {
                fetched += 1;
                // What is not there any more went to the archive, with all before it.
                match self.at(before).await? {
                    Some(raw) => found.insert(before, raw),
                    None => return Ok(()),
                };
            }
            after = found.range(..=before).next_back().map(|(sequence, _)| *sequence);
        }
        Ok(())
    }
}

/// Whether nothing is missing from the first event on.
fn is_whole(found: &BTreeMap<u64, Raw>) -> bool {
    let mut before = 0;
    found.values().all(|raw| {
        let follows = raw.follows() == before;
        before = raw.sequence;
        follows
    })
}

#[cfg(test)]
mod tests {
    use async_nats::HeaderMap;
    use bytes::Bytes;
    use time::OffsetDateTime;

    use super::*;
    use crate::names::header;

    fn raw(sequence: u64, expected: Option<u64>) -> (u64, Raw) {
        let mut headers = HeaderMap::new();
        if let Some(expected) = expected {
            headers.insert(header::EXPECTED_SEQUENCE, expected.to_string());
        }
        let subject = "a.es.job.1.started".to_owned();
        (sequence, Raw { subject, sequence, headers, payload: Bytes::new(), stored_at: OffsetDateTime::UNIX_EPOCH })
    }

    #[test]
    fn a_history_is_whole_when_each_message_follows_the_one_before() {
        let whole = |messages: &[(u64, Option<u64>)]| {
            is_whole(&messages.iter().map(|(sequence, expected)| raw(*sequence, *expected)).collect())
        };
        assert!(whole(&[]));
        assert!(whole(&[(7, Some(0)), (9, Some(7)), (10, None), (20, Some(10))]));
        assert!(!whole(&[(9, Some(7)), (10, None)]), "the first is missing");
        assert!(!whole(&[(7, Some(0)), (10, None)]), "the one before the last of an append is missing");
        assert!(!whole(&[(7, Some(0)), (20, Some(10))]), "one between is missing");
    }
}
