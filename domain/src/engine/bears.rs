//! Which exercises the athlete can do as they are: what hurts, what is owned, and what the level allows.

use super::catalogue::{Exercise, Impact};
use super::profile::Profile;
use super::safety::{is_gentle, leg_hurts, walks_first};
use super::strains::Forbidden;

/// What a body of today allows.
#[derive(Debug)]
pub struct Bears<'p> {
    body: &'p Profile,
    forbidden: Forbidden,
    walks: bool,
    grounded: bool,
}

impl<'p> Bears<'p> {
    /// What this body allows.
    #[must_use]
    pub fn of(body: &'p Profile) -> Self {
        let walks = walks_first(body).is_some();
        let grounded = leg_hurts(body) || is_gentle(body) || walks;
        Self { body, forbidden: Forbidden::of(body), walks, grounded }
    }

    /// What this body allows on a day of a plan that goes from walking to running by itself (R31).
    #[must_use]
    pub fn on_a_day(body: &'p Profile) -> Self {
        Self { walks: false, ..Self::of(body) }
    }

    /// Whether it bears an exercise.
    #[must_use]
    pub fn bears(&self, exercise: &Exercise) -> bool {
        self.forbidden.allows(exercise)
            && !(self.grounded && exercise.contacts_per_rep > 0)
            && !(self.walks && exercise.impact >= Impact::Moderate)
            && self.is_owned(exercise)
            && exercise.level <= self.body.proficiency
    }

    /// Whether there is what it takes.
    #[must_use]
    pub fn is_owned(&self, exercise: &Exercise) -> bool {
        exercise.equipment.met_by(&self.body.equipment)
    }
}
