//! Server-sent events: their text, the body that a client reads, and how many streams there may be.
//!
//! A task of its own writes, not the body that the client reads: a client that does not read is noticed all the same, and its
//! connection is cut off. Deliberately not here: what is told; `crate::presence` and `crate::job_events` know that.

mod client;
mod open;
mod text;

pub(crate) use client::{Client, Unsent, body};
pub(crate) use open::{Admission, Open};
pub(crate) use text::EventText;
