//! An athlete: onboarding, step by step or all at once, and the revisions of their profile.

mod command;
mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use command::AthleteCommand;
pub use decide::{AthleteDecider, AthleteRefusal};
pub use event::{AthleteEvent, AthleteEventKind, OnboardingAnswered, OnboardingCompleted};
pub use state::{AthleteState, CurrentProfile};
