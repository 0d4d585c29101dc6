//! An athlete: onboarding, step by step or all at once, the revisions of their profile, and what they reported since.

mod command;
mod decide;
mod event;
mod reported;
mod state;
#[cfg(test)]
mod tests;

pub use command::AthleteCommand;
pub use decide::{AthleteDecider, AthleteRefusal};
pub use event::{AthleteEvent, AthleteEventKind, HealthReported, OnboardingAnswered, OnboardingCompleted};
pub use reported::{PAIN_DAYS, Reported, STRONG_PAIN_DAYS};
pub use state::{AthleteState, CurrentProfile};
