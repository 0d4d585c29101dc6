//! Dead letters: the whole message of what was given up, with who gave up and why, in a stream of its own.
//!
//! An entry's subject names the event, so parking an event twice stores it once, for ever. Entries leave by an
//! operator's hand: put back before their consumer, or discarded; either way an audit message names who did it.

mod entry;
mod fact;
mod ledger;
mod park;

pub use entry::{DeadLetter, DeadLetterFilter, DeadLetterGroup, DeadLetterId, InvalidDeadLetterId};
pub(crate) use fact::recorded;
pub use ledger::{DeadLetters, Removal};
pub(crate) use park::{Grave, fingerprint, park};
