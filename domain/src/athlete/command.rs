//! What one may wish of an athlete's record.

use time::{Date, OffsetDateTime};

use crate::engine::answers::Answers;
use crate::engine::workout::Pain;
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
    /// Keep in mind what was reported on a plan's log, or said when a next version was asked for.
    ReportHealth {
        /// When it was felt.
        at: OffsetDateTime,
        /// Where and how much.
        pain: Vec<Pain>,
        /// In the athlete's own words. Only what they mention is kept here.
        note: Option<String>,
    },
}
