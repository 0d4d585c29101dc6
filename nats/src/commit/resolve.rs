//! What became of an append whose answer was no, or did not come: the log itself knows.
//!
//! An append is recognised by its message ids, which no other append ever has. That works for ever, long after the
//! server has forgotten its window of duplicates.

use crate::error::JetStreamError;
use crate::read::Reader;

use ally_domain::ids::AggregateRef;

use super::unit::{Part, Unit};

/// What the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is stored; its last event stands there.
    Stored(u64),
    /// It is not stored, and its expectations hold.
    Untouched,
    /// It is not stored and never will be: an aggregate has moved on.
    Conflict(AggregateRef, u64),
}

/// Looks at each aggregate's newest event, and at the one behind what was expected where that does not tell.
pub(crate) async fn resolve(reader: &Reader, unit: &Unit) -> Result<Verdict, JetStreamError> {
    let mut verdict = Verdict::Untouched;
    for part in &unit.parts {
        match resolve_part(reader, part).await? {
            // All or none: one stored part is proof for the others.
            Verdict::Stored(sequence) => return Ok(Verdict::Stored(sequence + part.behind)),
            Verdict::Conflict(aggregate, expected) => verdict = Verdict::Conflict(aggregate, expected),
            Verdict::Untouched => {}
        }
    }
    Ok(verdict)
}

async fn resolve_part(reader: &Reader, part: &Part) -> Result<Verdict, JetStreamError> {
    let last = reader.last(&part.filter).await?;
    let last_sequence = last.as_ref().map_or(0, |message| message.sequence);
    if last_sequence == part.expected {
        return Ok(Verdict::Untouched);
    }
    if let Some(last) = &last
        && last.message_id() == Some(&part.last_id)
    {
        return Ok(Verdict::Stored(last.sequence));
    }
    if last_sequence > part.expected
        && let Some(next) = reader.next(&part.filter, part.expected + 1).await?
        && next.message_id() == Some(&part.first_id)
    {
        // The events of one append stand side by side.
        return Ok(Verdict::Stored(next.sequence + part.count - 1));
    }
    Ok(Verdict::Conflict(part.aggregate.clone(), part.expected))
}

/// Looks through whole histories: the server knows a message id, though the expectations hold. That is an old command,
/// sent again after the aggregate was loaded anew.
pub(crate) async fn resolve_deeply(reader: &Reader, unit: &Unit) -> Result<Verdict, JetStreamError> {
    for part in &unit.parts {
        let history = reader.all(&part.filter).await?;
        if let Some(first) = history.iter().find(|message| message.message_id() == Some(&part.first_id)) {
            return Ok(Verdict::Stored(first.sequence + part.count - 1 + part.behind));
        }
    }
    Ok(Verdict::Untouched)
}
