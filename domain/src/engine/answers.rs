//! What an athlete answers in onboarding, in six steps, in any order, one at a time or all at once.

use serde::{Deserialize, Serialize};
use time::Date;

use super::profile::{Availability, Equipment, FixedSchedule, Injury, Proficiency, Purpose, RecoveryHabit, Season};
use super::screening::{Question, Screening};

time::serde::format_description!(pub(crate) iso_date, Date, "[year]-[month]-[day]");

/// Answers so far; what was not answered is absent. Field names are those of the HTTP body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Answers {
    /// Step 1: what for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Step 1, optional: in the athlete's own words. Data, never instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose_details: Option<String>,
    /// Step 2: how far along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proficiency: Option<Proficiency>,
    /// Step 3: where in the year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<Season>,
    /// Step 3, optional: the day that counts.
    #[serde(skip_serializing_if = "Option::is_none", with = "iso_date::option")]
    pub competition_date: Option<Date>,
    /// Step 4: how many days, or which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_days: Option<Availability>,
    /// Step 4: on how many days a week to train, 1 to 7.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekly_goal_days: Option<u8>,
    /// Step 4, optional: minutes a session, 15 to 180, 60 unless told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes_per_session: Option<u16>,
    /// Step 5: what there is to train with; an empty list is a body and a floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipment: Option<Vec<Equipment>>,
    /// Step 5, optional: hours of the week that are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_schedules: Option<Vec<FixedSchedule>>,
    /// Step 6: how the athlete recovers; an empty list is an answer too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_habits: Option<Vec<RecoveryHabit>>,
    /// Step 6, optional: what hurts, and how much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub injuries: Option<Vec<Injury>>,
    /// Step 6, optional: years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<u8>,
    /// Step 6, optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pregnant: Option<bool>,
    /// Step 6, optional: weeks since the birth of a child.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weeks_since_birth: Option<u16>,
    /// Step 6, optional: seven questions about health, each with yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screening: Option<Screening>,
    /// Step 6, optional: a professional has said yes to training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared_by_professional: Option<bool>,
}

/// The six steps of onboarding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 1
    Purpose,
    /// 2
    Proficiency,
    /// 3
    Season,
    /// 4
    Availability,
    /// 5
    Equipment,
    /// 6
    Recovery,
}

impl Step {
    /// All six, in order.
    pub const ALL: [Self; 6] =
        [Self::Purpose, Self::Proficiency, Self::Season, Self::Availability, Self::Equipment, Self::Recovery];

    /// The step's name in JSON, metrics and spans.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Purpose => "purpose",
            Self::Proficiency => "proficiency",
            Self::Season => "season",
            Self::Availability => "availability",
            Self::Equipment => "equipment",
            Self::Recovery => "recovery",
        }
    }

    /// The fields that must be answered for this step to be done.
    #[must_use]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Purpose => &["purpose"],
            Self::Proficiency => &["proficiency"],
            Self::Season => &["season"],
            Self::Availability => &["availabilityDays", "weeklyGoalDays"],
            Self::Equipment => &["equipment"],
            Self::Recovery => &["recoveryHabits"],
        }
    }
}

impl Answers {
    /// These answers, with newer ones on top: what is absent in `newer` stays as it was.
    #[must_use]
    pub fn with(self, newer: Self) -> Self {
        Self {
            purpose: newer.purpose.or(self.purpose),
            purpose_details: newer.purpose_details.or(self.purpose_details),
            proficiency: newer.proficiency.or(self.proficiency),
            season: newer.season.or(self.season),
            competition_date: newer.competition_date.or(self.competition_date),
            availability_days: newer.availability_days.or(self.availability_days),
            weekly_goal_days: newer.weekly_goal_days.or(self.weekly_goal_days),
            minutes_per_session: newer.minutes_per_session.or(self.minutes_per_session),
            equipment: newer.equipment.or(self.equipment),
            fixed_schedules: newer.fixed_schedules.or(self.fixed_schedules),
            recovery_habits: newer.recovery_habits.or(self.recovery_habits),
            injuries: newer.injuries.or(self.injuries),
            age: newer.age.or(self.age),
            pregnant: newer.pregnant.or(self.pregnant),
            weeks_since_birth: newer.weeks_since_birth.or(self.weeks_since_birth),
            screening: match (self.screening, newer.screening) {
                (Some(before), Some(newer)) => Some(before.with(newer)),
                (before, newer) => newer.or(before),
            },
            cleared_by_professional: newer.cleared_by_professional.or(self.cleared_by_professional),
        }
    }

    /// The questions of the screening that have no answer yet.
    #[must_use]
    pub fn open_questions(&self) -> Vec<Question> {
        self.screening.as_ref().map_or_else(|| Question::ALL.to_vec(), Screening::open)
    }

    /// The steps that are answered.
    #[must_use]
    pub fn answered(&self) -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| self.has(*step)).collect()
    }

    /// The steps that are still open.
    #[must_use]
    pub fn missing(&self) -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| !self.has(*step)).collect()
    }

    fn has(&self, step: Step) -> bool {
        match step {
            Step::Purpose => self.purpose.is_some(),
            Step::Proficiency => self.proficiency.is_some(),
            Step::Season => self.season.is_some(),
            Step::Availability => self.availability_days.is_some() && self.weekly_goal_days.is_some(),
            Step::Equipment => self.equipment.is_some(),
            Step::Recovery => self.recovery_habits.is_some(),
        }
    }
}
