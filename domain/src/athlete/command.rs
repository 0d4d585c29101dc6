//! What one may wish of an athlete's record.

use time::Date;

use crate::engine::answers::Answers;
use crate::ids::AthleteId;

/// Everything one may wish of an athlete's record.
#[derive(Debug, Clone)]
pub enum AthleteCommand {
    /// Answer some of onboarding, or all of it.
    Answer {
        /// Who answers.
        athlete_id: AthleteId,
        /// What.
        answers: Box<Answers>,
        /// The day it is: a competition cannot be in the past.
        today: Date,
    },
}
