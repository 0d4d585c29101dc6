//! What became of an append whose answer was no, or did not come: the log itself knows.
//!
//! An append is recognised by its message ids, which no other append ever has. That works for ever, long after the
//! server has forgotten its window of duplicates.

use crate::error::JetStreamError;
use crate::read::Reader;

use ally_domain::ids::{AggregateKind, AggregateRef};

use super::unit::{Part, Unit};

/// What the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is stored; its last event stands there.
    Stored(u64),
    /// It is not stored, and its expectations hold.
    Untouched,
    /// A batch in whose midst the server's store became full is stored in part: of each part of the unit these messages.
    Torn(Vec<Found>),
    /// It is not stored and never will be: an aggregate has moved on.
    Conflict(AggregateRef, u64),
}

/// How many of a part's messages are stored, the first ones, and where its aggregate's next event must expect to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) messages: u64,
    pub(crate) last_sequence: u64,
}

/// Looks at each aggregate's newest event, and at those behind what was expected where that does not tell.
pub(crate) async fn resolve(reader: &Reader, unit: &Unit) -> Result<Verdict, JetStreamError> {
    let mut found = Vec::new();
    for part in &unit.parts {
        match resolve_part(reader, unit, part).await? {
            Some(one) => found.push(one),
            None => return Ok(Verdict::Conflict(part.aggregate.clone(), part.expected)),
        }
    }
    Ok(verdict_of(unit, found))
}

fn verdict_of(unit: &Unit, found: Vec<Found>) -> Verdict {
    let whole = found.iter().zip(&unit.parts).all(|(found, part)| found.messages == part.count);
    match found.last() {
        Some(last) if whole => Verdict::Stored(last.last_sequence),
        _ if found.iter().all(|found| found.messages == 0) => Verdict::Untouched,
        _ => Verdict::Torn(found),
    }
}

/// `None` when the aggregate has moved on without all of this part.
async fn resolve_part(reader: &Reader, unit: &Unit, part: &Part) -> Result<Option<Found>, JetStreamError> {
    let last = reader.last(&part.filter).await?;
    let last_sequence = last.as_ref().map_or(0, |message| message.sequence);
    if last_sequence == part.expected {
        return Ok(Some(Found { messages: 0, last_sequence }));
    }
    let newest = last.as_ref().and_then(|last| last.message_id());
    if let Some(at) = unit.ids(part).position(|id| newest == Some(id)) {
        return Ok(Some(Found { messages: at as u64 + 1, last_sequence }));
    }
    // Others appended since: before this one, or behind it.
    let stored = match part.aggregate.kind {
        AggregateKind::Room | AggregateKind::Channel => stored_behind(reader, part).await?,
        _ => {
            let history = reader.history(&part.filter).await?;
            history.iter().find(|message| message.message_id() == Some(&part.last_id)).map(|last| last.sequence)
        }
    };
    Ok(stored.map(|last_sequence| Found { messages: part.count, last_sequence }))
}

/// The last sequence of a part that is stored whole, by its first and its last message alone: they stand right behind what was
/// expected, without a gap, because they were stored as one. A room or a channel is told of for as long as it is used, so its
/// history is not read.
async fn stored_behind(reader: &Reader, part: &Part) -> Result<Option<u64>, JetStreamError> {
    let first = reader.next(&part.filter, part.expected + 1).await?;
    let Some(first) = first.filter(|first| first.message_id() == Some(&part.first_id)) else { return Ok(None) };
    let last_sequence = first.sequence + part.count.saturating_sub(1);
    if part.count <= 1 {
        return Ok(Some(last_sequence));
    }
    let last = reader.at(last_sequence).await?;
    Ok(last.filter(|last| last.message_id() == Some(&part.last_id)).map(|_| last_sequence))
}

/// Looks through whole histories: the server knows a message id, though the expectations hold. That is an old command,
/// sent again after the aggregate was loaded anew.
pub(crate) async fn resolve_deeply(reader: &Reader, unit: &Unit) -> Result<Verdict, JetStreamError> {
    let shallow = resolve(reader, unit).await?;
    if shallow != Verdict::Untouched {
        return Ok(shallow);
    }
    let mut found = Vec::new();
    for part in &unit.parts {
        let history = reader.history(&part.filter).await?;
        let ours = |id| unit.ids(part).any(|own| Some(own) == id);
        let stored: Vec<_> = history.iter().filter(|message| ours(message.message_id())).collect();
        let messages = stored.len() as u64;
        let last = stored.last().map_or(part.expected, |last| last.sequence);
        if messages > 0 && messages < part.count && history.last().is_some_and(|newest| newest.sequence != last) {
            return Ok(Verdict::Conflict(part.aggregate.clone(), part.expected));
        }
        found.push(Found { messages, last_sequence: last });
    }
    Ok(verdict_of(unit, found))
}
