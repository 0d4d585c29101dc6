//! `dead_letter`: what was given up, by which cause, and what was done about it. One row an entry of the stream.
//!
//! The data of the messages is not here: whoever needs it reads the message itself, which is where it was parked.

mod apply;
mod query;
mod view;

pub(crate) use apply::DeadLetters;
pub use query::{groups, page};
pub use view::{DeadLetterGroup, DeadLetterView, Fold, State, Wanted};
