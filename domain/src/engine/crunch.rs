//! A session in fewer minutes: what matters most stays, what matters least goes first, and all of it is told.
//!
//! There is one ladder of steps for a session, each shorter than the one before, and the answer is the first that fits.
//! So fewer minutes never give more work, and the lowest step is the true minimum. The main compounds stay on every
//! step; so do their ramps and the warm-up, whose five minutes every session counts whatever it holds (R22). Nothing is
//! stored here, and rules about whole weeks (growth, easy share) are not judged: this is one day's answer to one day.

mod bearable;
mod ladder;
mod shorten;

use serde::Serialize;

use super::catalogue::{Catalogue, ExerciseId};
use super::minutes::{session_s, to_minutes};
use super::plan::Session;
use super::profile::Profile;
use super::rule::Rule;
use super::safety::red_flags;
use super::today::clearance_wanted;
use ladder::Ladder;

/// What may be asked for, in minutes; no session of a plan is longer.
pub const TARGET_MIN: std::ops::RangeInclusive<u16> = 5..=180;

/// A session that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Crunched {
    /// The session, with its new estimate.
    pub session: Session,
    /// What it gave up, in the order in which it was given up.
    pub given_up: Vec<GivenUp>,
}

/// Something that a session gave up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenUp {
    /// The rule that it bears on: the one that asks for it, or the one that lets it go.
    pub rule: Rule,
    /// Which exercise; absent where it is about the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercise: Option<ExerciseId>,
    /// What: `sets`, `rest`, `straight sets`, `exercise`, `effort`.
    pub what: &'static str,
    /// How it was.
    pub from: String,
    /// How it is.
    pub to: String,
}

/// Why there is no such session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrunchError {
    /// Not even the warm-up and a set of each of the main exercises fit.
    #[error("the session cannot be shorter than {least_min} minutes")]
    TooFewMinutes {
        /// The fewest that do.
        least_min: u16,
    },
    /// A professional's yes is needed first (R24).
    #[error("{}", clearance_wanted(flags))]
    ClearanceRequired {
        /// What calls for it.
        flags: Vec<String>,
    },
    /// The body of today bears none of it, or the equipment is gone.
    #[error("nothing of the session suits what hurts and what there is to train with today")]
    NothingSuits,
}

/// The session in at most so many minutes, without what the athlete cannot do as they are today.
///
/// # Errors
/// [`CrunchError`] when there is no such session, or none before a professional's yes.
pub fn crunch(
    session: &Session,
    target_min: u16,
    profile: &Profile,
    catalogue: &Catalogue,
) -> Result<Crunched, CrunchError> {
    let flags = red_flags(profile);
    if !flags.is_empty() {
        return Err(CrunchError::ClearanceRequired { flags });
    }
    let bearable = bearable::bearable(session, profile, catalogue).ok_or(CrunchError::NothingSuits)?;
    let mut ladder = Ladder::new(bearable, u32::from(target_min) * 60, profile, catalogue);
    ladder.climb_down();
    let seconds = session_s(&ladder.session);
    if seconds > u32::from(target_min) * 60 {
        return Err(CrunchError::TooFewMinutes { least_min: u16::try_from(seconds.div_ceil(60)).unwrap_or(u16::MAX) });
    }
    let mut session = ladder.session;
    session.est_min = to_minutes(seconds);
    Ok(Crunched { session, given_up: ladder.given_up })
}
