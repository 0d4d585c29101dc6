//! The plan engine: an athlete's profile in, a training plan out. Pure, seeded, offline.

mod absence;
pub mod adapt;
pub mod amount;
pub mod answers;
mod bears;
mod calendar;
pub mod catalogue;
mod choices;
pub mod compose;
pub mod crunch;
pub mod draft;
mod ease;
mod event;
pub mod flags;
pub mod fuzz;
mod limits;
mod load;
pub mod markdown;
mod minutes;
pub mod outline;
pub mod plan;
pub mod profile;
pub mod render;
pub mod request;
pub mod room;
pub mod rule;
pub mod rules;
mod safety;
pub mod screening;
pub mod seed;
mod strains;
mod tally;
pub mod today;
mod words;
pub mod workout;
mod workout_check;
mod zone;

pub use catalogue::Catalogue;
pub use compose::{Author, ComposeError, ComposeInput, Frame, complete, compose};
pub use draft::{Draft, DraftFault};
pub use flags::Flag;
pub use rules::{Finding, validate};
pub use safety::{MODIFY_PAIN, STOP_PAIN, is_gentle, recent_birth, red_flags};
pub use words::{Asked, asked, mentions, noted};
pub use workout_check::{check_report, check_workout};

/// The engine's version, part of every plan's provenance: raised whenever the same input may give another plan.
pub const ENGINE: &str = "2";
/// Versions whose plans this one still reads, judges by the rules of their time, and adapts.
pub const EARLIER_ENGINES: [&str; 1] = ["1"];
